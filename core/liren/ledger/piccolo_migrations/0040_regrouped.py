# SPDX-License-Identifier: Apache-2.0
"""How often pseudonyms changed hands without a record: by it a process knows that its memory of them is old."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0040"
DESCRIPTION = "merges told to every process"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ledger", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        await engine.run_ddl("ALTER TABLE log_head ADD COLUMN regrouped BIGINT NOT NULL DEFAULT 0")

    manager.add_raw(run)
    return manager
