# SPDX-License-Identifier: Apache-2.0
"""Units and appointments from Excel: what cannot be taken says why, nothing is half-imported; on both databases."""

from contextlib import aclosing
from datetime import date, timedelta

from tests.units.lists import rows_in, take, upload

from liren.testing.browser import Browser
from liren.testing.street import Running
from liren.units import verbs

UNITS, APPOINTMENTS = "/units/lists/units", "/units/lists/appointments"
UNIT_HEAD = ("上级单位", "层级", "单位名称", "党组织名称", "代码")
HEAD = ("所在单位", "岗位", "姓名", "本人手机号", "人员编号", "从哪天起", "到哪天止", "工作电话")


def wrong(page: Browser) -> dict[str, str]:
    return {row["行"]: row["要改什么"] for row in page.rows("要改的行")}


async def test_a_list_of_units_builds_the_tree_below_ones_own_and_a_repeat_changes_nothing(street: Running) -> None:
    await street.person("张管", "identity.registrar", unit="taoyuan")
    rows = [
        UNIT_HEAD,
        ("桃园社区", "网格", "第3网格", "第3网格党支部", None),
        ("桃园社区/第3网格", "楼栋", "７号楼", None, None),
        ("桃园社区/第三网格/7号楼", "单元", "2单元", None, None),
        ("荷畔社区", "网格", "第1网格", None, None),
        ("桃园社区/第8网格", "楼栋", "1号楼", None, None),
        ("桃园社区/第3网格", "星球", "1号楼", None, None),
        ("桃园社区/第3网格", "网格", "第4网格", None, None),
        ("桃园社区", "网格", "第三网格", None, None),
    ]
    async with aclosing(await street.signed_in("张管")) as visitor:
        page = await upload(visitor, UNITS, rows)
        assert wrong(page) == {
            "5": "没有这个单位，或者不在您负责的范围内：荷畔社区",
            "6": "没有这个单位，或者不在您负责的范围内：桃园社区/第8网格",
            "7": "没有这个层级：星球",
            "8": "下级单位的层级必须低于上级。",
            "9": "和前面的一行重复",
        }
        assert "增设了 3 个单位" in await take(page)
        tree = await street.street.identity.units.tree()
        assert [card.name for card in tree.way("taoyuan-g3-b7-s2")][1:] == ["桃园社区", "第3网格", "7号楼", "2单元"]
        exported = rows_in((await visitor.get("/units/taoyuan/units.xlsx")).content)
        assert exported[1] == ("里仁街道", "社区", "桃园社区", None, "taoyuan")
        again = await upload(visitor, UNITS, [exported[0], *exported[2:]])
        assert "这份名单和现在登记的一样" in again.text
        renamed = [UNIT_HEAD, ("桃园社区", "网格", "第5网格", "第5网格党支部", "taoyuan-g3")]
        page = await upload(visitor, UNITS, renamed)
        assert "其中 1 行改动已有单位" in page.text
        assert "改动了 1 个" in await take(page)
        assert "改名，原来叫第3网格" in (await visitor.open("/units/taoyuan-g3")).text


async def test_a_cycle_a_closed_unit_and_a_foreign_code_in_a_list_are_refused_by_name(street: Running) -> None:
    today = street.street.today()
    async with street.street.store.transaction("job:test") as tx:
        grid = await verbs.add(tx, level="grid", name="第3网格", parent="taoyuan", opened=today)
        house = await verbs.add(tx, level="building", name="7号楼", parent=grid.code, opened=today)
        gone = await verbs.add(tx, level="grid", name="第9网格", parent="taoyuan", opened=today)
        await verbs.close(tx, gone.code, today, residents=0)
        far = await verbs.add(tx, level="grid", name="第1网格", parent="hepan", opened=today)
    await street.person("张管", "identity.registrar", unit="taoyuan")
    async with aclosing(await street.signed_in("张管")) as visitor:
        page = await upload(
            visitor,
            UNITS,
            [
                UNIT_HEAD,
                ("桃园社区/第3网格/7号楼", "网格", "第3网格", None, grid.code),
                ("桃园社区/第9网格", "楼栋", "1号楼", None, None),
                ("桃园社区", "网格", "第1网格", None, far.code),
                ("桃园社区", "楼栋", "7号楼", None, grid.code),
                ("桃园社区", "楼栋", "7号楼", None, house.code),
            ],
        )
        assert wrong(page) == {
            "2": "不能把第3网格挂到它自己或它的下级下面。",
            "3": "第9网格已经撤销",
            "4": f"没有这个代码，或者不在您负责的范围内：{far.code}",
            "5": "层级不能改：第3网格",
        }
        assert "改动了 1 个" in await take(page)
    tree = await street.street.identity.units.tree()
    assert [card.code for card in tree.way(house.code)] == ["liren", "taoyuan", house.code]


