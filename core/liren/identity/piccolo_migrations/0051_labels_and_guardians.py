# SPDX-License-Identifier: Apache-2.0
"""Labels the street defines itself, each with a consent of its own; guardians of children and of who lacks capacity."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0051"
DESCRIPTION = "label_kind, label_text, person_label, guardianship, who gave a consent"

TABLES = (
    "ALTER TABLE consent ADD COLUMN given_by TEXT",
    "CREATE TABLE label_kind (id TEXT PRIMARY KEY, code TEXT NOT NULL, title TEXT NOT NULL, sensitive BIGINT NOT NULL,"
    " seen_by TEXT NOT NULL, opened DATE NOT NULL, closed DATE)",
    "CREATE UNIQUE INDEX label_kind_code ON label_kind (code)",
    "CREATE TABLE label_text (id TEXT PRIMARY KEY, kind TEXT NOT NULL REFERENCES label_kind (id),"
    " version BIGINT NOT NULL, text TEXT NOT NULL, at_ms BIGINT NOT NULL, actor TEXT NOT NULL)",
    "CREATE UNIQUE INDEX label_text_version ON label_text (kind, version)",
    "CREATE TABLE person_label (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id),"
    " kind TEXT NOT NULL REFERENCES label_kind (id), consent TEXT NOT NULL REFERENCES consent (id),"
    " since DATE NOT NULL, until DATE, actor TEXT NOT NULL)",
    "CREATE UNIQUE INDEX person_label_held ON person_label (person, kind) WHERE until IS NULL",
    "CREATE INDEX person_label_person ON person_label (person)",
    "CREATE INDEX person_label_kind ON person_label (kind, person) WHERE until IS NULL",
    "CREATE INDEX person_label_consent ON person_label (consent)",
    "CREATE INDEX person_label_ended ON person_label (until) WHERE until IS NOT NULL",
    "CREATE TABLE guardianship (id TEXT PRIMARY KEY, guardian TEXT NOT NULL REFERENCES person (id),"
    " ward TEXT NOT NULL REFERENCES person (id), kind TEXT NOT NULL, evidence TEXT NOT NULL, basis {bytes},"
    " since DATE NOT NULL, until DATE, actor TEXT NOT NULL)",
    "CREATE UNIQUE INDEX guardianship_held ON guardianship (ward, guardian) WHERE until IS NULL",
    "CREATE INDEX guardianship_ward ON guardianship (ward)",
    "CREATE INDEX guardianship_guardian ON guardianship (guardian)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(ddl(engine.engine_type, statement))

    manager.add_raw(run)
    return manager
