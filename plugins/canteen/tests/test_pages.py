# SPDX-License-Identifier: Apache-2.0
"""The pages, read and sent the way a browser without script does."""

import struct
import zlib
from contextlib import aclosing
from datetime import datetime

from plugins.canteen.tests.table import MANAGER, OFF_65, OFF_80, Table

from liren_canteen import codes, diners
from liren_canteen.tables import MealOrder


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PICTURE = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 4, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress((b"\0" + b"\xc0\x40\x20" * 8) * 4))
    + _chunk(b"IEND", b"")
)
"""Eight pixels by four."""


async def test_an_elder_orders_tomorrows_lunch_in_three_taps_and_cancels_it(table: Table) -> None:
    await table.rules(OFF_80, OFF_65)
    person, line = await table.elder(points=9), await table.line(detail="鱼块、青菜、豆腐汤", points_most=2)
    async with aclosing(await table.street.signed_in("王秀兰")) as browser:
        page = await (await browser.open("/home")).follow("吃饭")
        assert page.title == "明天午餐"
        assert "老街幸福食堂 · 3月4日 9:30截止".replace("9:30", "09:30") in page.text.replace("2031年", "")
        assert "自己付 8 元 （原价 15 元，补贴 7 元）" in page.text
        await page.follow("订这份")
        assert "区民政局：80 岁以上 −5 元" in page.text
        assert "街道：65 岁以上 −2 元" in page.text
        assert "到食堂付 8 元" in page.text
        await page.press("确认订餐", {"用积分抵": "用 2 分，到食堂付 6 元"})
        assert page.status == 200
        [row] = await MealOrder.objects().where(MealOrder.person == person)
        assert (row.line, row.points, row.due_fen, row.placed_by) == (line, 2, 600, person)
        code = codes.in_groups(await table.code(row.id))
        assert code in page.text
        assert f'aria-label="取餐码 {code}"' in page.answer.text
        await page.open("/home")
        assert "订好的餐" in page.text
        await page.open("/canteen/")
        assert "这一餐已经订好了：红烧鱼块套餐" in page.text
        await page.open(f"/canteen/mine/{row.id}")
        await page.press("不来了，取消")
        assert "已经取消，不用来了" in page.text
        await page.open("/canteen/mine")
        assert "红烧鱼块套餐" in page.text
        assert await table.ledger.balance(person) == 9


async def test_nobody_sees_somebody_elses_order_or_an_unsigned_page(table: Table) -> None:
    person = await table.elder()
    order = await table.order(person, await table.line())
    await table.elder("赵德厚")
    async with aclosing(await table.street.signed_in("赵德厚")) as browser:
        page = await browser.open(f"/canteen/mine/{order}")
        assert page.status == 404
        assert (await browser.open("/canteen/desk")).status == 403
    async with table.street.visitor() as stranger:
        assert (await stranger.get("/canteen/")).headers["location"].startswith("/login?next=")
        assert (await stranger.get("/canteen/rules")).status_code == 200


async def test_late_and_broken_orders_come_back_as_the_same_page_with_what_to_do(table: Table) -> None:
    await table.elder()
    line = await table.line()
    async with aclosing(await table.street.signed_in("王秀兰")) as browser:
        page = await browser.open(f"/canteen/order/{line}?site={table.site}")
        table.clock.set(datetime(2031, 3, 4, 9, 30))
        await page.press("确认订餐")
        assert page.status == 409
        assert "就截止了，没有订上" in page.text
        assert (await browser.open("/canteen/order/nosuchline00?site=x")).status == 404
        assert (await browser.open(f"/canteen/order/{line}")).status == 404
        for query in ("day=abc&meal=7", "site=%00", "day=2031-03-05&meal=lunch"):
            assert (await browser.open(f"/canteen/?{query}")).status == 200


async def test_a_diner_sets_a_weekly_order_and_says_what_they_cannot_eat(table: Table) -> None:
    await table.elder()
    async with aclosing(await table.street.signed_in("王秀兰")) as browser:
        page = await (await browser.open("/canteen/")).follow("每周自动订")
        await page.press("就这样订")
        assert page.status == 422
        assert "请选择星期几" in " ".join(page.errors)
        await page.press("就这样订", {"哪家食堂": "老街幸福食堂", "星期几": ["周一", "周三", "周五"]})
        assert "周一 周三 周五" in page.text
        await page.press("停")
        assert "停了" in page.text
        page = await browser.open("/canteen/card")
        assert "83 岁" in page.text
        await page.press("保存", {"不能吃": ["鱼"], "送餐送到哪里": "3 号楼 501"})
        assert "记下了" in page.text
        await table.line(allergens=["fish"])
        page = await browser.open("/canteen/")
        assert "里面有您不能吃的：鱼" in page.text
        assert "订这份" not in page.text


