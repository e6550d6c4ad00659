# SPDX-License-Identifier: Apache-2.0
"""Who belonged to a unit on a past day, whatever became of it since: unit after unit, a page at a time.

Of a whole street that is everybody, so nothing is counted or sorted as a whole: a page asks the index for the few units
that hold it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice, pairwise
from typing import Any, Final

from litestar import Request, Response

from liren.identity.at_hand import identity_of
from liren.identity.register.directory import Directory
from liren.identity.register.lookup import AFTER_PATH
from liren.identity.register.pending import VISIBLE
from liren.identity.register.roll import LARGE
from liren.plugins.context import Context
from liren.store.audit import write as audit
from liren.store.parts import marks
from liren.units.errors import no_such_unit
from liren.units.rules import natural
from liren.units.tree import Tree
from liren.web import get

PEOPLE: Final = "identity.people"
SHOWN: Final = 50
_FIRST: Final = 8
_MOST: Final = 400
"""Units asked at once: few where people live densely, more where many units were empty that day."""
_LIVED: Final = "r.since <= ? AND (r.until IS NULL OR r.until > ?)"
_BY_ROOM: Final = "length(d.number), d.number, r.dwelling, p.pinyin, p.id"
_BY_DAY: Final = "r.since, r.person"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a page begins: so many people of a unit lie before it."""

    unit: str
    skip: int

    def __str__(self) -> str:
        return f"{self.unit}.{self.skip}"

    @classmethod
    def read(cls, text: str) -> "Spot | None":
        """None for what is no spot: a mistyped address shows the beginning."""
        unit, _, skip = text.partition(".")
        return cls(unit, int(skip)) if unit and skip.isdecimal() and len(skip) < 8 else None


@dataclass(frozen=True, slots=True)
class Belonged:
    """Somebody, and the unit they lived in."""

    person: str
    name: str
    unit: str


async def belonged(
    directory: Directory, code: str, path: str, day: date, *, size: int, after: Spot | None = None
) -> tuple[list[Belonged], Spot | None]:
    """Who lived in a unit or below it on a day.

    :param path: of the unit today
    :returns: one page, and where the next one begins; None at the end
    """
    tree, top = await directory.tree(), await path_on(directory, code, path, day)
    units = await _units(directory, tree, code, top, day, after)
    skip, asked = after.skip if after is not None else 0, _FIRST
    found: list[Belonged] = []
    while part := list(islice(units, asked)):
        counts = await _counts(directory, await _not_elsewhere(directory, part, top, day), day)
        for unit in part:
            skip = skip if after is not None and unit == after.unit else 0
            if (people := counts.get(unit, 0)) <= skip:
                continue
            if len(found) == size:
                return found, Spot(unit, skip)
            rows = await _lived(directory, unit, day, people, skip, size - len(found))
            found += [Belonged(person, name, unit) for person, name in rows]
            if skip + len(rows) < people and len(found) == size:
                return found, Spot(unit, skip + len(rows))
        asked = min(asked * 2, _MOST)
    return found, None


async def _units(directory: Directory, tree: Tree, code: str, top: str, day: date, after: Spot | None) -> Iterator[str]:
    """What hangs below the unit today, in the order of the tree, then what hung below it that day and no longer does.

    From the unit of ``after`` on; of the first, some may have hung elsewhere that day.
    """
    hung: dict[str, str] = dict(
        await directory.store.read(
            "SELECT unit, path FROM unit_past WHERE path >= ? AND path < ? AND since <= ? AND until > ?",
            top, top + AFTER_PATH, day, day,
        )
    )  # fmt: skip
    gone = sorted((unit for unit in hung if not _below(tree, unit, code)), key=lambda unit: natural(hung[unit]))
    if after is not None and after.unit in gone:
        return iter(gone[gone.index(after.unit) :])
    start = after.unit if after is not None and _below(tree, after.unit, code) else code
    return chain(_walk(tree, code, start), gone)


