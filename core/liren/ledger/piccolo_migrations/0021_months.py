# SPDX-License-Identifier: Apache-2.0
"""Sums of every month by move, and how far the log was counted: what leaders and the notice board read."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0021"
DESCRIPTION = "sums by month"

TABLES = (
    "CREATE TABLE ledger_month (month TEXT NOT NULL, asset TEXT NOT NULL, why TEXT NOT NULL, records BIGINT NOT NULL,"
    " held BIGINT NOT NULL, moved BIGINT NOT NULL, PRIMARY KEY (month, asset, why))",
    "CREATE TABLE ledger_budget (month TEXT NOT NULL, unit TEXT NOT NULL, asset TEXT NOT NULL, funded BIGINT NOT NULL,"
    " awarded BIGINT NOT NULL, PRIMARY KEY (month, unit, asset))",
    "CREATE TABLE ledger_counted (one BIGINT PRIMARY KEY CHECK (one = 1), pos BIGINT NOT NULL)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ledger", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
