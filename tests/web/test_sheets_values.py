# SPDX-License-Identifier: Apache-2.0
"""What one cell means, in the spellings of real lists."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liren.web.sheets import Cell, YearHint, blank, clean, day, id_number, person_name, phone, whole_number, year_hint

MARCH_8 = date(2026, 3, 8)


@pytest.mark.parametrize(
    "typed",
    [
        *(MARCH_8, datetime(2026, 3, 8, 19, 30), 46089, 46089.5, "46089", 20260308, "20260308", 20260308.0),
        *(
            "2026-03-08",
            "2026/3/8",
            "2026.03.08",
            "2026．3．8",
            "2026。3。8",
            "２０２６／３／８",
            "2026年3月8日",
            "2026 年 3 月 8 日",
        ),
        *(
            "2026年03月08号",
            "2026-3-8 14:05",
            "2026-03-08 14:05:59",
            "2026-03-08T09:00",
            "2026年3月8日上午",
            "2026年3月8日 9时30分",
        ),
        *(
            "2026年3月8日（星期日）",
            "2026/3/8 周日",
            "二〇二六年三月八日",
            "26年3月8日",
            "8 Mar 2026",
            "March 8, 2026",
            " 2026-03-08 ",
        ),
        *("2026—03—08", "2026_03_08", "2026,3,8", "'2026-03-08"),
    ],
)
def test_one_day_in_many_spellings(typed: Cell) -> None:
    assert day(typed) == MARCH_8


@pytest.mark.parametrize(
    "typed",
    [
        "",
        None,
        "3月32日",
        "2026-02-30",
        "2026-13-01",
        "03/08/2026",
        "26/3/8",
        "上周",
        "3月8日",
        "2026年3月",
        3,
        3.5,
        2026,
        True,
        timedelta(days=3),
        "2026-03-08~2026-03-10",
        "2026年3月8日、9日",
        float("nan"),
        float("inf"),
        "9" * 40,
        "1e9",
    ],
)
def test_what_is_no_certain_day_is_not_read(typed: Cell) -> None:
    assert day(typed) is None


def test_a_day_without_a_year_takes_it_from_the_heading() -> None:
    hint = year_hint(["里仁街道 2026年3月 登记表", "填报日期：2026年4月2日"])
    assert hint == YearHint(2026, date(2026, 4, 2))
    assert day("3月8日", hint) == MARCH_8
    assert day("3月32日", hint) is None
    late = year_hint(["填报日期: 2026/1/5"])
    assert day("12月28日", late) == date(2025, 12, 28)
    assert year_hint(["2025年度与2026年度对照"]) is None
    assert year_hint(["桃园社区"]) is None
    assert year_hint(["2026-03 赋分"]) == YearHint(2026)


@pytest.mark.parametrize(
    ("typed", "read"), [("三月二十六日", 26), ("三月十日", 10), ("三月二十日", 20), ("三月十五日", 15)]
)
def test_days_in_chinese_numerals(typed: str, read: int) -> None:
    assert day(typed, YearHint(2026)) == date(2026, 3, read)


@given(st.dates(date(1955, 1, 1), date(2190, 1, 1)))
def test_every_day_survives_every_spelling(value: date) -> None:
    serial = (value - date(1899, 12, 30)).days
    for typed in (
        *(value, serial, str(serial) if serial < 99_999 else serial, f"{value:%Y%m%d}", value.isoformat()),
        *(f"{value.year}年{value.month}月{value.day}日", f"{value.year}.{value.month}.{value.day}"),
    ):
        assert day(typed) == value


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans(), st.none(), st.datetimes()))
def test_no_cell_breaks_a_reader(cell: Cell) -> None:
    clean(cell), blank(cell), person_name(cell), phone(cell), id_number(cell), whole_number(cell, "小时")
    day(cell, YearHint(2026, date(2026, 4, 2)))
    year_hint([clean(cell)])


@pytest.mark.parametrize(
    "typed",
    [
        "19900004479",
        19900004479,
        19900004479.0,
        "１９９００００４４７９",
        "199 0000 4479",
        "199-0000-4479",
        "+86 19900004479",
        *("8619900004479", "0086-19900004479", "\t19900004479 ", "019900004479", "199\u200b00004479"),
    ],
)
def test_one_phone_in_many_spellings(typed: Cell) -> None:
    assert phone(typed) == "19900004479"


@pytest.mark.parametrize("typed", ["1990000447", "199000044790", "0538-3211234", "1.99E+10", "", None, "无", 3])
def test_what_is_no_mobile_number_is_not_read(typed: Cell) -> None:
    assert phone(typed) is None


def test_an_id_number_keeps_its_check_character() -> None:
    assert id_number("37990119531218003x") == "37990119531218003X"
    assert id_number("３７９９０１１９５３１２１８００３Ｘ") == "37990119531218003X"
    assert id_number("379901 19531218 003X") == "37990119531218003X"
    assert id_number("379901195312180031") is None
    assert id_number(3.79901195312180e17) is None


def test_control_characters_never_reach_the_database() -> None:
    assert clean("钟\x00琴\x07") == "钟琴"
    assert clean("FX\x00-01\n第二行") == "FX-01 第二行"


def test_a_name_has_no_spaces_and_one_kind_of_dot() -> None:
    assert person_name("钟　 琴") == person_name(" 钟琴\n") == "钟琴"
    assert person_name("阿依古丽•买买提") == person_name("阿依古丽·买买提")


@pytest.mark.parametrize("typed", [3, 3.0, "3", "３", " 3 ", "3.0", "3小时", "3 小时", "３个小时", "3h", "+3"])
def test_one_quantity_in_many_spellings(typed: Cell) -> None:
    assert whole_number(typed, "小时") == 3


@pytest.mark.parametrize(
    "typed", [1.5, "1.5", "两小时", "3次", "约3", "", None, True, "3-4", "1e3", float("inf"), "3小时半", MARCH_8]
)
def test_what_is_no_certain_quantity_is_not_read(typed: Cell) -> None:
    assert whole_number(typed, "小时") is None


def test_zero_and_less_are_numbers() -> None:
    assert [whole_number(typed) for typed in (0, -2, "-2", "－2", "−2", "0")] == [0, -2, -2, -2, -2, 0]
    assert whole_number("1,000") == 1000


@given(st.integers(-(10**9), 10**9))
def test_every_whole_number_survives_as_text_and_as_float(number: int) -> None:
    assert whole_number(number) == whole_number(str(number)) == whole_number(float(number)) == number
