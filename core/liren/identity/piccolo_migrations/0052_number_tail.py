# SPDX-License-Identifier: Apache-2.0
"""Lookup by the last four of an ID number: a keyed hash, filled in by a job for who was registered before."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0052"
DESCRIPTION = "person.number_tail"

TABLES = (
    "ALTER TABLE person ADD COLUMN number_tail TEXT",
    "CREATE INDEX person_number_tail ON person (number_tail)",
    "CREATE INDEX person_without_tail ON person (id) WHERE id_number_sealed IS NOT NULL AND number_tail IS NULL",
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
