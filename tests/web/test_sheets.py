# SPDX-License-Identifier: Apache-2.0
"""Workbooks as communities hand them in: read safely, columns found by meaning, written without formulas."""

import contextlib
import io
import struct
import zipfile
import zlib
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from liren.web.sheets import (
    Cell,
    Column,
    Heading,
    Page,
    SheetError,
    Table,
    choose_table,
    clean,
    community_column,
    day,
    day_column,
    find_tables,
    id_number_column,
    name_column,
    phone_column,
    read_book,
    whole_number,
    write_book,
)
from liren.web.sheets.titles import Reader

SAMPLES = Path(__file__).parents[2] / "core/liren/demo/samples"
RULE = Column(
    "rule", ("细则编号", "细则", "项目编号"), lambda cell: clean(cell).upper().startswith(("FX-", "SX-")), True
)
QUANTITY = Column(
    "quantity", ("数量", "次数", "时长"), lambda cell: whole_number(cell) is not None, True, telling=False
)
WANTED = (name_column(), phone_column(), id_number_column(), community_column(), RULE, QUANTITY, day_column())


def workbook(*rows: list[Cell], name: str = "Sheet", merge: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for row in rows:
        sheet.append(row)
    for area in merge:
        sheet.merge_cells(area)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def best(data: bytes) -> Table:
    return find_tables(read_book(data), WANTED)[0]


def found(table: Table) -> dict[str, int]:
    return dict(table.columns)


GOOD: list[Cell] = ["钟琴", "19900004479", "老街社区", "FX-04", 3, "2026/3/26"]
HEAD: list[Cell] = ["姓名", "手机号", "所在社区", "细则编号", "数量", "日期"]


def test_the_sample_award_list_is_read_without_a_question() -> None:
    table = best((SAMPLES / "awards.xlsx").read_bytes())
    assert (table.sheet, table.last) == ("三月赋分", 3)
    assert found(table) == {"name": 1, "phone": 2, "id_number": 3, "community": 4, "rule": 5, "quantity": 6, "day": 7}
    assert table.doubts == ()
    rows = list(table.rows())
    assert (rows[0].number, rows[-1].number, len(rows)) == (4, 4586, 4573)
    assert "填报日期" in " ".join(table.above)


def test_another_order_other_titles_and_two_title_rows_are_understood() -> None:
    data = workbook(
        ["桃园社区四月服务清单"],
        [],
        ["服务时长\n（小时）", "联 系 电 话", "志愿者姓名", "服务时间", "项目编号*", "所属社区"],
        [2, "19900004479", "钟琴", "2026-04-01", "FX-01", "桃园社区"],
        [3, "19900004480", "钟 琴", "2026-04-02", "FX-01", "桃园社区"],
        [1, 19900004481, "林涛国", "2026-04-02", "FX-01", "桃园社区"],
        merge=("A1:F1",),
    )
    table = best(data)
    assert found(table) == {"quantity": 0, "phone": 1, "name": 2, "day": 3, "rule": 4, "community": 5}
    assert table.doubts == ()


def test_a_header_over_two_rows_with_merged_groups_is_one_header() -> None:
    data = workbook(
        ["序号", "居民信息", None, "服务", None, None],
        [None, "姓名", "电话", "细则", "次数", "日期"],
        [1, "钟琴", "19900004479", "FX-04", 3, date(2026, 3, 1)],
        [2, "钟琴", "19900004479", "FX-04", 3, date(2026, 3, 2)],
        merge=("B1:C1", "D1:F1", "A1:A2"),
    )
    table = best(data)
    assert found(table) == {"name": 1, "phone": 2, "rule": 3, "quantity": 4, "day": 5}
    assert [row.number for row in table.rows()] == [3, 4]


def test_a_title_split_over_two_unmerged_rows_is_joined() -> None:
    data = workbook(
        ["居民", "手机", "细则", "服务", "服务"],
        ["姓名", "号码", "编号", "次数", "日期"],
        ["钟琴", "19900004479", "FX-04", 3, "2026-03-01"],
        ["林涛国", "19900004480", "FX-04", 3, "2026-03-01"],
    )
    assert [row.number for row in best(data).rows()] == [3, 4]


def test_the_collectors_name_and_the_filing_day_are_not_the_residents() -> None:
    head: list[Cell] = ["采集员姓名", "填报日期", *HEAD, "审核人"]
    table = best(workbook(head, ["赵磊", "2026-04-02", *GOOD, "李敏"], ["赵磊", "2026-04-02", *GOOD, "李敏"]))
    assert found(table)["name"] == 2
    assert found(table)["day"] == 7
    assert table.doubts == ()


def test_a_column_called_time_is_a_day_or_a_duration_by_what_it_holds() -> None:
    table = best(workbook(["姓名", "时间", "时长", "细则"], *[["钟琴", "2026-03-01", n, "FX-01"] for n in range(1, 5)]))
    assert (found(table)["day"], found(table)["quantity"]) == (1, 2)


def test_two_columns_that_fit_equally_are_asked_about() -> None:
    head: list[Cell] = ["姓名", "开始日期", "结束日期", "细则", "数量"]
    table = best(workbook(head, *[["钟琴", "2026-03-01", "2026-03-02", "FX-01", 1]] * 3))
    assert [(doubt.key, doubt.reason, set(doubt.candidates)) for doubt in table.doubts] == [("day", "several", {1, 2})]


def test_a_missing_column_is_asked_about_and_never_guessed() -> None:
    table = best(workbook(["姓名", "细则", "日期"], ["钟琴", "FX-01", "2026-03-01"], ["钟琴", "FX-01", "2026-03-02"]))
    assert [(doubt.key, doubt.reason) for doubt in table.doubts] == [("quantity", "missing")]


def test_a_known_content_under_an_unknown_title_is_enough_but_small_numbers_are_not() -> None:
    head: list[Cell] = ["姓名", "干的什么", "几个钟头", "哪天", "备注"]
    table = best(workbook(head, *[["钟琴", "FX-01", n, f"2026-03-0{n}", ""] for n in range(1, 6)]))
    assert found(table)["rule"] == 1
    assert [doubt.key for doubt in table.doubts] == ["quantity"]


def test_a_list_with_no_title_we_know_is_asked_about_column_by_column() -> None:
    rows: list[list[Cell]] = [["谁", "干啥", "多少", "哪天"]]
    rows += [["钟琴", "FX-01", n, f"2026-03-0{n}"] for n in range(1, 6)]
    table = best(workbook(*rows))
    assert {doubt.key for doubt in table.doubts} == {"name", "rule", "quantity", "day"}
    assert table.last == 1
    assert table.titles == ("谁", "干啥", "多少", "哪天")
    assert table.sample(0) == ["钟琴"]


def test_a_person_may_say_which_column_is_which() -> None:
    book = read_book(workbook(["谁", "干啥", "多少", "哪天"], ["钟琴", "FX-01", 2, "2026-03-01"]))
    columns = {"name": 0, "rule": 1, "quantity": 2, "day": 3}
    table = choose_table(book, WANTED, sheet="Sheet", last=1, columns=columns)
    assert table.doubts == ()
    assert [table.get(row, "rule") for row in table.rows()] == ["FX-01"]
    with pytest.raises(SheetError, match="twice"):
        choose_table(book, WANTED, sheet="Sheet", last=1, columns={**columns, "day": 0})
    with pytest.raises(SheetError, match="no such column"):
        choose_table(book, WANTED, sheet="Sheet", last=1, columns={**columns, "day": 40})
    with pytest.raises(SheetError, match="no such sheet"):
        choose_table(book, WANTED, sheet="别的", last=1, columns=columns)


def test_the_sheet_that_looks_like_the_list_is_taken_and_hidden_ones_are_left() -> None:
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "填表说明"
    notes.append(["请勿修改表头"])
    old = book.create_sheet("上月")
    for row in (HEAD, *[GOOD] * 9):
        old.append(row)
    old.sheet_state = "hidden"
    for row in (HEAD, GOOD):
        book.create_sheet("本月").append(row) if "本月" not in book.sheetnames else book["本月"].append(row)
    tables = find_tables(read_book(saved(book)), WANTED)
    assert [table.sheet for table in tables if table.columns] == ["本月"]


def test_cells_merged_downwards_count_for_every_row() -> None:
    data = workbook(HEAD, GOOD, ["林涛国", "19900004480", None, "FX-01", 1, "2026-03-01"], merge=("C2:C3",))
    table = best(data)
    assert [table.get(row, "community") for row in table.rows()] == ["老街社区", "老街社区"]


def test_a_header_repeated_on_every_page_is_known() -> None:
    table = best(workbook(HEAD, GOOD, HEAD, GOOD))
    assert [table.repeats_header(row) for row in table.rows()] == [False, True, False]


def test_csv_in_the_encodings_of_office_programs_is_read() -> None:
    text = "三月赋分\r\n姓名,手机号,细则编号,数量,日期\r\n钟琴,19900004479,FX-04,3,2026/3/26\r\n"
    for encoding in ("utf-8-sig", "utf-8", "gb18030", "utf-16"):
        table = best(text.encode(encoding))
        assert found(table) == {"name": 0, "phone": 1, "rule": 2, "quantity": 3, "day": 4}, encoding
    tabbed = text.replace(",", "\t").encode("utf-16")
    assert next(iter(best(tabbed).rows())).number == 3


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"%PDF-1.7 ...", "wrong-type"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 90, "wrong-type"),
        (b"\xff\xd8\xff\xe0 jpeg", "wrong-type"),
        (b"<html><table><tr><td>x", "wrong-type"),
        (bytes(range(256)) * 8, "wrong-type"),
        (b"PK\x03\x04 cut short", "damaged-file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged-file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted-file"),
        (b"x" * (10 * 1024 * 1024 + 1), "file-too-large"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_in_both_languages(data: bytes, code: str) -> None:
    with pytest.raises(SheetError) as refused:
        read_book(data)
    assert refused.value.code == code
    assert 400 <= refused.value.status < 500
    assert refused.value.zh.endswith("。")
    assert refused.value.en.endswith(".")


def test_a_word_document_and_an_empty_workbook_are_told_apart() -> None:
    word = io.BytesIO()
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(SheetError) as refused:
        read_book(word.getvalue())
    assert refused.value.code == "wrong-type"
    with pytest.raises(SheetError) as refused:
        read_book(workbook())
    assert refused.value.code == "empty-file"
    with pytest.raises(SheetError) as refused:
        find_tables(read_book(workbook(HEAD)), WANTED)
    assert refused.value.code == "no-rows"


def test_a_bomb_is_counted_while_it_inflates_whatever_its_header_says() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\x20" * (150 * 1024 * 1024))
    data = bytearray(bomb.getvalue())
    assert len(data) < 300_000
    central = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, central + 24, 1000)  # the lie: uncompressed size
    with pytest.raises(SheetError) as refused:
        read_book(bytes(data))
    assert refused.value.code == "file-too-large"


