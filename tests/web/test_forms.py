# SPDX-License-Identifier: Apache-2.0
"""Forms: everything typed comes back, every mistake is said at once, and what is right becomes a Struct."""

from datetime import date, time
from enum import Enum
from typing import Annotated, Literal

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta, Struct

from liren.errors import Conflict
from liren.web import N_, Fen, Form, Upload, i18n
from liren.web.uploads import MAX_BYTES

from .conftest import KEPT, NewNotice, send

EXCEL = b"PK\x03\x04 a workbook"


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Everything(Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(title=N_("姓名"), min_length=2, max_length=4)]
    points: Annotated[int, Meta(title=N_("积分"), ge=1, le=1000)]
    day: Annotated[date, Meta(title=N_("日期"))]
    colour: Annotated[Colour, Meta(title=N_("颜色"))]
    size: Annotated[Literal["s", "m"], Meta(title=N_("尺寸"))]
    agreed: Annotated[bool, Meta(title=N_("同意"))]
    days: Annotated[list[int], Meta(title=N_("星期"), max_length=3)] = msgspec.field(default_factory=lambda: [1])
    phone: Annotated[str | None, Meta(title=N_("电话"), pattern=r"^1\d{10}$")] = None
    note: str = "原来的话"


GOOD = {
    "name": "王秀兰",
    "points": "１２",
    "day": "2026年3月9日",
    "colour": "red",
    "size": "m",
    "agreed": "on",
    "days": ["1", "3"],
    "phone": "13800000000",
    "note": "",
}


def test_what_is_right_becomes_the_struct() -> None:
    form = Form.of(Everything, GOOD)
    assert form.command == Everything(
        name="王秀兰",
        points=12,
        day=date(2026, 3, 9),
        colour=Colour.RED,
        size="m",
        agreed=True,
        days=[1, 3],
        phone="13800000000",
        note="",
    )


def test_an_empty_form_says_everything_that_is_missing_at_once() -> None:
    form = Form.of(Everything, {})
    said = {error.field: error.text for error in form.errors}
    assert said == {
        "name": "请填写姓名",
        "points": "请填写积分",
        "day": "请填写日期",
        "colour": "请选择颜色",
        "size": "请选择尺寸",
    }
    assert form.command is None
    assert not form.valid


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "王", "姓名至少要2个字"),
        ("name", "王秀兰王秀兰", "姓名最多4个字，现在有6个字"),
        ("name", "王\x00兰", "姓名里有看不见的特殊字符，请删掉重打"),
        ("points", "十二", "积分要填整数，例如 12"),
        ("points", "1.5", "积分要填整数，例如 12"),
        ("points", "9" * 40, "积分要填整数，例如 12"),
        ("points", "０", "积分不能小于 1"),
        ("points", "1,001", "积分不能大于 1000"),
        ("day", "3月9日", "日期要写成年月日，例如 2026-03-09"),
        ("day", "2026-02-30", "日期里没有这一天：2026-02-30"),
        ("day", "9999-12-31", "日期的年份不对：9999-12-31"),
        ("day", "0001-01-01", "日期的年份不对：0001-01-01"),
        ("colour", "blue", "请从列出的里面选择颜色"),
        ("agreed", "maybe", "同意只能是“是”或“否”"),
        ("days", ["1", "x"], "星期要填整数，例如 12"),
        ("days", ["1", "2", "3", "4"], "星期最多3项，现在有4项"),
        ("phone", "12345", "电话的格式不对，请检查后重填"),
        ("name", Upload("a.txt", b"a"), "姓名这一项收到的内容不对，请重新填写"),
    ],
)
def test_each_mistake_is_said_in_words_and_what_was_typed_stays(field: str, typed: object, said: str) -> None:
    form = Form.of(Everything, {**GOOD, field: typed})
    assert [(error.field, error.text) for error in form.errors] == [(field, said)]
    if isinstance(typed, str):
        assert form.value(field) == typed
    if field != "points":
        assert form.value("points") == "１２"


