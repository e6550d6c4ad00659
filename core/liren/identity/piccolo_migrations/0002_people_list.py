# SPDX-License-Identifier: Apache-2.0
"""people_list: an uploaded list of residents between its check and its registration."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0002"
DESCRIPTION = "people_list"

TABLES = (
    "CREATE TABLE people_list (id TEXT PRIMARY KEY, actor TEXT NOT NULL, file_name TEXT NOT NULL,"
    " at_ms BIGINT NOT NULL, consent BIGINT NOT NULL, content {bytes} NOT NULL, summary {bytes} NOT NULL,"
    " task TEXT, done_ms BIGINT)",
    "CREATE INDEX people_list_at ON people_list (at_ms)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(statement.format(bytes="BLOB" if engine.engine_type == "sqlite" else "BYTEA"))

    manager.add_raw(run)
    return manager