async def test_a_list_of_appointments_names_every_row_it_cannot_take(street: Running) -> None:
    today = street.street.today()
    async with street.street.store.transaction("job:test") as tx:
        grid = await verbs.add(tx, level="grid", name="第3网格", parent="taoyuan", opened=today)
        await verbs.add(tx, level="building", name="7号楼", parent=grid.code, opened=today)
        gone = await verbs.add(tx, level="grid", name="第9网格", parent="taoyuan", opened=today)
        await verbs.close(tx, gone.code, today, residents=0)
    boss = await street.person("张管", "identity.registrar", "identity.security", unit="taoyuan")
    one = await street.person("赵一", unit="hepan", phone="19900010011")
    await street.person("钱二", unit="taoyuan", phone="19900010012")
    place, year = "桃园社区/第3网格", timedelta(days=365)
    later = (today + year).strftime("%Y年%m月%d日")
    rows = [
        HEAD,
        (place, "网格长", "赵一", "１９９０００１００１１", None, today, later, "0533-8200001"),
        (place, "网格长", "钱二", "19900010012", None, today + timedelta(days=30), None, None),
        (place, "网格员", "钱二", "19900010012", None, date(2020, 1, 1), date(2021, 1, 1), None),
        ("桃园社区/第9网格", "网格员", "钱二", "19900010012", None, None, None, None),
        (place, "球长", "钱二", "19900010012", None, None, None, None),
        (place, "楼长", "钱二", "19900010012", None, None, None, None),
        (place, "网格员", "孙三", "19900010012", None, None, None, None),
        (place, "网格员", "张管", None, boss, None, None, None),
        (place, "网格员", "赵一", None, "nosuchnosuchnosuchno", None, None, None),
        ("荷畔社区", "第一书记", "钱二", "19900010012", None, None, None, None),
        (place, "网格员", "钱二", "19900010012", None, "三月某日", None, None),
        (place, "网格员", "钱二", None, None, None, None, None),
        (f"{place}/7号楼", "楼长", "钱二", "19900010012", None, None, None, None),
    ]
    async with aclosing(await street.signed_in("张管")) as visitor:
        page = await upload(visitor, APPOINTMENTS, rows)
        said = wrong(page)
        assert said["3"].startswith("任期和已有的任职重叠")
        assert "已经过去" in said["4"]
        assert said["5"] == "第9网格已经撤销，不能再任命。"
        assert said["6"] == "没有这个岗位：球长"
        assert said["7"] == "“楼长”不设在第3网格这一级。"
        assert said["8"] == "没有登记过这个姓名和手机号"
        assert said["9"] == "不能任命自己"
        assert said["10"] == "没有这个人员编号"
        assert said["11"].startswith("没有这个单位，或者不在您负责的范围内")
        assert "年月日" in said["12"]
        assert said["13"] == "请填手机号或人员编号，好认出是谁"
        assert sorted(said) == sorted(str(n) for n in range(3, 14))
        assert "任命了 2 人" in await take(page)
        held = await street.street.store.read("SELECT post, person, until FROM appointment ORDER BY post DESC")
        assert held[0] == ("grid_lead", one, today + year)
        file = (await visitor.get("/units/taoyuan/appointments.xlsx")).content
        exported = rows_in(file)
        assert exported[1][:5] == (place, "网格长", "赵一", None, one), "no private phone leaves the register"
        again = await upload(visitor, APPOINTMENTS, file)
        assert "这份名单和现在登记的一样" in again.text, again.text
    assert (await street.street.identity.who.access_of(one)).can("identity.people", grid.code)
