# SPDX-License-Identifier: Apache-2.0
"""People as Excel: masked for every clerk, whole only with a purpose; on both databases."""

from io import BytesIO
from typing import Any

import openpyxl
from tests.identity.conftest import PASSWORD, TODAY
from tests.identity.street import Browser
from tests.identity.test_labels import CARER, kind, label, looks

from liren.identity.roles.grants import grant
from liren.identity.service import Identity
from liren.testing.patience import until
from liren.web.app import PageApp


def rows_in(content: bytes) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert sheet is not None
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


async def exported(browser: Browser, page: str, action: str, **fields: str) -> tuple[str, list[tuple[Any, ...]]]:
    """Ask for it, wait, download; :returns: its page and the rows."""
    sent = await browser.send(page, action, fields)
    assert sent.status_code == 303, sent.text[:500]
    there = sent.headers["location"]

    async def done() -> bool:
        return "导出好了" in (await browser.get(there)).text

    await until(done, f"the end of {there}")
    return there, rows_in((await browser.get(f"{there}/file")).content)


async def test_a_clerk_gets_a_masked_list_of_their_own_area(
    app: PageApp, identity_: Identity, chief: str, staff: str, folk: dict[str, str]
) -> None:
    clerk, boss = Browser(app), Browser(app)
    await clerk.sign_in("limin", PASSWORD)
    await boss.sign_in("zhaolei", PASSWORD)
    page = "/people/of/taoyuan/export"
    there, rows = await exported(clerk, page, page)
    assert rows[0][0] == "姓名"
    assert sorted(row[0] for row in rows[1:]) == ["王**", "王**"]
    assert {row[2] for row in rows[1:]} == {"199****0001", "199****0002"}
    assert all(row[1] is None and row[3] is None for row in rows[1:])
    assert (await clerk.get("/people/of/laojie/export")).status_code == 404
    refused = await clerk.send(page, f"{page}/whole", {"purpose": "人口普查核对"})
    assert refused.status_code == 403
    for url in (there, f"{there}/file"):
        assert (await boss.get(url)).status_code == 404, "an export is its maker's alone"


async def test_the_whole_list_asks_what_for_and_writes_numbers_as_text(
    app: PageApp, identity_: Identity, chief: str, folk: dict[str, str]
) -> None:
    boss = Browser(app)
    await boss.sign_in("zhaolei", PASSWORD)
    page = "/people/of/liren/export"
    assert (await boss.send(page, f"{page}/whole", {"purpose": ""})).status_code == 422
    _, rows = await exported(boss, page, f"{page}/whole", purpose="人口普查核对")
    assert len(rows) == 4
    (lan,) = [row for row in rows if row[0] == "王秀兰"]
    assert lan[1:4] == ("379901196411220003", "19900000001", "1964-11-22")
    assert lan[4:] == ("桃园社区 7号楼", "503", "户主")
    ((detail,),) = await identity_.store.read("SELECT detail FROM audit WHERE what = 'identity.exported'")
    assert "人口普查核对" in str(detail)


async def test_labels_leave_with_the_list_only_for_who_may_see_them_and_the_person_reads_of_it(
    app: PageApp, identity_: Identity, chief: str, folk: dict[str, str]
) -> None:
    care = await kind(identity_)
    await label(identity_, folk["王秀兰"], care)
    boss, page = Browser(app), "/people/of/liren/export"
    await boss.sign_in("zhaolei", PASSWORD)
    _, rows = await exported(boss, page, f"{page}/whole", purpose="上门随访")
    assert "标签" not in rows[0]
    assert await looks(identity_, folk["王秀兰"]) == 0
    async with identity_.store.transaction("job:test") as tx:
        await grant(tx, person=chief, role="identity.carer", unit="liren", roles=CARER, since=TODAY)
    _, rows = await exported(boss, page, f"{page}/whole", purpose="上门随访")
    column = rows[0].index("标签")
    assert {row[0]: row[column] for row in rows[1:] if row[column]} == {"王秀兰": "慢性病随访"}
    assert await looks(identity_, folk["王秀兰"]) == 1
    _, rows = await exported(boss, page, page)
    assert "标签" not in rows[0]
