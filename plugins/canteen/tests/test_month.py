# SPDX-License-Identifier: Apache-2.0
"""Volunteers bring meals, and the month is sealed: who brought what, who owes what, and that nobody can change it."""

import hashlib
import io
from contextlib import aclosing
from datetime import datetime

import openpyxl
import pytest
from plugins.canteen.tests.table import OFF_65, OFF_80, Table

from liren.api import NotFound
from liren.testing.outbox import Outbox
from liren_canteen import claims, counter, deliveries, errors, kitchen
from liren_canteen.tables import Claim, MealOrder

NOON = datetime(2031, 3, 4, 11, 30)


async def test_a_volunteer_brings_meals_home_by_home_and_the_way_tells_once(table: Table, outbox: Outbox) -> None:
    people = [await table.elder(name) for name in ("王秀兰", "赵德厚")]
    line = await table.line()
    for number, person in enumerate(people):
        await table.card(person, deliver_to=f"{number + 1} 号楼 501")
        await table.order(person, line, way="deliver")
    volunteer = await table.street.person("送餐员", "canteen.volunteer")
    other = await table.ctx(await table.street.person("别人家", "canteen.volunteer"))
    ctx = await table.ctx(volunteer)
    with pytest.raises(errors.NothingToBring):
        await deliveries.begin(ctx, table.key(), deliveries.Begin(table.site))
    table.clock.set(NOON)
    await table.jobs(kitchen.count_due)
    await table.street.person("骑手", "canteen.volunteer")
    route = await deliveries.begin(ctx, table.key(), deliveries.Begin(table.site))
    with pytest.raises(errors.NothingToBring):
        await deliveries.begin(other, table.key(), deliveries.Begin(table.site))
    with pytest.raises(NotFound):
        await deliveries.own_route(other, route)
    first, second = await deliveries.meals_of(route)
    assert {first.state, second.state} == {"onway"}
    with pytest.raises(errors.WrongAmount):
        await deliveries.brought(ctx, table.key(), deliveries.Brought(route, first.id, 1))
    await deliveries.brought(ctx, table.key(), deliveries.Brought(route, first.id, first.due_fen))
    with pytest.raises(errors.TakenAlready):
        await deliveries.brought(ctx, table.key(), deliveries.Brought(route, first.id, first.due_fen))
    key = table.key()
    assert await deliveries.finish(ctx, key, route) == 1
    assert await deliveries.finish(ctx, table.key(), route) == 1
    [event] = await outbox.emitted("canteen.delivery_completed")
    assert (event.data["person"], event.data["quantity"], event.data["day"]) == (volunteer, 1, "2031-03-04")
    async with aclosing(await table.street.signed_in("骑手")) as browser:
        page = await browser.open("/canteen/deliver")
        assert "老街幸福食堂" in page.text
        assert (await browser.open(f"/canteen/deliver/{route}")).status == 404


async def test_a_month_that_is_over_is_sealed_once_by_funder_and_its_hash_stands_in_the_ledger(table: Table) -> None:
    await table.rules(OFF_80, OFF_65)
    person, missed = await table.elder(), await table.elder("赵德厚")
    line = await table.line()
    order = await table.order(person, line)
    await table.order(missed, line)
    table.clock.set(NOON)
    await counter.hand_over(await table.ctx(), table.key(), counter.Take(order, table.site, 800))
    ctx = await table.ctx(table.manager)
    with pytest.raises(errors.MonthNotOver):
        await claims.seal(ctx, table.key(), claims.ClaimForm("2031-03"))
    table.clock.set(datetime(2031, 4, 1, 9, 0))
    await table.jobs(kitchen.mark_missed)
    with pytest.raises(errors.NothingToClaim):
        await claims.seal(ctx, table.key(), claims.ClaimForm("2031-02"))
    assert await claims.seal(ctx, table.key(), claims.ClaimForm("2031-03")) == 2
    with pytest.raises(errors.ClaimedAlready):
        await claims.seal(ctx, table.key(), claims.ClaimForm("2031-03"))
    sealed = {row.funder: row for row in await Claim.objects()}
    assert {name: (row.meals, row.people, row.fen) for name, row in sealed.items()} == {
        "区民政局": (1, 1, 500),
        "街道": (1, 1, 200),
    }
    one = sealed["区民政局"]
    assert hashlib.sha256(bytes(one.content)).hexdigest() == one.digest
    assert len(one.record) == 22
    book = openpyxl.load_workbook(io.BytesIO(bytes(one.content)))
    rows = [list(row) for row in book["各食堂"].iter_rows(values_only=True)]
    assert ["老街幸福食堂", 1, 1, 500] in rows
    assert "王秀兰" not in str([*book["每一餐"].iter_rows(values_only=True)])
    settled = await claims.settle_month(await table.ctx(), "2031-03")
    assert settled in (0, 2), "none where the night's job was there first"
    assert {row.state for row in await MealOrder.objects()} == {"settled"}
    await table.ledger.verify()
    await table.street.person("马秀英", "canteen.manager")
    async with aclosing(await table.street.signed_in("马秀英")) as browser:
        page = await browser.open("/canteen/desk/report")
        assert page.rows("结算过的")[0]["谁出钱"] == "区民政局"
        assert (await browser.get(f"/canteen/desk/claims/{one.id}")).content == bytes(one.content)
        await page.press("结算这个月", {"哪个月": "2031-13"})
        assert page.status == 422
        await page.press("结算这个月", {"哪个月": "2031-03"})
        assert page.status == 409