def test_the_same_in_english() -> None:
    from .conftest import NOTICES

    i18n.speak("en", i18n.Catalogs.read([i18n_core(), NOTICES.folder]))
    try:
        form = Form.of(NewNotice, {"title": "x", "days": "99"})
        assert [error.text for error in form.errors] == [
            "Title needs at least 2 characters",
            "Days cannot be more than 30",
        ]
    finally:
        i18n.speak("zh", i18n.Catalogs())


def i18n_core() -> object:
    from liren.web.templates import CORE

    return CORE


@pytest.mark.parametrize("typed", ["1,200", "１２００", " 1200 ", "+1200", "1 200"])
def test_numbers_are_read_as_people_type_them(typed: str) -> None:
    class Amount(Struct):
        n: int

    form = Form.of(Amount, {"n": typed})
    assert form.command == Amount(1200)


@pytest.mark.parametrize("typed", ["2026-03-09", "2026/3/9", "2026.3.9", "2026年3月9日", "２０２６年３月９日"])
def test_dates_are_read_as_people_type_them(typed: str) -> None:
    class Day(Struct):
        on: date

    assert Form.of(Day, {"on": typed}).command == Day(date(2026, 3, 9))


def test_an_unticked_box_is_false_and_cleared_choices_are_empty_not_the_default() -> None:
    form = Form.of(Everything, {key: value for key, value in GOOD.items() if key not in {"agreed", "days", "phone"}})
    assert form.command is not None
    assert (form.command.agreed, form.command.days, form.command.phone) == (False, [], None)


def test_one_value_is_enough_for_a_list() -> None:
    form = Form.of(Everything, {**GOOD, "days": "3"})
    assert form.command is not None
    assert form.command.days == [3]


def test_a_form_starts_with_given_values_or_the_defaults() -> None:
    blank = Form(Everything)
    assert blank.value("note") == "原来的话"
    assert blank.chosen("days", 1)
    assert not blank.errors
    filled = Form(Everything, Form.of(Everything, GOOD).command)
    assert filled.value("day") == "2026-03-09"
    assert filled.chosen("colour", "red")
    assert filled.chosen("agreed", "on")
    assert not filled.chosen("size", "s")


def test_a_page_adds_what_only_it_can_know() -> None:
    form = Form.of(Everything, GOOD)
    form.refuse("name", "这个人已经登记过了")
    assert form.error("name") == "这个人已经登记过了"
    assert form.command is None
    form.refuse_with(Conflict("状态变了", "It has changed"))
    assert form.errors[-1].text == "状态变了"


def test_a_struct_that_refuses_itself_is_said_on_the_form() -> None:
    class Span(Struct):
        start: int
        end: int

        def __post_init__(self) -> None:
            if self.end < self.start:
                raise ValueError("结束不能早于开始")

    assert [error.text for error in Form.of(Span, {"start": "2", "end": "1"}).errors] == ["结束不能早于开始"]


def test_the_request_key_that_was_sent_is_kept_and_a_bad_one_replaced() -> None:
    assert Form.of(Everything, {**GOOD, "_key": "abcdefghijklmnop"}).key == "abcdefghijklmnop"
    assert len(Form.of(Everything, {**GOOD, "_key": "../../x"}).key) == 22


def test_a_type_no_field_can_hold_is_an_error_of_the_author() -> None:
    class Wrong(Struct):
        x: dict[str, str]

    with pytest.raises(TypeError, match="no form field"):
        Form(Wrong)


@settings(suppress_health_check=[HealthCheck.too_slow])  # its tables of characters load slowly the first time
@given(st.dictionaries(st.sampled_from([*GOOD, "_key", "junk"]), st.text() | st.lists(st.text(), max_size=4)))
def test_no_text_whatsoever_breaks_a_form(data: dict[str, object]) -> None:
    form = Form.of(Everything, data)
    assert (form.command is None) == bool(form.errors)
    if form.command is not None:
        assert msgspec.convert(msgspec.to_builtins(form.command), Everything) == form.command


async def test_the_page_comes_back_with_422_errors_linked_to_fields_and_values(client: httpx.AsyncClient) -> None:
    page = await send(client, "/notices/new", {"title": "x", "days": "９９", "where": "2", "loud": "on"})
    assert page.status_code == 422
    assert 'href="#f-title"' in page.text
    assert 'id="f-title"' in page.text
    assert 'value="９９"' in page.text
    assert 'aria-describedby="f-days-error" aria-invalid="true"' in page.text
    assert page.text.count(" checked") == 2


