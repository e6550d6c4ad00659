# SPDX-License-Identifier: Apache-2.0
"""A community's Excel against a Struct: every row a verdict, the good ones taken, the others given back."""

import io
from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, Any

import openpyxl
import pytest
from litestar import Request, Response
from msgspec import Meta, Struct

from liren.web import ANYONE, Fen, Form, Upload, get, post, redirect, render
from liren.web.app import PageApp
from liren.web.carrying import carried, faulty_download
from liren.web.sheets import SheetError, read_book, read_records, write_records
from liren.web.site import Site

from .conftest import NOTICES, SECRET, browser_of, token_in


class Kind(Enum):
    CARE = "care"
    SAFETY = "safety"


class Visit(Struct, frozen=True, kw_only=True):
    """A grid worker's visit, as a form would take it too."""

    name: Annotated[str, Meta(title="姓名", min_length=2, max_length=12, extra={"holds": "name"})]
    phone: Annotated[str, Meta(title="手机号", extra={"holds": "phone"})]
    day: Annotated[date, Meta(title="哪一天", extra={"titles": ("走访日期",)})]
    minutes: Annotated[int, Meta(title="多少分钟", ge=1, le=480, extra={"unit": "分钟"})]
    kind: Annotated[Kind, Meta(title="为什么去", extra={"names": {"care": "关爱", "safety": "安全"}})]
    paid_fen: Annotated[Fen | None, Meta(title="垫付")] = None
    needs_help: Annotated[bool, Meta(title="需要帮助")] = False
    note: Annotated[str, Meta(title="备注", max_length=100)] = ""


