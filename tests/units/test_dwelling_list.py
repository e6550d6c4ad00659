# SPDX-License-Identifier: Apache-2.0
"""Dwellings from Excel through the pages: upload, verdicts, taking in the background; on both databases."""

from contextlib import aclosing

import pytest
from tests.units.lists import rows_in, take, upload

from liren.testing.street import Running
from liren.units import verbs
from liren.units.dwellings import area_text, parse_area
from liren.units.errors import BadUnit

HEAD = ("所在单位", "房号", "面积（平方米）")
LIST = "/units/lists/dwellings"


def test_an_area_is_kept_in_whole_numbers_and_read_as_people_write_it() -> None:
    assert parse_area("８９．５４ 平方米") == 8954
    assert parse_area("120㎡") == 12000
    assert parse_area("") is None
    assert (area_text(8954), area_text(12000), area_text(8950)) == ("89.54", "120", "89.5")
    for wrong in ("大约90", "-3", "0", "12.345", "99999999"):
        with pytest.raises(BadUnit):
            parse_area(wrong)


async def build(street: Running) -> None:
    """第3网格 with 7号楼 in 桃园社区; 9号楼 was closed."""
    async with street.street.store.transaction("job:test") as tx:
        today = street.street.today()
        grid = await verbs.add(tx, level="grid", name="第3网格", parent="taoyuan", opened=today)
        await verbs.add(tx, level="building", name="7号楼", parent=grid.code, opened=today)
        gone = await verbs.add(tx, level="building", name="9号楼", parent=grid.code, opened=today)
        await verbs.close(tx, gone.code, today, residents=0)


async def test_a_list_of_dwellings_is_judged_row_by_row_taken_once_and_then_changes_nothing(street: Running) -> None:
    await build(street)
    await street.person("张管", "identity.registrar", unit="taoyuan")
    rows = [
        HEAD,
        ("桃园社区/第3网格/7号楼", "503", 89.54),
        ("桃园 第三网格 ７号楼", "５０４", "９０平方米"),
        ("桃园社区/第3网格/8号楼", "101", 60),
        ("桃园社区/第3网格/9号楼", "101", 60),
        ("荷畔社区", "101", 60),
        ("桃园社区/第3网格/7号楼", "503", 70),
        ("桃园社区/第3网格/7号楼", "505", "很大"),
        ("合计", None, None),
    ]
    async with aclosing(await street.signed_in("张管")) as visitor:
        page = await upload(visitor, LIST, rows)
        wrong = {row["行"]: row["要改什么"] for row in page.rows("要改的行")}
        assert wrong == {
            "4": "没有这个单位，或者不在您负责的范围内：桃园社区/第3网格/8号楼",
            "5": "9号楼已经撤销",
            "6": "没有这个单位，或者不在您负责的范围内：荷畔社区",
            "7": "和第 2 行重复",
            "8": "面积要写平方米数，最多两位小数，例如 89.54。",
        }
        store = street.street.store
        assert await store.read("SELECT count(*) FROM dwelling") == [(0,)]
        mended = rows_in((await visitor.get(page.path + "/wrong")).content)
        assert mended[1][:3] == ("桃园社区/第3网格/8号楼", "101", "60")
        (sealed,) = await store.read(
            "SELECT c.content, l.summary FROM uploaded_list l JOIN uploaded_content c ON c.list = l.id"
        )
        assert not any("桃园".encode() in bytes(value) or b"PK" in bytes(value)[:2] for value in sealed)

        assert "登记了 2 处房屋" in await take(page)
        assert sorted(await store.read("SELECT unit, number, area_dm2 FROM dwelling")) == [
            ("taoyuan-g3-b7", "503", 8954),
            ("taoyuan-g3-b7", "504", 9000),
        ]
        assert await store.read("SELECT list FROM uploaded_content") == []
        again = await upload(visitor, LIST, rows[:3])
        assert "这份名单和现在登记的一样" in again.text
        larger = await upload(visitor, LIST, [HEAD, ("桃园社区/第3网格/7号楼", "504", 91)])
        assert "其中 1 行改面积" in larger.text
        assert "改了 1 处的面积" in await take(larger)


async def test_merged_cells_a_renamed_file_and_a_formula_are_read_or_refused_in_words(street: Running) -> None:
    await build(street)
    await street.person("张管", "identity.registrar", unit="taoyuan")
    async with aclosing(await street.signed_in("张管")) as visitor:
        place = "桃园社区/第3网格/7号楼"
        merged = await upload(visitor, LIST, [HEAD, (place, "501", 80), (None, "502", 80)], merge="A2:A3")
        assert "可以收下 2 行" in merged.text
        assert "登记了 2 处房屋" in await take(merged)
        for content in (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook",
            b"<html><table></table></html>",
            b"PK\x03\x04 x",
        ):
            refused = await upload(visitor, LIST, content)
            assert refused.status == 422
            assert refused.errors
        formula = await upload(visitor, LIST, [HEAD, (place, '=HYPERLINK("http://x","503")', 80)])
        assert "可以收下 0 行" in formula.text


async def test_a_list_is_its_uploaders_alone_and_asks_for_the_permission(street: Running) -> None:
    await build(street)
    await street.person("张管", "identity.registrar", unit="taoyuan")
    await street.person("李管", "identity.registrar", unit="taoyuan")
    await street.person("王芳", unit="taoyuan")
    async with aclosing(await street.signed_in("张管")) as visitor:
        page = await upload(visitor, LIST, [HEAD, ("桃园社区/第3网格/7号楼", "503", 89.54)])
        blank = rows_in((await visitor.get(f"{LIST}/template")).content)
        assert blank[0] == HEAD
    async with aclosing(await street.signed_in("李管")) as other:
        assert (await other.get(page.path)).status_code == 404
        assert (await other.get(page.path + "/wrong")).status_code == 404
        assert (await other.get(f"{LIST}/nosuchlist")).status_code == 404
    async with aclosing(await street.signed_in("王芳")) as resident:
        assert (await resident.get(LIST)).status_code == 403
