# SPDX-License-Identifier: Apache-2.0
"""Somebody orders for an elder who cannot; somebody goes and looks where an elder stays away."""

from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

import pytest
from plugins.canteen.tests.table import OFF_80, Table

from liren.api import LirenError
from liren.testing.outbox import Outbox
from liren_canteen import counter, for_someone, kitchen, visits
from liren_canteen.orders import PlaceOrder
from liren_canteen.tables import MealOrder


async def consent(table: Table, worker: str, person: str) -> Any:
    ctx = await table.ctx(worker)
    async with ctx.transaction() as tx:
        return await ctx.acting.begin(tx, person, "paper", [for_someone.ORDER])


async def test_a_worker_orders_for_an_elder_on_a_slip_and_it_is_taken_back(table: Table) -> None:
    await table.rules(OFF_80)
    person = await table.elder(points=5)
    worker = await table.street.person("赵磊", "acting.helper")
    mandate = await consent(table, worker, person)
    line = await table.line(points_most=3)
    ctx = await table.ctx(worker)
    wish = PlaceOrder(person, line, table.site, "dine", 2, 1000)
    slip = await ctx.acting.slip(await for_someone.place(ctx, table.key(), wish, mandate))
    [row] = await MealOrder.objects().where(MealOrder.person == person)
    assert (row.points, row.due_fen, row.placed_by) == (0, 1000, worker), "their points are nobody else's to use"
    assert "红烧鱼块套餐 一份，到食堂付 10 元" in slip.text
    with pytest.raises(LirenError):
        await for_someone.place(ctx, table.key(), wish, mandate)
    async with ctx.transaction() as tx:
        await for_someone.undo(ctx, tx, slip)
    assert (await table.row(row.id)).state == "cancelled"
    assert await table.shares(person) == []


async def test_a_workers_pages_show_whose_meal_it_is_and_lead_to_the_slip(table: Table) -> None:
    person = await table.elder()
    worker = await table.street.person("赵磊", "acting.helper")
    await table.line()
    mandate = await consent(table, worker, person)
    async with aclosing(await table.street.signed_in("赵磊")) as browser:
        page = await browser.open(f"/canteen/?mandate={mandate.id}")
        assert "您在替王秀兰订餐" in page.text
        await page.follow("订这份")
        assert "您在替王秀兰订餐" in page.text
        await page.press("确认订餐")
        assert "请把凭条给本人" in page.text
        assert (await browser.open("/canteen/?mandate=nosuchmandate")).status == 404
    assert await MealOrder.count().where(MealOrder.person == person) == 1


async def eats(table: Table, person: str, *, comes: bool) -> None:
    """One more day: ordered the day before, fetched or not."""
    order = await table.order(person, await table.line())
    table.clock.set(datetime.combine(table.tomorrow, datetime.min.time()) + timedelta(hours=11))
    if comes:
        row = await table.row(order)
        await counter.hand_over(await table.ctx(), table.key(), counter.Take(order, table.site, row.due_fen))
    table.clock.forward(hours=5)
    await table.jobs(kitchen.mark_missed)


async def test_a_usual_diner_absent_for_two_days_is_visited_and_left_alone_once_they_came(
    table: Table, outbox: Outbox
) -> None:
    person, newcomer = await table.elder(), await table.elder("赵德厚")
    for _ in range(5):
        await eats(table, person, comes=True)
    await eats(table, person, comes=False)
    await outbox.deliver()
    ctx = await table.ctx()
    assert await ctx.cases.find("visit") == ([], 0)
    await eats(table, person, comes=False)
    await eats(table, newcomer, comes=False)
    await eats(table, newcomer, comes=False)
    await outbox.deliver()
    [case], _ = await ctx.cases.find("visit")
    assert (case.holder, case.unit, case.state) == (person, table.unit, "asked")
    assert "王" not in case.title
    await eats(table, person, comes=False)
    await outbox.deliver()
    assert (await ctx.cases.find("visit"))[1] == 1, "one visit a person"
    await eats(table, person, comes=True)
    await outbox.deliver()
    assert (await ctx.cases.get(case.id)).state == "back"


async def test_absence_is_counted_by_days_that_were_ordered(table: Table) -> None:
    person = await table.elder()
    for _ in range(2):
        await eats(table, person, comes=True)
    for _ in range(2):
        await eats(table, person, comes=False)
    day = table.today
    assert await visits.absent(person, day, days=2, usual=2)
    assert not await visits.absent(person, day, days=2, usual=3), "not a usual diner"
    assert not await visits.absent(person, day, days=3, usual=2), "only two days"
