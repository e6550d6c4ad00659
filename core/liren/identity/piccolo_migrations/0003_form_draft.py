# SPDX-License-Identifier: Apache-2.0
"""form_draft: what was typed into a form and not sent yet."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0003"
DESCRIPTION = "form_draft"

TABLES = (
    "CREATE TABLE form_draft (id TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, content {bytes},"
    " key TEXT NOT NULL, at_ms BIGINT NOT NULL)",
    "CREATE INDEX form_draft_account ON form_draft (account, at_ms)",
    "CREATE INDEX form_draft_at ON form_draft (at_ms)",
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
