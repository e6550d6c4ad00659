# SPDX-License-Identifier: Apache-2.0
"""Awards through the pages, without JavaScript, on both databases: upload, check, review, publicity, posting, why."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest
from credit_lists import workbook
from credit_pages import HEAD, PEOPLE, UPLOAD, a_list, award, look_at_all, posted, press, seen, submitted, upload
from credit_street import Town, award_street

from liren.api import Conflict, Subject
from liren.identity.register.people import move
from liren.testing.street import CSRF, KEY
from liren.web.sheets import Cell
from liren_credit import posting
from liren_credit.settings import Settings


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """On SQLite; what touches the database in another way runs on both below."""
    async with award_street(tmp_path / "home", str(tmp_path / "liren.sqlite")) as street:
        yield street


@pytest.fixture
async def either_town(database: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with award_street(tmp_path / "home", database) as street:
        yield street


async def test_a_list_goes_from_the_file_to_a_residents_why(either_town: Town) -> None:
    town = either_town
    page = await posted(town, a_list(5, award(0), award(6, "FX-99"), award(7, day="3月32日")))
    reviewer = await town.enter("李敏")
    text = (await reviewer.get(f"{page}?show=fix")).text
    assert "没有这条细则" in text
    assert "3月32日" in text

    resident = await town.enter(str(PEOPLE[0][0]))
    mine = (await resident.get("/credit/mine")).text
    assert "志愿服务 2 小时" in mine
    why = re.search(r'href="(/credit/mine/[^"/]+)"', mine)
    assert why is not None
    told = (await resident.get(why[1])).text
    for words in (
        "为什么有这笔积分",
        "2 小时，每小时 2 分",
        "签到表",
        "社区采集员",
        "街道审核员",
        "2026年3月8日",
        "第 1 版",
    ):
        assert words in told
    proof = await resident.get(f"{why[1]}/receipt")
    assert proof.status_code == 303
    assert proof.headers["location"].startswith("/r/")

    other = await town.enter(str(PEOPLE[1][0]))
    assert (await other.get(why[1])).status_code == 404
    home = await resident.get("/home")
    assert "最近三笔" in home.text
    assert "志愿服务 2 小时" in home.text


BAD_FILES = (
    (b"", "空.xlsx", 422, "空的"),
    (b"%PDF-1.7", "三月.pdf", 415, "不是表格"),
    (b"PK\x03\x04 broken", "坏.xlsx", 422, "打不开"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密.xlsx", 422, "密码"),
    (workbook(HEAD), "只有表头.xlsx", 422, "没有数据行"),
)


async def test_a_file_that_cannot_be_used_is_refused_on_the_form(town: Town) -> None:
    collector = await town.enter("赵磊")
    for data, name, status, words in BAD_FILES:
        answer = await upload(collector, data, name)
        assert (answer.status_code, words in answer.text) == (status, True), name
        assert "Traceback" not in answer.text
    answer = await collector.send_form(UPLOAD, UPLOAD, title="三月")
    assert answer.status_code == 422
    assert "请选择文件" in answer.text


async def test_a_missing_column_is_asked_for_and_the_answer_is_used(town: Town) -> None:
    collector = await town.enter("赵磊")
    head = ["姓名", "手机号", "细则编号", "干了多少", "日期", "证明材料"]
    answer = await upload(collector, workbook(head, *(award(n) for n in range(4))))
    page = answer.headers["location"]
    asked = await collector.get(page, follow_redirects=True)
    assert "没有认出来" in asked.text
    assert "D 干了多少" in asked.text
    chosen = {"sheet": "Sheet", "last": "1", "name": "0", "phone": "1", "rule": "2", "day": "4"}
    refused = await collector.send_form(f"{page}/columns", f"{page}/columns", **chosen)
    assert refused.status_code == 422
    assert "都要指明" in refused.text
    answer = await collector.send_form(f"{page}/columns", f"{page}/columns", **chosen, quantity="3")
    assert answer.status_code == 303, answer.text
    assert "4 行" in (await collector.get(page)).text


async def test_the_same_file_twice_and_another_request_under_the_same_key(town: Town) -> None:
    collector = await town.enter("赵磊")
    data = a_list()
    text = (await collector.get(UPLOAD)).text
    token, key = CSRF.search(text), KEY.search(text)
    assert token is not None
    assert key is not None
    fields = {"_csrf": token[1], "_key": key[1], "title": "三月"}
    first = await collector.post(UPLOAD, data=fields, files={"file": ("三月.xlsx", data)})
    second = await collector.post(UPLOAD, data=fields, files={"file": ("三月.xlsx", data)})
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    other = await collector.post(UPLOAD, data=fields, files={"file": ("四月.xlsx", a_list(3))})
    assert other.status_code == 409
    again = await upload(collector, data, title="又一次")
    assert again.status_code == 409
    assert "已经上传过" in again.text


async def test_a_second_press_of_submit_changes_nothing(town: Town) -> None:
    collector, page = await submitted(town, a_list())
    text = (await collector.get(page)).text
    token, key = CSRF.search(text), KEY.search(text)
    assert token is not None
    assert key is not None
    answer = await collector.post(f"{page}/submit", data={"_csrf": token[1], "_key": key[1]})
    assert answer.status_code == 409


async def test_nobody_reviews_their_own_list(town: Town) -> None:
    both = await town.enter("周静")
    answer = await upload(both, a_list())
    page = answer.headers["location"]
    assert (await press(both, page, "submit")).status_code == 303
    assert (await press(both, page, "approve")).status_code == 403
    collector = await town.enter("赵磊")
    assert (await collector.get(page)).status_code == 404


async def test_a_list_is_not_approved_before_the_drawn_rows_were_looked_at(town: Town) -> None:
    _collector, page = await submitted(town, a_list())
    reviewer = await town.enter("李敏")
    answer = await press(reviewer, page, "approve")
    assert answer.status_code == 422
    assert "还有 5 行没有抽查" in answer.text


async def test_a_struck_row_is_not_posted_and_needs_a_reason(town: Town) -> None:
    _collector, page = await submitted(town, a_list())
    reviewer = await town.enter("李敏")
    text = (await reviewer.get(page)).text
    shown = re.findall(r'name="shown" value="([^"]+)"', text)
    token, key = CSRF.search(text), KEY.search(text)
    assert token is not None
    assert key is not None
    fields = {"_csrf": token[1], "_key": key[1], "shown": shown, "bad": shown[:1]}
    assert (await reviewer.post(f"{page}/look", data=fields)).status_code == 422
    assert (await reviewer.post(f"{page}/look", data={**fields, "remark": "签到表上没有"})).status_code == 303
    assert "签到表上没有" in (await reviewer.get(f"{page}?show=frozen")).text
    assert (await press(reviewer, page, "approve")).status_code == 303
    await press(reviewer, page, "post")
    await seen(reviewer, page, "4 行、16 分、4 人")


async def test_a_returned_list_says_why_and_frees_its_rows(either_town: Town) -> None:
    town = either_town
    collector, page = await submitted(town, a_list())
    reviewer = await town.enter("李敏")
    assert (await press(reviewer, page, "return", reason="x")).status_code == 422
    assert (await press(reviewer, page, "return", reason="签到表是上个月的")).status_code == 303
    assert "签到表是上个月的" in (await collector.get(page)).text
    again = await upload(collector, a_list())
    assert again.status_code == 303
    assert "5 行" in (await collector.get(again.headers["location"])).text


async def test_two_lists_on_their_way_never_credit_the_same_thing_twice(either_town: Town) -> None:
    town = either_town
    collector = await town.enter("赵磊")
    first = (await upload(collector, a_list(4))).headers["location"]
    second = (await upload(collector, a_list(6))).headers["location"]
    assert (await press(collector, first, "submit")).status_code == 303
    assert (await press(collector, second, "submit")).status_code == 303
    text = (await collector.get(second)).text
    assert "2 行" in text
    assert "4 行" in text
    third = (await upload(collector, a_list(3))).headers["location"]
    answer = await press(collector, third, "submit")
    assert answer.status_code == 422
    assert "没有一行可以入账" in answer.text


async def test_one_award_by_form_goes_the_same_way_as_a_list(town: Town) -> None:
    collector = await town.enter("赵磊")
    path = "/credit/lists/one"
    good = {
        **{"name": str(PEOPLE[3][0]), "number": str(PEOPLE[3][2]), "rule": "FX-04", "quantity": "3"},
        **{"day": "2026-03-08", "evidence": "签到表"},
    }
    for wrong, words in (
        ({"number": "19911112222"}, "查不到这个人"),
        ({"number": str(PEOPLE[4][2])}, "手机号是别人的"),
        ({"quantity": "7"}, "超过每天上限"),
        ({"day": "2099-01-01"}, "日期还没到"),
        ({"rule": "FX-99"}, "没有这条细则"),
    ):
        answer = await collector.send_form(path, path, **{**good, **wrong})
        assert (answer.status_code, words in answer.text) == (422, True), words
    answer = await collector.send_form(path, path, **{**good, "number": str(PEOPLE[3][1])})
    assert answer.status_code == 303, answer.text
    page = answer.headers["location"]
    assert "待审核" in (await collector.get("/credit/lists")).text
    assert "重复" in (await collector.send_form(path, path, **good)).text
    reviewer = await town.enter("李敏")
    await look_at_all(reviewer, page)
    assert (await press(reviewer, page, "approve")).status_code == 303


async def test_a_workbook_with_a_sheet_a_community_is_handed_in_sheet_by_sheet(town: Town) -> None:
    book = openpyxl.Workbook()
    for name, first in (("桃园", 0), ("老街", 5)):
        sheet = book.create_sheet(name)
        for line in (HEAD, *(award(first + n) for n in range(3))):
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    collector = await town.enter("赵磊")
    columns = {"last": "1", "name": "0", "phone": "1", "rule": "2", "quantity": "3", "day": "4"}
    for sheet_name in ("桃园", "老街"):
        page = (await upload(collector, out.getvalue())).headers["location"]
        asked = (await collector.get(page, follow_redirects=True)).text
        assert "桃园" in asked
        assert "老街" in asked
        answer = await collector.send_form(f"{page}/columns", f"{page}/columns", sheet=sheet_name, **columns)
        assert answer.status_code == 303, answer.text
        assert "3 行" in (await collector.get(page)).text
    page = (await upload(collector, out.getvalue())).headers["location"]
    again = await collector.send_form(f"{page}/columns", f"{page}/columns", sheet="桃园", **columns)
    assert again.status_code == 409


async def test_rows_of_the_reviewers_household_go_to_another_reviewer(town: Town) -> None:
    neighbour = PEOPLE[2]
    [row] = await town.street.store.read(
        "SELECT unit, dwelling FROM residence WHERE person = ?", town.people[str(neighbour[0])]
    )
    async with town.street.store.transaction("job:test") as tx:
        await move(tx, town.people["李敏"], unit=row[0], dwelling=row[1], role="member", day=town.street.today())
    _collector, page = await submitted(town, a_list())
    reviewer = await town.enter("李敏")
    assert "与您同户，另请人审" in (await reviewer.get(page)).text
    await look_at_all(reviewer, page)
    assert (await press(reviewer, page, "approve")).status_code == 303
    assert "另请人审" in (await reviewer.get("/credit/lists")).text
    second = await town.enter("周静")
    other = re.search(r'href="(/credit/lists/[^"]+)">三月（另请人审）', (await second.get("/credit/lists")).text)
    assert other is not None
    await look_at_all(second, other[1])
    assert (await press(second, other[1], "approve")).status_code == 303


async def test_posting_that_was_interrupted_goes_on_and_posts_nothing_twice(either_town: Town) -> None:
    town = either_town
    _collector, page = await submitted(town, a_list(6))
    reviewer = await town.enter("李敏")
    await look_at_all(reviewer, page)
    await press(reviewer, page, "approve")
    list_id = page.rpartition("/")[2]
    ctx = await town.as_("李敏")
    await posting.mark_posting(ctx, list_id)  # the server died right after this
    assert "接着入账" in (await reviewer.get(page)).text
    await posting.post(ctx, list_id, lambda done, total: None)
    with pytest.raises(Conflict):
        await posting.mark_posting(ctx, list_id)
    assert (await press(reviewer, page, "post")).status_code in (303, 409)
    second = await town.enter("周静")
    await press(second, page, "post")
    await seen(second, page, "6 行、24 分、6 人")
    head = await ctx.ledger.entries(Subject("h", town.people[str(PEOPLE[0][0])]))
    assert [entry.amount for entry in head] == [4]


async def test_an_own_award_is_not_credited(town: Town) -> None:
    collector = await town.enter("赵磊")
    mine: list[Cell] = ["赵磊", "19900010001", "FX-01", 2, "2026-03-08", "签到表"]
    answer = await upload(collector, workbook(HEAD, mine, award(1)))
    text = (await collector.get(answer.headers["location"])).text
    assert "是登记人自己或同户" in text


async def test_the_rows_to_mend_come_back_as_a_workbook_without_formulas(town: Town) -> None:
    collector = await town.enter("赵磊")
    bad: list[Cell] = ["=1+1", "19911112222", "FX-01", 2, "2026-03-08", "+86"]
    page = (await upload(collector, workbook(HEAD, award(1), ["查无此", *bad[1:]]))).headers["location"]
    answer = await collector.get(f"{page}/rows?show=fix")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values[0][:6] == HEAD
    assert values[1][:2] == ["查无此", "19911112222"]
    assert values[1][6:8] == [3, "查不到这个人"]
    everything = await collector.get(f"{page}/rows?show=all")
    assert everything.status_code == 200


async def test_publicity_names_no_one_and_the_person_concerned_stops_their_own_entry(
    database: str, tmp_path: Path
) -> None:
    async with award_street(tmp_path / "home", database, publicity_days=7) as town:
        _collector, page = await submitted(town, a_list())
        reviewer = await town.enter("李敏")
        await look_at_all(reviewer, page)
        await press(reviewer, page, "approve")
        anyone = town.visitor()
        public = (await anyone.get("/credit/publicity", follow_redirects=True)).text
        assert "三月" in public
        shown = (await anyone.get(page.replace("/lists/", "/publicity/"))).text
        assert "0001-00002" in shown
        assert "志愿服务" in shown
        for person in PEOPLE[:5]:
            assert str(person[0]) not in shown
            assert str(person[2]) not in shown

        resident = await town.enter(str(PEOPLE[0][0]))
        assert "公示中" in (await resident.get("/credit/mine")).text
        stop = "/credit/coming/0001-00002"
        other = await town.enter(str(PEOPLE[1][0]))
        assert (await other.get(stop)).status_code == 404
        assert (await resident.send_form(stop, stop, reason="")).status_code == 422
        assert (await resident.send_form(stop, stop, reason="那天我没有去")).status_code == 303
        desk = (await reviewer.get(f"{page}?show=frozen")).text
        assert "那天我没有去" in desk
        decided = await reviewer.send_form(f"{page}?show=frozen", "/credit/rows/0001-00002/decide")
        assert decided.status_code == 303
        assert "0001-00002" not in (await anyone.get(page.replace("/lists/", "/publicity/"))).text


async def test_a_masked_name_is_published_of_nobody_but_who_agreed_to_it(database: str, tmp_path: Path) -> None:
    async with award_street(tmp_path / "home", database, publicity_days=7) as town:
        street = town.street
        await street.kernel.configure(street.store, "job:test", "credit", Settings(publicity_days=7, show_names=True))
        _collector, page = await submitted(town, a_list())
        reviewer = await town.enter("李敏")
        await look_at_all(reviewer, page)
        await press(reviewer, page, "approve")
        public = page.replace("/lists/", "/publicity/")
        anyone = town.visitor()
        agreeing = str(PEOPLE[0][0])
        masked = (await street.identity.people.cards([town.people[agreeing]]))[town.people[agreeing]].masked
        assert "*" in masked
        assert "*" not in (await anyone.open(public)).main.text, "a setting of the street is nobody's consent"
        resident = await town.enter(agreeing)
        for what, shown in (("give", 1), ("withdraw", 0)):
            await resident.send_form("/privacy/mine", f"/privacy/consents/show_name/{what}")
            text = (await anyone.open(public)).main.text
            assert (text.count("*"), masked in text) == (masked.count("*") * shown, bool(shown))


async def test_posting_before_publicity_has_ended_is_refused(database: str, tmp_path: Path) -> None:
    async with award_street(tmp_path / "home", database, publicity_days=7) as town:
        _collector, page = await submitted(town, a_list())
        reviewer = await town.enter("李敏")
        await look_at_all(reviewer, page)
        await press(reviewer, page, "approve")
        answer = await press(reviewer, page, "post")
        assert answer.status_code == 422
        assert "公示还没结束" in answer.text


async def test_a_budget_that_does_not_suffice_stops_the_list_and_names_the_community(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("credit_street.BUDGET", 1)
    async with award_street(tmp_path / "home", database) as town:
        _collector, page = await submitted(town, a_list())
        reviewer = await town.enter("李敏")
        await look_at_all(reviewer, page)
        answer = await press(reviewer, page, "approve")
        assert answer.status_code == 422
        assert "社区预算不够" in answer.text
        assert "只剩 1 分" in answer.text


async def test_pages_of_the_desk_are_not_for_residents(town: Town) -> None:
    resident = await town.enter(str(PEOPLE[0][0]))
    for path in ("/credit/lists", "/credit/lists/new", "/credit/drafts/new"):
        assert (await resident.get(path)).status_code == 403
    assert (await (await town.enter("赵磊")).get("/credit/lists/nothing")).status_code == 404
    assert (await town.visitor().get("/credit/mine")).status_code == 303


async def test_todos_and_board_tell_what_waits(town: Town) -> None:
    _collector, page = await submitted(town, a_list())
    reviewer = await town.enter("李敏")
    desk = (await reviewer.get("/desk")).text
    assert f'<a href="{page}">积分名单 · 待审核</a>' in desk
    assert "还剩 3 天" in (await reviewer.get("/cases")).text
    await look_at_all(reviewer, page)
    await press(reviewer, page, "approve")
    board = (await town.visitor().get("/")).text
    assert "做这些事有积分" in board
    assert "正在公示" in board
    english = (await town.visitor().get("/credit/rules?lang=en")).text
    assert "Point rules" in english
