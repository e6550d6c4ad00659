# SPDX-License-Identifier: Apache-2.0
"""Consents, limits, uses, slips, and who wants none of it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0001"
DESCRIPTION = "acting_mandate, acting_limit, acting_use, acting_slip, acting_block"

TABLES = (
    "CREATE TABLE acting_mandate (id TEXT PRIMARY KEY, person TEXT NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,"
    " how TEXT NOT NULL, unit TEXT NOT NULL, asked_ms BIGINT NOT NULL, given_ms BIGINT, until_ms BIGINT NOT NULL,"
    " ended_ms BIGINT, ended_by TEXT, recorded_by TEXT NOT NULL, code_hash TEXT, code_tries BIGINT NOT NULL DEFAULT 0,"
    " code_until_ms BIGINT, paper TEXT)",
    "CREATE INDEX acting_mandate_person ON acting_mandate (person, asked_ms)",
    "CREATE INDEX acting_mandate_actor ON acting_mandate (actor, asked_ms)",
    "CREATE INDEX acting_mandate_until ON acting_mandate (until_ms)",
    "CREATE TABLE acting_limit (mandate TEXT NOT NULL REFERENCES acting_mandate (id), deed TEXT NOT NULL,"
    " cap BIGINT NOT NULL, PRIMARY KEY (mandate, deed))",
    "CREATE TABLE acting_use (scope TEXT NOT NULL, deed TEXT NOT NULL, month TEXT NOT NULL, used BIGINT NOT NULL,"
    " PRIMARY KEY (scope, deed, month))",
    "CREATE TABLE acting_slip (id TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE, mandate TEXT NOT NULL,"
    " person TEXT NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL, how TEXT NOT NULL, deed TEXT NOT NULL,"
    " measure TEXT NOT NULL, amount BIGINT NOT NULL, text TEXT NOT NULL, subject TEXT NOT NULL, record TEXT,"
    " unit TEXT NOT NULL, at_ms BIGINT NOT NULL, month TEXT NOT NULL, undo_until_ms BIGINT NOT NULL,"
    " undone_ms BIGINT, undone_by TEXT, objected_ms BIGINT, sampled BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX acting_slip_subject ON acting_slip (deed, subject)",
    "CREATE INDEX acting_slip_person ON acting_slip (person, at_ms)",
    "CREATE INDEX acting_slip_actor ON acting_slip (actor, at_ms)",
    "CREATE INDEX acting_slip_at ON acting_slip (at_ms)",
    "CREATE TABLE acting_block (person TEXT PRIMARY KEY, at_ms BIGINT NOT NULL)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="acting", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
