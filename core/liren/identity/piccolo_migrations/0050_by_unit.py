# SPDX-License-Identifier: Apache-2.0
"""Indexes by unit: when units merge, split or close, their roles and organisations follow."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0050"
DESCRIPTION = "role_grant and organisation by unit"

TABLES = (
    "CREATE INDEX role_grant_unit ON role_grant (unit)",
    "CREATE INDEX organisation_unit ON organisation (unit) WHERE closed IS NULL",
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
