# SPDX-License-Identifier: Apache-2.0
"""A register of a city's size: people a list is still bringing, and how many people live in each unit.

The counts are kept by the database itself, whoever writes a residence: counting 326 000 rows for a page would take
longer than the page.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0020"
DESCRIPTION = "people_pending, people_in_unit"

TABLES = (
    "ALTER TABLE person ADD COLUMN import_id TEXT",
    "ALTER TABLE person ADD COLUMN twin_hash TEXT",
    "CREATE INDEX person_twin ON person (twin_hash)",
    "CREATE INDEX person_import ON person (import_id) WHERE import_id IS NOT NULL",
    "DELETE FROM subject_key WHERE subject IN (SELECT id FROM people_list)",
    "DROP TABLE people_list",
    "CREATE TABLE people_pending (id TEXT PRIMARY KEY, actor TEXT NOT NULL, started_ms BIGINT NOT NULL)",
    "CREATE TABLE people_pending_unit (import_id TEXT NOT NULL, unit TEXT{bytewise} NOT NULL, role TEXT NOT NULL,"
    " n BIGINT NOT NULL, PRIMARY KEY (import_id, unit, role))",
    "CREATE TABLE people_pending_move (import_id TEXT NOT NULL, person TEXT NOT NULL, unit TEXT{bytewise} NOT NULL,"
    " dwelling TEXT, role TEXT NOT NULL, PRIMARY KEY (import_id, person))",
    "CREATE TABLE people_in_unit (unit TEXT{bytewise} NOT NULL, role TEXT NOT NULL, n BIGINT NOT NULL,"
    " PRIMARY KEY (unit, role))",
    "INSERT INTO people_in_unit (unit, role, n)"
    " SELECT unit, role, count(*) FROM residence WHERE until IS NULL GROUP BY unit, role",
    "DROP INDEX residence_unit",
    "CREATE INDEX residence_unit ON residence (unit, dwelling, person) WHERE until IS NULL",
    "CREATE INDEX residence_unit_ever ON residence (unit) WHERE until IS NOT NULL",
)

_MORE = (
    "INSERT INTO people_in_unit (unit, role, n) VALUES (NEW.unit, NEW.role, 1)"
    " ON CONFLICT (unit, role) DO UPDATE SET n = people_in_unit.n + 1;"
)
_LESS = "UPDATE people_in_unit SET n = n - 1 WHERE unit = OLD.unit AND role = OLD.role;"
_CHANGED = "unit, role, until"

SQLITE = (
    f"CREATE TRIGGER residence_begins AFTER INSERT ON residence WHEN NEW.until IS NULL BEGIN {_MORE} END",
    f"CREATE TRIGGER residence_ends AFTER DELETE ON residence WHEN OLD.until IS NULL BEGIN {_LESS} END",
    f"CREATE TRIGGER residence_was AFTER UPDATE OF {_CHANGED} ON residence WHEN OLD.until IS NULL BEGIN {_LESS} END",
    f"CREATE TRIGGER residence_is AFTER UPDATE OF {_CHANGED} ON residence WHEN NEW.until IS NULL BEGIN {_MORE} END",
)
POSTGRES = (
    "CREATE FUNCTION residence_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF TG_OP <> 'INSERT' AND OLD.until IS NULL THEN {_LESS} END IF;"
    f" IF TG_OP <> 'DELETE' AND NEW.until IS NULL THEN {_MORE} END IF;"
    " RETURN NULL; END $$",
    f"CREATE TRIGGER residence_counted AFTER INSERT OR DELETE OR UPDATE OF {_CHANGED} ON residence"
    " FOR EACH ROW EXECUTE FUNCTION residence_counted()",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        sqlite = engine.engine_type == "sqlite"
        for statement in TABLES:
            await engine.run_ddl(statement.format(bytewise="" if sqlite else ' COLLATE "C"'))
        for statement in SQLITE if sqlite else POSTGRES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
