# SPDX-License-Identifier: Apache-2.0
"""At the counter: codes, redemptions, refunds; on both databases."""

import asyncio
from typing import Any

import pytest

from liren.api import Conflict, NotFound
from liren_market import counter, errors, orders, rules
from liren_market.counter import Redeem, TakeBack
from liren_market.tables import MarketOrder


async def test_the_clerk_finds_an_order_by_its_code_and_hands_it_out(town: Any, employ: Any) -> None:
    clerk, resident = await employ("孙桂芳", town.shop), await town.person("王秀兰", points=50)
    order = await town.order(resident, await town.goods(points=20))
    code = rules.in_groups(await town.code(order))
    found = await counter.find(await town.as_(clerk), town.shop, code)
    assert found.id == order
    assert (await town.row(order)).state == "placed", "looking settles nothing"
    done = await town.redeem(clerk, order)
    assert (done.title, done.points) == ("洗衣液 2 千克", 20)
    row = await town.row(order)
    assert (row.state, row.settled_by, row.settled_on) == ("settled", clerk, town.today())
    assert await town.escrow(order) == 0
    assert await town.takings(town.shop) == 20


async def test_no_code_stands_in_the_database(town: Any) -> None:
    order = await town.order(await town.person("王秀兰", points=50), await town.goods())
    code = await town.code(order)
    row = await MarketOrder.select().where(MarketOrder.id == order).first()
    assert row is not None
    assert code not in {str(value) for value in row.values()}
    assert code not in "".join(str(value) for value in row.values())


async def test_a_replayed_code_settles_once_however_many_try(town: Any, employ: Any) -> None:
    clerk, resident = await employ("孙桂芳", town.shop), await town.person("王秀兰", points=50)
    order = await town.order(resident, await town.goods(points=20))
    answers = await asyncio.gather(*(town.redeem(clerk, order) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(answer, counter.Done) for answer in answers) == 1
    assert sum(isinstance(answer, errors.CodeUsed) for answer in answers) == 19
    assert await town.takings(town.shop) == 20
    with pytest.raises(errors.CodeUsed) as refused:
        await counter.find(await town.as_(clerk), town.shop, await town.code(order))
    assert "已经核销过" in refused.value.zh


async def test_one_press_sent_twice_is_one_redemption_with_the_same_answer(town: Any, employ: Any) -> None:
    clerk, resident = await employ("孙桂芳", town.shop), await town.person("王秀兰", points=100)
    order, other = [await town.order(resident, await town.goods(points=20)) for _ in range(2)]
    same = await asyncio.gather(*(town.redeem(clerk, order, key="the-clerks-one-press") for _ in range(10)))
    assert len({done.order for done in same}) == 1
    with pytest.raises(Conflict):
        await town.redeem(clerk, other, key="the-clerks-one-press")
    assert (await town.row(other)).state == "placed"
    assert await town.takings(town.shop) == 20
    told = await town.street.store.read("SELECT event, payload FROM outbox WHERE plugin = 'market'")
    assert [event for event, _payload in told] == ["market.redeemed"]
    assert resident in told[0][1]


async def test_a_merchant_cannot_redeem_another_merchants_code(town: Any, employ: Any) -> None:
    clerk, foreign = await employ("孙桂芳", town.shop), await employ("马师傅", town.other_shop)
    order = await town.order(await town.person("王秀兰", points=50), await town.goods(points=20))
    with pytest.raises(errors.WrongCode) as refused:
        await counter.find(await town.as_(foreign), town.other_shop, await town.code(order))
    assert "别家店" in refused.value.zh
    assert "another merchant's code" in refused.value.en
    assert "王" not in refused.value.zh
    with pytest.raises(NotFound):
        await counter.find(await town.as_(foreign), town.shop, await town.code(order))
    with pytest.raises(NotFound):
        await town.redeem(foreign, order)
    wish = Redeem(town.other_shop, order, await town.code(order))
    with pytest.raises(errors.WrongCode):
        await counter.redeem(await town.as_(foreign), town.key(), wish)
    assert (await town.row(order)).state == "placed"
    await town.redeem(clerk, order)


async def test_an_order_is_not_handed_out_for_a_code_that_is_not_its_own(town: Any, employ: Any) -> None:
    clerk, resident = await employ("孙桂芳", town.shop), await town.person("王秀兰", points=100)
    goods = await town.goods()
    order, other = await town.order(resident, goods), await town.order(resident, goods)
    with pytest.raises(errors.WrongCode):
        await town.redeem(clerk, order, code=await town.code(other))
    assert (await town.row(order)).state == "placed"


async def test_guessing_codes_stops_after_a_few_tries_even_all_at_once(town: Any, employ: Any) -> None:
    clerk, other = await employ("孙桂芳", town.shop), await employ("马师傅", town.other_shop)
    order = await town.order(await town.person("王秀兰", points=50), await town.goods())
    ctx = await town.as_(clerk)
    guesses = (counter.find(ctx, town.shop, f"{number:08d}") for number in range(50))
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(answer, errors.WrongCode) for answer in answers) == 10
    assert sum(isinstance(answer, errors.TooManyWrongCodes) for answer in answers) == 40
    with pytest.raises(errors.TooManyWrongCodes):
        await counter.find(ctx, town.shop, await town.code(order))
    with pytest.raises(errors.WrongCode):
        await counter.find(await town.as_(other), town.other_shop, "00000000")
    town.clock.days(1)
    assert (await counter.find(ctx, town.shop, await town.code(order))).id == order


