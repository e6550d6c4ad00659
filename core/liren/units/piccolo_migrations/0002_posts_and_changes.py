# SPDX-License-Identifier: Apache-2.0
"""Posts, appointments, teams; what became of units; dwellings with an area that may be given up."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0002"
DESCRIPTION = "post, appointment, team, team_member, unit_change, unit_past; dwelling.area_dm2, dwelling.closed"

TABLES = (
    "ALTER TABLE dwelling ADD COLUMN area_dm2 BIGINT",
    "ALTER TABLE dwelling ADD COLUMN closed DATE",
    "CREATE TABLE post (key TEXT PRIMARY KEY, title TEXT NOT NULL, axis TEXT NOT NULL, levels TEXT NOT NULL,"
    " roles TEXT NOT NULL, single BIGINT NOT NULL, published BIGINT NOT NULL, position BIGINT NOT NULL,"
    " retired DATE)",
    "CREATE TABLE appointment (id TEXT PRIMARY KEY, post TEXT NOT NULL,"
    " unit TEXT{bytewise} NOT NULL REFERENCES unit (code), person TEXT NOT NULL, since DATE NOT NULL, until DATE,"
    " phone TEXT NOT NULL, photo TEXT, made_by TEXT NOT NULL, made_ms BIGINT NOT NULL)",
    "CREATE INDEX appointment_unit ON appointment (unit, post)",
    "CREATE INDEX appointment_person ON appointment (person)",
    "CREATE INDEX appointment_post ON appointment (post)",
    "CREATE INDEX appointment_photo ON appointment (photo)",
    "CREATE TABLE team (id TEXT PRIMARY KEY, unit TEXT{bytewise} NOT NULL REFERENCES unit (code),"
    " name TEXT NOT NULL, pattern TEXT NOT NULL, since DATE NOT NULL, until DATE)",
    "CREATE INDEX team_unit ON team (unit)",
    "CREATE TABLE team_member (id TEXT PRIMARY KEY, team TEXT NOT NULL REFERENCES team (id), person TEXT,"
    " organisation TEXT, part TEXT NOT NULL, since DATE NOT NULL, until DATE)",
    "CREATE INDEX team_member_team ON team_member (team)",
    "CREATE INDEX team_member_person ON team_member (person)",
    "CREATE INDEX team_member_organisation ON team_member (organisation)",
    "CREATE TABLE unit_change (id TEXT PRIMARY KEY, change TEXT NOT NULL, what TEXT NOT NULL, day DATE NOT NULL,"
    " gone TEXT{bytewise} NOT NULL REFERENCES unit (code), heir TEXT{bytewise} REFERENCES unit (code),"
    " detail TEXT NOT NULL, actor TEXT NOT NULL, at_ms BIGINT NOT NULL)",
    "CREATE INDEX unit_change_gone ON unit_change (gone)",
    "CREATE INDEX unit_change_heir ON unit_change (heir)",
    "CREATE TABLE unit_past (id TEXT PRIMARY KEY, unit TEXT{bytewise} NOT NULL REFERENCES unit (code),"
    " path TEXT{bytewise} NOT NULL, since DATE NOT NULL, until DATE NOT NULL)",
    "CREATE INDEX unit_past_path ON unit_past (path)",
    "CREATE INDEX unit_past_unit ON unit_past (unit)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="units", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        bytewise = "" if engine.engine_type == "sqlite" else ' COLLATE "C"'
        for statement in TABLES:
            await engine.run_ddl(statement.format(bytewise=bytewise))

    manager.add_raw(run)
    return manager
