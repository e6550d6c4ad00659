# SPDX-License-Identifier: Apache-2.0
"""Menus and meal cards from Excel: a template, a verdict for every row, checked first and taken as a whole."""

import io
from contextlib import aclosing
from typing import Any

import openpyxl
from plugins.canteen.tests.table import MANAGER, Table

from liren_canteen import card_list, diners, menu_list
from liren_canteen.tables import DinerCard, MenuLine


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


async def taken(page: Any) -> None:
    """The list is taken in the background: look again until it says so."""
    await page.until("写上了", "登记了")


async def test_a_menu_is_handed_in_as_excel_with_a_verdict_for_each_row(table: Table) -> None:
    day = table.tomorrow.isoformat()
    ordered, spare = await table.line("红烧鱼块套餐"), await table.line("家常套餐", price=1000)
    await table.order(await table.elder(), ordered)
    typed = workbook(
        ["荷畔厨房菜单"],
        ["供餐日期", "餐次", "套餐名称", "单价", "菜品", "过敏原", "份数"],
        [day, "午餐", "软食套餐", "12.5", "蒸蛋、软米饭", "蛋、大豆", 50],
        [day, "午餐", "家常套餐", 11, "", "", ""],
        [day, "午餐", "红烧鱼块套餐", 99, "", "", ""],
        [day, "夜宵", "烤串", 10, "", "", ""],
        ["2020-01-01", "午餐", "旧菜", 10, "", "", ""],
        [day, "午餐", "软食套餐", "12.5", "蒸蛋、软米饭", "蛋、大豆", 50],
    )
    async with aclosing(await table.street.signed_in(MANAGER)) as browser:
        page = await (await browser.open("/canteen/desk")).follow("从 Excel 导入菜单")
        blank = await browser.get("/canteen/desk/lists/menus/template")
        assert openpyxl.load_workbook(io.BytesIO(blank.content)).active.max_row == 2
        await page.press("上传并核对", {"菜单表": ("菜单.xlsx", typed)})
        assert "已经有 1 人订了这一样" in page.text
        assert "日子已经过去了" in page.text
        assert await MenuLine.count() == 2, "nothing is written yet"
        await page.press("收下这 2 行")
        await taken(page)
        week = await browser.get(f"/canteen/desk/kitchens/{table.kitchen}/menu.xlsx?week={day}")
    rows = {row.title: row for row in await MenuLine.objects()}
    assert (rows["软食套餐"].price_fen, rows["软食套餐"].allergens, rows["软食套餐"].portions) == (1250, "egg,soy", 50)
    assert (rows["家常套餐"].id, rows["家常套餐"].price_fen) == (spare, 1100)
    assert rows["红烧鱼块套餐"].price_fen == 1500
    ctx = await table.ctx(table.manager)
    sent = menu_list.MenuUpload(menu_list.Upload("again.xlsx", week.content))
    again = await menu_list.check(ctx, sent)
    assert (again.ready, again.same, again.wrong) == (0, 3, 0), "what was downloaded is what is there"


async def test_meal_cards_are_handed_in_as_excel_and_only_of_ones_own_people(table: Table) -> None:
    person = await table.street.person("王秀兰", unit=table.unit, phone="19900001001")
    await table.street.person("赵德厚", unit=table.unit, phone="19900001002")
    elsewhere = (await (await table.ctx()).units.all("community"))[1].code
    await table.street.person("外社区", unit=elsewhere, phone="19900001003")
    gone = await table.street.person("孙走了", unit=table.unit, phone="19900001004")
    await table.street.departs(gone)
    await table.card(person, allergens=["egg"])
    await diners.check(await table.ctx(table.manager), await table.elder("持卡人"), diners.CheckForm(card="0009"))
    typed = workbook(
        ["姓名", "手机号", "户籍", "人员类别", "依据", "卡号"],
        ["王秀兰", "19900001001", "本地户籍", "独居、空巢", "户口本", "0001"],
        ["赵德厚", "19900001002", "本地户籍", "低保、特困", "", ""],
        ["赵德厚", "19900001002", "本地户籍", "独居、空巢、低保、特困、独居、空巢", "证", ""],
        ["赵德厚", "19900001002", "本地户籍", "孤老", "证", ""],
        ["赵德厚", "19900001002", "外地户籍", "", "", "0009"],
        ["外社区", "19900001003", "本地户籍", "", "", ""],
        ["孙走了", "19900001004", "本地户籍", "", "", ""],
        ["没这人", "19900001009", "本地户籍", "", "", ""],
        ["没号码", "", "本地户籍", "", "", ""],
    )
    await table.street.person("登记员", "canteen.registrar", unit=table.unit)
    async with aclosing(await table.street.signed_in("登记员")) as browser:
        page = await (await browser.open("/canteen/desk/diners")).follow("从 Excel 登记一批")
        await page.press("上传并核对", {"餐卡名单": ("餐卡.xlsx", typed)})
        categories = ("请写明看了什么证件", "同一类写了两遍", "请从列出的里面选择属于哪类")
        for said in (*categories, "已经登记在别人名下", "请填身份证号或手机号"):
            assert said in page.text, page.text
        assert page.text.count("没有登记过这个姓名和号码") == 3, "other communities' people look like nobody"
        await page.press("收下这 1 行")
        await taken(page)
    row = await diners.card_of(person)
    assert (row.registration, row.categories, row.evidence, row.allergens) == ("local", "alone", "户口本", "egg")
    assert await diners.holder_of(await table.ctx(), "0001") == person
    assert await DinerCard.count() == 2
    sent = card_list.CardUpload(card_list.Upload("again.xlsx", typed))
    again = await card_list.check(await table.ctx(table.manager), sent)
    assert again.same == 1