async def _not_elsewhere(directory: Directory, units: Sequence[str], top: str, day: date) -> list[str]:
    rows = await directory.store.read(
        f"SELECT unit, path FROM unit_past WHERE unit IN ({marks(units)}) AND since <= ? AND until > ?",  # noqa: S608 - marks
        *units, day, day,
    )  # fmt: skip
    elsewhere = {unit for unit, path in rows if not path.startswith(top)}
    return [unit for unit in units if unit not in elsewhere]


def _below(tree: Tree, unit: str, code: str) -> bool:
    return any(card.code == code for card in tree.way(unit))


def _walk(tree: Tree, top: str, start: str) -> Iterator[str]:
    """The subtree in the order of the tree, from a unit of it on."""
    way = [card.code for card in tree.way(start)]
    stack: list[str] = []
    for parent, child in pairwise(way[way.index(top) :]):
        siblings = [card.code for card in tree.children(parent, closed=True)]
        stack.extend(reversed(siblings[siblings.index(child) + 1 :]))
    stack.append(start)
    while stack:
        yield (code := stack.pop())
        stack.extend(card.code for card in reversed(tree.children(code, closed=True)))


async def path_on(directory: Directory, code: str, path: str, day: date) -> str:
    """Where the unit itself hung on that day."""
    rows = await directory.store.read(
        "SELECT path FROM unit_past WHERE unit = ? AND since <= ? AND until > ?", code, day, day
    )
    return str(rows[0][0]) if rows else path


async def _counts(directory: Directory, units: Sequence[str], day: date) -> dict[str, int]:
    """At most so many: who an unfinished list is still bringing is counted here, and left out where rows are read."""
    if not units:
        return {}
    rows = await directory.store.read(
        f"SELECT r.unit, count(*) FROM residence r WHERE r.unit IN ({marks(units)}) AND {_LIVED} GROUP BY r.unit",  # noqa: S608
        *units, day, day,
    )  # fmt: skip
    return {unit: int(n) for unit, n in rows}


async def _lived(
    directory: Directory, unit: str, day: date, people: int, skip: int, take: int
) -> list[tuple[Any, ...]]:
    """By room; where very many live in one unit, in the order of the index."""
    order = _BY_ROOM if people <= LARGE else _BY_DAY
    return await directory.store.read(
        "SELECT p.id, p.name FROM residence r JOIN person p ON p.id = r.person"  # noqa: S608 - own words
        f" LEFT JOIN dwelling d ON d.id = r.dwelling WHERE r.unit = ? AND {_LIVED} AND {VISIBLE}"
        f" ORDER BY {order} LIMIT ? OFFSET ?",
        unit, day, day, take, skip,
    )  # fmt: skip


@get("/people/of/{unit:str}/on", allow=PEOPLE, name="belonged_on")
async def belonged_on(
    ctx: Context, request: Request[Any, Any, Any], unit: str, day: str = "", after: str = ""
) -> Response[Any]:
    """Who belonged to a unit on a past day; the look is audited."""
    identity = identity_of(request)
    card = await identity.units.get(unit)
    if card is None or not ctx.can(PEOPLE, unit):
        raise no_such_unit()
    wanted = _asked(day, ctx.today())
    found, more = await belonged(identity.people, unit, card.path, wanted, size=SHOWN, after=Spot.read(after))
    tree = await identity.units.tree()
    rows = [(each.person, each.name, " ".join(card.name for card in tree.way(each.unit)[1:])) for each in found]
    async with identity.store.transaction(ctx.actor) as tx:
        await audit(tx, "identity", "identity.unit-looked-up", unit, unit=unit, detail={"day": wanted.isoformat()})
    return await ctx.render(
        "belonged.html", unit=card, wanted=wanted, rows=rows, more=more, later=bool(after), today=ctx.today()
    )


def _asked(text: str, today: date) -> date:
    """Not after today; what cannot be read is today."""
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        return today


ROUTES = (belonged_on,)
