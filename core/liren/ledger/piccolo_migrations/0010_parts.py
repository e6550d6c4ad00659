# SPDX-License-Identifier: Apache-2.0
"""Which records make one order, where its person has several pseudonyms. Private: the log does not link them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0010"
DESCRIPTION = "parts of an order"

TABLES = (
    "CREATE TABLE record_part (rid TEXT PRIMARY KEY, first TEXT NOT NULL, nth BIGINT NOT NULL)",
    "CREATE INDEX record_part_first ON record_part (first, nth)",
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