async def test_staff_set_up_a_kitchen_a_site_its_times_and_its_menu_by_hand(table: Table) -> None:
    async with aclosing(await table.street.signed_in(MANAGER)) as browser:
        page = await browser.open("/canteen/desk")
        assert "老街幸福食堂" in page.text
        await page.follow("＋ 登记厨房")
        await page.press("登记", {"厨房名称": "荷畔厨房", "归哪里管": "荷畔社区"})
        kitchen = page.path.rpartition("/")[2]
        await page.open("/canteen/desk/new-site")
        await page.press(
            "保存",
            {"食堂名称": "老街幸福食堂", "哪个厨房做饭": "荷畔厨房", "所在社区": "荷畔社区", "地址": "荷畔路 1 号"},
        )
        assert page.status == 409
        await page.press("保存", {"食堂名称": "荷畔幸福食堂"})
        assert "食堂建好了" in page.text
        await page.follow("填时间")
        typed = {"几点开餐": "17:00", "几点收餐": "19:00", "几点截止订餐": "7"}
        await page.press("保存", typed)
        assert page.status == 422
        assert "几点截止订餐要按 24 小时写" in " ".join(page.errors)
        await page.press("保存", {**typed, "几点截止订餐": "１９：００"})
        assert page.status == 422
        assert "时间前后对不上" in " ".join(page.errors)
        await page.press("保存", {**typed, "几点截止订餐": "7:00"})
        assert "当天 7:00截止订餐" in page.text
        await page.open(f"/canteen/desk/kitchens/{kitchen}")
        assert "这一周还没有菜单" in page.text
        await page.open(f"/canteen/desk/kitchens/{kitchen}/new-line?day={table.tomorrow}")
        await page.press(
            "保存", {"名称": "白菜豆腐套餐", "价格": "12.50", "含有": ["大豆"], "照片": ("a.png", PICTURE)}
        )
        assert "“白菜豆腐套餐”写上了" in page.text
        assert "12.50 元" in page.text
        await page.follow("白菜豆腐套餐")
        photo = next(e.get("src") for e in page.main.all("img"))
        answer = await browser.get(photo)
        assert answer.headers["content-type"] in ("image/png", "image/jpeg")
        assert answer.content[:2] in (b"\x89P", b"\xff\xd8")


async def test_rules_are_drafted_tried_and_published(table: Table) -> None:
    async with aclosing(await table.street.signed_in(MANAGER)) as browser:
        page = await browser.open("/canteen/desk/rules")
        await page.press("起草", {"叫什么": "2031 年助餐补贴"})
        await page.follow("＋ 加一条")
        values = {"补给谁": "80 岁以上", "谁出钱": "区民政局", "金额": "8", "满几岁": "80"}
        await page.press("加上", {**values, "到几岁": "79"})
        assert page.status == 422
        await page.press("加上", {**values, "到几岁": ""})
        assert "满 80 岁：每餐补 8 元" in page.text
        await page.press("算一算", {"价格": "10", "年龄": "80"})
        assert "到食堂付 2 元" in page.text
        await page.press("公布", {"哪天起执行": table.today.replace(day=1).isoformat()})
        assert page.status == 422
        await page.press("公布", {"哪天起执行": table.today.isoformat()})
        assert "公布了" in page.text
        async with table.street.visitor() as stranger:
            assert "满 80 岁" in (await stranger.get("/canteen/rules")).text


async def test_staff_find_somebody_by_pinyin_and_write_down_their_papers(table: Table) -> None:
    person = await table.elder()
    async with aclosing(await table.street.signed_in(MANAGER)) as browser:
        page = await (await browser.open("/canteen/desk/diners?q=wxl")).follow("王秀兰")
        await page.press("保存", {"属于哪类": ["独居、空巢"], "户籍": "本地户籍"})
        assert page.status == 422
        await page.press("保存", {"看了什么证件": "户口本"})
        assert "保存好了" in page.text
        await page.open("/canteen/desk/diners?q=wxl")
        assert "独居、空巢" in page.text
        await page.follow("王秀兰")
        await page.press("印一张纸餐卡")
        [shown] = [each.text for each in page.main.all("p") if each.get("class") == "code"]
        number = "".join(c for c in shown if c.isdigit())
        ctx = await table.ctx()
        assert await diners.holder_of(ctx, number) == person
        await page.open(f"/canteen/desk/diners/{person}")
        await page.press("印一张纸餐卡")
        assert await diners.holder_of(ctx, number) is None, "the lost one opens nothing any more"
    units = await (await table.ctx()).units.all("community")
    await table.street.person("外人", "canteen.registrar", unit=units[1].code)
    async with aclosing(await table.street.signed_in("外人")) as browser:
        page = await browser.open("/canteen/desk/diners?q=wxl")
        assert "没有找到" in page.text


async def test_the_kitchen_sees_and_prints_its_sheet(table: Table) -> None:
    await table.order(await table.elder(), await table.line())
    async with aclosing(await table.street.signed_in(MANAGER)) as browser:
        page = await browser.open(f"/canteen/kitchen?day={table.tomorrow}&meal=lunch")
        assert "红烧鱼块套餐" in page.text
        await page.follow("打印备餐单")
        assert "厨师长" in page.text
        for query in ("", "day=x&meal=y&site=z"):
            assert (await browser.open(f"/canteen/kitchen?{query}")).status == 200
