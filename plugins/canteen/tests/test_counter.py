# SPDX-License-Identifier: Apache-2.0
"""The counter: by code, card or name; the right money; once; and what was handed over while the network was away."""

from contextlib import aclosing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from plugins.canteen.tests.table import OFF_80, Table

from liren.api import Context, Demo, NotFound
from liren.testing.outbox import Outbox
from liren_canteen import codes, counter, demo, diners, errors, kitchen, orders
from liren_canteen.tables import Claim, MealOrder, Route, Site, Standing, SubsidyShare

NOON = datetime(2031, 3, 4, 11, 30)


async def lunch(table: Table, person: str, **more: Any) -> str:
    """Ordered on Monday; it is Tuesday noon."""
    order = await table.order(person, await table.line(points_most=3), **more)
    table.clock.set(NOON)
    await table.jobs(kitchen.count_due)
    return order


async def test_a_meal_is_handed_over_once_and_the_points_and_shares_go_where_they_belong(
    table: Table, outbox: Outbox
) -> None:
    await table.rules(OFF_80)
    person = await table.elder(points=3)
    order = await lunch(table, person, points=2)
    clerk = await table.ctx(table.manager)
    for paid in (1000, 799, 0):
        with pytest.raises(errors.WrongAmount):
            await counter.take(clerk, table.key(), counter.Take(order, table.site, paid))
    done = await counter.take(clerk, "the-clerks-button", counter.Take(order, table.site, 800))
    assert (await counter.take(clerk, "the-clerks-button", counter.Take(order, table.site, 800))) == done
    with pytest.raises(errors.TakenAlready) as caught:
        await counter.take(clerk, table.key(), counter.Take(order, table.site, 800))
    assert "11:30" in caught.value.zh
    row = await table.row(order)
    assert (row.state, row.paid_fen, row.taken_by) == ("taken", 800, table.manager)
    assert await table.shares(person, "earned") == [("区民政局", 500)]
    assert await table.ledger.held_at(f"merchant/canteen.{table.site}") == 2
    [event] = await outbox.emitted("canteen.meal_taken")
    assert event.data["order"] == order
    with pytest.raises(errors.CannotCancel):
        await orders.cancel(await table.ctx(person), table.key(), person, order)
    await table.ledger.verify()


async def test_a_code_of_another_site_another_day_or_nobodys_is_refused(table: Table) -> None:
    person, other = await table.elder(), await table.elder("赵德厚")
    line = await table.line()
    second = await table.second_site()
    order, elsewhere = await table.order(person, line), await table.order(other, line, site=second)
    ctx = await table.ctx(table.manager)
    [here] = await Site.objects().where(Site.id == table.site)
    with pytest.raises(errors.NotToday):
        await counter.by_code(ctx, here, await table.code(order))
    table.clock.set(NOON)
    assert (await counter.by_code(ctx, here, codes.in_groups(await table.code(order)))).id == order
    with pytest.raises(errors.WrongCode) as caught:
        await counter.by_code(ctx, here, await table.code(elsewhere))
    assert "荷畔助餐点" in caught.value.zh
    for typed in ("12345678", "1234", "１２３４５６７８", "取餐"):
        with pytest.raises(errors.WrongCode):
            await counter.by_code(ctx, here, typed)
    table.clock.set(datetime(2031, 3, 4, 20, 0))
    await table.jobs(kitchen.mark_missed)
    with pytest.raises(errors.CodeOver):
        await counter.by_code(ctx, here, await table.code(order))
    units = await ctx.units.all("community")
    stranger = await table.ctx(await table.street.person("外人", "canteen.clerk", unit=units[1].code))
    with pytest.raises(NotFound):
        await counter.take(stranger, table.key(), counter.Take(order, table.site, 1500))