async def test_a_good_form_leads_on_and_the_next_page_says_so_once(client: httpx.AsyncClient) -> None:
    files = {"sheet": ("名单.xlsx", EXCEL)}
    answer = await send(client, "/notices/new", {"title": "名单", "days": "1", "where": ["1", "2"]}, files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, "/notices")
    assert KEPT[-1].sheet == Upload("名单.xlsx", EXCEL)
    assert KEPT[-1].where == ["1", "2"]
    assert "贴好了。" in (await client.get("/notices")).text
    assert "贴好了。" not in (await client.get("/notices")).text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("照片.xlsx", b"\xff\xd8\xff\xe0", "照片.xlsx 打不开，请换成 Excel (.xlsx) 文件"),
        ("空.xlsx", b"", "空.xlsx 是空的，请换一个文件"),
        ("大.xlsx", EXCEL + bytes(MAX_BYTES), "大.xlsx 太大了，一次最多 10 MB。请压小或分几次上传"),
    ],
)
async def test_a_file_is_judged_by_its_content(client: httpx.AsyncClient, name: str, content: bytes, said: str) -> None:
    answer = await send(client, "/notices/new", {"title": "名单", "days": "1"}, files={"sheet": (name, content)})
    assert answer.status_code == 422
    assert said in answer.text


class Paid(Struct, frozen=True, kw_only=True):
    amount_fen: Annotated[Fen, Meta(title="金额", ge=1, le=100_000_00)]
    tip_fen: Annotated[Fen | None, Meta(title="另给")] = None


@pytest.mark.parametrize(
    ("written", "fen"),
    [("12", 1200), ("12.5", 1250), ("１２．５０", 1250), ("¥1,200", 120_000), ("0.01 元", 1), (" 7元 ", 700)],
)
def test_money_is_written_in_yuan_and_kept_in_fen(written: str, fen: int) -> None:
    form = Form.of(Paid, {"amount_fen": written})
    assert form.command == Paid(amount_fen=fen)


@pytest.mark.parametrize("written", ["1.234", "十块", "0", "-1", "100000.01", "1e3", "."])
def test_money_that_cannot_be_meant_is_refused_and_stays_in_its_field(written: str) -> None:
    form = Form.of(Paid, {"amount_fen": written})
    assert form.command is None
    assert "金额" in form.error("amount_fen")
    assert form.value("amount_fen") == written


def test_first_values_of_money_stand_in_yuan() -> None:
    assert [Form(Paid, {"amount_fen": fen}).value("amount_fen") for fen in (1550, 1500, 5)] == ["15.50", "15", "0.05"]


class Serving(Struct, frozen=True):
    opens: Annotated[time, Meta(title=N_("几点开餐"))]


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("7:00", time(7)),
        ("19:00", time(19)),
        ("１９：３０", time(19, 30)),
        ("19点05分", time(19, 5)),
        ("00:00", time(0)),
    ],
)
def test_a_time_is_read_on_the_24_hour_clock_and_written_back(typed: str, at: time) -> None:
    form = Form.of(Serving, {"opens": typed})
    assert form.command == Serving(at)
    assert Form(Serving, form.command).value("opens") == f"{at:%H:%M}"


@pytest.mark.parametrize("typed", ["7", "7:00 PM", "24:00", "12:60", "下午七点", "-1:00", "7:0"])
def test_a_time_that_could_mean_two_moments_is_asked_again(typed: str) -> None:
    form = Form.of(Serving, {"opens": typed})
    assert form.command is None
    assert form.value("opens") == typed
    assert "几点开餐" in form.error("opens")


class Dated(Struct, frozen=True):
    stamps: list[date] = msgspec.field(default_factory=lambda: [next(DAYS)])


DAYS = iter([date(2026, 11, 21), date(2026, 11, 22)])


def test_a_default_that_is_made_is_made_anew_for_each_form() -> None:
    """What a Struct declares is read once; what it makes, such as today, is not kept."""
    assert Form(Dated).values("stamps") == ["2026-11-21"]
    assert Form(Dated).values("stamps") == ["2026-11-22"]
