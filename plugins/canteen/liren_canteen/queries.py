# SPDX-License-Identifier: Apache-2.0
"""What pages read. Each is one statement with a limit, or a constant few; none grows with the street."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from piccolo.query.functions.aggregate import Count

from liren_canteen.order_flow import OPEN
from liren_canteen.tables import DinerCard, MealOrder, SubsidyShare


async def open_orders(person: str, limit: int) -> list[MealOrder]:
    """Still to be eaten, the next first; each with its site."""
    return (
        await MealOrder.objects(MealOrder.site)
        .where((MealOrder.person == person) & MealOrder.state.is_in(list(OPEN)))
        .order_by(MealOrder.day, MealOrder.meal)
        .limit(limit)
    )


async def past_orders(person: str, size: int, offset: int) -> tuple[list[MealOrder], int]:
    """(some of them, how many there are), the latest first."""
    mine = (MealOrder.person == person) & MealOrder.state.not_in(list(OPEN))
    rows = (
        await MealOrder.objects(MealOrder.site)
        .where(mine)
        .order_by(MealOrder.day, ascending=False)
        .order_by(MealOrder.placed_ms, ascending=False)
        .limit(size)
        .offset(offset)
    )
    return rows, await MealOrder.count().where(mine)


async def shares_of(order: str) -> list[SubsidyShare]:
    """The bill's lines as they were when it was ordered."""
    return await SubsidyShare.objects().where(SubsidyShare.meal_order == order).order_by(SubsidyShare.id).limit(50)


async def counts_on(day: date) -> dict[tuple[str, str], int]:
    """(site, meal) → meals ordered for that day."""
    rows = await MealOrder.raw(
        "SELECT site, meal, COUNT(*) AS n FROM canteen_order WHERE day = {} AND state <> 'cancelled'"
        " GROUP BY site, meal LIMIT 2000",
        day,
    )
    return {(row["site"], row["meal"]): int(row["n"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Month:
    """What one month came to."""

    first: date
    meals: int
    people: int
    subsidy_fen: int


async def months(first: date, count: int) -> list[Month]:
    """Meals eaten in so many months, the one of ``first`` last; two statements a month, by the index of days."""
    found = []
    for start in months_back(first, count):
        after = (start + timedelta(days=31)).replace(day=1)
        rows = await MealOrder.raw(
            "SELECT COUNT(*) AS meals, COUNT(DISTINCT person) AS people, SUM(subsidy_fen) AS fen FROM canteen_order"
            " WHERE day >= {} AND day < {} AND taken_ms IS NOT NULL",
            start,
            after,
        )
        row = rows[0]
        found.append(Month(start, int(row["meals"]), int(row["people"]), int(row["fen"] or 0)))
    return found


def months_back(first: date, count: int) -> list[date]:
    """First days of so many months, the one of ``first`` last."""
    starts = [first]
    while len(starts) < count:
        starts.insert(0, (starts[0] - timedelta(days=1)).replace(day=1))
    return starts


async def cards() -> int:
    """How many people have a meal card: what coverage is counted against."""
    return int(await DinerCard.count())


async def counter_counts(site: str, day: date) -> dict[str, int]:
    """State → how many of a site's day."""
    rows = await MealOrder.raw(
        "SELECT state, COUNT(*) AS n FROM canteen_order WHERE site = {} AND day = {} GROUP BY state LIMIT 20", site, day
    )
    return {row["state"]: int(row["n"]) for row in rows}


async def open_today(sites: Sequence[str], day: date) -> dict[tuple[str, str, str], int]:
    """(site, meal, state) → meals of these sites that are still to be eaten that day."""
    rows = (
        await MealOrder.select(MealOrder.site, MealOrder.meal, MealOrder.state, Count(alias="n"))
        .where(MealOrder.site.is_in(list(sites)) & (MealOrder.day == day) & MealOrder.state.is_in(list(OPEN)))
        .group_by(MealOrder.site, MealOrder.meal, MealOrder.state)
        .limit(2000)
    )
    return {(row["site"], row["meal"], row["state"]): int(row["n"]) for row in rows}


async def latest_taken(site: str, day: date, limit: int) -> list[MealOrder]:
    """What was handed over here that day, the latest first."""
    return (
        await MealOrder.objects()
        .where((MealOrder.site == site) & (MealOrder.day == day) & MealOrder.taken_ms.is_not_null())
        .order_by(MealOrder.taken_ms, ascending=False)
        .limit(limit)
    )


def day_of(value: Any) -> date:
    """A day as a raw statement gives it: SQLite keeps text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


@dataclass(frozen=True, slots=True)
class SiteMonth:
    """One site's month."""

    site: str
    meals: int
    missed: int
    people: int
    subsidy_fen: int


async def sites_in(first: date, after: date) -> list[SiteMonth]:
    """Each site with orders in those days, the busiest first."""
    rows = await MealOrder.raw(
        "SELECT site, SUM(CASE WHEN state IN ('taken', 'settled') AND taken_ms IS NOT NULL THEN 1 ELSE 0 END) AS meals,"
        " SUM(CASE WHEN state IN ('missed', 'settled') AND taken_ms IS NULL THEN 1 ELSE 0 END) AS missed,"
        " COUNT(DISTINCT CASE WHEN taken_ms IS NOT NULL THEN person END) AS people,"
        " SUM(CASE WHEN taken_ms IS NOT NULL THEN subsidy_fen ELSE 0 END) AS fen"
        " FROM canteen_order WHERE day >= {} AND day < {} GROUP BY site ORDER BY 2 DESC LIMIT 300",
        first,
        after,
    )
    return [
        SiteMonth(row["site"], int(row["meals"]), int(row["missed"]), int(row["people"]), int(row["fen"] or 0))
        for row in rows
    ]