def test_two_cells_at_opposite_corners_do_not_allocate_the_sheet_between_them() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEAD, GOOD):
        sheet.append(row)
    sheet["AAA200000"] = "far"
    table = best(saved(book))
    assert next(table.get(row, "name") for row in table.rows()) == "钟琴"


def test_formatting_far_down_does_no_harm() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEAD, GOOD):
        sheet.append(row)
    sheet["F200000"].font = openpyxl.styles.Font(bold=True)
    assert [row.number for row in best(saved(book)).rows()] == [2]


def test_more_than_fifty_thousand_rows_are_refused() -> None:
    lines = "姓名,手机号,细则,数量,日期\n" + "钟琴,19900004479,FX-01,1,2026-03-01\n" * 50_200
    with pytest.raises(SheetError) as refused:
        read_book(lines.encode())
    assert refused.value.code == "too-many-rows"


def test_as_many_rows_as_are_allowed_are_all_there_with_their_titles_above() -> None:
    written = write_book([Page("名单", [Heading("姓名")], [[f"人{n}"] for n in range(50_000)])])
    [sheet] = read_book(written).sheets
    assert len(sheet.rows) == sheet.rows.index(["人49999"]) + 1 >= 50_001
    assert sheet.more is None, "whoever looks at all cells of a list before it is judged sees every one"


