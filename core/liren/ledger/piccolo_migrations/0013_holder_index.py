# SPDX-License-Identifier: Apache-2.0
"""A holder's accounts of one asset are found by both: SQLite else walks through all accounts of the asset."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0013"
DESCRIPTION = "accounts by holder and asset"

STATEMENTS = (
    "CREATE INDEX account_of ON account (holder, asset) WHERE holder IS NOT NULL",
    "DROP INDEX account_holder",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ledger", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in STATEMENTS:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
