# SPDX-License-Identifier: Apache-2.0
"""A small street with a market, and short words for what the stories of these tests do in it."""

import itertools
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from liren import clock
from liren.api import Award, Context, PointRule, Subject
from liren.app.street import Street
from liren.identity.organisations import verbs as organisations
from liren.identity.register import people
from liren.identity.register.people import NewPerson
from liren.identity.roles import grants
from liren.identity.signin import accounts
from liren.ledger.keys import founding
from liren.plugins.points import Budget
from liren.plugins.services import Who
from liren.testing.browser import Browser
from liren.units import verbs as units
from liren.web.sessions import digest
from liren_market import counter, orders, shops
from liren_market.counter import Redeem
from liren_market.orders import PlaceOrder
from liren_market.shops import GoodsForm, NewMerchant
from liren_market.tables import Goods, MarketOrder

TZ = ZoneInfo("Asia/Shanghai")
LONG_AGO = date(2026, 1, 1)


class Clock:
    """The street's time, moved by hand; the ledger keeps its own."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return clock.now(TZ) + self.ahead

    def days(self, count: int) -> None:
        self.ahead += timedelta(days=count)


@dataclass
class Town:
    """Short words for what the stories below do."""

    street: Street
    app: Any
    clock: Clock
    reviewer: str = ""
    shop: str = ""
    other_shop: str = ""
    _run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    browsers: AsyncExitStack = field(default_factory=AsyncExitStack)

    # --- people

    async def person(self, name: str, *roles: str, points: int = 0, unit: str | None = None) -> str:
        """Somebody with an account, roles for the whole street, and points."""
        return (await self.crowd([name], *roles, points=points, unit=unit))[0]

    async def crowd(self, names: list[str], *roles: str, points: int = 0, unit: str | None = None) -> list[str]:
        street = self.street
        async with street.store.transaction("job:test") as tx:
            new = [NewPerson(name, unit="laojie" if unit is None and not roles else unit) for name in names]
            made = await people.register(tx, street.vault, new, self.today())
            for person in made:
                await accounts.open_account(tx, person)
                for role in roles:
                    known = set(street.identity.who.titles)
                    await grants.grant(tx, person=person, role=role, unit="street", roles=known, since=LONG_AGO)
        if points:
            await self.award(made, points)
        return made

    async def grant(self, person: str, role: str) -> None:
        """A further role, for the whole street."""
        async with self.street.store.transaction("job:test") as tx:
            known = set(self.street.identity.who.titles)
            await grants.grant(tx, person=person, role=role, unit="street", roles=known, since=LONG_AGO)

    async def join(self, person: str, shop: str) -> None:
        """From now on they work for the shop's organisation."""
        rows = await self.street.store.read("SELECT organisation FROM market_merchant WHERE id = ?", shop)
        async with self.street.store.transaction("job:test") as tx:
            await organisations.join(tx, organisation=rows[0][0], person=person, role="clerk", since=LONG_AGO)

    async def award(self, persons: list[str], points: int, code: str = "FX-01") -> None:
        drafts = [Award(Subject("h", p), "laojie", code, points, self.today(), reviewer=self.reviewer) for p in persons]

        async def body(tx: Any) -> int:
            return len(await tx.post_many(drafts))

        key = self.key()
        await self.writing.once("job:test", key, [key, points], body, int, "ledger")

    @property
    def writing(self) -> Any:
        return self.street.kernel.services.writing

    async def as_(self, person: str) -> Context:
        """The market's Context of somebody signed in."""
        return self.street.kernel.context("market", await self.street.kernel.services.sessions.who_is(person))

    def ctx(self) -> Context:
        """The market's own, as its jobs get it."""
        return self.street.kernel.context("market", Who())

    def today(self) -> date:
        return self.clock().date()

    async def points_of(self, person: str) -> int:
        return (await self.ctx().ledger.balance(Subject("h", person))).total

    async def takings(self, shop: str) -> int:
        return await self.ctx().ledger.balance_of(f"merchant/market.{shop}")

    async def escrow(self, order: str) -> int:
        return await self.ctx().ledger.balance_of(f"escrow/{(await self.row(order)).spend}")

    # --- the market

    def key(self) -> str:
        return f"test-key-{self._run}-{next(self._numbers):06d}"

    async def move_shop(self, manager: Context, shop: str, move: str) -> None:
        """A step of the shop's case, as its page makes it."""
        async with manager.transaction() as tx:
            await manager.cases.move(tx, await shops.case_of(manager, shop), move, note="试一试")

    async def goods(
        self, title: str = "洗衣液 2 千克", points: int = 20, stock: int = 10, limit: int = 0, shop: str = ""
    ) -> str:
        form = GoodsForm(title, "thing", points, stock, limit, "", listed=True)
        return (await shops.stock_shelf(self.ctx(), self.key(), shop or self.shop, (form,)))[0]

    async def order(self, person: str, goods: str, count: int = 1, key: str = "", points: int = 0) -> str:
        row = await Goods.objects().get(Goods.id == goods)
        assert row is not None
        wish = PlaceOrder(person, goods, count, points or row.points)
        return (await orders.place(await self.as_(person), key or self.key(), wish)).order

    async def row(self, order: str) -> MarketOrder:
        row = await MarketOrder.objects().get(MarketOrder.id == order)
        assert row is not None
        return row

    async def stock(self, goods: str) -> int:
        row = await Goods.objects().get(Goods.id == goods)
        assert row is not None
        return row.stock

    async def code(self, order: str) -> str:
        row = await self.row(order)
        return orders.code_of(self.ctx(), row.id, row.code_try)

    async def redeem(self, clerk: str, order: str, key: str = "", code: str = "") -> Any:
        row = await self.row(order)
        wish = Redeem(row.merchant, order, code or await self.code(order))
        return await counter.redeem(await self.as_(clerk), key or self.key(), wish)

    async def settle(self, order: str) -> Any:
        """Handed out, whoever does it."""
        row = await self.row(order)
        return await counter.settle(self.ctx(), self.key(), Redeem(row.merchant, order, await self.code(order)))

    async def reprice(self, goods: str, points: int) -> None:
        async with self.street.store.transaction("job:test"):
            await Goods.update({Goods.points: points}).where(Goods.id == goods)

    async def notices(self, person: str) -> list[str]:
        rows = await self.street.store.read("SELECT text FROM inbox_notice WHERE person = ?", person)
        return [row[0] for row in rows]

    # --- browsers without script

    async def browser(self, person: str = "") -> Browser:
        browser = Browser.of(self.app, session=await self.session(person) if person else "")
        return await self.browsers.enter_async_context(browser)

    async def session(self, person: str) -> str:
        """A live session's cookie, as signing in leaves it."""
        rows = await self.street.store.read("SELECT id FROM login_account WHERE person = ?", person)
        cookie = f"test-session-{person}-{next(self._numbers)}"
        await self.street.identity.sessions.create(digest(cookie), rows[0][0], address="127.0.0.1", device="test")
        return cookie


