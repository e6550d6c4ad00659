# SPDX-License-Identifier: Apache-2.0
"""The kernel's own table."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0001"
DESCRIPTION = "plugin_state"

TABLE = (
    "CREATE TABLE plugin_state (id TEXT PRIMARY KEY, enabled BIGINT NOT NULL, pilot TEXT NOT NULL,"
    " settings TEXT NOT NULL, changed_ms BIGINT NOT NULL, heard_from BIGINT NOT NULL)"
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="plugins", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        await engine.run_ddl(TABLE)

    manager.add_raw(run)
    return manager
