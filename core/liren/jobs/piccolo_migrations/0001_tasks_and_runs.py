# SPDX-License-Identifier: Apache-2.0
"""Background tasks with their progress, when each job last ran, and which events each plugin has heard."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0001"
DESCRIPTION = "task, job_run, event_listener, event_retry"

TABLES = (
    "CREATE TABLE task (id TEXT PRIMARY KEY, plugin TEXT NOT NULL, actor TEXT NOT NULL, key TEXT NOT NULL,"
    " title TEXT NOT NULL, state TEXT NOT NULL, done BIGINT NOT NULL, total BIGINT NOT NULL, text TEXT NOT NULL,"
    " started_ms BIGINT NOT NULL, changed_ms BIGINT NOT NULL, UNIQUE (plugin, actor, key))",
    "CREATE TABLE job_run (plugin TEXT NOT NULL, name TEXT NOT NULL, last_ms BIGINT NOT NULL,"
    " state TEXT NOT NULL, took_ms BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (plugin, name))",
    "CREATE TABLE event_listener (plugin TEXT PRIMARY KEY, heard BIGINT NOT NULL,"
    " owner TEXT NOT NULL, owned_until_ms BIGINT NOT NULL)",
    "CREATE TABLE event_retry (event BIGINT NOT NULL, plugin TEXT NOT NULL, tries BIGINT NOT NULL,"
    " next_ms BIGINT NOT NULL, dead BIGINT NOT NULL, error TEXT NOT NULL, PRIMARY KEY (plugin, event))",
    "CREATE INDEX event_retry_next ON event_retry (next_ms)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="jobs", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
