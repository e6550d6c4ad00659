# SPDX-License-Identifier: Apache-2.0
"""A table, and a row in it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0001"
DESCRIPTION = "halfway_first"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="halfway", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        await engine.run_ddl("CREATE TABLE halfway_first (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
        await engine.run_ddl("INSERT INTO halfway_first (id, name) VALUES (1, 'kept')")

    manager.add_raw(run)
    return manager
