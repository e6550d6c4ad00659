# SPDX-License-Identifier: Apache-2.0
"""What a recovery attests: the log that was restored, and what had been published beyond it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0012"
DESCRIPTION = "recovery"

TABLE = "CREATE TABLE recovery (rid TEXT PRIMARY KEY, pos BIGINT NOT NULL, body {bytes} NOT NULL)"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ledger", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        await engine.run_ddl(ddl(engine.engine_type, TABLE))

    manager.add_raw(run)
    return manager
