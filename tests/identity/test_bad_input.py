# SPDX-License-Identifier: Apache-2.0
"""What people type and upload, and should not: each is answered in words beside its row, and nothing is half taken.

Where each kind is tried (``PHRASES`` holds the page to it):

=====================================  ==============================================================
ID number with a wrong check digit     identity/test_import.py  every row gets its verdict
ID number stored as a number           identity/test_import.py  what Excel does to lists
full-width digits                      identity/test_import.py  what Excel does to lists
two people with one phone              identity/test_import.py  what Excel does to lists
unknown unit path                      identity/test_import.py  a list of staff brings no new communities
cycle in the tree                      units/test_other_lists.py, units/test_changes.py
closing a unit with people in it       units/test_changes.py
overlapping appointment                units/test_posts_and_appointments.py, units/test_other_lists.py
term in the past                       accounts/test_roles.py
role outside one's own scope           accounts/test_roles.py
self-grant                             identity/test_roles.py
last administrator disabled            accounts/test_roles.py
formula in a cell                      identity/test_import.py, units/test_dwelling_list.py
50 MB file, .xls renamed               identity/test_lists.py
merged cells                           identity/test_import.py, units/test_dwelling_list.py
dates as text                          identity/test_import.py  birthdays must agree
nothing half-imported                  identity/test_import.py
all the rest                           here
=====================================  ==============================================================
"""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from tests.identity.test_import import HEADER, book
from tests.identity.test_lists import boss

from liren.identity.lists.import_rules import TEXTS, Bounds
from liren.identity.lists.list_reading import Rows, frames
from liren.identity.service import Identity
from liren.units.rules import name_key
from liren.web.app import PageApp
from liren.web.sheets import SheetError

