# SPDX-License-Identifier: Apache-2.0
"""The log, what is derived from it (account, posting, log_node, key), and what is private beside it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0001"
DESCRIPTION = "log, accounts, keys, openings"

TABLES = (
    # The log itself: what is signed, stored as the exact bytes that were signed.
    "CREATE TABLE log_head (one BIGINT PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL, size BIGINT NOT NULL,"
    " root {bytes} NOT NULL, edge {bytes} NOT NULL, last_ms BIGINT NOT NULL)",
    "CREATE TABLE log_entry (pos BIGINT PRIMARY KEY, rid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, why TEXT,"
    " unit TEXT, admitted_ms BIGINT NOT NULL, eff TEXT NOT NULL, ref TEXT, body {bytes} NOT NULL,"
    " leaf {bytes} NOT NULL)",
    "CREATE INDEX log_entry_ref ON log_entry (ref, pos) WHERE ref IS NOT NULL",
    "CREATE INDEX log_entry_kind ON log_entry (kind, pos) WHERE kind <> 'post'",
    "CREATE TABLE checkpoint (size BIGINT PRIMARY KEY, note {bytes} NOT NULL, at_ms BIGINT NOT NULL)",
    "CREATE TABLE policy (digest TEXT PRIMARY KEY, body {bytes} NOT NULL)",
    # Derived: `liren ledger rebuild` replays the log and finds no difference.
    "CREATE TABLE account (id BIGINT PRIMARY KEY, asset TEXT NOT NULL, address TEXT NOT NULL, holder TEXT,"
    " expires_on TEXT, balance BIGINT NOT NULL, UNIQUE (asset, address),"
    " CHECK (balance >= 0 OR address = 'issuance'))",
    "CREATE INDEX account_holder ON account (holder) WHERE holder IS NOT NULL",
    "CREATE INDEX account_ending ON account (expires_on) WHERE expires_on IS NOT NULL AND balance > 0",
    "CREATE TABLE posting (account BIGINT NOT NULL, pos BIGINT NOT NULL, amount BIGINT NOT NULL,"
    " balance BIGINT NOT NULL, PRIMARY KEY (account, pos)){without_rowid}",
    "CREATE TABLE log_node (level BIGINT NOT NULL, idx BIGINT NOT NULL, hash {bytes} NOT NULL,"
    " PRIMARY KEY (level, idx)){without_rowid}",
    "CREATE TABLE key (vkey TEXT PRIMARY KEY, role TEXT NOT NULL, unit TEXT, may TEXT, added BIGINT NOT NULL,"
    " revoked BIGINT)",
    # Private: deletable without touching a signature or a root.
    "CREATE TABLE opening (pos BIGINT PRIMARY KEY, salt {bytes} NOT NULL, ciphertext {bytes} NOT NULL)",
    "CREATE TABLE pseudonym (holder TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL)",
    "CREATE INDEX pseudonym_subject ON pseudonym (subject, kind)",
    "CREATE TABLE receipt_token (token TEXT PRIMARY KEY, rid TEXT NOT NULL UNIQUE)",
    "CREATE TABLE key_secret (vkey TEXT PRIMARY KEY, sealed {bytes} NOT NULL, owner TEXT, custody TEXT NOT NULL)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ledger", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        clustered = " WITHOUT ROWID" if engine.engine_type == "sqlite" else ""
        for statement in TABLES:
            await engine.run_ddl(ddl(engine.engine_type, statement.replace("{without_rowid}", clustered)))

    manager.add_raw(run)
    return manager
