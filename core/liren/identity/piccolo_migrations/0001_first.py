# SPDX-License-Identifier: Apache-2.0
"""People, residences, organisations, accounts, sessions, grants, consents.

Prefix scans need byte order, whatever the database's own collation.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0001"
DESCRIPTION = "person, residence, organisation, account, session, grant, consent, attempts"

TABLES = (
    "CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT{bytewise} NOT NULL, given TEXT{bytewise} NOT NULL,"
    " pinyin TEXT{bytewise} NOT NULL, initials TEXT{bytewise} NOT NULL,"
    " phone_hash TEXT, phone_tail TEXT, id_number_hash TEXT,"
    " phone_sealed {bytes}, id_number_sealed {bytes}, birthday_sealed {bytes}, address_sealed {bytes},"
    " merged_into TEXT REFERENCES person (id), died DATE, left_on DATE, created_ms BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX person_id_number ON person (id_number_hash) WHERE merged_into IS NULL",
    "CREATE INDEX person_phone ON person (phone_hash)",
    "CREATE INDEX person_phone_tail ON person (phone_tail)",
    "CREATE INDEX person_name ON person (name, id)",
    "CREATE INDEX person_given ON person (given, id)",
    "CREATE INDEX person_pinyin ON person (pinyin, id)",
    "CREATE INDEX person_initials ON person (initials, pinyin, id)",
    "CREATE TABLE residence (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id),"
    " unit TEXT{bytewise} NOT NULL REFERENCES unit (code), dwelling TEXT REFERENCES dwelling (id),"
    " role TEXT NOT NULL, since DATE NOT NULL, until DATE)",
    "CREATE UNIQUE INDEX residence_now ON residence (person) WHERE until IS NULL",
    "CREATE INDEX residence_person ON residence (person)",
    "CREATE INDEX residence_unit ON residence (unit)",
    "CREATE INDEX residence_dwelling ON residence (dwelling)",
    "CREATE TABLE organisation (id TEXT PRIMARY KEY, name TEXT{bytewise} NOT NULL, kind TEXT NOT NULL,"
    " unit TEXT{bytewise} REFERENCES unit (code), pinyin TEXT{bytewise} NOT NULL, initials TEXT{bytewise} NOT NULL,"
    " opened DATE NOT NULL, closed DATE)",
    "CREATE INDEX organisation_kind ON organisation (kind, name)",
    "CREATE TABLE organisation_member (id TEXT PRIMARY KEY, organisation TEXT NOT NULL REFERENCES organisation (id),"
    " person TEXT NOT NULL REFERENCES person (id), role TEXT NOT NULL, since DATE NOT NULL, until DATE)",
    "CREATE UNIQUE INDEX organisation_member_now ON organisation_member (person, organisation) WHERE until IS NULL",
    "CREATE INDEX organisation_member_of ON organisation_member (organisation)",
    "CREATE TABLE login_account (id TEXT PRIMARY KEY, person TEXT NOT NULL UNIQUE REFERENCES person (id),"
    " login_name TEXT UNIQUE, password_hash TEXT, language TEXT NOT NULL DEFAULT 'zh',"
    " elder BIGINT NOT NULL DEFAULT 0, disabled_ms BIGINT, created_ms BIGINT NOT NULL)",
    "CREATE TABLE login_session (token_hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES login_account (id),"
    " remembered TEXT NOT NULL, started_ms BIGINT NOT NULL, seen_ms BIGINT NOT NULL, idle_ms BIGINT NOT NULL,"
    " ends_ms BIGINT NOT NULL)",
    "CREATE INDEX login_session_account ON login_session (account)",
    "CREATE INDEX login_session_ends ON login_session (ends_ms)",
    "CREATE TABLE sign_in (id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES login_account (id),"
    " at_ms BIGINT NOT NULL, address TEXT NOT NULL, device TEXT NOT NULL)",
    "CREATE INDEX sign_in_account ON sign_in (account, at_ms)",
    "CREATE INDEX sign_in_at ON sign_in (at_ms)",
    "CREATE TABLE one_time_login (token_hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES login_account (id),"
    " made_by TEXT NOT NULL, created_ms BIGINT NOT NULL, ends_ms BIGINT NOT NULL, used_ms BIGINT)",
    "CREATE TABLE role_grant (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id), role TEXT NOT NULL,"
    " unit TEXT{bytewise} NOT NULL REFERENCES unit (code), since DATE NOT NULL, until DATE,"
    " granted_by TEXT NOT NULL, granted_ms BIGINT NOT NULL)",
    "CREATE INDEX role_grant_person ON role_grant (person)",
    "CREATE TABLE consent (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id), purpose TEXT NOT NULL,"
    " version TEXT NOT NULL, how TEXT NOT NULL, given DATE NOT NULL, withdrawn DATE)",
    "CREATE INDEX consent_person ON consent (person)",
    "CREATE TABLE attempts (bucket TEXT PRIMARY KEY, started_ms BIGINT NOT NULL, tries BIGINT NOT NULL)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        sqlite = engine.engine_type == "sqlite"
        bytewise, raw = ("", "BLOB") if sqlite else (' COLLATE "C"', "BYTEA")
        for statement in TABLES:
            await engine.run_ddl(statement.format(bytewise=bytewise, bytes=raw))

    manager.add_raw(run)
    return manager
