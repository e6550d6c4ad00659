# SPDX-License-Identifier: Apache-2.0
"""Which row is the header and which column means what, judged by titles and by what stands below them.

Communities send lists with other titles, another order, extra columns, a header in row 1 or 7 or spread over
two rows. A column is taken when its title or its content leaves no doubt; everything else becomes a
:class:`Doubt` for a person to settle. Nothing is ever guessed silently.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from liren.web.sheets.reading import Book, Cell, Sheet, SheetError
from liren.web.sheets.titles import Column, Reader, norm, title_at, titles_of
from liren.web.sheets.values import blank, clean

__all__ = ["Column", "Doubt", "Row", "Table", "choose_table", "find_tables"]

_LOOK_DOWN = 25
"""The header stands within so many filled rows from the top."""
_SAMPLE = 60
_CLEAR_LEAD = 12.0
_LATER_ROW_COSTS = 20.0
"""The first of several likely headers is the one, unless a later one is clearly better."""
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Doubt:
    key: str
    reason: Literal["missing", "several"]
    candidates: tuple[int, ...]
    """Column indexes from 0, the likeliest first; may be empty."""


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    """As Excel shows it, from 1."""
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet read as a list."""

    sheet: str
    last: int
    """Row number, from 1, of the header's last row; 0 where there is none."""
    titles: tuple[str, ...]
    """As shown, by column; empty where the header has no text."""
    columns: Mapping[str, int]
    """Key → column index from 0."""
    doubts: tuple[Doubt, ...]
    above: tuple[str, ...]
    """The sheet's name and the lines above the header: title, period, who handed it in."""
    score: float
    source: Sheet = field(repr=False)
    words: frozenset[str] = frozenset()
    """Normalised texts of the header's cells, of both its rows where it has two: by them it is known when repeated."""

    def rows(self) -> Iterator[Row]:
        """Every row below the header that is not blank; cells merged downwards are filled."""
        merged = _Merged(self.source, self.last)
        rows: Iterable[Sequence[Cell]] = self.source.rows[self.last :]
        if self.source.more is not None:
            rows = chain(rows, self.source.more())
        for number, cells in enumerate(rows, self.last + 1):
            cells = merged.fill(number - 1, cells)
            if any(value is not None and value != "" and not str(value).isspace() for value in cells):
                yield Row(number, cells)

    def get(self, row: Row, key: str) -> Cell:
        index = self.columns.get(key)
        return row.cells[index] if index is not None and index < len(row.cells) else None

    def repeats_header(self, row: Row) -> bool:
        """A header printed again on every page."""
        told = [norm(value) for value in row.cells if isinstance(value, str) and value]
        return len(told) > 1 and sum(each in self.words for each in told) * 3 >= len(told) * 2

    def sample(self, index: int, count: int = 3) -> list[str]:
        """A few values of one column, for the page that asks which column is meant."""
        values: list[str] = []
        for row in self.rows():
            value = clean(row.cells[index]) if index < len(row.cells) else ""
            if value and value not in values:
                values.append(value)
            if len(values) == count:
                break
        return values


def find_tables(book: Book, wanted: Sequence[Column]) -> list[Table]:
    """Sheets that look like the list, the best first; hidden sheets only where no visible one does.

    :raises SheetError: no sheet has a row below its header
    """
    readers = [Reader(each) for each in wanted]
    tables = [_read_sheet(sheet, readers) for sheet in book.sheets]
    tables = [table for table in tables if next(table.rows(), None)]
    visible = [table for table in tables if not table.source.hidden]
    tables = visible if any(table.columns for table in visible) else tables
    if not tables:
        raise SheetError(
            "表格里没有数据行。请填好后再上传。",
            "The workbook has no rows below its header. Please fill it in and upload it again.",
            code="no-rows",
        )
    return sorted(tables, key=lambda table: (table.score, len(table.source.rows)), reverse=True)


