# SPDX-License-Identifier: Apache-2.0
"""Rules, proposals, award lists and their rows."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0001"
DESCRIPTION = "rules, proposals, lists, rows"

TABLES = (
    "CREATE TABLE credit_rule (id TEXT PRIMARY KEY, code TEXT NOT NULL, version BIGINT NOT NULL, title TEXT NOT NULL,"
    " behaviour TEXT NOT NULL, unit TEXT NOT NULL, points BIGINT NOT NULL, daily_cap BIGINT NOT NULL,"
    " evidence TEXT NOT NULL, valid_from DATE NOT NULL, valid_to DATE, expiry TEXT NOT NULL, source TEXT NOT NULL,"
    " subject TEXT NOT NULL, reviewers BIGINT NOT NULL, proposal TEXT NOT NULL, adopted BIGINT NOT NULL,"
    " template TEXT NOT NULL,"
    " UNIQUE (code, version))",
    "CREATE TABLE credit_proposal (id TEXT PRIMARY KEY, title TEXT NOT NULL, state TEXT NOT NULL,"
    " entered_by TEXT NOT NULL, entered_ms BIGINT NOT NULL, decided_by TEXT, decided_ms BIGINT, policy TEXT)",
    "CREATE TABLE credit_list (id TEXT PRIMARY KEY, number BIGINT NOT NULL UNIQUE, title TEXT NOT NULL,"
    " state TEXT NOT NULL, origin TEXT NOT NULL, unit TEXT NOT NULL, collector TEXT NOT NULL, file_name TEXT NOT NULL,"
    " file_digest TEXT NOT NULL, sheet TEXT NOT NULL, layout TEXT NOT NULL, entered_ms BIGINT NOT NULL,"
    " submitted_ms BIGINT, reviewer TEXT,"
    " reviewed_ms BIGINT, publicity_from DATE, posts_on DATE, posted_ms BIGINT, task TEXT, reason TEXT NOT NULL)",
    "CREATE INDEX credit_list_state ON credit_list (state)",
    "CREATE INDEX credit_list_digest ON credit_list (file_digest)",
    "CREATE TABLE credit_upload (list TEXT PRIMARY KEY, data {bytes} NOT NULL)",
    "CREATE TABLE credit_row (id TEXT PRIMARY KEY, list TEXT NOT NULL, number BIGINT NOT NULL, verdict TEXT NOT NULL,"
    " state TEXT NOT NULL, name TEXT NOT NULL, person TEXT, household TEXT, unit TEXT, rule TEXT, quantity BIGINT,"
    " day DATE, points BIGINT NOT NULL, evidence TEXT NOT NULL, same_as BIGINT, cells TEXT NOT NULL,"
    " sampled BIGINT NOT NULL, award_key TEXT, live BIGINT NOT NULL, rid TEXT, remark TEXT NOT NULL)",
    "CREATE INDEX credit_row_list ON credit_row (list, number)",
    "CREATE INDEX credit_row_person ON credit_row (person, state)",
    "CREATE INDEX credit_row_rid ON credit_row (rid)",
    "CREATE TABLE credit_claim (id TEXT PRIMARY KEY, plugin TEXT NOT NULL, rule TEXT NOT NULL, person TEXT NOT NULL,"
    " day DATE NOT NULL, quantity BIGINT NOT NULL, list TEXT)",
    "CREATE INDEX credit_claim_waiting ON credit_claim (day) WHERE list IS NULL",
    "CREATE INDEX credit_claim_person ON credit_claim (person)",
    # Nobody is credited twice for one rule and day, however many lists are on their way at once.
    "CREATE UNIQUE INDEX credit_row_live ON credit_row (award_key) WHERE live = 1",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="credit", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        binary = "BLOB" if engine.engine_type == "sqlite" else "BYTEA"
        for statement in TABLES:
            await engine.run_ddl(statement.format(bytes=binary))

    manager.add_raw(run)
    return manager
