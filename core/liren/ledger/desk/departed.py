# SPDX-License-Identifier: Apache-2.0
"""Who died or moved away with points left: noted when the register tells it, so that who proposes a closing finds them
without looking people up.

A note is a row of ``ledger_proposal`` in the state ``noted``: nobody has proposed anything yet, and nothing is posted.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import msgspec

from liren.ledger.at_hand import reader_of, unit_names
from liren.ledger.desk.closing import CloseBody
from liren.plugins.context import Context
from liren.plugins.events import Received
from liren.store.parts import marks

NOTED: Final = "noted"
MOST: Final = 200
KEPT_DAYS: Final = 90
"""An order that is given back, a correction: points may come after the departure. After that an empty account is
forgotten here."""


DEPARTED: Final = "identity.departed"
UNDONE: Final = "identity.departure_undone"


class _Departed(msgspec.Struct, frozen=True):
    """What the ledger reads of it."""

    person: str
    departure: str
    day: date
    died: bool


class _Undone(msgspec.Struct, frozen=True):
    departure: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody whose account can be proposed for closing."""

    person: str
    name: str
    """Masked."""
    home: str
    died: bool
    day: date | None
    points: int


async def hear(ctx: Context, event: Received) -> None:
    """Doing it twice does what doing it once does; the two facts may come in either order."""
    store = reader_of(ctx).store
    if event.name == UNDONE:
        async with store.transaction(ctx.actor) as tx:
            departure = event.read(_Undone).departure
            await tx.sql("DELETE FROM ledger_proposal WHERE id = ? AND state = ?", departure, NOTED)
    elif event.name == DEPARTED:
        left = event.read(_Departed)
        card = (await ctx.people.cards([left.person])).get(left.person)
        if card is None or card.active:
            return
        body = CloseBody(left.person, "", await _home(ctx, left), left.day, left.died)
        street = (await ctx.units.street()).code
        async with store.transaction(ctx.actor) as tx:
            await tx.sql(
                "INSERT INTO ledger_proposal (id, kind, unit, state, body, proposed_by, proposed_ms)"
                " VALUES (?, 'close', ?, ?, ?, '', ?) ON CONFLICT (id) DO NOTHING",
                *(left.departure, street, NOTED, msgspec.json.encode(body).decode(), int(event.at.timestamp() * 1000)),
            )


async def _home(ctx: Context, left: _Departed) -> str:
    """The community they lived in last."""
    for on in (left.day, left.day - timedelta(days=1)):
        if home := (await ctx.people.community_on([left.person], on)).get(left.person):
            return home
    return ""


async def waiting(ctx: Context) -> list[Left]:
    """Those with points, still gone, whose closing nobody has proposed yet; the latest first."""
    bodies = await _noted(ctx)
    points = await _points(ctx, list(bodies))
    cards = await ctx.people.cards(list(points))
    units, proposed = await unit_names(ctx), await _proposed(ctx)
    return [
        Left(person, cards[person].masked, units.get(body.home, body.home), body.died, body.left, points[person])
        for person, body in bodies.items()
        if person in points and person not in proposed and person in cards and not cards[person].active
    ]


async def note_of(ctx: Context, person: str) -> CloseBody | None:
    """What was noted of somebody who left."""
    return (await _noted(ctx)).get(person)


async def tidy(ctx: Context) -> None:
    """What was noted long ago and has come to nothing is forgotten: no points are left."""
    bodies = await _noted(ctx, before_ms=int((ctx.now() - timedelta(days=KEPT_DAYS)).timestamp() * 1000))
    points = await _points(ctx, list(bodies))
    async with reader_of(ctx).store.transaction(ctx.actor) as tx:
        for person, body in bodies.items():
            if person not in points:
                text = msgspec.json.encode(body).decode()
                await tx.sql("DELETE FROM ledger_proposal WHERE state = ? AND body = ?", NOTED, text)


async def _noted(ctx: Context, *, before_ms: int = 2**62) -> dict[str, CloseBody]:
    rows = await reader_of(ctx).store.read(
        "SELECT body FROM ledger_proposal WHERE state = ? AND proposed_ms < ? ORDER BY proposed_ms DESC LIMIT ?",
        *(NOTED, before_ms, MOST),
    )
    bodies = [msgspec.json.decode(body, type=CloseBody) for (body,) in rows]
    found: dict[str, CloseBody] = {}
    for body in bodies:
        if body.person:
            found.setdefault(body.person, body)
    return found


async def _points(ctx: Context, people: list[str]) -> dict[str, int]:
    """Person → what they hold, of those who hold anything."""
    if not people:
        return {}
    rows = await reader_of(ctx).store.read(
        "SELECT p.subject, SUM(a.balance) FROM pseudonym p JOIN account a ON a.holder = p.holder"  # noqa: S608 - marks
        f" WHERE p.kind = 'h' AND p.subject IN ({marks(people)}) AND a.balance > 0 GROUP BY p.subject",
        *people,
    )
    return {person: int(points) for person, points in rows}


async def _proposed(ctx: Context) -> set[str]:
    """Whose closing waits for a signature."""
    rows = await reader_of(ctx).store.read(
        "SELECT body FROM ledger_proposal WHERE state = 'open' AND kind = 'close' LIMIT 1000"
    )
    return {msgspec.json.decode(body, type=CloseBody).person for (body,) in rows}
