# SPDX-License-Identifier: Apache-2.0
"""Cases, their steps and the files kept with them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "0001"
DESCRIPTION = "workflow_case, workflow_step, workflow_file"

TABLES = (
    "CREATE TABLE workflow_case (id TEXT PRIMARY KEY, plugin TEXT NOT NULL, workflow TEXT NOT NULL,"
    " subject TEXT NOT NULL, unit TEXT NOT NULL, path TEXT{bytewise} NOT NULL, title TEXT NOT NULL,"
    " holder TEXT, worker TEXT, state TEXT NOT NULL, opened_ms BIGINT NOT NULL, since_ms BIGINT NOT NULL,"
    " due_ms BIGINT, alarm_ms BIGINT, closed_ms BIGINT, version BIGINT NOT NULL)",
    # One open case a subject: whoever opens a second at the same moment is refused by the database.
    "CREATE UNIQUE INDEX workflow_case_open ON workflow_case (plugin, workflow, subject) WHERE closed_ms IS NULL",
    "CREATE INDEX workflow_case_subject ON workflow_case (plugin, workflow, subject)",
    # What is not over is a small part of what there ever was: work lists read no more than that.
    "CREATE INDEX workflow_case_work ON workflow_case (due_ms) WHERE closed_ms IS NULL",
    "CREATE INDEX workflow_case_closed ON workflow_case (closed_ms) WHERE closed_ms IS NOT NULL",
    "CREATE INDEX workflow_case_state ON workflow_case (plugin, workflow, state, path)",
    "CREATE INDEX workflow_case_holder ON workflow_case (holder) WHERE holder IS NOT NULL",
    "CREATE INDEX workflow_case_worker ON workflow_case (worker) WHERE worker IS NOT NULL",
    "CREATE INDEX workflow_case_alarm ON workflow_case (alarm_ms) WHERE alarm_ms IS NOT NULL",
    "CREATE TABLE workflow_step (case_id TEXT NOT NULL REFERENCES workflow_case (id), number BIGINT NOT NULL,"
    " transition TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, actor TEXT NOT NULL,"
    " at_ms BIGINT NOT NULL, note TEXT NOT NULL, worker TEXT, due_ms BIGINT, PRIMARY KEY (case_id, number))",
    "CREATE INDEX workflow_step_at ON workflow_step (at_ms)",
    "CREATE INDEX workflow_step_actor ON workflow_step (actor)",
    "CREATE TABLE workflow_file (id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES workflow_case (id),"
    " step BIGINT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, size BIGINT NOT NULL)",
    "CREATE INDEX workflow_file_case ON workflow_file (case_id, step)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="workflow", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        # Prefix scans over paths need byte order, whatever the database's own collation.
        bytewise = "" if engine.engine_type == "sqlite" else ' COLLATE "C"'
        for statement in TABLES:
            await engine.run_ddl(statement.format(bytewise=bytewise))

    manager.add_raw(run)
    return manager
