# SPDX-License-Identifier: Apache-2.0
"""From points to an order: the last piece, the same request twice, cancelling, expiry; on both databases."""

import asyncio
from typing import Any

import pytest

from liren.api import Conflict, NotFound, Subject
from liren_market import errors, orders
from liren_market.tables import MarketOrder


async def test_an_order_takes_points_into_escrow_and_pieces_off_the_shelf(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=50), await town.goods(points=20, stock=3)
    order = await town.order(resident, goods, count=2)
    assert await town.points_of(resident) == 10
    assert await town.escrow(order) == 40
    assert await town.stock(goods) == 1
    entry = (await town.ctx().ledger.entries(Subject("h", resident)))[0]
    assert (entry.why, entry.code, entry.amount) == ("spend", "market.order", -40)
    assert entry.reason["title"] == "洗衣液 2 千克"


async def test_of_two_hundred_people_who_want_the_last_piece_one_gets_it(town: Any) -> None:
    crowd = await town.crowd(["张三"] * 200, points=30)
    goods = await town.goods(points=20, stock=1)
    contexts = [await town.as_(person) for person in crowd]

    async def want(number: int) -> str:
        wish = orders.PlaceOrder(crowd[number], goods, 1, 20)
        return (await orders.place(contexts[number], f"last-piece-{number:06d}", wish)).order

    answers = await asyncio.gather(*map(want, range(200)), return_exceptions=True)
    got = [answer for answer in answers if isinstance(answer, str)]
    assert len(got) == 1
    assert sum(isinstance(answer, errors.OutOfStock) for answer in answers) == 199
    assert await town.stock(goods) == 0
    assert await town.escrow(got[0]) == 20
    assert await MarketOrder.count() == 1
    kept = [await town.points_of(person) for person in crowd]
    assert sorted(kept) == [10] + [30] * 199


async def test_the_same_request_twice_is_one_order_and_another_under_its_key_is_refused(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=50), await town.goods(points=20)
    same = await asyncio.gather(*(town.order(resident, goods, key="one-press-of-a-button") for _ in range(20)))
    assert len(set(same)) == 1
    assert await town.points_of(resident) == 30
    with pytest.raises(Conflict):
        await town.order(resident, goods, count=2, key="one-press-of-a-button")
    assert await town.points_of(resident) == 30
    assert await town.stock(goods) == 9


async def test_who_has_too_few_points_loses_none(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=19), await town.goods(points=20)
    with pytest.raises(errors.NotEnoughPoints) as refused:
        await town.order(resident, goods)
    assert "还差 1 分" in refused.value.zh
    assert await town.points_of(resident) == 19
    assert await town.stock(goods) == 10


async def test_a_price_that_changed_after_the_page_was_shown_is_said_and_nothing_taken(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=50), await town.goods(points=20)
    await town.reprice(goods, 25)
    with pytest.raises(errors.PriceChanged) as refused:
        await town.order(resident, goods, points=20)
    assert "原来每份 20 分，现在每份 25 分" in refused.value.zh
    assert await town.points_of(resident) == 50
    order = await town.order(resident, goods)
    await town.reprice(goods, 40)
    assert await town.escrow(order) == 25, "a price that changes after the hold changes nothing for who ordered"


async def test_the_monthly_limit_counts_what_one_kept_not_what_one_gave_back(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=100), await town.goods(points=10, limit=2)
    first = await town.order(resident, goods)
    await town.order(resident, goods)
    with pytest.raises(errors.LimitReached):
        await town.order(resident, goods)
    await orders.cancel(await town.as_(resident), town.key(), resident, first)
    await town.order(resident, goods)
    assert await town.points_of(resident) == 80


async def test_at_once_a_person_gets_no_more_than_the_limit(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=100), await town.goods(points=10, limit=2)
    answers = await asyncio.gather(*(town.order(resident, goods) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(answer, str) for answer in answers) == 2
    assert sum(isinstance(answer, errors.LimitReached) for answer in answers) == 8
    assert await town.points_of(resident) == 80


async def test_cancelling_returns_the_points_to_the_lots_they_came_from(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=15), await town.goods(points=20, stock=1)
    await town.award([resident], 30, code="FX-02")
    before = (await town.ctx().ledger.balance(Subject("h", resident))).lots
    assert [lot.amount for lot in before] == [15, 30]
    order = await town.order(resident, goods)
    during = (await town.ctx().ledger.balance(Subject("h", resident))).lots
    assert [lot.amount for lot in during] == [25], "what expires first is spent first"
    ended = await orders.cancel(await town.as_(resident), town.key(), resident, order)
    assert ended.points == 20
    assert (await town.ctx().ledger.balance(Subject("h", resident))).lots == before
    assert await town.stock(goods) == 1
    assert await town.escrow(order) == 0
    with pytest.raises(errors.CannotCancel):
        await orders.cancel(await town.as_(resident), town.key(), resident, order)
    assert await town.points_of(resident) == 45


async def test_nobody_cancels_somebody_elses_order(town: Any) -> None:
    resident, other = await town.person("王秀兰", points=50), await town.person("赵磊")
    order = await town.order(resident, await town.goods())
    with pytest.raises(NotFound):
        await orders.cancel(await town.as_(other), town.key(), other, order)
    assert (await town.row(order)).state == "placed"


async def test_what_is_not_fetched_in_time_goes_back_once(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=50), await town.goods(points=20, stock=5)
    kept, fetched = await town.order(resident, goods), await town.order(resident, goods)
    town.clock.days(7)
    await orders.expire_overdue(town.ctx())
    assert (await town.row(kept)).state == "placed", "the last day belongs to the person"
    await town.settle(fetched)
    town.clock.days(1)
    assert (await orders.nothing_overdue(town.ctx())).ok
    town.clock.days(1)
    assert not (await orders.nothing_overdue(town.ctx())).ok, "the job has not run for a day"
    for _ in range(2):
        await orders.expire_overdue(town.ctx())
    assert (await orders.nothing_overdue(town.ctx())).ok
    assert (await town.row(kept)).state == "expired"
    assert (await town.row(fetched)).state == "settled"
    assert await town.points_of(resident) == 30
    assert await town.stock(goods) == 4
    notices = await town.notices(resident)
    assert len(notices) == 1
    assert "20 分已退回" in notices[0]


async def test_a_merchant_that_is_not_open_takes_no_orders_but_hands_out_what_was_ordered(town: Any) -> None:
    resident, goods = await town.person("王秀兰", points=100), await town.goods(points=20)
    manager = await town.as_(await town.person("周静", "market.manager"))
    fetched, cancelled = await town.order(resident, goods), await town.order(resident, goods)
    for move in ("suspend", "close"):
        await town.move_shop(manager, town.shop, move)
        with pytest.raises(errors.MerchantNotOpen):
            await town.order(resident, goods)
    await town.settle(fetched)
    await orders.cancel(await town.as_(resident), town.key(), resident, cancelled)
    assert await town.takings(town.shop) == 20
    assert await town.points_of(resident) == 80
    with pytest.raises(Conflict):
        await town.move_shop(manager, town.shop, "open")
