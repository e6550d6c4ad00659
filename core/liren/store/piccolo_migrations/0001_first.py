# SPDX-License-Identifier: Apache-2.0
"""The store's own tables: requests, outbox, raw audit rows, subject keys."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0001"
DESCRIPTION = "request, outbox, audit, subject_key"

TABLES = (
    "CREATE TABLE request (actor TEXT NOT NULL, key TEXT NOT NULL, digest {bytes} NOT NULL, result {bytes} NOT NULL,"
    " at_ms BIGINT NOT NULL, PRIMARY KEY (actor, key))",
    "CREATE INDEX request_at ON request (at_ms)",
    "CREATE TABLE outbox (id {serial}, plugin TEXT NOT NULL, event TEXT NOT NULL, version BIGINT NOT NULL,"
    " payload TEXT NOT NULL, at_ms BIGINT NOT NULL)",
    "CREATE INDEX outbox_at ON outbox (at_ms)",
    "CREATE TABLE audit (id {serial}, at_ms BIGINT NOT NULL, actor TEXT NOT NULL, plugin TEXT NOT NULL,"
    " what TEXT NOT NULL, subject TEXT NOT NULL, unit TEXT, detail TEXT NOT NULL)",
    "CREATE INDEX audit_subject ON audit (subject, id)",
    "CREATE TABLE subject_key (subject TEXT PRIMARY KEY, wrapped {bytes} NOT NULL)",
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
