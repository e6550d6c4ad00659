# SPDX-License-Identifier: Apache-2.0
"""A small canteen, and short words for what the stories of these tests do in it."""

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from liren.api import Context
from liren.testing.clock import Clock
from liren.testing.points import Points
from liren.testing.street import Running
from liren_canteen import bills, codes, diners, menus, orders, rulebook, sites
from liren_canteen.menus import LineForm
from liren_canteen.orders import PlaceOrder
from liren_canteen.rulebook import PublishForm, RuleForm, VersionForm
from liren_canteen.sites import HoursForm, KitchenForm, SiteForm
from liren_canteen.tables import MealOrder, MenuLine, SubsidyShare

MANAGER = "周静"
EVERY = ["0", "1", "2", "3", "4", "5", "6"]


@dataclass
class Table:
    """One kitchen, one site that is open every day, lunch cut off at 9:30 and supper at 15:00 of the day."""

    street: Running
    ledger: Points
    clock: Clock
    kitchen: str = ""
    site: str = ""
    unit: str = ""
    manager: str = ""
    _run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def key(self) -> str:
        return f"test-key-{self._run}-{next(self._numbers):06d}"

    @property
    def today(self) -> date:
        return self.clock.now().date()

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)

    async def ctx(self, person: str | None = None) -> Context:
        return await self.street.acting("canteen", person)

    async def elder(self, name: str = "王秀兰", *, age: int | None = 83, points: int = 0) -> str:
        """Somebody who turned that age on the first of this year."""
        born = date(self.today.year - age, 1, 1) if age is not None else None
        person = await self.street.person(name, unit=self.unit, born=born)
        if points:
            await self.ledger.give(person, points)
        return person

    async def line(
        self,
        title: str = "红烧鱼块套餐",
        *,
        price: int = 1500,
        day: date | None = None,
        meal: str = "lunch",
        **more: Any,
    ) -> str:
        form = LineForm(day or self.tomorrow, meal, title, price, **{"listed": True, **more})  # type: ignore[arg-type]
        [made] = await menus.fill_menu(await self.ctx(), self.key(), self.kitchen, [form])
        return made

    async def rules(self, *forms: RuleForm, starts: date | None = None) -> str:
        ctx = await self.ctx(self.manager)
        version = await rulebook.draft(ctx, self.key(), VersionForm("助餐补贴", "区民发〔2031〕1 号"))
        for row in await rulebook.rows_of(version):
            await rulebook.drop_rule(ctx, version, row.id)
        for form in forms:
            await rulebook.add_rule(ctx, self.key(), version, form)
        await rulebook.publish(ctx, self.key(), version, PublishForm(starts or self.today))
        return version

    async def own_share(self, person: str, line: str) -> int:
        row = await menus.line_of(line)
        [bill] = (await bills.bills_for(await self.ctx(person), person, [row])).values()
        return bill.own_fen

    async def order(
        self,
        person: str,
        line: str,
        *,
        by: str | None = None,
        site: str = "",
        way: str = "dine",
        points: int = 0,
        own: int | None = None,
        key: str = "",
        walk_in: bool = False,
    ) -> str:
        own = await self.own_share(person, line) if own is None else own
        wish = PlaceOrder(person, line, site or self.site, way, points, own, walk_in)
        return (await orders.place(await self.ctx(by or person), key or self.key(), wish)).order

    async def row(self, order: str) -> MealOrder:
        found = await MealOrder.objects().where(MealOrder.id == order).first()
        assert found is not None
        return found

    async def shares(self, person: str, state: str = "held") -> list[tuple[str, int]]:
        found = SubsidyShare.objects().where((SubsidyShare.person == person) & (SubsidyShare.state == state))
        return sorted((row.funder, row.fen) for row in await found)

    async def ordered(self, line: str) -> int:
        row = await MenuLine.objects().where(MenuLine.id == line).first()
        assert row is not None
        return int(row.ordered)

    async def code(self, order: str) -> str:
        row = await self.row(order)
        return codes.code_of(await self.ctx(), row.id, row.code_try)

    async def second_site(self, name: str = "荷畔助餐点", **more: Any) -> str:
        units = await (await self.ctx()).units.all("community")
        form = SiteForm(name, "point", self.kitchen, units[1].code, "荷畔路 3 号", open=True, **more)
        made = await sites.insert_site(await self.ctx(), self.key(), form)
        await serve(await self.ctx(), made)
        return made

    async def card(self, person: str, **said: Any) -> None:
        await diners.say(await self.ctx(person), person, diners.OwnForm(**said))

    async def jobs(self, *runs: Any) -> None:
        """As the street's clock would run them: with nobody as visitor."""
        for run in runs:
            await run(await self.ctx())

    async def notices(self, person: str) -> list[str]:
        rows = await self.street.street.store.read("SELECT text FROM inbox_notice WHERE person = ?", person)
        return [row[0] for row in rows]


async def serve(ctx: Context, site: str) -> None:
    async with ctx.transaction():
        await sites.write_hours(site, HoursForm("lunch", EVERY, time(11), time(13), time(9, 30)))  # type: ignore[arg-type]
        await sites.write_hours(site, HoursForm("supper", EVERY, time(17), time(19), time(15)))  # type: ignore[arg-type]


async def lay(street: Running, ledger: Points, clock: Clock) -> Table:
    table = Table(street, ledger, clock)
    ctx = await table.ctx()
    [first, *_] = await ctx.units.all("community")
    table.unit = first.code
    table.manager = await street.person(MANAGER, "canteen.manager")
    table.kitchen = await sites.insert_kitchen(ctx, table.key(), KitchenForm("试验厨房", first.code))
    site = SiteForm(
        "老街幸福食堂", "canteen", table.kitchen, first.code, "老街 18 号", "0534-1234567", 60, delivers=True, open=True
    )
    table.site = await sites.insert_site(ctx, table.key(), site)
    await serve(ctx, table.site)
    return table


OFF_80 = RuleForm("80 岁以上", "区民政局", "off", 500, age_from=80)
OFF_65 = RuleForm("65 岁以上", "街道", "off", 200, age_from=65)
CAPPED = RuleForm("80 岁以上", "区民政局", "off", 500, age_from=80, monthly_cap_fen=1200)
