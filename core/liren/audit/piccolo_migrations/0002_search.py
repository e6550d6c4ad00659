# SPDX-License-Identifier: Apache-2.0
"""Indexes for the auditor's searches: each ends with the row's position, so that a page never sorts."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0002"
DESCRIPTION = "indexes on audit by actor, code, unit and day"

INDEXES = (
    "CREATE INDEX audit_actor ON audit (actor, id)",
    "CREATE INDEX audit_what ON audit (what, id)",
    "CREATE INDEX audit_unit ON audit (unit, id) WHERE unit IS NOT NULL",
    "CREATE INDEX audit_day ON audit (at_ms)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="audit", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in INDEXES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
