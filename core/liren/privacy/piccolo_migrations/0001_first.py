# SPDX-License-Identifier: Apache-2.0
"""Requests to be forgotten, what is retained, what was erased."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0001"
DESCRIPTION = "privacy_request, privacy_retained, privacy_erasure"

TABLES = (
    "CREATE TABLE privacy_request (person TEXT PRIMARY KEY, at_ms BIGINT NOT NULL)",
    "CREATE TABLE privacy_retained (id TEXT PRIMARY KEY, person TEXT NOT NULL, plugin TEXT NOT NULL,"
    " until DATE NOT NULL, law TEXT NOT NULL)",
    'CREATE TABLE privacy_erasure (person TEXT PRIMARY KEY, day DATE NOT NULL, "by" TEXT NOT NULL)',
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="privacy", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
