# SPDX-License-Identifier: Apache-2.0
"""Duties towards a person: consents and acts are theirs on both sides; erased, their acts stay as figures alone; who
moves away or dies has no consents that run on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from liren.acting import slips
from liren.plugins.context import Context
from liren.plugins.events import Received
from liren.plugins.types import Erased, PersonalData
from liren.web import N_

DEPARTED: Final = "identity.departed"
UNDONE: Final = "identity.departure_undone"
HEARD: Final = (DEPARTED, UNDONE)
"""Facts of the register."""


async def export(ctx: Context, person: str) -> Sequence[PersonalData]:
    """Consents given and received, acts done for them and by them."""
    records = slips.own(ctx).desk.records
    consents = await records.read(
        "SELECT m.id, m.person, m.kind, m.how, m.asked_ms, m.given_ms, m.until_ms, m.ended_ms, l.deed, l.cap"
        " FROM acting_mandate m LEFT JOIN acting_limit l ON l.mandate = m.id WHERE m.person = ? OR m.actor = ?"
        " ORDER BY m.asked_ms, m.id, l.deed",
        person, person,
    )  # fmt: skip
    acts = await records.read(
        "SELECT number, person, kind, how, deed, text, amount, at_ms, undone_ms, objected_ms FROM acting_slip"
        " WHERE person = ? ORDER BY at_ms, id",
        person,
    )
    # What was done for others is told without their name and without what it was.
    done = await records.read(
        "SELECT number, kind, how, deed, amount, at_ms, undone_ms FROM acting_slip WHERE actor = ? ORDER BY at_ms, id",
        person,
    )
    tables = (
        PersonalData(
            N_("委托"),
            [
                {
                    "编号": row[0], "身份": "委托人" if row[1] == person else "帮忙的人",
                    "种类": row[2], "方式": row[3],
                    "提出": _moment(ctx, row[4]), "同意": _moment(ctx, row[5]), "到期": _moment(ctx, row[6]),
                    "结束": _moment(ctx, row[7]), "事项": row[8], "每月上限": row[9],
                }
                for row in consents
            ],
        ),
        PersonalData(
            N_("别人替我办的"),
            [
                {
                    "单号": row[0], "种类": row[2], "方式": row[3], "事项": row[4], "内容": row[5], "数量": row[6],
                    "时间": _moment(ctx, row[7]), "撤销": _moment(ctx, row[8]), "异议": _moment(ctx, row[9]),
                }
                for row in acts
            ],
        ),
        PersonalData(
            N_("我替别人办的"),
            [
                {
                    "单号": row[0], "种类": row[1], "方式": row[2], "事项": row[3], "数量": row[4],
                    "时间": _moment(ctx, row[5]), "撤销": _moment(ctx, row[6]),
                }
                for row in done
            ],
        ),
    )  # fmt: skip
    return [table for table in tables if table.rows]


def _moment(ctx: Context, at_ms: int | None) -> str | None:
    return datetime.fromtimestamp(at_ms / 1000, ctx.now().tzinfo).isoformat(" ", "minutes") if at_ms else None


async def erase(ctx: Context, person: str) -> Erased:
    """Consents of theirs go; acts stay as figures under random ids, without what was done. A review that is open ends
    with nothing to ask about: its case keeps no name."""
    tx = slips.own(ctx).desk.records.tx()
    rows = await tx.sql("SELECT id FROM acting_mandate WHERE person = ? OR actor = ?", person, person)
    for (mandate,) in rows:
        await tx.sql("DELETE FROM acting_limit WHERE mandate = ?", mandate)
        await tx.sql("DELETE FROM acting_use WHERE scope = ?", mandate)
        await tx.sql("DELETE FROM acting_mandate WHERE id = ?", mandate)
    await tx.sql("DELETE FROM acting_use WHERE scope = ?", person)
    await tx.sql("DELETE FROM acting_block WHERE person = ?", person)
    # What they said on the phone stands in the notes of a review that is nobody's case.
    await tx.sql(
        "UPDATE workflow_step SET note = '' WHERE case_id IN (SELECT c.id FROM workflow_case c JOIN acting_slip s"
        " ON s.id = c.subject WHERE c.plugin = 'acting' AND s.person = ?)",
        person,
    )
    acts = await tx.sql("UPDATE acting_slip SET text = '', person = '' WHERE person = ? RETURNING id", person)
    done = await tx.sql("UPDATE acting_slip SET actor = '' WHERE actor = ? RETURNING id", person)
    return Erased(len(rows) + len(acts) + len(done))


async def merged(ctx: Context, kept: str, gone: str) -> None:
    """Acts and consents of ``gone`` are of ``kept``; what one of the two entries did for the other ends: that would be
    acting for oneself. Caps add up."""
    tx = slips.own(ctx).desk.records.tx()
    await tx.sql(
        "UPDATE acting_mandate SET ended_ms = ?, ended_by = ? WHERE ended_ms IS NULL"
        " AND ((person = ? AND actor = ?) OR (person = ? AND actor = ?))",
        tx.now_ms, tx.actor, kept, gone, gone, kept,
    )  # fmt: skip
    for table, column in (
        ("acting_mandate", "person"),
        ("acting_mandate", "actor"),
        ("acting_slip", "person"),
        ("acting_slip", "actor"),
    ):
        await tx.sql(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", kept, gone)  # noqa: S608 - own names
    for deed, month, used in await tx.sql("SELECT deed, month, used FROM acting_use WHERE scope = ?", gone):
        await tx.sql(
            "INSERT INTO acting_use (scope, deed, month, used) VALUES (?, ?, ?, ?) ON CONFLICT (scope, deed, month)"
            " DO UPDATE SET used = acting_use.used + excluded.used",
            kept, deed, month, used,
        )  # fmt: skip
    await tx.sql("DELETE FROM acting_use WHERE scope = ?", gone)
    if await tx.sql("DELETE FROM acting_block WHERE person = ? RETURNING at_ms", gone):
        await tx.sql("INSERT INTO acting_block (person, at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING", kept, tx.now_ms)


class _Left(msgspec.Struct, frozen=True):
    person: str
    departure: str


async def hear(ctx: Context, event: Received) -> None:
    """Somebody moved away or died: every consent from them and to them ends; taken back, exactly those run on.

    The two facts may come in either order and more than once: what the register says now decides.
    """
    left = event.read(_Left)
    card = (await ctx.people.cards([left.person])).get(left.person)
    here, mark = card is not None and card.active, f"departure:{left.departure}"
    records = slips.own(ctx).desk.records
    async with ctx.transaction():
        tx = records.tx()
        if event.name == UNDONE and here:
            await tx.sql("UPDATE acting_mandate SET ended_ms = NULL, ended_by = NULL WHERE ended_by = ?", mark)
        elif event.name == DEPARTED and not here:
            await tx.sql(
                "UPDATE acting_mandate SET ended_ms = ?, ended_by = ?, code_hash = NULL"
                " WHERE ended_ms IS NULL AND (person = ? OR actor = ?)",
                tx.now_ms, mark, left.person, left.person,
            )  # fmt: skip
