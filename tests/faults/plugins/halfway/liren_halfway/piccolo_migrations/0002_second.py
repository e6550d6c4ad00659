# SPDX-License-Identifier: Apache-2.0
"""Writes a table, rows and a column, then gives up."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0002"
DESCRIPTION = "halfway_second"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="halfway", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        await engine.run_ddl("CREATE TABLE halfway_second (id BIGINT PRIMARY KEY)")
        await engine.run_ddl("INSERT INTO halfway_second (id) VALUES (1)")
        await engine.run_ddl("ALTER TABLE halfway_first ADD COLUMN late TEXT")
        await engine.run_ddl("UPDATE halfway_first SET name = 'changed'")
        raise ValueError("the second half was never written")

    manager.add_raw(run)
    return manager
