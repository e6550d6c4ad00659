# SPDX-License-Identifier: Apache-2.0
"""Units that merge, split, move and close; history stays. Each verb runs inside the caller's transaction.

What lies in a unit goes along: its open children, dwellings, teams, and where asked its appointments. What other
packages keep of a unit (who lives there, roles, cases) follows through the hook ``unit_changed``, called by the page
with the :class:`liren.plugins.types.UnitChange` that each verb returns. A code is never given again, so what the
ledger wrote under it stays there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from liren.plugins.services import UnitCard
from liren.plugins.types import UnitChange
from liren.store import Tx
from liren.store.audit import write as audit
from liren.units import carrying, verbs
from liren.units.errors import BadUnit, UnitInUse, UnitTaken
from liren.units.ids import new_id
from liren.units.posts import Posts
from liren.units.rules import check_parent, codes_in, name_key, path_of
from liren.units.verbs import VERSION, known
from liren.units.version import raise_version

PARTS_MOST = 12


@dataclass(frozen=True, slots=True)
class Part:
    """One of the units another is split into."""

    name: str
    children: tuple[str, ...] = ()
    """Codes of the units below that come to it."""
    dwellings: tuple[str, ...] = ()
    """Ids of the dwellings that come to it."""
    party_title: str | None = None


async def move(tx: Tx, code: str, parent: str, day: date) -> UnitChange:
    """Hang a unit below another one, its subtree with it.

    :raises BadUnit: below itself (a cycle), or a level that does not fit
    :raises UnitInUse: one of them is closed
    :raises UnitTaken: an open sibling there has that name
    """
    card, above = await known(tx, code), await known(tx, parent)
    _open(card)
    _open(above)
    if card.parent is None:
        raise BadUnit("街道是最上面一级，不能挂到别处。", "The street is the root: it cannot be moved.")
    if above.path.startswith(card.path):
        raise BadUnit(
            f"不能把{card.name}挂到它自己或它的下级下面。", f"{card.name} cannot hang below itself or its own units."
        )
    check_parent(card.level, above.level)
    if card.parent == parent:
        return UnitChange("moved", day, "", "", False, ())
    await verbs.refuse_namesake(tx, parent, card.level, card.name)
    moved = await _reparent(tx, card, above, card.name, day)
    await _record(tx, "moved", card.code, parent, day, new_id(), card.parent)
    await raise_version(tx, VERSION)
    await audit(tx, "units", "units.moved", code, unit=parent)
    return UnitChange("moved", day, "", "", False, (moved,))


async def merge(
    tx: Tx, gone: Sequence[str], into: str, day: date, *, posts: Posts, carry: bool = False
) -> list[UnitChange]:
    """These units become part of ``into``, which stays.

    :param carry: appointments and roles go along; otherwise they end on that day
    :raises BadUnit: with itself, or units of different levels
    :raises UnitInUse: one of them is closed
    """
    heir, change = await known(tx, into), new_id()
    _open(heir)
    changes = []
    for code in dict.fromkeys(gone):
        card = await known(tx, code)
        _open(card)
        if card.code == heir.code:
            raise BadUnit("不能和自己合并。", "A unit cannot be merged with itself.")
        if card.level != heir.level:
            raise BadUnit("只有同一级的单位才能合并。", "Only units of one level can be merged.")
        moved = [
            await _reparent(tx, child, heir, await _free_name(tx, child, heir, card), day)
            for child in await _children(tx, code)
        ]
        await carrying.dwellings(tx, card, heir)
        await carrying.seats(tx, card, heir, day, posts=posts, carry=carry)
        await carrying.teams(tx, card, heir, day)
        await _close(tx, card, heir.code, "merged", day, change)
        changes.append(UnitChange("merged", day, card.code, heir.code, carry, tuple(moved)))
    await raise_version(tx, VERSION)
    return changes


async def split(
    tx: Tx, code: str, parts: Sequence[Part], day: date, *, posts: Posts, main: int = 0, carry: bool = False
) -> tuple[UnitChange, list[str]]:
    """A unit becomes several of its level; what no part claims comes to the main one.

    :param main: which part that is
    :returns: the change, and the codes of the new units
    :raises BadUnit: fewer than two parts, or a name twice
    :raises UnitTaken: a sibling has one of the names
    """
    card = await known(tx, code)
    _open(card)
    if card.parent is None:
        raise BadUnit("街道不能拆分。", "The street cannot be split.")
    if not 2 <= len(parts) <= PARTS_MOST or not 0 <= main < len(parts):
        raise BadUnit(f"拆成 2 到 {PARTS_MOST} 个单位。", f"A unit is split into 2 to {PARTS_MOST}.")
    change = new_id()
    # Closed first, so that a part may keep the name.
    await tx.sql("UPDATE unit SET closed = ? WHERE code = ?", day, code)
    new = [
        await verbs.add(
            tx, level=card.level, name=part.name, parent=card.parent, opened=day, party_title=part.party_title
        )
        for part in parts
    ]
    claimed = {child: index for index, part in enumerate(parts) for child in part.children}
    moved = []
    for child in await _children(tx, code):
        heir = new[claimed.get(child.code, main)]
        moved.append(await _reparent(tx, child, heir, child.name, day))
    for part, heir in zip(parts, new, strict=True):
        await carrying.some_dwellings(tx, card, heir, part.dwellings)
    await carrying.dwellings(tx, card, new[main])
    await carrying.seats(tx, card, new[main], day, posts=posts, carry=carry)
    await carrying.teams(tx, card, new[main], day)
    for heir in new:
        await _record(tx, "split", code, heir.code, day, change)
    await raise_version(tx, VERSION)
    await audit(tx, "units", "units.split", code, unit=card.parent, detail={"into": " ".join(u.code for u in new)})
    return UnitChange("split", day, code, new[main].code, carry, tuple(moved)), [unit.code for unit in new]


async def close(tx: Tx, code: str, day: date, *, residents: int, posts: Posts) -> UnitChange:
    """Close a unit nobody lives in; its dwellings, appointments and teams end with it.

    :param residents: how many live in it or below it today
    :raises UnitInUse: people live in it, or it has open units below it
    """
    card = await known(tx, code)
    await verbs.close(tx, code, day, residents=residents)
    await tx.sql("UPDATE dwelling SET closed = ? WHERE unit = ? AND closed IS NULL", day, code)
    await carrying.seats(tx, card, None, day, posts=posts, carry=False)
    await carrying.teams(tx, card, None, day)
    await _record(tx, "closed", code, None, day, new_id())
    return UnitChange("closed", day, code, "", False, ())


def _open(card: UnitCard) -> None:
    if card.closed is not None:
        raise UnitInUse(f"{card.name}已经撤销了。", f"{card.name} is closed already.")


async def _children(tx: Tx, code: str) -> list[UnitCard]:
    rows = await tx.sql(
        f"SELECT {verbs.COLUMNS} FROM unit WHERE parent = ? AND closed IS NULL ORDER BY code",  # noqa: S608
        code,
    )
    return [verbs.card_of(row) for row in rows]


async def _free_name(tx: Tx, child: UnitCard, heir: UnitCard, old_parent: UnitCard) -> str:
    """The child's name below its new parent: with the old parent's in front where there is a namesake."""
    taken = {name_key(child.level, each.name) for each in await _children(tx, heir.code) if each.level == child.level}
    name = child.name
    for prefix in ("", old_parent.name, f"原{old_parent.name}"):
        name = f"{prefix}{child.name}"
        if name_key(child.level, name) not in taken:
            return name
    raise UnitTaken(
        f"{heir.name}里已经有“{name}”了，请先给它改名。", f"There is a “{name}” in {heir.name}: rename it first."
    )


async def _reparent(tx: Tx, card: UnitCard, above: UnitCard, name: str, day: date) -> tuple[str, str]:
    """:returns: (old path, new path) of the subtree's top"""
    new_path = path_of(card.code, above.path)
    below = await tx.sql(
        "SELECT u.code, u.path, u.opened, (SELECT max(p.until) FROM unit_past p WHERE p.unit = u.code)"
        " FROM unit u WHERE u.path >= ? AND u.path < ?",
        card.path, card.path + "{",
    )  # fmt: skip
    past = []
    for code, path, opened, last in below:
        since = last if isinstance(last, date) else date.fromisoformat(last) if last else opened
        if since < day:
            past.append((new_id(), code, path, since, day))
    if past:
        await tx.many("INSERT INTO unit_past (id, unit, path, since, until) VALUES (?, ?, ?, ?, ?)", past)
    moved = [(new_path + path[len(card.path) :], code) for code, path, _, _ in below]
    await tx.many("UPDATE unit SET path = ? WHERE code = ?", moved)
    await tx.sql("UPDATE unit SET parent = ?, name = ? WHERE code = ?", above.code, name, card.code)
    assert codes_in(new_path)[-1] == card.code
    return card.path, new_path


async def _close(tx: Tx, card: UnitCard, heir: str, what: str, day: date, change: str) -> None:
    await tx.sql("UPDATE unit SET closed = ? WHERE code = ?", day, card.code)
    await _record(tx, what, card.code, heir, day, change)
    await audit(tx, "units", f"units.{what}", card.code, unit=card.code, detail={"into": heir})


async def _record(tx: Tx, what: str, gone: str, heir: str | None, day: date, change: str, detail: str = "") -> None:
    await tx.sql(
        "INSERT INTO unit_change (id, change, what, day, gone, heir, detail, actor, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        new_id(), change, what, day, gone, heir, detail, tx.actor, tx.now_ms,
    )  # fmt: skip
