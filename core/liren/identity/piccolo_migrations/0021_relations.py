# SPDX-License-Identifier: Apache-2.0
"""departure (so that a wrong one can be taken back), ownership, and what more is known of an organisation."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0021"
DESCRIPTION = "departure, ownership, organisation code and contact"

TABLES = (
    "CREATE TABLE departure (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id), day DATE NOT NULL,"
    " died BIGINT NOT NULL, actor TEXT NOT NULL, at_ms BIGINT NOT NULL, closed TEXT NOT NULL, undone_ms BIGINT)",
    "CREATE INDEX departure_person ON departure (person, at_ms)",
    "CREATE TABLE ownership (id TEXT PRIMARY KEY, dwelling TEXT NOT NULL REFERENCES dwelling (id),"
    " person TEXT REFERENCES person (id), organisation TEXT REFERENCES organisation (id),"
    " share_of BIGINT NOT NULL, share_in BIGINT NOT NULL, since DATE NOT NULL, until DATE)",
    "CREATE INDEX ownership_dwelling ON ownership (dwelling)",
    "CREATE INDEX ownership_person ON ownership (person)",
    "CREATE INDEX ownership_organisation ON ownership (organisation)",
    "ALTER TABLE organisation ADD COLUMN credit_code TEXT",
    "ALTER TABLE organisation ADD COLUMN contact TEXT",
    "ALTER TABLE organisation ADD COLUMN phone TEXT",
    "CREATE UNIQUE INDEX organisation_credit_code ON organisation (credit_code) WHERE closed IS NULL",
    "CREATE INDEX organisation_name ON organisation (name, id)",
    "CREATE INDEX organisation_pinyin ON organisation (pinyin, id)",
    "CREATE INDEX organisation_initials ON organisation (initials, id)",
    "CREATE INDEX organisation_unit ON organisation (unit)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
