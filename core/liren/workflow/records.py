# SPDX-License-Identifier: Apache-2.0
"""Cases and steps as rows. Reads join the open transaction, or use a reader where there is none."""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from liren.plugins.flows import Case, CaseFile, Step
from liren.store import Store
from liren.store import Tx as StoreTx
from liren.workflow.scope import Condition

COLUMNS: Final = (
    "id, plugin, workflow, subject, unit, title, holder, worker, state, opened_ms, since_ms, due_ms, closed_ms, version"
)
_CASE: Final = f"SELECT {COLUMNS} FROM workflow_case c"  # noqa: S608 - own column names
Order = Literal["any", "work", "over"]
ORDERS: Final[dict[Order, str]] = {
    "any": " ORDER BY CASE WHEN c.closed_ms IS NULL THEN 0 ELSE 1 END,"
    " c.due_ms IS NULL, c.due_ms, c.since_ms DESC, c.id",
    "work": " ORDER BY c.due_ms IS NULL, c.due_ms, c.since_ms DESC, c.id",
    "over": " ORDER BY c.closed_ms DESC, c.id",
}
"""Open ones first, the earliest deadline first (so what is overdue leads), then the newest; the other two for lists
that hold only open ones, or only closed ones."""


@dataclass(frozen=True, slots=True)
class Records:
    """One per process."""

    store: Store

    def tx(self) -> StoreTx:
        """:raises RuntimeError: no transaction is open: the module's slip"""
        open_one = self.store.engine.current_transaction.get()
        if open_one is None:
            raise RuntimeError("cases are opened and moved inside ctx.once or ctx.transaction")
        assert isinstance(open_one, StoreTx)
        return open_one

    async def read(self, query: str, *args: Any) -> list[tuple[Any, ...]]:
        tx: StoreTx | None = self.store.engine.current_transaction.get()
        return await (self.store.read(query, *args) if tx is None else tx.sql(query, *args))

    async def case(self, case: str) -> Case | None:
        rows = await self.read(f"{_CASE} WHERE c.id = ?", case)
        return Case(*rows[0]) if rows else None

    async def of(self, plugin: str, workflow: str, subject: str) -> Case | None:
        """The open one, or the last."""
        rows = await self.read(
            f"{_CASE} WHERE c.plugin = ? AND c.workflow = ? AND c.subject = ?"
            " ORDER BY CASE WHEN c.closed_ms IS NULL THEN 0 ELSE 1 END, c.opened_ms DESC, c.id LIMIT 1",
            plugin, workflow, subject,
        )  # fmt: skip
        return Case(*rows[0]) if rows else None

    async def page(self, where: Condition, limit: int, offset: int, order: Order = "any") -> tuple[list[Case], int]:
        """(that part of the list, how many there are)."""
        rows = await self.read(f"{_CASE} WHERE {where.sql}{ORDERS[order]} LIMIT ? OFFSET ?", *where.args, limit, offset)
        total = len(rows) if len(rows) < limit and not offset else await self.count(where)
        return [Case(*row) for row in rows], total

    async def count(self, where: Condition) -> int:
        rows = await self.read(f"SELECT count(*) FROM workflow_case c WHERE {where.sql}", *where.args)  # noqa: S608
        return int(rows[0][0])

    async def insert(self, case: Case, path: str, alarm_ms: int | None) -> bool:
        """False where the subject has an open case, perhaps since a moment ago."""
        marks = ", ".join("?" * 16)
        rows = await self.tx().sql(
            f"INSERT INTO workflow_case ({COLUMNS}, path, alarm_ms) VALUES ({marks})"  # noqa: S608 - own names
            " ON CONFLICT (plugin, workflow, subject) WHERE closed_ms IS NULL DO NOTHING RETURNING id",
            case.id, case.plugin, case.workflow, case.subject, case.unit, case.title, case.holder, case.worker,
            case.state, case.opened_ms, case.since_ms, case.due_ms, case.closed_ms, case.version, path, alarm_ms,
        )  # fmt: skip
        return bool(rows)

    async def advance(self, case: Case, seen: int) -> Case | None:
        """Write the case as it is after a step.

        :param seen: the version the step was decided on
        :returns: the case with its new version; None where another step came first
        """
        rows = await self.tx().sql(
            "UPDATE workflow_case SET state = ?, worker = ?, since_ms = ?, due_ms = ?, closed_ms = ?,"
            " version = version + 1 WHERE id = ? AND version = ? RETURNING version",
            case.state, case.worker, case.since_ms, case.due_ms, case.closed_ms, case.id, seen,
        )  # fmt: skip
        return replace(case, version=rows[0][0]) if rows else None

    async def describe(self, case: Case, path: str) -> None:
        """Title, unit and holder as they are now; not a step."""
        await self.tx().sql(
            "UPDATE workflow_case SET title = ?, unit = ?, path = ?, holder = ? WHERE id = ?",
            case.title, case.unit, path, case.holder, case.id,
        )  # fmt: skip

    async def set_alarm(self, case: str, alarm_ms: int | None) -> None:
        """When somebody has to be told next."""
        await self.tx().sql("UPDATE workflow_case SET alarm_ms = ? WHERE id = ?", alarm_ms, case)

    async def add_step(self, case: str, step: Step) -> None:
        await self.tx().sql(
            "INSERT INTO workflow_step (case_id, number, transition, source, target, actor, at_ms, note, worker,"
            " due_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            case, step.number, step.transition, step.source, step.target, step.actor, step.at_ms, step.note,
            step.worker, step.due_ms,
        )  # fmt: skip

    async def steps(self, case: str) -> list[Step]:
        rows = await self.read(
            "SELECT number, transition, source, target, actor, at_ms, note, worker, due_ms FROM workflow_step"
            " WHERE case_id = ? ORDER BY number LIMIT 500",
            case,
        )
        files: dict[int, list[CaseFile]] = {}
        for number, *file in await self.read(
            "SELECT step, id, name, kind, size FROM workflow_file WHERE case_id = ? ORDER BY step, id LIMIT 2000", case
        ):
            files.setdefault(number, []).append(CaseFile(*file))
        return [replace(Step(*row), files=tuple(files.get(row[0], ()))) for row in rows]

    async def made(self, case: str) -> dict[str, set[str]]:
        """Transition → who made it so far."""
        found: dict[str, set[str]] = {}
        for transition, actor in await self.read("SELECT transition, actor FROM workflow_step WHERE case_id = ?", case):
            found.setdefault(transition, set()).add(actor)
        return found