async def test_the_clerk_finds_by_pinyin_and_card_and_serves_who_came_without_ordering(table: Table) -> None:
    person, walker = await table.elder(), await table.elder("赵德厚")
    await diners.check(await table.ctx(table.manager), person, diners.CheckForm(card="0001"))
    await lunch(table, person)
    await table.line("家常套餐", price=1000, day=table.today)
    await table.street.person("马秀英", "canteen.clerk")
    async with aclosing(await table.street.signed_in("马秀英")) as browser:
        for typed in ("wxl", "王秀兰", "0001"):
            page = await browser.open("/canteen/counter")
            await page.press("查", {"取餐码、卡号或姓名": typed})
            assert "王秀兰 · 红烧鱼块套餐" in page.text, typed
        await page.follow("王秀兰 · 红烧鱼块套餐")
        assert "83 岁" in page.text
        await page.press("收 15 元，取餐")
        assert "取走了：红烧鱼块套餐" in page.text
        await page.press("查", {"取餐码、卡号或姓名": "zdh"})
        await page.follow("现场点餐")
        await page.press("收 10 元，上这份")
        assert "记好了" in page.text
        await page.press("查", {"取餐码、卡号或姓名": "没有这个人"})
        assert "没有找到" in page.text
    [row] = await MealOrder.objects().where(MealOrder.person == walker)
    assert (row.state, row.paid_fen, bool(row.placed_by)) == ("taken", 1000, True)
    assert any("您在老街幸福食堂取了“家常套餐”" in text for text in await table.notices(walker))


async def test_an_offline_scan_is_entered_once_and_refused_when_replayed(table: Table) -> None:
    order = await lunch(table, await table.elder())
    code = codes.in_groups(await table.code(order))
    lines = f"{code} 11:25\n{code} 11:26\n9999 9999 11:00\n{code} 23:59\n全错了"
    await table.street.person("马秀英", "canteen.clerk")
    async with aclosing(await table.street.signed_in("马秀英")) as browser:
        page = await browser.open("/canteen/counter/offline")
        await page.press("补记", {"取餐码和时间": lines})
        assert page.status == 409
        assert page.text.count("补上了：红烧鱼块套餐") == 1
        assert "已经取过了" in page.text
        assert "本店今天没有这个取餐码" in page.text
        assert page.text.count("看不懂") == 2
        await page.press("补记", {"取餐码和时间": f"{code} 11:25"})
        assert page.status == 409
        assert "已经取过了" in page.text
    row = await table.row(order)
    assert datetime.fromtimestamp(row.taken_ms / 1000, table.clock.now().tzinfo).strftime("%H:%M") == "11:25"


async def test_the_demo_opens_canteens_and_its_people_eat(table: Table) -> None:
    for name in "甲乙丙丁戊己庚辛壬":
        await table.elder(f"王{name}", age=66 + ord(name) % 20)
    await table.street.person("送餐的", unit=table.unit, born=date(1990, 1, 1))
    table.clock.set(NOON)
    steps: list[int] = []

    async def acting(role: str) -> Context:
        assert role == "canteen.manager"
        return await table.ctx(table.manager)

    await demo.fill(await table.ctx(), Demo(Path(), acting, lambda _what, done, _total: steps.append(done)))
    assert steps
    names = {row.name for row in await Site.objects()}
    assert {"桃园幸福食堂", "荷畔幸福食堂"} <= names
    taken = await MealOrder.count().where((MealOrder.state == "taken") & (MealOrder.day == table.today))
    assert 1 < taken <= len(steps)
    past = await MealOrder.objects().where(MealOrder.day < table.today)
    assert all(row.price_fen == row.subsidy_fen + row.due_fen for row in past)
    shares = await SubsidyShare.objects().where((SubsidyShare.month == "2031-02") & (SubsidyShare.state == "claimed"))
    claims = {row.funder: row.fen for row in await Claim.objects()}
    assert sum(claims.values()) == sum(share.fen for share in shares) > 0
    assert await Route.count() > 0
    assert await Standing.count() == 0, "too few people for weekly wishes"