TESTS = Path(__file__).parents[1]
PHRASES = {
    "ID number with a wrong check digit": "identity/test_import.py::test_every_row_gets_its_verdict",
    "ID number stored as a number": "identity/test_import.py::test_what_excel_does_to_lists_is_said_row_by_row",
    "full-width digits": "identity/test_import.py::test_what_excel_does_to_lists_is_said_row_by_row",
    "two people with one phone": "identity/test_import.py::test_what_excel_does_to_lists_is_said_row_by_row",
    "unknown unit path": "identity/test_import.py::test_a_list_of_staff_brings_no_new_communities",
    "cycle in the tree": "units/test_changes.py::test_a_tree_without_a_cycle_and_a_unit_with_people_in_it_stays_open",
    "cycle in a list": "units/test_other_lists.py::test_a_cycle_a_closed_unit_and_a_foreign_code_in_a_list_are_refused",
    "closing a unit with people in it": "units/test_changes.py::test_a_tree_without_a_cycle_and_a_unit_with_people",
    "overlapping appointment": "units/test_posts_and_appointments.py::test_what_cannot_be_an_appointment_is_refused",
    "overlapping in a list": "units/test_other_lists.py::test_a_list_of_appointments_names_every_row_it_cannot_take",
    "term in the past": "accounts/test_roles.py::test_a_term_that_cannot_be_is_refused",
    "role outside one's own scope": "accounts/test_roles.py::test_nobody_grants_to_themself_beyond_their_scope",
    "self-grant": "identity/test_roles.py::test_nobody_gives_a_role_to_themself",
    "last administrator disabled": "accounts/test_roles.py::test_the_last_administrator_stays",
    "formula in a cell": "identity/test_import.py::test_what_excel_does_to_lists_is_said_row_by_row",
    "50 MB file": "identity/test_lists.py::test_a_file_of_50_megabytes_is_refused_in_words_and_a_renamed_one_is_read",
    ".xls renamed": "identity/test_lists.py::test_a_file_of_50_megabytes_is_refused_in_words_and_a_renamed_one_is_read",
    "merged cells": "identity/test_import.py::test_cells_merged_over_several_rows_count_for_each",
    "dates as text": "identity/test_import.py::test_birthdays_must_agree_with_the_id_number",
    "a bomb": "web/test_sheets.py::test_a_bomb_is_counted_while_it_inflates_whatever_its_header_says",
    "nothing half-imported": "identity/test_import.py::test_nothing_is_half_imported",
}
GOOD = ("赵磊", None, "19900000099", "桃园社区", "8号楼", "101")
NUMBER, ENDS_IN_X = "379901196411220003", "37990119641122002x"
COMMUNITIES = frozenset(name_key("community", name) for name in ("桃园社区", "老街社区"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_kind_of_bad_input_has_its_test(phrase: str) -> None:
    path, _, name = PHRASES[phrase].partition("::")
    assert f"def {name}" in (TESTS / path).read_text("utf-8")


def made(rows: Sequence[Sequence[object]], change: Callable[[openpyxl.Workbook], None]) -> bytes:
    workbook = openpyxl.load_workbook(io.BytesIO(book(rows)))
    change(workbook)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def repacked(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts altered."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for each in packed.namelist():
            again.writestr(each, change(packed.read(each)) if each == name else packed.read(each))
    return out.getvalue()


def read(data: bytes) -> dict[int, tuple[str, str]]:
    """Sheet row → verdict and name."""
    bounds = Bounds(date(2026, 11, 21), COMMUNITIES)
    found = {row.row: row for frame in frames(data, bounds) if isinstance(frame, Rows) for row in frame.judged}
    assert {row.code for row in found.values()} <= set(TEXTS)
    return {number: (row.code, row.candidate.name if row.candidate else row.name) for number, row in found.items()}


def codes(data: bytes) -> dict[int, str]:
    return {number: code for number, (code, _) in read(data).items()}


def another_sheet(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.create_sheet("第二张")
    for row in (HEADER, ("钱多", None, "19900000098", "桃园社区", "", "")):
        sheet.append(list(row))


def behind_a_hidden_cover(workbook: openpyxl.Workbook) -> None:
    cover = workbook.create_sheet("封面", 0)
    cover.append(["姓名", "手机号", "社区"])
    cover.append(["不要的人", "19900000000", "桃园社区"])
    cover.sheet_state = "hidden"


def test_what_people_type_is_read_as_they_meant_it() -> None:
    rows = [
        ("　姓　名　", "身份证号码（18位）", "联 系 电 话", "社区 ", "楼 栋", "房号"),
        (None,) * 6,
        ("  赵磊 ", f" {ENDS_IN_X} ", None, " 桃园社区 ", "", ""),
        (" ",) * 6,
        ("𠮷田", None, "１９９００００００９１", "桃园社区", "", ""),
        ("阿卜杜拉·买买提", None, "'19900000092", "桃园社区", "", ""),
        ("王\u200b磊", None, "199 0000 0093", "桃园社区", "", ""),
        ("李\u202e四\n", None, 1.9900000094e10, "桃园社区", "", 503.0),
        ("周三", None, "0533-7654321", "桃园社区", "", ""),
    ]
    found = read(book(rows))
    assert set(found) == {3, 5, 6, 7, 8, 9}, "blank rows are no rows"
    assert {code for code, _ in found.values()} == {"ok"}
    assert [found[row][1] for row in (3, 5, 7, 8)] == ["赵磊", "𠮷田", "王磊", "李四"]


def test_what_is_wrong_is_said_beside_its_row() -> None:
    rows = [
        HEADER,
        ("王😀", None, "19900000091", "桃园社区", "", ""),
        (True, None, "19900000092", "桃园社区", "", ""),
        (12345, None, "19900000093", "桃园社区", "", ""),
        ("钱多", True, "19900000094", "桃园社区", "", ""),
        ("孙一", None, "#N/A", "桃园社区", "", ""),
        ("李二", None, "19900000094/19900000095", "桃园社区", "", ""),
        ("赵" * 32_000, None, "19900000096", "桃园社区", "", ""),
        ("周三", None, "19900000097", "桃园社区", "楼" * 200, "9" * 300),
        ("吴四", NUMBER[:17], None, "桃园社区", "", ""),
    ]
    assert codes(book(rows)) == {
        2: "bad-name", 3: "bad-name", 4: "bad-name", 5: "bad-id-number", 6: "missing-number", 7: "bad-phone",
        8: "bad-name", 9: "bad-place", 10: "bad-id-number",
    }  # fmt: skip


def test_days_as_serial_numbers_of_both_calendars_are_days() -> None:
    header = ("姓名", "身份证号", "社区", "出生日期")
    windows = book([header, ("赵磊", NUMBER, "桃园社区", 23703), ("钱多", "379901196507150011", "桃园社区", "23938")])
    assert codes(windows) == {2: "ok", 3: "ok"}

    def of_a_mac(workbook: openpyxl.Workbook) -> None:
        workbook.epoch = CALENDAR_MAC_1904
        workbook.active["D2"] = datetime(1964, 11, 22)  # type: ignore[index]

    assert codes(made([header, ("赵磊", NUMBER, "桃园社区", None)], of_a_mac)) == {2: "ok"}


def test_ten_thousand_columns_and_text_named_xlsx_are_read() -> None:
    wide = book([(*HEADER, *(f"列{n}" for n in range(10_000))), (*GOOD, *["x"] * 10_000)])
    text = "姓名,手机号,社区\n赵磊,19900000099,桃园社区\n"
    for data in (wide, b"\xef\xbb\xbf" + text.encode(), text.replace(",", "\t").encode("utf-16")):
        assert read(data) == {2: ("ok", "赵磊")}


def test_a_hidden_sheet_is_left_and_of_two_lists_none_is_taken_in_silence() -> None:
    assert read(made([HEADER, GOOD], behind_a_hidden_cover)) == {2: ("ok", "赵磊")}
    with pytest.raises(SheetError, match="第二张") as caught:
        read(made([HEADER, GOOD], another_sheet))
    assert caught.value.code == "several-sheets"


PAGE = "<html><table><tr><td>姓名</td></tr></table></html>".encode()
SHEET = "xl/worksheets/sheet1.xml"
NAMES = (("姓名", "姓名", "手机号", "社区"), ("赵磊", "钱多", GOOD[2], "桃园社区"))
PHONES = (("姓名", "手机号", "手机号", "社区"), ("赵磊", GOOD[2], "19900000098", "桃园社区"))
HOSTILE = {
    "titles twice: whose name": (book(NAMES), "没有认出这些列：姓名"),
    "titles twice: which phone": (book(PHONES), "没有认出这些列：手机号"),
    "a password": (OLE + "EncryptedPackage".encode("utf-16-le") + bytes(600), "加了密码"),
    "an .xls that is none": (OLE, "打不开"),
    "a web page": (PAGE, "网页"),
    "half a sheet": (repacked(book([HEADER, GOOD]), SHEET, lambda xml: xml[: len(xml) // 2]), "打不开"),
    "no sheet": (repacked(book([HEADER, GOOD]), SHEET, lambda _: b""), "打不开"),
    "two lists": (made([HEADER, GOOD], another_sheet), "第二张"),
}
"""What it is → the file, and what the page says."""


def test_a_workbook_reads_no_file_of_the_server_and_inflates_no_entity() -> None:
    def asked(xml: bytes) -> bytes:
        return ENTITIES + xml.split(b"?>", 1)[-1].replace("赵磊".encode(), b"&b;")

    try:
        found = read(repacked(book([HEADER, GOOD]), "xl/sharedStrings.xml", asked))
    except SheetError:
        return
    assert all("root" not in name and len(name) < 10 for _, name in found.values())


async def test_no_file_breaks_the_page_and_none_of_it_is_taken(app: PageApp, identity_: Identity, chief: str) -> None:
    browser = await boss(app)
    before = await identity_.store.read("SELECT count(*) FROM person")
    for what, (data, said) in HOSTILE.items():
        answer = await browser.upload("/people/lists", "/people/lists", "名单.xlsx", data)
        text = answer.text
        if answer.status_code == 303:
            text = (await browser.get(answer.headers["location"])).text
        assert answer.status_code < 500, what
        assert said in text, what
    assert await identity_.store.read("SELECT count(*) FROM person") == before
