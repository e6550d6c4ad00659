# SPDX-License-Identifier: Apache-2.0
"""What one person proposed to the ledger and another has to sign: budgets, clearings, reversals."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0022"
DESCRIPTION = "proposals for four eyes"

TABLES = (
    "CREATE TABLE ledger_proposal (id TEXT PRIMARY KEY, kind TEXT NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL,"
    " body TEXT NOT NULL, proposed_by TEXT NOT NULL, proposed_ms BIGINT NOT NULL, decided_by TEXT, decided_ms BIGINT,"
    " note TEXT, rid TEXT)",
    "CREATE INDEX ledger_proposal_state ON ledger_proposal (state, proposed_ms)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="ledger", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
