# SPDX-License-Identifier: Apache-2.0
"""The community of a person's present home beside the name, and indexes that begin with it: a lookup inside one
community reads that community's people only, however large the city around it is.

The database keeps it itself, whoever writes a residence or moves a unit.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0080"
DESCRIPTION = "person.area: lookup inside one community"

_AREA = {
    "sqlite": "nullif(substr(substr({path}, instr({path}, '/') + 1), 1,"
    " instr(substr({path}, instr({path}, '/') + 1), '/') - 1), '')",
    "postgres": "nullif(split_part({path}, '/', 2), '')",
}
"""The second code of a path: ``liren/taoyuan/taoyuan-g3/`` → ``taoyuan``; NULL for the street itself."""


def _area(kind: str, path: str) -> str:
    return _AREA[kind].format(path=path)


def _tables(kind: str) -> list[str]:
    bytewise = "" if kind == "sqlite" else ' COLLATE "C"'
    area = _area(kind, "u.path")
    return [
        f"ALTER TABLE person ADD COLUMN area TEXT{bytewise}",
        f"UPDATE person SET area = (SELECT {area} FROM residence r JOIN unit u ON u.code = r.unit"  # noqa: S608 - own names
        " WHERE r.person = person.id AND r.until IS NULL)",
        "CREATE INDEX person_area_initials ON person (area, initials, pinyin, id) WHERE area IS NOT NULL",
        "CREATE INDEX person_area_pinyin ON person (area, pinyin, id) WHERE area IS NOT NULL",
        "CREATE INDEX person_area_name ON person (area, name, id) WHERE area IS NOT NULL",
        "CREATE INDEX person_area_given ON person (area, given, id) WHERE area IS NOT NULL",
    ]


_LIVES = (
    "UPDATE person SET area = (SELECT {area} FROM unit u WHERE u.code = NEW.unit)"
    " WHERE id = NEW.person AND area {differs} (SELECT {area} FROM unit u WHERE u.code = NEW.unit);"
)
_LEAVES = "UPDATE person SET area = NULL WHERE id = OLD.person AND area IS NOT NULL;"
_HANGS = (
    "UPDATE person SET area = {new} WHERE id IN (SELECT person FROM residence WHERE unit = NEW.code AND until IS NULL);"
)


def _sqlite() -> list[str]:
    lives = _LIVES.format(area=_area("sqlite", "u.path"), differs="IS NOT")
    old, new = _area("sqlite", "OLD.path"), _area("sqlite", "NEW.path")
    return [
        f"CREATE TRIGGER area_begins AFTER INSERT ON residence WHEN NEW.until IS NULL BEGIN {lives} END",
        f"CREATE TRIGGER area_ends AFTER DELETE ON residence WHEN OLD.until IS NULL BEGIN {_LEAVES} END",
        "CREATE TRIGGER area_was AFTER UPDATE OF until ON residence WHEN OLD.until IS NULL AND NEW.until IS NOT NULL"
        f" BEGIN {_LEAVES} END",
        f"CREATE TRIGGER area_is AFTER UPDATE OF unit, until ON residence WHEN NEW.until IS NULL BEGIN {lives} END",
        f"CREATE TRIGGER area_moves AFTER UPDATE OF path ON unit WHEN {old} IS NOT {new}"
        f" BEGIN {_HANGS.format(new=new)} END",
    ]


def _postgres() -> list[str]:
    lives = _LIVES.format(area=_area("postgres", "u.path"), differs="IS DISTINCT FROM")
    old, new = _area("postgres", "OLD.path"), _area("postgres", "NEW.path")
    return [
        "CREATE FUNCTION residence_area() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP = 'DELETE' THEN IF OLD.until IS NULL THEN {_LEAVES} END IF;"
        f" ELSIF NEW.until IS NULL THEN {lives}"
        f" ELSIF TG_OP = 'UPDATE' AND OLD.until IS NULL THEN {_LEAVES} END IF;"
        " RETURN NULL; END $$",
        "CREATE TRIGGER residence_area AFTER INSERT OR DELETE OR UPDATE OF unit, until ON residence"
        " FOR EACH ROW EXECUTE FUNCTION residence_area()",
        f"CREATE FUNCTION unit_area() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_HANGS.format(new=new)}"
        " RETURN NULL; END $$",
        f"CREATE TRIGGER unit_area AFTER UPDATE OF path ON unit FOR EACH ROW WHEN ({old} IS DISTINCT FROM {new})"
        " EXECUTE FUNCTION unit_area()",
    ]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        kind = "sqlite" if engine.engine_type == "sqlite" else "postgres"
        for statement in [*_tables(kind), *(_sqlite() if kind == "sqlite" else _postgres())]:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
