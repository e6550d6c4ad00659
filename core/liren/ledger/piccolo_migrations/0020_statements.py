# SPDX-License-Identifier: Apache-2.0
"""Monthly statements: what was attested, the secret behind the salts, and one hash for every 256 leaves.

A holder's leaf is computed again from the log when they ask for it, so that a month costs a hundredth of its leaves.
Leaves ascend by the bytes of the holder, whatever the database's own collation.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0020"
DESCRIPTION = "monthly statements"

TABLES = (
    "CREATE TABLE statement (month TEXT PRIMARY KEY, size BIGINT NOT NULL, leaves BIGINT NOT NULL,"
    " root {bytes} NOT NULL, secret {bytes} NOT NULL, salt {bytes} NOT NULL, rid TEXT NOT NULL UNIQUE,"
    " made_ms BIGINT NOT NULL)",
    "CREATE TABLE statement_tile (month TEXT NOT NULL, idx BIGINT NOT NULL, first TEXT{bytewise} NOT NULL,"
    " hash {bytes} NOT NULL, PRIMARY KEY (month, idx))",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ledger", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        sqlite = engine.engine_type == "sqlite"
        for statement in TABLES:
            bytewise = "" if sqlite else ' COLLATE "C"'
            await engine.run_ddl(ddl(engine.engine_type, statement.replace("{bytewise}", bytewise)))
        if not sqlite:
            await engine.run_ddl('ALTER TABLE account ALTER COLUMN holder TYPE TEXT COLLATE "C"')

    manager.add_raw(run)
    return manager