def choose_table(book: Book, wanted: Sequence[Column], *, sheet: str, last: int, columns: Mapping[str, int]) -> Table:
    """The table a person pointed out: sheet, row number of the header (0: none), column of each key.

    :raises SheetError: no such sheet, row or column, or one column chosen for two things
    """
    source = next((each for each in book.sheets if each.name == sheet), None)
    if source is None or not 0 <= last < len(source.rows):
        raise SheetError(
            "文件里没有这张工作表或这一行。请重新选择。", "There is no such sheet or row. Please choose again."
        )
    width = _width(source)
    if any(not 0 <= index < width for index in columns.values()):
        raise SheetError("表格里没有这一列。请重新选择。", "There is no such column. Please choose again.")
    if len(set(columns.values())) < len(columns):
        raise SheetError(
            "同一列不能选两次。请给每一项各选一列。",
            "One column cannot be chosen twice. Please choose one column for each.",
        )
    titles = tuple(title_at(source, last - 1, index) if last else "" for index in range(width))
    doubts = tuple(Doubt(each.key, "missing", ()) for each in wanted if each.needed and each.key not in columns)
    words = _words(source, last - 1, 1)
    return Table(sheet, last, titles, dict(columns), doubts, _above(source, last - 1), 0.0, source, words)


def _read_sheet(sheet: Sheet, readers: Sequence[Reader]) -> Table:
    filled = [n for n, row in enumerate(sheet.rows) if any(value not in (None, "") for value in row)][:_LOOK_DOWN]
    best: Table | None = None
    most = 0
    for rows, at_least in ((1, 2), (2, 2), (1, 1)):
        for first in filled:
            if (best is not None and at_least == 1) or first + rows > len(sheet.rows):
                break
            titles = titles_of(sheet, first, rows, _width(sheet))
            titled = _titled(titles, readers)
            # Two header rows only where they name more than one does: a second one swallows a row of data.
            if titled < at_least or titled < 3 > sum(map(bool, titles)) or (rows == 2 and titled <= most):
                continue
            table = _judge(sheet, readers, first, rows, titles)
            if best is None or table.score > best.score + _LATER_ROW_COSTS:
                best, most = table, max(most, titled)
    return best or _untitled(sheet, readers, filled)


def _titled(titles: Sequence[tuple[str, ...]], readers: Sequence[Reader]) -> int:
    return sum(any(reader.score(each) for ways in titles for each in ways) for reader in readers)


def _untitled(sheet: Sheet, readers: Sequence[Reader], filled: Sequence[int]) -> Table:
    """No title we know: columns by content are proposals only, and a person says where the header is."""
    bare = _judge(sheet, readers, -1, 1, [()] * _width(sheet))
    doubts = tuple(
        Doubt(reader.column.key, "missing", (bare.columns[key],) if (key := reader.column.key) in bare.columns else ())
        for reader in readers
        if reader.column.needed
    )
    header = next((n for n in filled if _reads_like_titles(sheet.rows[n], bare, readers)), -1)
    titles = tuple(title_at(sheet, header, index) if header >= 0 else "" for index in range(_width(sheet)))
    above = _above(sheet, header)
    words = _words(sheet, header, 1)
    return Table(sheet.name, header + 1, titles, bare.columns, doubts, above, bare.score, sheet, words)


def _reads_like_titles(cells: Sequence[Cell], bare: Table, readers: Sequence[Reader]) -> bool:
    words = [value for value in cells if isinstance(value, str) and value.strip()]
    fits = {reader.column.key: reader.column.fits for reader in readers if reader.column.telling}
    return len(words) >= 3 and not any(
        fits[key](cells[index]) for key, index in bare.columns.items() if key in fits and index < len(cells)
    )


def _judge(sheet: Sheet, readers: Sequence[Reader], first: int, rows: int, titles: Sequence[tuple[str, ...]]) -> Table:
    last = first + rows
    body = [row for row in sheet.rows[last : last + _SAMPLE] if row]
    scores: dict[str, dict[int, float]] = {reader.column.key: {} for reader in readers}
    told: dict[tuple[str, int], float] = {}
    for index, ways in enumerate(titles):
        values = [row[index] for row in body if index < len(row) and not blank(row[index]) and row[index] not in ways]
        for reader in readers:
            if not all(reader.may(each) for each in ways[:1]):
                continue
            title = max(map(reader.score, ways), default=0.0)
            score = _score(title, values, reader.column)
            if score >= 50:
                scores[reader.column.key][index] = score
                told[reader.column.key, index] = title
    columns, doubts = _settle(readers, scores)
    total = sum(scores[key][index] + told[key, index] for key, index in columns.items())
    shown = tuple(ways[0] if ways else "" for ways in titles)
    words, above = _words(sheet, first, rows), _above(sheet, first)
    return Table(sheet.name, last if first >= 0 else 0, shown, columns, doubts, above, total, sheet, words)


