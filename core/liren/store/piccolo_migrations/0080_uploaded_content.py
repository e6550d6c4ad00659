# SPDX-License-Identifier: Apache-2.0
"""The file of an uploaded list in a table of its own: seventeen megabytes need not be walked past to read its state."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0080"
DESCRIPTION = "uploaded_content"

TABLES = (
    "CREATE TABLE uploaded_content (list TEXT PRIMARY KEY REFERENCES uploaded_list (id) ON DELETE CASCADE,"
    " content {bytes} NOT NULL)",
    "INSERT INTO uploaded_content (list, content) SELECT id, content FROM uploaded_list WHERE done_ms IS NULL",
    "INSERT INTO uploaded_content (list, content) SELECT id, content FROM uploaded_list"
    " WHERE done_ms IS NOT NULL AND length(content) > 0",
    "ALTER TABLE uploaded_list DROP COLUMN content",
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
