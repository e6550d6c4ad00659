# SPDX-License-Identifier: Apache-2.0
"""Finds the few who took a consent back without reading everybody's."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0030"
DESCRIPTION = "index on consents taken back"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        await engine.run_ddl("CREATE INDEX consent_withdrawn ON consent (purpose, person) WHERE withdrawn IS NOT NULL")

    manager.add_raw(run)
    return manager
