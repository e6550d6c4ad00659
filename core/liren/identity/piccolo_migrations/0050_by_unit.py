# SPDX-License-Identifier: Apache-2.0
"""An index by unit: when units merge, split or close, the roles granted there follow."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0050"
DESCRIPTION = "role_grant by unit"

TABLES = ("CREATE INDEX role_grant_unit ON role_grant (unit)",)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
