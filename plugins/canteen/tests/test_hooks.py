# SPDX-License-Identifier: Apache-2.0
"""What the canteen adds to the street's own pages: search, work that waits, units that change."""

from contextlib import aclosing
from datetime import datetime

from plugins.canteen.tests.table import MANAGER, OFF_80, Table

from liren_canteen import counter, kitchen, todos
from liren_canteen.tables import Kitchen, Site


async def elsewhere(table: Table) -> str:
    """Code of a community without a canteen."""
    return (await (await table.ctx()).units.all("community"))[1].code


async def test_search_finds_dishes_and_canteens_for_all_and_diners_only_for_who_looks_after_them(table: Table) -> None:
    await table.elder()
    await table.line("红烧鱼块套餐")
    await table.line("看不见的鱼", listed=False)
    await table.street.person("外人", "canteen.registrar", unit=await elsewhere(table))
    await table.street.person("登记员", "canteen.registrar", unit=table.unit)
    async with aclosing(await table.street.signed_in("王秀兰")) as browser:
        page = await browser.open("/search?q=鱼")
        assert "红烧鱼块套餐" in page.text
        assert "3月4日午餐，老街幸福食堂" in page.text
        assert "看不见" not in page.text
        assert "红烧鱼块套餐" not in (await browser.open("/search?q=%25")).text
        assert "餐卡" not in (await browser.open("/search?q=王秀兰")).text
        page = await (await browser.open("/search?q=老街")).follow("老街幸福食堂")
        assert page.title == "明天午餐"
    for name, sees in (("登记员", True), ("外人", False)):
        async with aclosing(await table.street.signed_in(name)) as browser:
            assert ("餐卡" in (await browser.open("/search?q=wxl")).text) is sees
    async with aclosing(await table.street.signed_in(MANAGER)) as browser:
        page = await (await browser.open("/search?q=老街幸福")).follow("老街幸福食堂")
        assert "食堂的情况" in page.text


async def test_each_finds_the_work_that_waits_for_them(table: Table) -> None:
    await table.rules(OFF_80)
    line, people = await table.line(), [await table.elder(name) for name in ("王秀兰", "赵德厚", "孙桂芳")]
    await table.card(people[2], deliver_to="3 号楼 501")
    orders = [await table.order(person, line) for person in people[:2]]
    await table.order(people[2], line, way="deliver")
    clerk = await table.street.person("取餐员", "canteen.clerk", unit=table.unit)
    volunteer = await table.street.person("送餐员", "canteen.volunteer", unit=table.unit)
    stranger = await table.street.person("别处的", "canteen.clerk", unit=await elsewhere(table))

    async def waits_for(person: str) -> list[tuple[str, int]]:
        return [(todo.title, todo.count) for todo in await todos.waiting(await table.ctx(person))]

    assert await waits_for(clerk) == []
    table.clock.set(datetime(2031, 3, 4, 9, 30))
    await table.jobs(kitchen.count_due)
    assert await waits_for(clerk) == [("备餐：老街幸福食堂午餐", 3)]
    assert await waits_for(volunteer) == [("等着送的餐", 1)]
    assert await waits_for(stranger) == []
    form = kitchen.ReadyForm(table.site, table.today, "lunch")
    await kitchen.ready(await table.ctx(table.manager), table.key(), form)
    assert await waits_for(clerk) == [("备餐：老街幸福食堂午餐", 1), ("等着取餐：老街幸福食堂", 2)]
    row = await table.row(orders[0])
    await counter.hand_over(await table.ctx(), table.key(), counter.Take(orders[0], table.site, row.due_fen))
    assert ("等着取餐：老街幸福食堂", 1) in await waits_for(clerk)
    assert ("试验厨房明天还没有菜单", 1) in await waits_for(table.manager)
    table.clock.set(datetime(2031, 4, 2, 9, 0))
    assert ("2031-03 的补贴还没有结算", 1) in await waits_for(table.manager)
    await table.street.person("马秀英", "canteen.manager")
    async with aclosing(await table.street.signed_in("马秀英")) as browser:
        assert "2031-03 的补贴还没有结算" in (await browser.open("/desk")).text


async def test_a_canteen_goes_with_its_community_and_none_is_closed_over_its_head(table: Table) -> None:
    heir = await elsewhere(table)
    await table.street.person("张管", "identity.registrar", "identity.security")
    async with aclosing(await table.street.signed_in("张管")) as browser:
        page = await browser.open(f"/units/{table.unit}/close")
        assert "现在不能撤销" in page.text
        assert "食堂和助餐点" in page.text
        page = await browser.open(f"/units/{table.unit}/merge")
        await page.press("下一步", {"并入哪个单位": "桃园社区"})
        await page.press("确定合并")
        assert page.path == f"/units/{heir}"
    [site], [kitchen_row] = await Site.objects(), await Kitchen.objects()
    assert (site.unit, kitchen_row.unit) == (heir, heir)
    clerk = await table.ctx(await table.street.person("取餐员", "canteen.clerk", unit=heir))
    assert clerk.can("canteen.serve", site.unit)
