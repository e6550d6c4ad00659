# SPDX-License-Identifier: Apache-2.0
"""Workbooks out: text stays text. A name that begins with ``=`` is a name, not a formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from liren.web.sheets.reading import Cell
from liren.web.sheets.values import clean

if TYPE_CHECKING:
    import xlsxwriter

_BAD_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True, slots=True)
class Heading:
    title: str
    width: int = 12
    """In characters of a digit's width; a Chinese character takes two."""
    kind: Literal["text", "number", "day"] = "text"


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: title lines, a frozen header, rows."""

    name: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    above: Sequence[str] = ()


def write_book(pages: Sequence[Page]) -> bytes:
    """An ``.xlsx`` of plain values; opens with the header in view."""
    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    import xlsxwriter

    with xlsxwriter.Workbook(out, options) as book:
        formats = {
            "title": book.add_format({"bold": True, "font_size": 13}),
            "head": book.add_format({"bold": True, "bg_color": "#F3EDE2", "bottom": 1, "text_wrap": True}),
            "text": book.add_format({"num_format": "@"}),
            "number": book.add_format({"num_format": "0"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for page in pages:
            _write_page(book, page, formats)
    return out.getvalue()


def _write_page(book: "xlsxwriter.Workbook", page: Page, formats: dict[str, object]) -> None:
    sheet = book.add_worksheet(page.name.translate(_BAD_IN_SHEET_NAMES)[:31])
    for row, line in enumerate(page.above):
        sheet.write_string(row, 0, line, formats["title"])
    top = len(page.above)
    for column, heading in enumerate(page.headings):
        sheet.set_column(column, column, heading.width)
        sheet.write_string(top, column, heading.title, formats["head"])
    sheet.freeze_panes(top + 1, 0)
    for row, values in enumerate(page.rows, top + 1):
        for column, (heading, value) in enumerate(zip(page.headings, values, strict=True)):
            _write_cell(sheet, row, column, heading, value, formats)
    if page.rows:
        sheet.autofilter(top, 0, top + len(page.rows), len(page.headings) - 1)


def _write_cell(
    sheet: "xlsxwriter.worksheet.Worksheet",
    row: int,
    column: int,
    heading: Heading,
    value: Cell,
    formats: dict[str, object],
) -> None:
    if value is None or value == "":
        return
    if heading.kind == "day" and isinstance(value, date):
        sheet.write_datetime(row, column, value, formats["day"])
    elif heading.kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value, formats["number"])
    else:
        sheet.write_string(row, column, value if isinstance(value, str) else clean(value), formats["text"])
