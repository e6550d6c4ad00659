# SPDX-License-Identifier: Apache-2.0
"""Numbers as Excel hands them over, names as people write them, masks as publicity shows them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from liren.identity.register import names, numbers

born = st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 11, 21))
han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=4)


def id_of(day: date, serial: int) -> str:
    first = f"379901{day:%Y%m%d}{serial:03d}"
    return first + numbers.check_digit(first)


@given(born, st.integers(0, 999))
def test_every_right_id_number_is_accepted_and_tells_the_birthday(day: date, serial: int) -> None:
    number = id_of(day, serial)
    assert numbers.id_number(number) == number
    assert numbers.birthday_in(number) == day


@given(born, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(day: date, serial: int, at: int, by: int) -> None:
    number = id_of(day, serial)
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert numbers.id_number(wrong) is None


@given(born, st.integers(0, 999), st.integers(0, 15))
def test_two_neighbours_swapped_are_always_noticed(day: date, serial: int, at: int) -> None:
    number = id_of(day, serial)
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert number[at] == number[at + 1] or numbers.id_number(swapped) is None


def test_id_numbers_are_read_as_people_type_them() -> None:
    assert numbers.id_number(" ３７９９０１１９５３１２１８００３x ") == "37990119531218003X"
    assert numbers.id_number("379901 19641122 0003") == "379901196411220003"
    assert numbers.id_number("379901196411220004") is None
    assert numbers.id_number("37990119641122000") is None
    assert numbers.id_number("379901196413220003") is None
    assert numbers.id_number(3.79901196411220e17) is None
    assert numbers.id_number(None) is None


@pytest.mark.parametrize(
    "cell",
    [
        "19900000001", 19900000001, 19900000001.0, "1.9900000001E+10", " 199 0000 0001 ", "199-0000-0001",
        "+86 19900000001", "8619900000001", "0086-19900000001", "１９９" + "０" * 7 + "１", "'19900000001",
    ],
)  # fmt: skip
def test_one_phone_in_many_spellings(cell: object) -> None:
    assert numbers.phone(cell) == "19900000001"


@pytest.mark.parametrize("cell", ["", None, "1990000000", "199000000011", "12900000001", "张三", True, 1.5, -1])
def test_what_is_no_phone_is_no_phone(cell: object) -> None:
    assert numbers.phone(cell) is None


def test_a_landline_with_area_code_is_a_phone() -> None:
    assert numbers.phone("0533-8212345") == "05338212345"


@pytest.mark.parametrize(
    "cell",
    [
        "1964-11-22", "1964/11/22", "1964.11.22", "1964年11月22日", "19641122", 19641122, " 1964-11-22 00:00:00",
        datetime(1964, 11, 22, 0, 0), date(1964, 11, 22),
    ],
)  # fmt: skip
def test_one_day_in_many_spellings(cell: object) -> None:
    assert numbers.day(cell) == date(1964, 11, 22)


@pytest.mark.parametrize("cell", ["1964-13-01", "1964-02-30", "0001-01-01", "yesterday", "", None, 42])
def test_what_is_no_day_is_no_day(cell: object) -> None:
    assert numbers.day(cell) is None


def test_somebody_born_on_a_leap_day_ages_in_march() -> None:
    assert numbers.age_on(date(1960, 2, 29), date(2026, 2, 28)) == 65
    assert numbers.age_on(date(1960, 2, 29), date(2026, 3, 1)) == 66


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"), ("欧阳锋", "欧阳*"), ("龚建国", "龚**"), ("欧阳", "欧*"), ("诸葛孔明", "诸葛**"),
        ("买买提·阿不都", "买买提·***"), ("王", "*"), ("Ann Lee", "A*****"), (" 张 三 ", "张*"), ("", "*"),
    ],
)  # fmt: skip
def test_masks_show_the_surname_only(name: str, masked: str) -> None:
    assert names.mask(name) == masked


@given(st.text(max_size=30))
def test_a_mask_always_hides_something(text: str) -> None:
    assert "*" in names.mask(text)


@given(han)
def test_a_mask_never_shows_a_given_name(name: str) -> None:
    masked = names.mask(name)
    shown = masked.rstrip("*")
    assert name.startswith(shown)
    assert len(shown) <= 2
    assert len(masked) == len(name)


@given(st.text(max_size=50))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = names.normalise(text)
    assert names.normalise(once) == once


def test_names_are_brought_to_one_spelling() -> None:
    assert names.normalise(" 王 秀　兰 ") == "王秀兰"
    assert names.normalise("阿不都•热合曼") == "阿不都·热合曼"
    assert names.normalise("Ann   Lee") == "Ann Lee"
    assert not names.is_name(names.normalise("合计 3"))
    assert not names.is_name("")
    assert names.is_name("王秀兰")


def test_the_given_name_is_what_follows_the_surname() -> None:
    given_names = [names.given_of(name) for name in ("王秀兰", "欧阳锋", "欧阳", "王", "买买提·阿不都", "Ann Lee")]
    assert given_names == ["秀兰", "锋", "阳", "", "阿不都", "Lee"]


def test_a_name_is_found_by_how_it_sounds() -> None:
    assert names.sound("王秀兰") == names.Sound("wangxiulan", "wxl")
    assert names.sound("单雄信") == names.Sound("shanxiongxin", "sxx")
    assert names.sound("欧阳锋").initials == "oyf"
    assert names.sound("吕布").pinyin == "lvbu"
    assert names.sound("仇涛少").pinyin.startswith("qiu")


@given(
    st.lists(st.sampled_from("王长乐重庆行朝阳和平子曾仇单会计银行调解朴区了得地女绿吕龘"), min_size=1, max_size=5).map(
        "".join
    )
)
def test_a_name_read_character_by_character_sounds_as_the_dictionary_reads_it_whole(text: str) -> None:
    assert names._syllables(text) == lazy_pinyin(text, style=Style.NORMAL, v_to_u=False)
