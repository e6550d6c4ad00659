# SPDX-License-Identifier: Apache-2.0
"""Months that lie behind a demo street: meals eaten and missed, ways of volunteers, and a sealed claim.

Written in bulk, as a street takes over the records of the system it had before: each bill is the calculator's own, to
the 分 and with the month's caps; only the orders' cases, which nobody works on any more, are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import msgspec

from liren.api import Context, Tx
from liren_canteen import orders, rulebook, subsidy
from liren_canteen.menus import LineForm
from liren_canteen.tables import MealOrder, MenuLine, Route, RuleVersion, Site, SubsidyShare, new_id

ROWS: Final = 400
"""Of one INSERT; SQLite takes 32 766 values."""
AT_ONCE: Final = 1500
"""Meals in one transaction."""
A_WAY: Final = 12
PAST: Final = "past/"
"""How the column of codes begins where there never was a code."""


@dataclass(frozen=True, slots=True)
class Eats:
    """Somebody who comes now and then."""

    person: str
    site: Site
    who: subsidy.Diner
    number: int


class Written(msgspec.Struct, frozen=True):
    meals: int


def days_between(first: date, after: date) -> Iterator[date]:
    while first < after:
        yield first
        first += timedelta(days=1)


async def rules_from(version: str, first: date) -> None:
    """Inside a transaction: the demo's rules hold since before its first meal."""
    await RuleVersion.update({RuleVersion.starts: first}).where(RuleVersion.id == version)


async def settle(first: date, after: date) -> None:
    """Inside a transaction: a sealed month's meals are over."""
    taken_over = MealOrder.code_hash.like(f"{PAST}%") & MealOrder.state.is_in(["taken", "missed"])
    month = (MealOrder.day >= first) & (MealOrder.day < after)
    await MealOrder.update({MealOrder.state: "settled"}).where(month & taken_over)


async def menus_of(ctx: Context, kitchens: Sequence[str], dishes: Sequence[LineForm], days: Sequence[date]) -> None:
    """What was cooked: the same dishes every day; once, however often it is called."""

    async def body(tx: Tx) -> Written:
        rows = [
            MenuLine(
                id=new_id(),
                kitchen=kitchen,
                day=day,
                meal=dish.meal,
                title=dish.title,
                detail=dish.detail,
                price_fen=dish.price_fen,
                portions=0,
                allergens=",".join(dish.allergens),
                diets=",".join(dish.diets),
                listed=True,
            )
            for kitchen in kitchens
            for day in days
            for dish in dishes
        ]
        for start in range(0, len(rows), ROWS):
            await MenuLine.insert(*rows[start : start + ROWS])
        return Written(len(rows))

    await ctx.once(f"demo/past-menu/{days[0]}", [str(day) for day in days], body, Written)