async def settle_in(town: Town) -> None:
    street = town.street
    async with street.store.transaction("job:test") as tx:
        await units.add(tx, level="street", name="里仁街道", parent=None, opened=LONG_AGO, code="street")
        for code, name in (("laojie", "老街社区"), ("taoyuan", "桃园社区")):
            await units.add(tx, level="community", name=name, parent="street", opened=LONG_AGO, code=code)
    await street.look()
    await street.kernel.enable(street.store, "job:test", "market")
    town.reviewer = await town.person("李敏", "test.reviewer")
    await founding.found(
        street.store,
        keys_folder=street.settings.home / "keys",
        street="liren.test",
        unit="street",
        communities=["laojie", "taoyuan"],
        reviewer=town.reviewer,
    )
    await _policy(town)
    town.shop = await _merchant(town, "老街信用超市", "laojie")
    town.other_shop = await _merchant(town, "桃园便民理发", "taoyuan")


async def _policy(town: Town) -> None:
    rules = [
        PointRule("FX-01", "resident", "h", 1, 1000, LONG_AGO, "year-end", 1),
        PointRule("FX-02", "resident", "h", 1, 1000, LONG_AGO, "next-year-end", 1),
    ]

    async def adopt(tx: Any) -> str:
        return (await tx.adopt(rules, reviewer=town.reviewer)).rid

    async def fund(tx: Any) -> str:
        return (await tx.post(Budget("laojie", 1_000_000, town.reviewer))).rid

    await town.writing.once("job:test", "adopt", "adopt", adopt, str, "ledger")
    await town.writing.once("job:test", "fund", "fund", fund, str, "ledger")


async def _merchant(town: Town, name: str, unit: str) -> str:
    async with town.street.store.transaction("job:test") as tx:
        organisation = await organisations.add(tx, name=name, kind="merchant", unit=unit, opened=LONG_AGO)
    form = NewMerchant(organisation, name, "daily", unit, "老街 18 号", "每天 8:00–18:00")
    return await shops.insert_merchant(town.ctx(), town.key(), form, steps=("sign", "open"))