def workbook(*rows: tuple[Any, ...], header: tuple[Any, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "三月"
    sheet.append(("桃园社区2026年3月走访登记",))
    sheet.append(
        header or ("序号", "走访日期", "居民姓名", "联系电话", "为什么去", "多少分钟", "垫付（元）", "需要帮助", "备注")
    )
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


MESSY = workbook(
    (1, "3月9日", "王 秀兰", 19900000001, "关爱", "30分钟", 12.5, "是", "换灯泡"),
    (2, date(2026, 3, 10), "欧阳锋", "199-0001-0001", "安全", 15, None, None, None),
    (3, "2026.3.11", "李奶奶", "12345", "串门", 0, "十块", "也许", None),
    (4, "3月9日", "王秀兰", "19900000001", "关爱", 20, None, None, None),
    (5, "3月32日", "", "19900000003", "关爱", 10, None, None, None),
    ("合计", None, None, None, None, 75, None, None, None),
    ("填表人：赵磊", None, None, None, None, None, None, None, None),
)


def same(visit: Visit) -> tuple[str, date]:
    return visit.phone, visit.day


async def test_every_row_of_a_messy_list_has_its_verdict() -> None:
    checked = await read_records(MESSY, Visit, same=same)
    assert [(good.number, good.value.name) for good in checked.good] == [(3, "王秀兰"), (4, "欧阳锋")]
    first = checked.values[0]
    assert first == Visit(
        name="王秀兰",
        phone="19900000001",
        day=date(2026, 3, 9),
        minutes=30,
        kind=Kind.CARE,
        paid_fen=1250,
        needs_help=True,
        note="换灯泡",
    )
    assert {row.number: row.says for row in checked.faulty} == {
        5: (
            "手机号不对，请核对",
            "多少分钟不能小于 1",
            "请从列出的里面选择为什么去",
            "垫付要填金额，最多两位小数，例如 12.50",
            "需要帮助只能是“是”或“否”",
        ),
        6: ("和第 3 行重复",),
        7: ("请填写姓名", "哪一天要写成年月日，例如 2026-03-09"),
    }
    assert checked.skipped == 2, "the sum and the signature"


async def test_a_rule_of_the_module_refuses_a_row_in_its_own_words() -> None:
    def not_on_sunday(visit: Visit) -> str | None:
        return "星期天不走访" if visit.day.weekday() == 1 else None

    checked = await read_records(MESSY, Visit, judge=not_on_sunday)
    assert ("星期天不走访",) in [row.says for row in checked.faulty]


async def test_a_needed_column_that_is_not_there_is_said_by_its_name() -> None:
    header = ("走访日期", "居民姓名", "为什么去", "多少分钟")
    with pytest.raises(SheetError, match="手机号") as refused:
        await read_records(workbook(("3月9日", "王秀兰", "关爱", 30), header=header), Visit)
    assert "没有认出这些列：手机号" in refused.value.zh


@pytest.mark.parametrize("data", [b"", b"no workbook", b"PK\x03\x04 broken"])
async def test_what_is_no_workbook_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(SheetError):
        await read_records(data, Visit)


async def test_what_is_written_can_be_read_again() -> None:
    visits = (await read_records(MESSY, Visit, same=same)).values
    book = write_records(Visit, visits, "走访", above=["桃园社区 2026年3月"])
    again = await read_records(book, Visit)
    assert [v.kind for v in again.values] == [Kind.CARE, Kind.SAFETY]
    assert again.values == visits
    assert again.faulty == []


async def test_a_formula_in_a_name_stays_a_name() -> None:
    visit = Visit(name="=1+1", phone="19900000001", day=date(2026, 3, 9), minutes=1, kind=Kind.CARE)
    rows = read_book(write_records(Visit, [visit], "走访")).sheets[0].rows
    assert rows[1][0] == "=1+1"


class NewList(Struct, frozen=True):
    file: Annotated[Upload, Meta(title="名单", extra={"kinds": ("xlsx",)})]


TAKEN: list[Visit] = []


@get("/visits/list", allow=ANYONE)
async def list_form() -> Response[Any]:
    return await render("notices/visits.html", form=Form(NewList), checked=None)


@post("/visits/list", allow=ANYONE)
async def list_sent(request: Request[Any, Any, Any]) -> Response[Any]:
    form = await Form.read(request, NewList)
    assert form.command is not None
    checked = await read_records(form.command.file.content, Visit, same=same)
    return await render("notices/visits.html", form=form, checked=checked)


@post("/visits/take", allow=ANYONE)
async def take(request: Request[Any, Any, Any]) -> Response[Any]:
    TAKEN.extend(await carried(request, Visit))
    return redirect("/visits/list")


@post("/visits/mend", allow=ANYONE)
async def mend(request: Request[Any, Any, Any]) -> Response[Any]:
    return await faulty_download(request, "走访")


def hidden(text: str, form: str) -> str:
    """The rows that go along in the form posted to ``form``."""
    return text.split(f'action="{form}"')[1].split('name="_rows" value="')[1].split('"')[0]


async def test_from_the_upload_to_the_rows_taken_and_those_given_back(build: Callable[..., PageApp]) -> None:
    TAKEN.clear()
    app = PageApp([list_form, list_sent, take, mend], Site(secret=SECRET, packages=[NOTICES]))
    async with browser_of(app) as client, browser_of(app) as other:
        token = token_in(await client.get("/visits/list"))
        page = await client.post("/visits/list", data={"_csrf": token}, files={"file": ("三月.xlsx", MESSY)})
        assert "收下这 2 行" in page.text
        assert "和第 3 行重复" in page.text
        assert TAKEN == [], "looking saves nothing"

        rows = hidden(page.text, "/visits/take")
        assert (await client.post("/visits/take", data={"_csrf": token, "_rows": rows})).status_code == 303
        assert [visit.name for visit in TAKEN] == ["王秀兰", "欧阳锋"]

        faulty = hidden(page.text, "/visits/mend")
        answer = await client.post("/visits/mend", data={"_csrf": token, "_rows": faulty})
        back = read_book(answer.content).sheets[0].rows
        assert list(back[0][-2:]) == ["原来第几行", "要改什么"]
        assert [row[-2] for row in back[1:]] == [5, 6, 7]
        assert back[2][2] == "王秀兰"

        for wrong in (rows[:-1] + "0", faulty, "", "x" * 100):
            answer = await client.post("/visits/take", data={"_csrf": token, "_rows": wrong})
            assert answer.status_code == 422
        theirs = token_in(await other.get("/visits/list"))
        assert (await other.post("/visits/mend", data={"_csrf": theirs, "_rows": rows})).status_code == 422
        assert len(TAKEN) == 2


async def test_a_choice_whose_name_has_the_dividing_sign_in_it_stays_whole() -> None:
    class Card(Struct, frozen=True):
        name: Annotated[str, Meta(title="姓名", extra={"holds": "name"})]
        phone: Annotated[str, Meta(title="手机号", extra={"holds": "phone"})]
        kinds: Annotated[
            list[Kind], Meta(title="属于哪类", extra={"names": {"care": "独居、空巢", "safety": "低保"}})
        ] = []

    said = (("王秀兰", "低保、独居、空巢"), ("赵德厚", "独居，空巢"), ("孙桂芳", "独居"))
    rows = [(name, f"1990000000{n}", kinds) for n, (name, kinds) in enumerate(said)]
    book = workbook(*rows, header=("姓名", "手机号", "属于哪类"))
    checked = await read_records(book, Card)
    assert [row.kinds for row in checked.values] == [[Kind.SAFETY, Kind.CARE], [Kind.CARE]]
    assert [row.name for row in checked.faulty] == ["孙桂芳"]
