# SPDX-License-Identifier: Apache-2.0
"""A clerk's list of residents through the pages: upload, verdicts, registration; on both databases."""

from io import BytesIO

import openpyxl
from tests.identity.conftest import PASSWORD
from tests.identity.street import Browser
from tests.identity.test_import import HEADER, book

from liren.identity.housekeeping import sweep
from liren.identity.service import Identity
from liren.testing.patience import until
from liren.web.app import PageApp

ROWS = [
    HEADER,
    ("赵小磊", None, "19900000099", "桃园社区", "8号楼", "101"),
    ("钱多", None, "19900000098", "桃园社区", "8号楼", "102"),
    ("孙一", None, "1990000", "桃园社区", "8号楼", "103"),
    ("李二", None, "19900000096", "桃原社区", "8号楼", "104"),
    ("合计", None, None, None, None, None),
]


async def boss(app: PageApp) -> Browser:
    browser = Browser(app)
    await browser.sign_in("zhaolei", PASSWORD)
    return browser


async def until_done(browser: Browser, page: str) -> str:
    async def done() -> str:
        text = (await browser.get(page)).text
        return text if "收下了" in text or "没有收下" in text else ""

    return await until(done, f"the end of {page}")


async def test_a_list_is_checked_then_registered_and_the_file_forgotten(
    app: PageApp, identity_: Identity, chief: str
) -> None:
    browser = await boss(app)
    sent = await browser.upload("/people/lists", "/people/lists", "三月.xlsx", book(ROWS))
    assert sent.status_code == 303
    page = sent.headers["location"]
    text = (await browser.get(page)).text
    assert "收下这 2 行" in text
    assert "手机号不对" in text
    assert "街道里没有这个社区" in text
    assert await identity_.people.lookup("赵小磊") == []
    (sealed,) = await identity_.store.read(
        "SELECT c.content, l.summary FROM uploaded_list l JOIN uploaded_content c ON c.list = l.id"
    )
    assert not any("孙一".encode() in bytes(value) or b"PK" in bytes(value)[:2] for value in sealed)

    for _ in range(2):  # pressed twice
        assert (await browser.send(page, page)).status_code == 303
    text = await until_done(browser, page)
    assert "登记了 2 人" in text
    (found,) = await identity_.people.lookup("赵小磊")
    assert found.community == "taoyuan"
    assert (await identity_.store.read("SELECT count(*) FROM person WHERE name = '钱多'"))[0][0] == 1
    assert await identity_.store.read("SELECT * FROM uploaded_content") == []

    async with identity_.store.transaction("job:test"):
        await sweep(identity_.now_ms() + 8 * 86_400_000)
    assert (await browser.get(page)).status_code in (303, 404)
    assert await identity_.store.read("SELECT * FROM uploaded_list") == []


async def test_the_rows_to_mend_come_back_as_a_workbook(app: PageApp, chief: str) -> None:
    browser = await boss(app)
    sent = await browser.upload("/people/lists", "/people/lists", "三月.xlsx", book(ROWS))
    answer = await browser.get(sent.headers["location"] + "/wrong")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert list(sheet.iter_rows(values_only=True)) == [
        (*HEADER, "原来第几行", "要改什么"),
        ("孙一", None, "1990000", "桃园社区", "8号楼", "103", 4, "手机号不对"),
        ("李二", None, "19900000096", "桃原社区", "8号楼", "104", 5, "街道里没有这个社区"),
    ]


async def test_a_file_that_is_no_list_says_what_to_do(app: PageApp, chief: str) -> None:
    browser = await boss(app)
    for name, content in (("a.xlsx", b"PK\x03\x04 not really"), ("a.csv", b"a,b\n1,2\n"), ("a.pdf", b"%PDF-1.7")):
        answer = await browser.upload("/people/lists", "/people/lists", name, content)
        assert answer.status_code == 422
        assert "field--bad" in answer.text


async def test_a_list_is_its_uploaders_alone_and_not_for_one_community(
    app: PageApp, identity_: Identity, chief: str, staff: str
) -> None:
    browser = await boss(app)
    sent = await browser.upload("/people/lists", "/people/lists", "三月.xlsx", book(ROWS))
    clerk = Browser(app)
    await clerk.sign_in("limin", PASSWORD)
    for url in ("/people/lists", sent.headers["location"], sent.headers["location"] + "/wrong"):
        assert (await clerk.get(url)).status_code == 403
    assert (await browser.get("/people/lists/nosuchlist")).status_code == 404


async def test_a_file_of_50_megabytes_is_refused_in_words_and_a_renamed_one_is_read(app: PageApp, chief: str) -> None:
    browser = await boss(app)
    answer = await browser.upload("/people/lists", "/people/lists", "大.xlsx", b"PK\x03\x04" + bytes(50 * 1024 * 1024))
    assert answer.status_code == 422
    assert "最多 40 MB" in answer.text
    csv = "姓名,手机号,社区\n赵磊,19900000099,桃园社区\n".encode("gb18030")
    read = await browser.upload("/people/lists", "/people/lists", "其实是文本.xlsx", csv)
    assert read.status_code == 303
    old = await browser.upload(
        "/people/lists", "/people/lists", "旧.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    )
    assert old.status_code == 422


async def test_the_template_can_be_filled_in_and_sent_back(app: PageApp, chief: str) -> None:
    browser = await boss(app)
    blank = (await browser.get("/people/lists/template")).content
    sent = await browser.upload("/people/lists", "/people/lists", "空表.xlsx", blank)
    assert "收下这 1 行" in (await browser.get(sent.headers["location"])).text
