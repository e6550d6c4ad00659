# SPDX-License-Identifier: Apache-2.0
"""The people of an area as a list to leaf through: unit after unit, household after household.

A page costs the same in a city as in a street: the counts say which few units hold it, and only those are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from liren.identity.register.counts import Part
from liren.identity.register.directory import Directory
from liren.identity.register.pending import VISIBLE
from liren.store.parts import marks
from liren.units.rules import natural
from liren.units.tree import Tree
from liren.web.paging import Ask, Page

LARGE: Final = 1000
"""Above so many people in one unit they come in the order of the index, not of their room numbers."""
_ROLES: Final = {"head": 0, "member": 1, "tenant": 2}
_COLUMNS: Final = (
    "SELECT p.id, p.name, r.role, r.unit, r.dwelling, d.number, p.pinyin FROM residence r"  # noqa: S608 - own names
    " JOIN person p ON p.id = r.person LEFT JOIN dwelling d ON d.id = r.dwelling"
    f" WHERE r.until IS NULL AND {VISIBLE}"
)
_BY_ROOM: Final = (
    "ORDER BY length(d.number), d.number, r.dwelling,"
    " CASE r.role WHEN 'head' THEN 0 WHEN 'member' THEN 1 ELSE 2 END, p.pinyin, p.id"
)


@dataclass(frozen=True, slots=True)
class Resident:
    """One row of the list."""

    person: str
    name: str
    role: str
    """head, member, tenant"""
    unit: str
    dwelling: str | None
    room: str
    """Number of the dwelling; empty where it is not known."""
    first: bool
    """Of their household, on this page."""


async def page(directory: Directory, tree: Tree, tops: Sequence[str], role: str, ask: Ask) -> Page[Resident]:
    """One page of the people living in some subtrees today.

    :param tops: codes of the subtrees, none inside another
    :param role: head, member or tenant; empty for everybody
    """
    counts = await directory.counts()
    total = sum(counts.below(role).get(top, 0) for top in tops)
    if ask.offset >= total:
        ask = Ask(max(1, -(-total // ask.size)), ask.size)
    parts = counts.parts(tree, tops, role, ask.offset, ask.size)
    rows: dict[str, list[tuple[Any, ...]]] = {}
    whole = [part.unit for part in parts if part.whole]
    if whole:
        found = await directory.store.read(
            f"{_COLUMNS} AND r.unit IN ({marks(whole)}){_of(role)}", *whole, *_args(role)
        )
        for row in sorted(found, key=_order):
            rows.setdefault(row[3], []).append(row)
    for part in parts:
        if not part.whole:
            rows[part.unit] = await _part(directory, part, role, counts.own(role)[part.unit])
    return ask.page(_residents([row for part in parts for row in rows.get(part.unit, ())]), total)


def _of(role: str) -> str:
    return " AND r.role = ?" if role else ""


def _args(role: str) -> tuple[str, ...]:
    return (role,) if role else ()


def _order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return natural(row[5] or ""), row[4] or "", _ROLES.get(row[2], 3), row[6], row[0]


async def _part(directory: Directory, part: Part, role: str, people: int) -> list[tuple[Any, ...]]:
    order = _BY_ROOM if people <= LARGE else "ORDER BY r.dwelling, r.person"
    query = f"{_COLUMNS} AND r.unit = ?{_of(role)} {order} LIMIT ? OFFSET ?"
    return await directory.store.read(query, part.unit, *_args(role), part.take, part.skip)


def _residents(rows: Sequence[tuple[Any, ...]]) -> list[Resident]:
    made: list[Resident] = []
    for person, name, role, unit, dwelling, number, _ in rows:
        before = made[-1] if made else None
        first = before is None or dwelling is None or before.dwelling != dwelling
        made.append(Resident(person, name, role, unit, dwelling, number or "", first))
    return made