def _score(title: float, values: Sequence[Cell], column: Column) -> float:
    """0 to 130: the title's score, raised by content that fits and lowered by content that does not."""
    if not values:
        return title
    share = sum(map(column.fits, values)) / len(values)
    if not title:
        return 60 * share if column.telling and share >= 0.8 and len(values) >= 3 else 0.0
    if share < 0.1 and len(values) >= 3:
        # An exact title over unreadable values is still that column: its rows say what is wrong.
        return title - (25 if title > 90 else 40)
    return title + 30 * share


def _settle(
    readers: Sequence[Reader], scores: Mapping[str, Mapping[int, float]]
) -> tuple[dict[str, int], tuple[Doubt, ...]]:
    """Greedy by score, then a look for rivals: a free column that fits a key almost as well."""
    order = sorted(
        ((score, key, -index) for key, found in scores.items() for index, score in found.items()), reverse=True
    )
    columns: dict[str, int] = {}
    for _, key, index in order:
        if key not in columns and -index not in columns.values():
            columns[key] = -index
    taken, doubts = set(columns.values()), []
    for reader in readers:
        key, found = reader.column.key, scores[reader.column.key]
        if key in columns:
            own = columns[key]
            rivals = [n for n in found if n not in taken and found[n] > found[own] - _CLEAR_LEAD]
            if rivals:
                doubts.append(Doubt(key, "several", (own, *rivals)))
        elif reader.column.needed:
            doubts.append(Doubt(key, "missing", tuple(sorted(found, key=lambda n: -found[n]))))
    return columns, tuple(doubts)


def _width(sheet: Sheet) -> int:
    return min(max((len(row) for row in sheet.rows), default=0), _WIDEST)


def _words(sheet: Sheet, first: int, rows: int) -> frozenset[str]:
    if first < 0:
        return frozenset()
    # A row of groups above the header belongs to it, though it names no column.
    grouped = first > 0 and sum(isinstance(cell, str) and bool(cell) for cell in sheet.rows[first - 1]) >= 3
    cells = (cell for row in sheet.rows[first - grouped : first + rows] for cell in row)
    return frozenset(word for cell in cells if isinstance(cell, str) and (word := norm(cell)))


def _above(sheet: Sheet, first: int) -> tuple[str, ...]:
    lines = ("  ".join(filter(None, map(clean, row))) for row in sheet.rows[: max(first, 0)])
    return (*filter(None, (sheet.name, *lines)),)


class _Merged:
    """Fills cells merged over several rows of one column below the header, as the rows go by."""

    def __init__(self, sheet: Sheet, top: int) -> None:
        self._begins: dict[int, list[tuple[int, int]]] = {}
        for (first, left), (last, right) in sheet.merged:
            if first >= top and last > first and left == right:
                self._begins.setdefault(first, []).append((last, left))
        self._running: dict[int, tuple[int, Cell]] = {}
        """Column → last row and value of the merged cell that runs through it."""

    def fill(self, row: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """:param row: from 0; every row in turn"""
        if self._running:
            self._running = {column: each for column, each in self._running.items() if each[0] >= row}
            if self._running:
                cells = _with(cells, {column: value for column, (_, value) in self._running.items()})
        for last, column in self._begins.get(row, ()):
            self._running[column] = last, cells[column] if column < len(cells) else None
        return cells


def _with(cells: Sequence[Cell], filled: Mapping[int, Cell]) -> list[Cell]:
    wide = list(cells) + [None] * (max(filled) + 1 - len(cells))
    for index, value in filled.items():
        if wide[index] is None or wide[index] == "":
            wide[index] = value
    return wide
