# SPDX-License-Identifier: Apache-2.0
"""Acts by the consent they rest on: is this the first one, may the consent be forgotten."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0002"
DESCRIPTION = "index of acting_slip by mandate"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="acting", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        await engine.run_ddl("CREATE INDEX acting_slip_mandate ON acting_slip (mandate)")

    manager.add_raw(run)
    return manager
