# SPDX-License-Identifier: Apache-2.0
"""Indexes by unit and by path: when units merge or hang elsewhere, their cases follow."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0002"
DESCRIPTION = "workflow_case by unit and by path"

TABLES = (
    "CREATE INDEX workflow_case_unit ON workflow_case (unit) WHERE closed_ms IS NULL",
    "CREATE INDEX workflow_case_path ON workflow_case (path)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="workflow", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