async def test_a_cancelled_or_expired_code_says_what_became_of_it(town: Any, employ: Any) -> None:
    clerk, resident = await town.as_(await employ("孙桂芳", town.shop)), await town.person("王秀兰", points=50)
    goods = await town.goods(points=10)
    cancelled, expired = await town.order(resident, goods), await town.order(resident, goods)
    await orders.cancel(await town.as_(resident), town.key(), resident, cancelled)
    with pytest.raises(errors.CodeOver, match="cancelled"):
        await counter.find(clerk, town.shop, await town.code(cancelled))
    town.clock.days(8)
    await orders.expire_overdue(town.ctx())
    with pytest.raises(errors.CodeOver, match="expired"):
        await counter.find(clerk, town.shop, await town.code(expired))


async def test_a_refund_returns_the_points_once_and_the_goods_if_they_are_fit(town: Any, employ: Any) -> None:
    clerk, resident = await employ("孙桂芳", town.shop), await town.person("王秀兰", points=50)
    goods = await town.goods(points=20, stock=2)
    order, broken = await town.order(resident, goods), await town.order(resident, goods)
    for one in (order, broken):
        await town.redeem(clerk, one)
    ctx = await town.as_(clerk)
    answers = await asyncio.gather(
        *(counter.refund(ctx, town.key(), TakeBack(order, restock=True)) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(answer, counter.Done) for answer in answers) == 1
    assert sum(isinstance(answer, errors.CannotRefund) for answer in answers) == 9
    assert await town.points_of(resident) == 30
    assert await town.takings(town.shop) == 20
    assert await town.stock(goods) == 1
    await counter.refund(ctx, town.key(), TakeBack(broken, restock=False))
    assert await town.points_of(resident) == 50
    assert await town.stock(goods) == 1
    assert len(await town.notices(resident)) == 2


async def test_a_refund_comes_too_late_after_a_week_and_too_early_before_it_was_fetched(town: Any, employ: Any) -> None:
    clerk, resident = await employ("孙桂芳", town.shop), await town.person("王秀兰", points=50)
    goods = await town.goods(points=20)
    order, waiting = await town.order(resident, goods), await town.order(resident, goods)
    await town.redeem(clerk, order)
    ctx = await town.as_(clerk)
    with pytest.raises(errors.CannotRefund):
        await counter.refund(ctx, town.key(), TakeBack(waiting, restock=True))
    town.clock.days(8)
    with pytest.raises(errors.RefundTooLate):
        await counter.refund(ctx, town.key(), TakeBack(order, restock=True))
    assert await town.takings(town.shop) == 20


async def test_only_the_shop_that_handed_it_out_takes_it_back(town: Any, employ: Any) -> None:
    clerk, foreign = await employ("孙桂芳", town.shop), await employ("马师傅", town.other_shop)
    order = await town.order(await town.person("王秀兰", points=50), await town.goods())
    await town.redeem(clerk, order)
    with pytest.raises(NotFound):
        await counter.refund(await town.as_(foreign), town.key(), TakeBack(order, restock=True))
    assert (await town.row(order)).state == "settled"