class Past:
    """One month after the other; what a funder gave counts towards its cap from meal to meal."""

    def __init__(self, ctx: Context, eaters: Sequence[Eats], every: int, helpers: Sequence[str]) -> None:
        """
        :param every: somebody comes about once in so many days
        """
        self.ctx, self.eaters, self.every, self.helpers = ctx, eaters, every, helpers

    async def month(self, first: date, after: date) -> int:
        """Every meal from ``first`` to the day before ``after``; :returns: how many"""
        lines = await self._lines(first, after)
        rules = await rulebook.rules_on(first)
        done, used = 0, dict[str, dict[str, int]]()
        for day in days_between(first, after):
            today = [one for one in self.eaters if (one.number + day.toordinal()) % self.every == 0]
            for start in range(0, len(today), AT_ONCE):
                part = today[start : start + AT_ONCE]
                done += await self._write(day, start, part, lines[day], rules, used)
        return done

    async def _lines(self, first: date, after: date) -> dict[date, dict[str, list[MenuLine]]]:
        """Day → kitchen → lunches."""
        rows = (
            await MenuLine.objects()
            .where((MenuLine.day >= first) & (MenuLine.day < after) & (MenuLine.meal == "lunch"))
            .order_by(MenuLine.id)
            .limit(50_000)
        )
        found: dict[date, dict[str, list[MenuLine]]] = {day: {} for day in days_between(first, after)}
        for row in rows:
            found[row.day].setdefault(row.kitchen, []).append(row)
        return found

    async def _write(
        self,
        day: date,
        start: int,
        part: Sequence[Eats],
        lines: Mapping[str, list[MenuLine]],
        rules: Sequence[subsidy.Rule],
        used: dict[str, dict[str, int]],
    ) -> int:
        made = [self._meal(day, one, lines[one.site.kitchen], rules, used.setdefault(one.person, {})) for one in part]
        routes = self._routes(day, [meal for meal, _ in made])

        async def body(tx: Tx) -> Written:
            meals, shares = [meal for meal, _ in made], [share for _, mine in made for share in mine]
            for table, rows in ((Route, routes), (MealOrder, meals), (SubsidyShare, shares)):
                for at in range(0, len(rows), ROWS):
                    await table.insert(*rows[at : at + ROWS])
            return Written(len(meals))

        return (await self.ctx.once(f"demo/past/{day}/{start}", [str(day), len(part)], body, Written)).meals

    def _meal(
        self, day: date, one: Eats, lines: Sequence[MenuLine], rules: Sequence[subsidy.Rule], used: dict[str, int]
    ) -> tuple[MealOrder, list[SubsidyShare]]:
        line = lines[(one.number * 5 + day.day) % len(lines)]
        bill = subsidy.bill(line.price_fen, "lunch", one.who, rules, used)
        came = (one.number * 3 + day.toordinal()) % 29 != 0
        at = orders.milliseconds(datetime.combine(day, time(11, 30), self.ctx.now().tzinfo))
        order = new_id()
        row = MealOrder(
            id=order,
            person=one.person,
            site=one.site.id,
            line=line.id,
            day=day,
            meal="lunch",
            way="deliver" if one.number % 9 == 0 and one.site.delivers else "dine",
            title=line.title,
            price_fen=bill.price_fen,
            subsidy_fen=bill.subsidy_fen,
            due_fen=bill.due_fen,
            state="taken" if came else "missed",
            code_hash=f"{PAST}{order}",
            placed_by=one.person,
            placed_ms=at - 20 * 3600 * 1000,
        )
        if came:
            row.paid_fen, row.taken_ms = bill.due_fen, at + one.number % 5000 * 1000
        shares = [self._share(row, bill_line, came) for bill_line in bill.lines]
        if came:
            for given in bill.lines:
                used[given.rule.funder] = used.get(given.rule.funder, 0) + given.fen
        return row, shares

    def _share(self, row: MealOrder, line: subsidy.Line, came: bool) -> SubsidyShare:
        return SubsidyShare(
            id=new_id(),
            meal_order=row.id,
            person=row.person,
            month=subsidy.month_of(row.day),
            funder=line.rule.funder,
            rule=line.rule.id,
            title=line.rule.title,
            fen=line.fen,
            reason=line.reason,
            state="earned" if came else "freed",
        )

    def _routes(self, day: date, meals: Sequence[MealOrder]) -> list[Route]:
        """Who brought what, a dozen homes a way; the orders get the name of theirs."""
        if not self.helpers:
            return []
        waiting: dict[str, list[MealOrder]] = {}
        for meal in meals:
            if meal.way == "deliver" and meal.taken_ms is not None:
                waiting.setdefault(meal.site, []).append(meal)
        found: list[Route] = []
        for site, of_site in waiting.items():
            for start in range(0, len(of_site), A_WAY):
                way = of_site[start : start + A_WAY]
                helper = self.helpers[(day.toordinal() * 7 + len(found)) % len(self.helpers)]
                values: dict[str, Any] = {"meals": len(way), "homes": len(way), "made_ms": way[0].placed_ms}
                route = Route(id=new_id(), site=site, day=day, meal="lunch", volunteer=helper, **values)
                route.done_ms = way[-1].taken_ms
                for meal in way:
                    meal.route, meal.taken_by = route.id, helper
                found.append(route)
        return found
