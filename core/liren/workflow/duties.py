# SPDX-License-Identifier: Apache-2.0
"""Duties towards a person: the cases they hold are theirs; steps they took in office stay under their id.

And towards a unit: what is still open there goes on at its heir.
"""

from collections.abc import Sequence

from liren.plugins.context import Context
from liren.plugins.types import Erased, PersonalData, UnitChange
from liren.web import N_
from liren.workflow import scope
from liren.workflow.service import CaseDesk

NAMELESS = "–"


async def export(desk: CaseDesk, ctx: Context, person: str) -> Sequence[PersonalData]:
    """The person's own cases with every step of them, and the steps they took in others'."""
    records = desk.records
    cases = await records.read(
        "SELECT id, plugin, workflow, title, state, unit, opened_ms, closed_ms FROM workflow_case WHERE holder = ?"
        " ORDER BY opened_ms, id",
        person,
    )
    steps = await records.read(
        "SELECT s.case_id, s.transition, s.target, s.at_ms, s.note FROM workflow_step s"
        " JOIN workflow_case c ON c.id = s.case_id WHERE c.holder = ? ORDER BY s.case_id, s.number",
        person,
    )
    taken = await records.read(
        "SELECT case_id, transition, at_ms, note FROM workflow_step WHERE actor = ? ORDER BY at_ms, case_id", person
    )
    tables = (
        (N_("自己的事项"), ("case", "module", "workflow", "title", "state", "unit", "opened_ms", "closed_ms"), cases),
        (N_("自己事项的经过"), ("case", "step", "state", "at_ms", "note"), steps),
        (N_("经手的步骤"), ("case", "step", "at_ms", "note"), taken),
    )
    return [
        PersonalData(ctx.t(title), [dict(zip(names, row, strict=True)) for row in rows])
        for title, names, rows in tables
        if rows
    ]


async def erase(desk: CaseDesk, person: str) -> Erased:
    """Titles, notes and files of the person's own cases go, and their name from them; that there was a case stays."""
    tx = desk.records.tx()
    rows = await tx.sql("SELECT id FROM workflow_case WHERE holder = ?", person)
    for (case,) in rows:
        await desk.files.forget(tx, case)
        # Its title stands in the notices of those who worked on it.
        await tx.sql("DELETE FROM inbox_notice WHERE link = ?", f"/cases/{case}")
        await tx.sql("UPDATE workflow_step SET note = '' WHERE case_id = ?", case)
        await tx.sql("UPDATE workflow_case SET holder = NULL, title = ? WHERE id = ?", NAMELESS, case)
    return Erased(len(rows))


async def merged(desk: CaseDesk, kept: str, gone: str) -> None:
    """Whatever named ``gone`` names ``kept``."""
    tx = desk.records.tx()
    for table, column in (
        ("workflow_case", "holder"),
        ("workflow_case", "worker"),
        ("workflow_step", "actor"),
        ("workflow_step", "worker"),
    ):
        await tx.sql(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", kept, gone)  # noqa: S608 - own names


async def unit_changed(desk: CaseDesk, change: UnitChange) -> None:
    """Open cases of a unit that is gone are its heir's; where subtrees hang elsewhere, scopes follow."""
    tx = desk.records.tx()
    for old, new in change.moved:
        await tx.sql(
            "UPDATE workflow_case SET path = ? || substr(path, ?) WHERE path >= ? AND path < ?",
            new, len(old) + 1, old, old + scope.AFTER_PATH,
        )  # fmt: skip
    if change.heir:
        await tx.sql(
            "UPDATE workflow_case SET unit = ?, path = (SELECT path FROM unit WHERE code = ?)"
            " WHERE unit = ? AND closed_ms IS NULL",
            change.heir, change.heir, change.gone,
        )  # fmt: skip
