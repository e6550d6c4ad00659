# SPDX-License-Identifier: Apache-2.0
"""Whether somebody has the recovery sheet on paper."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0011"
DESCRIPTION = "recovery sheet"

TABLE = (
    "CREATE TABLE recovery_sheet (kind TEXT PRIMARY KEY, digest {bytes} NOT NULL, asked TEXT NOT NULL,"
    " checked_ms BIGINT)"
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ledger", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        await engine.run_ddl(ddl(engine.engine_type, TABLE))

    manager.add_raw(run)
    return manager
