# SPDX-License-Identifier: Apache-2.0
"""An index for "who lived here on that day": all residences of a unit, past ones too, by the day they began."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0081"
DESCRIPTION = "residence by unit and day"

TABLES = (
    "CREATE INDEX residence_unit_day ON residence (unit, since, person, until)",
    "DROP INDEX residence_unit_ever",
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
