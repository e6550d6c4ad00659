# SPDX-License-Identifier: Apache-2.0
"""Owners handed in as Excel, and handed out again; on both databases."""

from contextlib import aclosing
from datetime import timedelta
from fractions import Fraction

from tests.units.lists import rows_in, take, upload

from liren.identity.organisations import verbs as organisations
from liren.identity.register import ownership
from liren.testing.street import Running
from liren.units import dwellings, verbs

LIST = "/people/owners/lists"
HEAD = ("所在单位", "房号", "产权人", "身份证号", "手机号", "统一社会信用代码", "份额", "登记日期")
HOUSE = "桃园社区/第3网格/7号楼"
CODE = "91350100M000100Y43"


async def test_owners_come_in_as_excel_each_row_judged_and_go_out_as_they_came(street: Running) -> None:
    store, today = street.street.store, street.street.today()
    async with store.transaction("job:test") as tx:
        grid = await verbs.add(tx, level="grid", name="第3网格", parent="taoyuan", opened=today)
        house = await verbs.add(tx, level="building", name="7号楼", parent=grid.code, opened=today)
        first, second = [await dwellings.add(tx, unit=house.code, number=number) for number in ("101", "102")]
        await organisations.add(tx, name="和顺物业", kind="property", unit="taoyuan", opened=today, credit_code=CODE)
    wang = await street.person("王秀兰", unit=house.code, phone="19900001001")
    son = await street.person("王小明", unit=house.code, phone="19900001001")
    await street.person("外社区", unit="hepan", phone="19900001003")
    left = await street.person("孙走了", unit=house.code, phone="19900001004")
    await street.departs(left)
    await street.person("张管", "identity.registrar", unit="taoyuan", phone="19900001009")
    rows = [
        HEAD,
        (HOUSE, "101", "王秀兰", None, "199 0000 1001", None, "1/2", "2008-05-20"),
        (HOUSE, "101", "王小明", None, "19900001001", None, "50%", None),
        (HOUSE, "101", "和顺物业", None, None, CODE, "1/10", None),
        (HOUSE, "102", "和顺物业", None, None, CODE, None, "2010-01-01"),
        (HOUSE, "103", "王秀兰", None, "19900001001", None, "1", None),
        ("荷畔社区", "1", "王秀兰", None, "19900001001", None, "1", None),
        (HOUSE, "102", "外社区", None, "19900001003", None, "1", None),
        (HOUSE, "102", "孙走了", None, "19900001004", None, "1", None),
        (HOUSE, "102", "没号码", None, None, None, "1", None),
        (HOUSE, "102", "张管", None, "19900001009", None, "1", None),
        (HOUSE, "102", "王小明", None, "19900001001", None, "两成", None),
        (HOUSE, "102", "王小明", None, "19900001001", None, "1", today + timedelta(days=3)),
    ]
    async with aclosing(await street.signed_in("张管")) as visitor:
        page = await upload(visitor, LIST, rows)
        wrong = {row["行"]: row["要改什么"] for row in page.rows("要改的行")}
        assert wrong == {
            "4": "这处房屋的份额加起来超过了全部。请先结束原来业主的份额。",
            "6": "没有登记过这处房屋，请先登记房屋",
            "7": "没有这个单位，或者不在您负责的范围内：荷畔社区",
            "8": "没有登记过这个姓名和号码",
            "9": "没有登记过这个姓名和号码",
            "10": "请填身份证号、手机号或信用代码，好认出是谁",
            "11": "自己名下的房屋请另一位同事来登记",
            "12": "份额写成 1/2、50% 或 1",
            "13": "日期不对：不能晚于今天",
        }
        assert await store.read("SELECT count(*) FROM ownership") == [(0,)]
        assert "登记了 3 份产权" in await take(page)
        halves = {each.person: each.share for each in await ownership.owners(store, first)}
        assert halves == {wang: Fraction(1, 2), son: Fraction(1, 2)}
        [firm] = await ownership.owners(store, second)
        assert (firm.name, firm.share, firm.since.isoformat()) == ("和顺物业", 1, "2010-01-01")
        written = await visitor.get("/people/of/taoyuan/owners.xlsx")
        assert written.status_code == 200
        _titles, *out = rows_in(written.content)
        assert {row[2] for row in out} == {"王秀兰", "王小明", "和顺物业"}
        assert "19900001001" not in str(out)
        again = await upload(visitor, LIST, written.content)
        assert "这份名单和现在登记的一样" in again.text
        assert (await visitor.get("/people/of/hepan/owners.xlsx")).status_code == 404
        other = await upload(visitor, LIST, [HEAD, (HOUSE, "101", "王小明", None, "19900001001", None, "1/3", None)])
        assert "份额不一样" in other.text
