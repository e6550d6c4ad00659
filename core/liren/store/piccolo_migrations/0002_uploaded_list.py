# SPDX-License-Identifier: Apache-2.0
"""uploaded_list: an uploaded list of any kind between its check and the moment it is taken."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0002"
DESCRIPTION = "uploaded_list"

TABLES = (
    "CREATE TABLE uploaded_list (id TEXT PRIMARY KEY, kind TEXT NOT NULL, actor TEXT NOT NULL,"
    " file_name TEXT NOT NULL, at_ms BIGINT NOT NULL, options {bytes} NOT NULL, content {bytes} NOT NULL,"
    " summary {bytes} NOT NULL, task TEXT, done_ms BIGINT)",
    "CREATE INDEX uploaded_list_at ON uploaded_list (at_ms)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="store", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(ddl(engine.engine_type, statement))

    manager.add_raw(run)
    return manager