def test_every_cut_of_a_good_file_is_read_or_refused_but_never_breaks() -> None:
    data = workbook(HEAD, GOOD)
    for cut in range(0, len(data), 97):
        with pytest.raises(SheetError):
            read_book(data[:cut])
    for at in range(30, len(data), 211):
        broken = bytearray(data)
        broken[at] ^= 0xFF
        with contextlib.suppress(SheetError):
            assert read_book(bytes(broken)).sheets


def test_what_is_written_holds_no_formula_and_reads_back_the_same() -> None:
    rows: list[list[Cell]] = [
        ['=HYPERLINK("http://x","y")', 3, date(2026, 3, 8)],
        ["+86 199", None, datetime(2026, 3, 8, 9, 0)],
        ["@SUM(A1)", -2, None],
        ["-1+2", 0, None],
    ]
    data = write_book(
        [Page("退回[1]", [Heading("姓名"), Heading("数量", kind="number"), Heading("日期", 12, "day")], rows, ["标题"])]
    )
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert sheet.freeze_panes == "A3"
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert [row[0] for row in cells] == [row[0] for row in rows]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert cells[0][2] == datetime(2026, 3, 8)
    assert day(read_book(data).sheets[0].rows[2][2]) == date(2026, 3, 8)
    assert zlib.crc32(data)


def test_a_word_inside_one_of_the_columns_own_words_does_not_make_it_something_else() -> None:
    reader = Reader(day_column())
    assert reader.may("发生日期")
    assert reader.score("志愿活动发生日期") > 60
    for title in ("出生日期", "生日", "填报日期", "登记日期"):
        assert reader.score(title) == 0, title
