# SPDX-License-Identifier: Apache-2.0
"""The chain over audit rows, and its daily heads."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0001"
DESCRIPTION = "audit_link, audit_head"

TABLES = (
    "CREATE TABLE audit_link (id BIGINT PRIMARY KEY, digest {bytes} NOT NULL)",
    "CREATE TABLE audit_head (day DATE PRIMARY KEY, last BIGINT NOT NULL, digest {bytes} NOT NULL,"
    " salt {bytes} NOT NULL, rid TEXT NOT NULL)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="audit", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(ddl(engine.engine_type, statement))

    manager.add_raw(run)
    return manager
