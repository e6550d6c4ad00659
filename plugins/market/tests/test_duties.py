# SPDX-License-Identifier: Apache-2.0
"""What the market owes a person, and what it shows on the demo street; on both databases."""

from pathlib import Path
from typing import Any

from liren.api import Context, Demo, Erased, Retain, UnitChange
from liren.identity.organisations import verbs as organisations
from liren_market import demo, orders, personal, queries, unit_duties
from liren_market.tables import MarketOrder, Merchant


async def test_a_person_gets_a_copy_of_every_order(town: Any) -> None:
    resident = await town.person("王秀兰", points=50)
    await town.order(resident, await town.goods(), count=2)
    (table,) = await personal.export(town.ctx(), resident)
    assert table.title == "兑换记录"
    (row,) = table.rows
    assert (row["东西"], row["份数"], row["商户"], row["情况"]) == ("洗衣液 2 千克", 2, "老街信用超市", "待取")


async def test_who_asks_to_be_forgotten_is_once_nothing_waits_for_them(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=50), await town.goods()
    await town.settle(await town.order(resident, goods))
    waiting = await town.order(resident, goods)
    async with town.street.store.transaction("job:test"):
        kept = await personal.erase(town.ctx(), resident)
    assert isinstance(kept, Retain)
    assert (kept.until, kept.rows) == ((await town.row(waiting)).expires_on, 1)
    assert await MarketOrder.count().where(MarketOrder.person == resident) == 1
    await orders.cancel(await town.as_(resident), town.key(), resident, waiting)
    async with town.street.store.transaction("job:test"):
        assert await personal.erase(town.ctx(), resident) == Erased(1)
    assert await MarketOrder.count().where(MarketOrder.person == resident) == 0
    assert await MarketOrder.count() == 2, "the figures stay"


async def test_orders_follow_a_person_who_was_registered_twice(town: Any) -> None:
    once, twice = await town.person("王秀兰", points=50), await town.person("王秀兰")
    order = await town.order(once, await town.goods())
    async with town.street.store.transaction("job:test"):
        await personal.merged(kept=twice, gone=once)
    assert (await town.row(order)).person == twice


async def test_the_demo_fills_every_shelf_and_leaves_orders_in_every_state(town: Any, employ: Any) -> None:
    clerk = await employ("孙桂芳", town.shop)
    await town.crowd(["赵磊"] * 40, points=90)
    async with town.street.store.transaction("job:test") as tx:
        await Merchant.update({Merchant.name: "旧店"}, force=True)
        await organisations.add(tx, name="银山早餐铺", kind="merchant", unit="taoyuan", opened=town.today())
    steps: list[int] = []

    helper = await town.person("周敏", "acting.helper")
    elder = await town.person(demo.ELDER, points=60)

    async def acting(role: str) -> Context:
        return await town.as_({"market.clerk": clerk, "acting.helper": helper}[role])

    await demo.fill(town.ctx(), Demo(Path(), acting, lambda _what, done, _total: steps.append(done)))
    assert steps
    [slip] = await town.street.store.read("SELECT person, actor, deed FROM acting_slip")
    assert slip == (elder, helper, "market.order")
    lines = {line.merchant.name: line for line in await queries.merchants(town.today().replace(day=1))}
    for stall in demo.STALLS:
        assert lines[stall.name].goods == len(stall.goods)
    rows = await MarketOrder.select(MarketOrder.state, MarketOrder.settled_by)
    states = [row["state"] for row in rows]
    for state in ("placed", "settled", "voided", "refunded"):
        assert states.count(state) >= 1, states
    assert clerk in {row["settled_by"] for row in rows}
    escrow = sum([await town.escrow(row["id"]) for row in await MarketOrder.select(MarketOrder.id)])
    held = await MarketOrder.select(MarketOrder.points).where(MarketOrder.state == "placed")
    assert escrow == sum(row["points"] for row in held)


async def test_a_merchant_goes_with_its_community_and_keeps_it_from_being_closed(town: Any) -> None:
    assert [(each.count, each.blocks) for each in await unit_duties.holds("laojie")] == [(1, True)]
    async with town.street.store.transaction("job:test"):
        await unit_duties.follow(UnitChange("merged", town.today(), "laojie", "taoyuan", carry=False))
        await unit_duties.follow(UnitChange("moved", town.today(), "", "", carry=False))
    rows = await Merchant.select(Merchant.unit).where(Merchant.id == town.shop)
    assert rows == [{"unit": "taoyuan"}]
    assert [each.count for each in await unit_duties.holds("laojie")] == [0]
