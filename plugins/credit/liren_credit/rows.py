# SPDX-License-Identifier: Apache-2.0
"""The rows of lists: stored, counted, taken, released. Set-wise SQL, for a list has thousands of them."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from piccolo.query.functions.aggregate import Count, Sum

from liren_credit.check import AwardKey
from liren_credit.tables import AwardRow

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A row on its way to becoming an award."""

    id: str
    number: int
    person: str
    household: str | None
    unit: str
    rule: str
    quantity: int
    day: date
    points: int
    evidence: str
    state: str
    sampled: int


_GOOD = (
    AwardRow.id,
    AwardRow.number,
    AwardRow.person,
    AwardRow.household,
    AwardRow.unit,
    AwardRow.rule,
    AwardRow.quantity,
    AwardRow.day,
    AwardRow.points,
    AwardRow.evidence,
    AwardRow.state,
    AwardRow.sampled,
)


class RowDraft(NamedTuple):
    """A checked row before it has its claim number; fields in the order of :data:`_INSERT`."""

    number: int
    verdict: str
    name: str
    person: str | None
    household: str | None
    unit: str | None
    rule: str | None
    quantity: int | None
    day: date | None
    points: int
    evidence: str
    same_as: int | None
    cells: str
    award_key: str | None


_INSERT = (
    "INSERT INTO credit_row (id, list, number, verdict, name, person, household, unit, rule, quantity, day, points,"
    " evidence, same_as, cells, award_key, state, sampled, live, remark) VALUES "
)
_VALUES = f"({', '.join(['{}'] * 16)}, 'checked', 0, 0, '')"


async def insert(list_id: str, number: int, new: Sequence[RowDraft]) -> None:
    """Four times as fast as Piccolo's own insert, which counts with 50 000 rows; others get their turn in between.

    :param number: of the list: begins every claim number
    """
    for start in range(0, len(new), _AT_ONCE):
        part = new[start : start + _AT_ONCE]
        values = [value for row in part for value in (f"{number:04}-{row.number:05}", list_id, *row)]
        await AwardRow.raw(_INSERT + ", ".join([_VALUES] * len(part)), *values)
        await asyncio.sleep(0)


async def live_keys(first: date, last: date) -> frozenset[AwardKey]:
    """Awards that stand or are on their way, for days from ``first`` to ``last``."""
    found = await AwardRow.select(AwardRow.award_key).where(
        (AwardRow.live == 1) & (AwardRow.day >= first) & (AwardRow.day <= last)
    )
    return frozenset(_key(row["award_key"]) for row in found)


def _key(text: str) -> AwardKey:
    person, code, day = text.split("|")
    return person, code, date.fromisoformat(day)


async def take(list_id: str) -> None:
    """Good rows become awards on their way; those another list took first become duplicates."""
    await AwardRow.raw(
        "UPDATE credit_row SET verdict = 'duplicate', points = 0 WHERE list = {} AND verdict = 'ok'"
        " AND award_key IN (SELECT award_key FROM credit_row WHERE live = 1)",
        list_id,
    )
    await AwardRow.update({AwardRow.live: 1, AwardRow.state: "waiting"}).where(
        (AwardRow.list == list_id) & (AwardRow.verdict == "ok")
    )


async def release(list_id: str) -> None:
    """Nothing of this list is on its way any more."""
    await AwardRow.update({AwardRow.live: 0, AwardRow.state: "checked", AwardRow.sampled: 0}).where(
        (AwardRow.list == list_id) & (AwardRow.state != "credited")
    )


async def good(list_id: str, *states: str) -> list[GoodRow]:
    """In sheet order; ``waiting`` ones where no state is named."""
    found = (
        await AwardRow.select(*_GOOD)
        .where((AwardRow.list == list_id) & AwardRow.state.is_in(list(states or ("waiting",))))
        .order_by(AwardRow.number)
    )
    return [GoodRow(**row) for row in found]


async def sample(chosen: Collection[str]) -> None:
    await _set(sorted(chosen), {AwardRow.sampled: 1})


async def looked_at(ids: Collection[str]) -> None:
    await _set(sorted(ids), {AwardRow.sampled: 2})


async def strike(ids: Collection[str], remark: str) -> None:
    """A reviewer's no: the award is off, and may be entered again with better evidence."""
    await _set(sorted(ids), {AwardRow.state: "struck", AwardRow.live: 0, AwardRow.sampled: 2, AwardRow.remark: remark})


async def _set(ids: Sequence[str], values: dict[object, object]) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        await AwardRow.update(values).where(AwardRow.id.is_in(list(ids[start : start + _AT_ONCE])))  # type: ignore[arg-type]


async def credited(records: Iterable[tuple[str, str]]) -> None:
    """:param records: (row id, record id) of each award that was posted"""
    pairs = list(records)
    for start in range(0, len(pairs), _AT_ONCE):
        part = pairs[start : start + _AT_ONCE]
        places = ", ".join("({}, {})" for _ in part)
        await AwardRow.raw(
            "UPDATE credit_row SET rid = v.column2, state = 'credited', name = '' "  # noqa: S608 - placeholders only
            f"FROM (VALUES {places}) AS v WHERE credit_row.id = v.column1",
            *(value for pair in part for value in pair),
        )


async def counts(list_id: str) -> dict[tuple[str, str], tuple[int, int]]:
    """(verdict, state) → (rows, points)."""
    found = await AwardRow.raw(
        "SELECT verdict, state, count(*) AS n, CAST(coalesce(sum(points), 0) AS BIGINT) AS points"
        " FROM credit_row WHERE list = {} GROUP BY verdict, state",
        list_id,
    )
    return {(row["verdict"], row["state"]): (int(row["n"]), int(row["points"])) for row in found}


async def people_of(list_id: str) -> int:
    """How many people its good rows are about."""
    found = await AwardRow.raw(
        "SELECT count(DISTINCT person) AS n FROM credit_row WHERE list = {} AND verdict = 'ok' AND state <> 'struck'",
        list_id,
    )
    return int(found[0]["n"])


async def by_unit(list_id: str) -> dict[str, tuple[int, int, int]]:
    """Community → (rows, points, people) of the rows on their way."""
    found = await AwardRow.raw(
        "SELECT unit, count(*) AS n, CAST(sum(points) AS BIGINT) AS points, count(DISTINCT person) AS people"
        " FROM credit_row WHERE list = {} AND verdict = 'ok' AND state IN ('checked', 'waiting', 'frozen', 'credited')"
        " GROUP BY unit ORDER BY unit",
        list_id,
    )
    return {row["unit"]: (int(row["n"]), int(row["points"]), int(row["people"])) for row in found}


async def total(list_id: str) -> tuple[int, int]:
    """How many rows of a list were credited, and with how many points."""
    credited = (AwardRow.list == list_id) & (AwardRow.state == "credited")
    found = await AwardRow.select(Count(alias="n"), Sum(AwardRow.points, alias="points")).where(credited).first()
    return (int(found["n"]), int(found["points"] or 0)) if found else (0, 0)
