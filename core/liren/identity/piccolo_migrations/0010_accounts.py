# SPDX-License-Identifier: Apache-2.0
"""second_factor, recovery_code, login_pending, former_password; what a session proved, and when.

Sessions begun before know none of this: they end, and everybody signs in once more.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0010"
DESCRIPTION = "accounts"

STATEMENTS = (
    "CREATE TABLE second_factor (account TEXT PRIMARY KEY REFERENCES login_account (id), secret {bytes},"
    " waiting {bytes}, confirmed_ms BIGINT, last_step BIGINT NOT NULL DEFAULT 0)",
    "CREATE TABLE recovery_code (id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES login_account (id),"
    " code_hash TEXT NOT NULL, used_ms BIGINT)",
    "CREATE UNIQUE INDEX recovery_code_hash ON recovery_code (account, code_hash)",
    "CREATE TABLE login_pending (token_hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES login_account (id),"
    " way TEXT NOT NULL, second BIGINT NOT NULL, wanted TEXT NOT NULL, ends_ms BIGINT NOT NULL)",
    "CREATE INDEX login_pending_ends ON login_pending (ends_ms)",
    "CREATE TABLE former_password (id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES login_account (id),"
    " password_hash TEXT NOT NULL, at_ms BIGINT NOT NULL)",
    "CREATE INDEX former_password_account ON former_password (account, at_ms)",
    "ALTER TABLE login_account ADD COLUMN password_ms BIGINT",
    "DELETE FROM login_session",
    "ALTER TABLE login_session ADD COLUMN id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE login_session ADD COLUMN way TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE login_session ADD COLUMN proven_ms BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE login_session ADD COLUMN powers TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE login_session ADD COLUMN address TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE login_session ADD COLUMN device TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE login_session ADD COLUMN former_hash TEXT",
    "ALTER TABLE login_session ADD COLUMN former_until_ms BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX login_session_former ON login_session (former_hash)",
    "ALTER TABLE one_time_login ADD COLUMN recognised TEXT",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in STATEMENTS:
            await engine.run_ddl(statement.format(bytes="BLOB" if engine.engine_type == "sqlite" else "BYTEA"))

    manager.add_raw(run)
    return manager
