# SPDX-License-Identifier: Apache-2.0
"""The sample month as other streets would have handed it in: every disguise gets the same verdicts, row by row."""

import io
import random
from collections.abc import Callable, Sequence
from datetime import date, datetime

import openpyxl
import pytest
from credit_lists import SAMPLES, expected, verdicts

from liren.web.sheets import Cell, Heading, Page, read_book, write_book

ROWS = read_book((SAMPLES / "awards.xlsx").read_bytes()).sheets[0].rows
TITLE, FILED, HEAD, BODY = ROWS[0], ROWS[1], ROWS[2], ROWS[3:]
SERIAL, NAME, PHONE, ID, COMMUNITY, RULE, COUNT, DAY, PROOF, NOTE = range(10)
Line = Sequence[Cell]


def handed_in(head: Sequence[Line], body: Sequence[Line]) -> tuple[bytes, dict[int, str]]:
    """(the workbook, the known verdicts at the rows where its lines now stand)"""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    for line in (*head, *body):
        sheet.append([_plain(cell) for cell in line])
    out = io.BytesIO()
    book.save(out)
    known = expected()
    return out.getvalue(), {len(head) + n: known[3 + n] for n, _line in enumerate(body, 1) if 3 + n in known}


def _plain(cell: Cell) -> Cell:
    """openpyxl would write text that begins with = as a formula."""
    return f" {cell}" if isinstance(cell, str) and cell.startswith("=") else cell


def differing(found: dict[int, str], known: dict[int, str]) -> dict[int, tuple[str | None, str | None]]:
    """Row → (found, known), only where they are not the same: short to read when it fails."""
    return {n: (found.get(n), known.get(n)) for n in found.keys() | known.keys() if found.get(n) != known.get(n)}


def mapped(change: Callable[[list[Cell]], Line]) -> list[Line]:
    return [change(list(line)) if any(cell not in (None, "") for cell in line) else [] for line in BODY]


def test_shuffled_columns_other_titles_and_extra_ones() -> None:
    order = [DAY, PROOF, RULE, COMMUNITY, COUNT, ID, NAME, PHONE]
    head = [
        "服务日期",
        "凭证",
        "积分项目",
        "所属村居",
        "服务时长（小时）",
        "证件号码",
        "志愿者\n姓名",
        "联系方式",
        "采集员",
        "审核意见",
    ]

    def change(line: list[Cell]) -> Line:
        if line[SERIAL] == "合计":
            return ["合计", *line[1:8], "", ""]
        return [*(line[n] for n in order), "赵磊", "同意"]

    data, known = handed_in([head], mapped(change))
    assert differing(verdicts(data), known) == {}


def test_a_low_header_with_many_lines_above_it() -> None:
    above: list[Line] = [["附件2"], [], TITLE, FILED, [], ["说明：本表由各社区填报，次月5日前报送。"], []]
    data, known = handed_in([*above, HEAD], BODY)
    assert differing(verdicts(data), known) == {}


def test_rules_by_title_days_as_serial_numbers_phones_as_numbers() -> None:
    titles = {str(row[0]): row[1] for row in read_book((SAMPLES / "rules.xlsx").read_bytes()).sheets[0].rows[1:]}

    def change(line: list[Cell]) -> Line:
        code = str(line[RULE]).upper()
        line[RULE] = titles.get(code, line[RULE])
        if isinstance(line[DAY], date) and not isinstance(line[DAY], datetime):
            line[DAY] = (line[DAY] - date(1899, 12, 30)).days
        if isinstance(line[PHONE], str) and line[PHONE].isascii() and line[PHONE]:
            line[PHONE] = int(line[PHONE])
        return line

    data, known = handed_in([HEAD], mapped(change))
    assert differing(verdicts(data), known) == {}


def test_full_width_everything() -> None:
    wide = {n: n + 0xFEE0 for n in range(0x21, 0x7F)} | {0x20: 0x3000}

    def change(line: list[Cell]) -> Line:
        for n in (NAME, PHONE, ID, RULE, DAY, COUNT):
            cell = line[n]
            if isinstance(cell, float) and cell.is_integer():
                cell = str(int(cell))
            line[n] = cell.translate(wide) if isinstance(cell, str) else cell
        return line

    data, known = handed_in([HEAD], mapped(change))
    assert differing(verdicts(data), known) == {}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_as_a_text_file(encoding: str) -> None:
    def typed(cell: Cell) -> str:
        if isinstance(cell, float) and cell.is_integer():
            return str(int(cell))
        return "" if cell is None else str(cell)

    lines = [",".join(typed(cell) for cell in line) for line in (HEAD, *BODY)]
    known = {n - 2: verdict for n, verdict in expected().items()}
    assert differing(verdicts("\r\n".join(lines).encode(encoding)), known) == {}


def test_a_header_over_two_rows_and_repeated_on_every_page() -> None:
    group = ["序号", "人员信息", "", "", "", "服务情况", "", "", "材料", ""]
    lower = ["", "姓名", "手机号", "身份证号", "社区", "细则编号", "数量", "日期", "证明材料", "备注"]
    body: list[Line] = []
    known: dict[int, str] = {}
    for n, line in enumerate(BODY, 4):
        if (n - 4) % 500 == 499:
            body += [group, lower]
        body.append(line)
        if n in expected():
            known[2 + len(body)] = expected()[n]
    data, _same = handed_in([group, lower], body)
    found = verdicts(data)
    again = dict.fromkeys(found.keys() - known.keys(), "ignored")
    assert differing(found, known | again) == {}
    assert len(again) == 18


def test_rows_in_another_order_keep_sums_and_faults() -> None:
    body = [line for line in BODY if any(cell not in (None, "") for cell in line)][:-1]
    random.Random(7).shuffle(body)
    data = write_book([Page("名单", [Heading(str(title)) for title in HEAD], [list(line) for line in body])])
    counted = sorted(verdicts(data).values())
    assert counted == sorted(verdict for verdict in expected().values() if verdict != "ignored")
