# SPDX-License-Identifier: Apache-2.0
"""A list read against a Struct, a verdict on every row; and rows of a Struct written as a workbook.

The Struct a form would have says everything: what a column is called, which one is needed, what may stand in it. So a
module reads a community's Excel with one call, shows the verdicts with ``ui.verdicts`` and takes the good rows::

    checked = await read_records(form.command.file.content, Visit)
    content = write_records(Visit, visits, "走访")
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from liren.web.fields import MISSING
from liren.web.i18n import gettext as _
from liren.web.sheets.columns import Row, Table, find_tables
from liren.web.sheets.footers import says_signed, says_total
from liren.web.sheets.listed import listed_fields
from liren.web.sheets.reading import Cell, SheetError, read_book
from liren.web.sheets.titles import Column
from liren.web.sheets.values import YearHint, blank, clean, year_hint
from liren.web.sheets.writing import Heading, Page, write_book

C = TypeVar("C", bound=msgspec.Struct)
MAX_CELL = 300
"""Characters of a typed cell that are given back."""


@dataclass(frozen=True, slots=True)
class Good(Generic[C]):
    """A row that can be taken."""

    number: int
    """As Excel shows it."""
    value: C


class FaultyRow(msgspec.Struct, frozen=True):
    """A row to mend: as it was typed, and everything that is wrong with it."""

    number: int
    cells: tuple[str, ...]
    says: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the row calls itself: its first text."""
        return next((cell for cell in self.cells if cell and not cell.isdecimal()), "")


class Mend(msgspec.Struct, frozen=True):
    """The rows to mend with their columns' titles: what goes along in the page for the download."""

    titles: tuple[str, ...]
    rows: tuple[FaultyRow, ...]


@dataclass(frozen=True, slots=True)
class CheckedRecords(Generic[C]):
    """Every row of a list with its verdict."""

    sheet: str
    titles: tuple[str, ...]
    good: Sequence[Good[C]]
    faulty: Sequence[FaultyRow]
    skipped: int
    """Sums, signatures, headers printed again."""

    @property
    def values(self) -> list[C]:
        return [each.value for each in self.good]

    @property
    def mend(self) -> "Mend":
        return Mend(self.titles, tuple(self.faulty))


async def read_records(
    data: bytes,
    struct: type[C],
    *,
    columns: Sequence[Column] = (),
    judge: Callable[[C], str | None] | None = None,
    same: Callable[[C], Hashable] | None = None,
) -> CheckedRecords[C]:
    """Find the list in a workbook, its columns by their meaning, and judge every row; the work happens in a thread.

    What a list needs to know beyond a form stands in ``Meta(extra={…})``: see :mod:`liren.web.sheets.listed`.

    :param columns: better ones for some fields; the key is the field's name
    :param judge: a pure rule of the module: what is wrong with a row, in words, or None
    :param same: what must not come twice in one list, e.g. ``lambda visit: (visit.household, visit.day)``
    :raises SheetError: no workbook, nothing in it, or a needed column that is not there
    """

    def work() -> CheckedRecords[C]:
        return _Reading(struct, columns).read(data, judge, same)

    return await asyncio.to_thread(work)


def write_records(struct: type[C], values: Iterable[C], name: str, *, above: Sequence[str] = ()) -> bytes:
    """A workbook of a Struct's rows, its columns called as its fields are; without rows, a list to fill in.

    :param name: of the sheet
    :param above: title lines above the header
    """
    fields = listed_fields(struct)
    rows = [[each.cell(getattr(value, each.field.name)) for each in fields] for value in values]
    headings = [each.heading() for each in fields]
    return write_book([Page(name, headings, rows, above)])


def write_faulty(titles: Sequence[str], rows: Iterable[FaultyRow], name: str) -> bytes:
    """The rows to mend, in the columns they came in, what is wrong beside each."""
    headings = [Heading(title or letter(index), 16) for index, title in enumerate(titles)]
    headings += [Heading(_("原来第几行"), 10, "number"), Heading(_("要改什么"), 44)]
    lines: list[list[Cell]] = []
    for row in rows:
        cells = row.cells[: len(titles)]
        lines.append([*cells, *[""] * (len(titles) - len(cells)), row.number, "；".join(row.says)])
    return write_book([Page(name, headings, lines)])


def letter(index: int) -> str:
    """0 → A, 26 → AA: what Excel calls a column."""
    return letter(index // 26 - 1) + chr(65 + index % 26) if index >= 26 else chr(65 + index)


class _Reading(Generic[C]):
    """One workbook against one Struct."""

    def __init__(self, struct: type[C], better: Sequence[Column]) -> None:
        self.struct, self.fields = struct, listed_fields(struct)
        own = {column.key: column for column in better}
        self.columns = [own.get(each.field.name) or each.column() for each in self.fields]
        self.needed = [column.key for column in self.columns if column.needed]
        self.hint: YearHint | None = None

    def read(
        self,
        data: bytes,
        judge: Callable[[C], str | None] | None,
        same: Callable[[C], Hashable] | None,
    ) -> CheckedRecords[C]:
        table = find_tables(read_book(data), self.columns)[0]
        unclear = [doubt.key for doubt in table.doubts if doubt.key in self.needed]
        if unclear:
            raise _unclear([each.title for each in self.fields if each.field.name in unclear])
        self.hint = year_hint(table.above)
        good, faulty, skipped = list[Good[C]](), list[FaultyRow](), 0
        seen: dict[Hashable, int] = {}
        for row in table.rows():
            if self._no_data(table, row):
                skipped += 1
                continue
            value, says = self._value(table, row)
            if value is not None and judge is not None and (problem := judge(value)):
                says = [problem]
            if value is not None and not says and same is not None:
                earlier = seen.setdefault(same(value), row.number)
                says = [] if earlier == row.number else [_("和第 %(n)s 行重复", n=earlier)]
            if value is None or says:
                typed = tuple(clean(cell)[:MAX_CELL] for cell in row.cells[:60])
                faulty.append(FaultyRow(row.number, typed, tuple(says)))
            else:
                good.append(Good(row.number, value))
        return CheckedRecords(table.sheet, table.titles, good, faulty, skipped)

    def _no_data(self, table: Table, row: Row) -> bool:
        given = [key for key in self.needed if not blank(table.get(row, key))]
        if table.repeats_header(row) or not any(not blank(table.get(row, key)) for key in table.columns):
            return True
        return len(given) < len(self.needed) and (says_total(row) or (len(given) <= 1 and says_signed(row)))

    def _value(self, table: Table, row: Row) -> tuple[C | None, list[str]]:
        values, says = {}, []
        for each in self.fields:
            value, problem = each.read(table.get(row, each.field.name), self.hint)
            if problem:
                says.append(problem)
            elif value is not MISSING:
                values[each.field.name] = value
        if says:
            return None, says
        try:
            return self.struct(**values), []
        except (ValueError, TypeError) as error:
            # A Struct's own __post_init__ may refuse; its words are for people.
            return None, [str(error)]


def _unclear(titles: Sequence[str]) -> SheetError:
    names = "、".join(titles)
    return SheetError(
        f"没有认出这些列：{names}。请在表头写明，再上传一次。",
        f"These columns were not recognised: {names}. Name them in the header row and upload the file again.",
        code="unclear-columns",
    )
