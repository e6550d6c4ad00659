# SPDX-License-Identifier: Apache-2.0
"""An index for "which organisations does this person act for": the one there is knows only who acts today."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0022"
DESCRIPTION = "index of organisation_member by person"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        await engine.run_ddl("CREATE INDEX organisation_member_person ON organisation_member (person)")

    manager.add_raw(run)
    return manager
