# SPDX-License-Identifier: Apache-2.0
"""Bytes to plain cells: ``.xlsx``, ``.xls`` and ``.csv``, within bounded memory.

Formulas are read as the value the office program stored with them, never computed here.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from itertools import islice

import python_calamine

from liren.web.sheets.guard import (
    LIMITS,
    Kind,
    Limits,
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
HEAD = 500
"""Rows kept of a sheet that is read as it goes: enough to know its header and its columns by."""
ABOVE = 100
"""Rows of titles, headers and sums that stand around as many rows of data as are allowed."""
_MAX_GAP_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    rows: list[list[Cell]]
    """From the sheet's first row, so that ``rows[n - 1]`` is row n as Excel shows it."""
    merged: tuple[Range, ...] = ()
    hidden: bool = False
    more: Callable[[], Iterator[list[Cell]]] | None = None
    """The rows after those, for a sheet that is read as it goes."""
    height: int = 0
    """How many rows there are in all, for such a sheet."""


@dataclass(frozen=True, slots=True)
class Book:
    kind: Kind
    sheets: tuple[Sheet, ...]


def read_book(data: bytes, limits: Limits = LIMITS) -> Book:
    """Every sheet that holds something; hidden ones last.

    Above the usual limits rows are not kept: the first of a sheet stand in ``rows``, the others come from ``more()``.

    :raises SheetError: whatever is wrong with the file, in words a clerk can act on (4xx)
    """
    found = inspect(data, limits)
    if found.kind == "csv":
        sheets = [Sheet("CSV", _read_csv(data, limits))]
    elif found.compact:
        sheets = _read_fast(data, limits)
    else:
        sheets = _read_slowly(data, limits)
    sheets = [sheet for sheet in sheets if sheet.rows]
    if not sheets:
        raise SheetError(
            "表格里没有内容。请确认选对了文件。",
            "There is nothing in the workbook. Please check that it is the right file.",
            code="empty-file",
        )
    return Book(found.kind, tuple(sorted(sheets, key=lambda sheet: sheet.hidden)))


def _read_fast(data: bytes, limits: Limits) -> list[Sheet]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        cells, sheets = 0, []
        for meta in book.sheets_metadata[:MAX_SHEETS]:
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(meta.name)
            cells += sheet.total_height * sheet.total_width
            if sheet.height > limits.rows + ABOVE or cells > limits.cells:
                raise too_many_rows(limits.rows)
            hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
            merged = tuple(sheet.merged_cell_ranges or ())
            if sheet.height > LIMITS.rows + ABOVE:  # under the usual limits every row is in ``rows``
                head = list(islice(_as_it_goes(sheet), HEAD))
                more = _after(sheet, HEAD)
                sheets.append(Sheet(meta.name, head, merged, hidden, more, sheet.total_height))
            else:
                rows = sheet.to_python(skip_empty_area=False) if sheet.height else []
                sheets.append(Sheet(meta.name, _trim(rows), merged, hidden))
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


def _as_it_goes(sheet: python_calamine.CalamineSheet) -> Iterator[list[Cell]]:
    """Rows from the first one of the sheet, columns from A: the library leaves out empty columns on the left."""
    left: list[Cell] = [None] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield left + list(row)


def _after(sheet: python_calamine.CalamineSheet, skipped: int) -> Callable[[], Iterator[list[Cell]]]:
    return lambda: islice(_as_it_goes(sheet), skipped, None)


def _read_slowly(data: bytes, limits: Limits) -> list[Sheet]:
    """Row by row, for files whose cells lie far apart (often only formatting down to the last row)."""
    import openpyxl  # only here: importing it takes a twentieth of a start

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
                    if filled > min(limits.rows, LIMITS.rows) + ABOVE or cells > LIMITS.cells:
                        raise too_many_rows(LIMITS.rows)
                sheets.append(Sheet(source.title, _trim(rows), (), source.sheet_state != "visible"))
            return sheets
        finally:
            book.close()
    except SheetError:
        raise
    except Exception as error:
        raise damaged() from error


def _read_csv(data: bytes, limits: Limits) -> list[list[Cell]]:
    text = _decode(data)
    if any(ord(char) < 32 and char not in "\t\r\n\v\f" for char in text[:65536]):
        raise wrong_type()
    first = text[:4096].split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count) if any(mark in first for mark in ",\t;") else _delimiter(text)
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            rows.append(list(row))
            if len(rows) > limits.rows + ABOVE:
                raise too_many_rows(limits.rows)
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
