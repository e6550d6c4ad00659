# SPDX-License-Identifier: Apache-2.0
"""What goes along when a unit is merged or split: dwellings, seats, teams. Pieces of :mod:`liren.units.changes`."""

from collections.abc import Sequence
from datetime import date

from liren.plugins.services import UnitCard
from liren.store import Tx
from liren.store.audit import write as audit
from liren.store.parts import in_parts, marks
from liren.units.dwellings import NUMBER_MAX
from liren.units.ids import new_id
from liren.units.posts import Posts


async def dwellings(tx: Tx, card: UnitCard, heir: UnitCard) -> None:
    """All that stand; a number the heir has already gets the old unit's name in front: ``3号楼-101``."""
    mine = await tx.sql("SELECT id, number FROM dwelling WHERE unit = ? AND closed IS NULL", card.code)
    taken = {row[0] for row in await tx.sql("SELECT number FROM dwelling WHERE unit = ?", heir.code)}
    rows = []
    for dwelling, number in mine:
        free = free_number(number, card.name, taken)
        taken.add(free)
        rows.append((heir.code, free, dwelling))
    if rows:
        await tx.many("UPDATE dwelling SET unit = ?, number = ? WHERE id = ?", rows)


def free_number(number: str, old_unit: str, taken: set[str]) -> str:
    """The number a dwelling gets beside others."""
    if number not in taken:
        return number
    stem = f"{old_unit[: NUMBER_MAX - len(number) - 1]}-{number}"
    tried, n = stem, 1
    while tried in taken:
        n += 1
        tried = f"{stem}-{n}"
    return tried


async def some_dwellings(tx: Tx, card: UnitCard, heir: UnitCard, wanted: Sequence[str]) -> None:
    """Those that a part claims; only what really belongs to the unit."""
    for part in in_parts(wanted):
        await tx.sql(
            f"UPDATE dwelling SET unit = ? WHERE unit = ? AND closed IS NULL AND id IN ({marks(part)})",  # noqa: S608
            heir.code, card.code, *part,
        )  # fmt: skip


async def seats(tx: Tx, card: UnitCard, heir: UnitCard | None, day: date, *, posts: Posts, carry: bool) -> None:
    """Appointments at a unit end with it; with ``carry`` they begin anew at the heir.

    Not those of a single seat that is held there, nor the actor's own: nobody appoints themself.
    """
    rows = await tx.sql(
        "SELECT id, post, person, since, until, phone, photo FROM appointment"
        " WHERE unit = ? AND (until IS NULL OR until > ?)",
        card.code, day,
    )  # fmt: skip
    await tx.sql(
        "UPDATE appointment SET until = CASE WHEN since > ? THEN since ELSE ? END"
        " WHERE unit = ? AND (until IS NULL OR until > ?)",
        day, day, card.code, day,
    )  # fmt: skip
    if heir is None or not carry:
        return
    held = await tx.sql(
        "SELECT post, person FROM appointment WHERE unit = ? AND (until IS NULL OR until > ?)", heir.code, day
    )
    filled, holders = {post for post, _ in held}, set(held)
    for _, post, person, since, until, phone, photo in rows:
        known = posts.get(post)
        full = known is None or known.retired is not None or (known.single and post in filled)
        if full or person == tx.actor or (post, person) in holders:
            continue
        filled.add(post)
        await tx.sql(
            "INSERT INTO appointment (id, post, unit, person, since, until, phone, photo, made_by, made_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            new_id(), post, heir.code, person, max(since, day), until, phone, photo, tx.actor, tx.now_ms,
        )  # fmt: skip
        await audit(tx, "units", "units.appointed", person, unit=heir.code, detail={"post": post})


async def teams(tx: Tx, card: UnitCard, heir: UnitCard | None, day: date) -> None:
    """Teams end with their unit and go on as new ones at the heir, with the same members."""
    rows = await tx.sql(
        "SELECT id, name, pattern FROM team WHERE unit = ? AND (until IS NULL OR until > ?)", card.code, day
    )
    for team, name, pattern in rows:
        members = await tx.sql(
            "SELECT person, organisation, part FROM team_member WHERE team = ? AND (until IS NULL OR until > ?)",
            team, day,
        )  # fmt: skip
        await tx.sql("UPDATE team SET until = ? WHERE id = ?", day, team)
        await tx.sql("UPDATE team_member SET until = ? WHERE team = ? AND (until IS NULL OR until > ?)", day, team, day)
        if heir is None:
            continue
        renewed = new_id()
        await tx.sql(
            "INSERT INTO team (id, unit, name, pattern, since) VALUES (?, ?, ?, ?, ?)",
            renewed, heir.code, name, pattern, day,
        )  # fmt: skip
        for person, organisation, part in members:
            await tx.sql(
                "INSERT INTO team_member (id, team, person, organisation, part, since) VALUES (?, ?, ?, ?, ?, ?)",
                new_id(), renewed, person, organisation, part, day,
            )  # fmt: skip
