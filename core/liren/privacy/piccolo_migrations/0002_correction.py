# SPDX-License-Identifier: Apache-2.0
"""What a resident asks to have put right, sealed until it is decided."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

from liren.store.schema import ddl

ID = "0002"
DESCRIPTION = "privacy_correction"

STATEMENTS = (
    "CREATE TABLE privacy_correction (id TEXT PRIMARY KEY, person TEXT NOT NULL, field TEXT NOT NULL,"
    " value {bytes}, at_ms BIGINT NOT NULL, case_id TEXT)",
    "CREATE INDEX privacy_correction_person ON privacy_correction (person)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="privacy", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in STATEMENTS:
            await engine.run_ddl(ddl(engine.engine_type, statement))

    manager.add_raw(run)
    return manager
