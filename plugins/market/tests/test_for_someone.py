# SPDX-License-Identifier: Apache-2.0
"""A grid worker, or a daughter, orders for an elder: the elder's points, on a slip, and back again within a day."""

import asyncio
from typing import Any

import pytest

from liren.acting import errors as acting
from liren.acting import slips
from liren.api import Subject
from liren.errors import NotFound
from liren_market import for_someone, orders
from liren_market.errors import CannotCancel, NotEnoughPoints, OwnHelp, OwnShop
from liren_market.orders import PlaceOrder

ORDER = "market.order"


async def consent(town: Any, worker: str, elder: str) -> Any:
    ctx = await town.as_(worker)
    async with ctx.transaction() as tx:
        return await ctx.acting.begin(tx, elder, "paper", [ORDER])


async def order_for(town: Any, worker: str, mandate: Any, goods: str, count: int = 1) -> Any:
    """:returns: the slip"""
    ctx = await town.as_(worker)
    item = await orders.goods_to_sell(goods)
    wish = PlaceOrder(mandate.person, goods, count, item.points)
    return await ctx.acting.slip(await for_someone.place(ctx, town.key(), wish, mandate))


async def undo(town: Any, person: str, slip: Any) -> Any:
    ctx = (await town.as_(person)).of("acting")
    return await slips.undo(ctx, town.key(), slip)


async def test_the_elders_points_go_into_escrow_and_come_back_when_undone(town: Any) -> None:
    elder, worker = await town.person("卢淑萍", points=50), await town.person("周敏", "acting.helper")
    goods = await town.goods(points=20, stock=5)
    slip = await order_for(town, worker, await consent(town, worker, elder), goods, 2)
    assert (slip.person, slip.actor, slip.amount, slip.measure) == (elder, worker, 40, "points")
    assert (await town.points_of(elder), await town.points_of(worker)) == (10, 0)
    assert (await town.row(slip.subject)).person == elder
    entry = (await town.ctx().ledger.entries(Subject("h", elder)))[0]
    assert (entry.rid, entry.reason["helper"]) == (slip.record, worker)
    await undo(town, elder, slip)
    assert (await town.points_of(elder), await town.stock(goods)) == (50, 5)
    assert (await town.row(slip.subject)).state == "voided"
    with pytest.raises(acting.UndoneAlready):
        await undo(town, elder, slip)


async def test_what_was_fetched_or_cancelled_or_a_day_old_is_not_undone(town: Any, employ: Any) -> None:
    elder, worker = await town.person("卢淑萍", points=90), await town.person("周敏", "acting.helper")
    clerk = await employ("孙桂芳", town.shop)
    goods, mandate = await town.goods(points=20), await consent(town, worker, elder)
    fetched = await order_for(town, worker, mandate, goods)
    await town.redeem(clerk, fetched.subject)
    with pytest.raises(CannotCancel):
        await undo(town, elder, fetched)
    assert (await (await town.as_(elder)).acting.slip(fetched.id)).undone_ms is None
    cancelled = await order_for(town, worker, mandate, goods)
    await orders.cancel(await town.as_(elder), town.key(), elder, cancelled.subject)
    with pytest.raises(CannotCancel):
        await undo(town, elder, cancelled)
    late = await order_for(town, worker, mandate, goods)
    town.clock.days(1)
    with pytest.raises(acting.TooLate):
        await undo(town, elder, late)
    assert await town.points_of(elder) == 50


async def test_a_helper_gains_nothing_by_it(town: Any, employ: Any) -> None:
    elder = await town.person("卢淑萍", points=90)
    clerk = await employ("孙桂芳", town.shop)
    other = await town.person("周敏", "acting.helper")
    await town.grant(clerk, "acting.helper")
    own, foreign = await town.goods(points=20), await town.goods(points=20, shop=town.other_shop)
    with pytest.raises(OwnShop):
        await order_for(town, clerk, await consent(town, clerk, elder), own)
    with pytest.raises(NotEnoughPoints):
        await order_for(town, other, await consent(town, other, elder), own, 9)
    slip = await order_for(town, clerk, await consent(town, clerk, elder), foreign)
    await town.join(clerk, town.other_shop)
    with pytest.raises(OwnHelp):
        await town.redeem(clerk, slip.subject)
    assert await town.points_of(elder) == 70


async def test_a_hundred_orders_at_once_spend_what_may_be_spent_and_no_more(town: Any) -> None:
    elder, worker = await town.person("卢淑萍", points=900), await town.person("周敏", "acting.helper")
    goods, mandate = await town.goods(points=20, stock=500), await consent(town, worker, elder)
    tried = (order_for(town, worker, mandate, goods) for _ in range(100))
    answers = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(answer, acting.CapReached) for answer in answers) == 90
    assert (await town.points_of(elder), await town.stock(goods)) == (700, 490)


async def test_on_the_pages_from_the_consent_to_the_voucher(town: Any) -> None:
    elder, worker = await town.person("卢淑萍", points=50), await town.person("周敏", "acting.helper")
    goods, mandate = await town.goods(points=20), await consent(town, worker, elder)
    page = await (await town.browser(worker)).open(f"/market/?mandate={mandate.id}")
    assert "您在替卢淑萍办" in page.text
    assert "50 分" in page.text
    await page.open(f"/market/goods/{goods}?mandate={mandate.id}")
    await page.open(f"/market/goods/{goods}/confirm?count=2&mandate={mandate.id}")
    assert "卢淑萍现在有 50 分" in page.text
    await page.send(f"/market/goods/{goods}/confirm")
    assert page.status == 200
    assert "兑换洗衣液 2 千克 2 份，40 分" in page.text
    slip = str(page.answer.url).rpartition("/")[2]
    order = (await (await town.as_(worker)).acting.slip(slip)).subject
    await page.open(f"/market/for/{order}/voucher")
    assert "领取人 卢淑萍" in page.text
    assert "代办人 周敏" in page.text
    stranger = await town.browser(await town.person("路人"))
    for path in (f"/market/for/{order}/voucher", f"/market/?mandate={mandate.id}", f"/acting/slips/{slip}"):
        assert (await stranger.open(path)).status == 404
    own = await (await town.browser(elder)).open(f"/market/orders/{order}")
    assert own.status == 200
    await own.open("/acting/")
    await own.send(f"/acting/slips/{slip}/undo")
    assert "已经撤销" in own.text
    await page.open(f"/acting/slips/{slip}")
    assert "打印凭条" not in page.text
    with pytest.raises(NotFound):
        await (await town.as_(worker)).acting.mandate("a" * 20, ORDER)
