# SPDX-License-Identifier: Apache-2.0
"""Bytes to plain cells: ``.xlsx``, ``.xls`` and ``.csv``, within bounded memory.

Formulas are read as the value the office program stored with them, never computed here.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO

import openpyxl
import python_calamine

from liren.web.sheets.guard import (
    MAX_ROWS,
    Kind,
    SheetError,
    damaged,
    encrypted,
    inspect,
    too_many_rows,
    wrong_type,
)

__all__ = ["Book", "Cell", "Sheet", "SheetError", "read_book"]

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""``None`` and ``""`` are both empty."""

Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last (row, column) of merged cells, from 0."""

MAX_SHEETS = 40
MAX_CELLS = 3_000_000
_MAX_GAP_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    rows: list[list[Cell]]
    """From the sheet's first row, so that ``rows[n - 1]`` is row n as Excel shows it."""
    merged: tuple[Range, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    kind: Kind
    sheets: tuple[Sheet, ...]


def read_book(data: bytes) -> Book:
    """Every sheet that holds something; hidden ones last.

    :raises SheetError: whatever is wrong with the file, in words a clerk can act on (4xx)
    """
    found = inspect(data)
    if found.kind == "csv":
        sheets = [Sheet("CSV", _read_csv(data))]
    elif found.compact:
        sheets = _read_fast(data)
    else:
        sheets = _read_slowly(data)
    sheets = [sheet for sheet in sheets if sheet.rows]
    if not sheets:
        raise SheetError(
            "表格里没有内容。请确认选对了文件。",
            "There is nothing in the workbook. Please check that it is the right file.",
            code="empty-file",
        )
    return Book(found.kind, tuple(sorted(sheets, key=lambda sheet: sheet.hidden)))


def _read_fast(data: bytes) -> list[Sheet]:
    try:
        with python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            cells, sheets = 0, []
            for meta in book.sheets_metadata[:MAX_SHEETS]:
                if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_name(meta.name)
                cells += sheet.total_height * sheet.total_width
                if sheet.height > MAX_ROWS + 100 or cells > MAX_CELLS:
                    raise too_many_rows()
                rows = sheet.to_python(skip_empty_area=False) if sheet.height else []
                hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
                sheets.append(Sheet(meta.name, _trim(rows), tuple(sheet.merged_cell_ranges or ()), hidden))
            return sheets
    except SheetError:
        raise
    except python_calamine.PasswordError as error:
        raise encrypted() from error
    except Exception as error:
        raise damaged() from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what a Rust panic is called on this side
            raise
        raise damaged() from error


def _read_slowly(data: bytes) -> list[Sheet]:
    """Row by row, for files whose cells lie far apart (often only formatting down to the last row)."""
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheets, cells = [], 0
            for source in book.worksheets[:MAX_SHEETS]:
                source.reset_dimensions()
                rows: list[list[Cell]] = []
                filled = 0
                for values in source.iter_rows(max_col=_MAX_GAP_COLUMNS, values_only=True):
                    last = max((n for n, value in enumerate(values, 1) if value is not None), default=0)
                    rows.append(list(values[:last]))
                    filled += last > 0
                    cells += last
                    if filled > MAX_ROWS + 100 or cells > MAX_CELLS:
                        raise too_many_rows()
                sheets.append(Sheet(source.title, _trim(rows), (), source.sheet_state != "visible"))
            return sheets
        finally:
            book.close()
    except SheetError:
        raise
    except Exception as error:
        raise damaged() from error


def _read_csv(data: bytes) -> list[list[Cell]]:
    text = _decode(data)
    if any(ord(char) < 32 and char not in "\t\r\n\v\f" for char in text[:65536]):
        raise wrong_type()
    first = text[:4096].split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count) if any(mark in first for mark in ",\t;") else _delimiter(text)
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            rows.append(list(row))
            if len(rows) > MAX_ROWS + 100:
                raise too_many_rows()
    except csv.Error as error:
        raise damaged() from error
    return _trim(rows)


def _delimiter(text: str) -> str:
    """The title line of a list has no delimiter at all; the lines below it have."""
    sample = text[:16384]
    return max(",\t;", key=sample.count)


def _decode(data: bytes) -> str:
    """Excel writes UTF-16 or UTF-8 with a mark, Chinese Windows GB 18030, everything else UTF-8."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise wrong_type()


def _trim(rows: Iterable[Sequence[Cell]]) -> list[list[Cell]]:
    """Without the empty rows at the end; those in between keep their place."""
    kept = [row if isinstance(row, list) else list(row) for row in rows]
    while kept and all(value is None or value == "" for value in kept[-1]):
        kept.pop()
    return kept
