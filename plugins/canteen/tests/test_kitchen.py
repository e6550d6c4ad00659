# SPDX-License-Identifier: Apache-2.0
"""What time does: the kitchen counts at cut-off, who did not come is written down, weekly wishes order themselves."""

from datetime import datetime

import pytest
from plugins.canteen.tests.table import OFF_80, Table

from liren.api import NotFound
from liren.testing.outbox import Outbox
from liren_canteen import kitchen, orders, standing
from liren_canteen.tables import MealOrder


async def test_at_cut_off_the_kitchen_gets_its_count_once_and_the_food_comes_out(table: Table) -> None:
    line, soft = await table.line(), await table.line("软食套餐", allergens=["milk"], diets=["soft"])
    people = [await table.elder(name) for name in ("王秀兰", "赵德厚", "孙桂芳")]
    await table.card(people[0], allergens=["egg"], deliver_to="3 号楼 501")
    rows = [
        await table.order(people[0], line, way="deliver"),
        await table.order(people[1], line),
        await table.order(people[2], soft, way="pick"),
    ]
    await table.jobs(kitchen.count_due)
    assert {(await table.row(order)).state for order in rows} == {"placed"}
    table.clock.set(datetime(2031, 3, 4, 9, 30))
    await table.jobs(kitchen.count_due, kitchen.count_due)
    assert {(await table.row(order)).state for order in rows} == {"cooking"}
    ctx = await table.ctx(table.manager)
    [site] = await kitchen_sites(table)
    sheet = await kitchen.sheet_of(ctx, site, table.today, "lunch")
    assert {(row.title, row.total, row.ways) for row in sheet.rows} == {
        ("红烧鱼块套餐", 2, (1, 0, 1)),
        ("软食套餐", 1, (0, 1, 0)),
    }
    assert (sheet.total, sheet.warnings) == (3, (("蛋", 1),))
    assert sheet.made_ms is not None
    form = kitchen.ReadyForm(table.site, table.today, "lunch")
    assert await kitchen.ready(ctx, table.key(), form) == 2
    assert [(await table.row(order)).state for order in rows] == ["cooking", "ready", "ready"]
    stranger = await table.ctx(await table.street.person("外人", "canteen.clerk", unit=await other_unit(table)))
    with pytest.raises(NotFound):
        await kitchen.ready(stranger, table.key(), form)


async def kitchen_sites(table: Table) -> list[kitchen.Site]:
    return await kitchen.Site.objects().where(kitchen.Site.id == table.site)


async def other_unit(table: Table) -> str:
    return (await (await table.ctx()).units.all("community"))[1].code


async def test_who_did_not_come_is_missed_after_closing_and_the_month_gets_its_share_back(
    table: Table, outbox: Outbox
) -> None:
    await table.rules(OFF_80)
    person = await table.elder(points=3)
    order = await table.order(person, await table.line(points_most=3), points=3)
    table.clock.set(datetime(2031, 3, 4, 14, 59))
    await table.jobs(kitchen.count_due, kitchen.mark_missed)
    assert (await table.row(order)).state == "cooking"
    table.clock.set(datetime(2031, 3, 4, 15, 0))
    assert (await kitchen.nothing_forgotten(await table.ctx())).ok
    await table.jobs(kitchen.mark_missed, kitchen.mark_missed)
    assert (await table.row(order)).state == "missed"
    assert await table.shares(person) == []
    assert await table.ledger.balance(person) == 3
    [event] = await outbox.emitted("canteen.meal_missed")
    assert (event.data["person"], event.data["day"], event.data["unit"]) == (person, "2031-03-04", table.unit)


async def test_an_order_left_open_past_its_day_shows_on_the_health_page(table: Table) -> None:
    await table.order(await table.elder(), await table.line())
    table.clock.forward(days=3)
    assert not (await kitchen.nothing_forgotten(await table.ctx())).ok
    await table.jobs(kitchen.mark_missed)
    assert (await kitchen.nothing_forgotten(await table.ctx())).ok


async def test_a_weekly_wish_orders_what_suits_the_card_and_once_a_day(table: Table) -> None:
    person = await table.elder()
    await table.card(person, allergens=["fish"], diets=["soft"])
    form = standing.StandingForm(table.site, "lunch", ["1", "3"])
    first = await standing.begin(await table.ctx(person), table.key(), person, form)
    await table.line(allergens=["fish"], diets=["soft"])
    await table.line("家常套餐", price=1000)
    soft = await table.line("软食套餐", price=1200, diets=["soft"])
    await table.jobs(standing.order_ahead, standing.order_ahead)
    [row] = await MealOrder.objects().where(MealOrder.person == person)
    assert (row.line, row.day, row.way) == (soft, table.tomorrow, "dine")
    await orders.cancel(await table.ctx(person), table.key(), person, row.id)
    await table.jobs(standing.order_ahead)
    assert await MealOrder.count().where(MealOrder.person == person) == 1, "a cancelled meal stays cancelled"
    table.clock.forward(days=1)
    await table.line("周三套餐")
    await table.jobs(standing.order_ahead)
    assert await MealOrder.count().where(MealOrder.person == person) == 1, "Wednesday was not asked for"
    await standing.end(await table.ctx(person), person, first)
    table.clock.forward(days=1)
    await table.line("周四套餐", diets=["soft"])
    await table.jobs(standing.order_ahead)
    assert await MealOrder.count().where(MealOrder.person == person) == 1
    with pytest.raises(NotFound):
        await standing.end(await table.ctx(), await table.elder("赵德厚"), first)


async def test_a_weekly_wish_that_cannot_be_had_is_told_once(table: Table) -> None:
    person = await table.elder()
    form = standing.StandingForm(table.site, "lunch", ["1"], "deliver")
    await standing.begin(await table.ctx(person), table.key(), person, form)
    await table.line()
    await table.jobs(standing.order_ahead, standing.order_ahead)
    [text] = await table.notices(person)
    assert "没有自动订上" in text
    assert "送餐地址" in text
