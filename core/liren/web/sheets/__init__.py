# SPDX-License-Identifier: Apache-2.0
"""Excel in and out, for people who never saw our template.

Three steps, each usable alone::

    book = read_book(data, "三月.xlsx")            # bytes → plain cells, or a SheetError that says what to do
    tables = find_tables(book, columns)            # header row and columns by meaning, best sheet first
    value = day(tables[0].get(row, "day"))         # one cell → a date, a phone, a number, or None: cannot be read

and the way out, ``write_book``, which never writes a formula. Nothing here knows what a list is for.
For a list of one Struct's rows the three are one, ``read_records``, with ``write_records`` for the way back.
"""

from liren.web.sheets.columns import Doubt, Row, Table, choose_table, find_tables
from liren.web.sheets.footers import says_signed, says_total
from liren.web.sheets.guard import CITY, Limits
from liren.web.sheets.reading import Book, Cell, Sheet, SheetError, read_book
from liren.web.sheets.records import (
    CheckedRecords,
    FaultyRow,
    Good,
    Mend,
    letter,
    read_records,
    write_faulty,
    write_records,
)
from liren.web.sheets.titles import Column
from liren.web.sheets.values import (
    YearHint,
    blank,
    clean,
    day,
    id_number,
    person_name,
    phone,
    same_words,
    whole_number,
    year_hint,
)
from liren.web.sheets.words import community_column, day_column, id_number_column, name_column, phone_column
from liren.web.sheets.writing import Heading, Page, write_book

__all__ = [
    "CITY",
    "Book",
    "Cell",
    "CheckedRecords",
    "Column",
    "Doubt",
    "FaultyRow",
    "Good",
    "Heading",
    "Limits",
    "Mend",
    "Page",
    "Row",
    "Sheet",
    "SheetError",
    "Table",
    "YearHint",
    "blank",
    "choose_table",
    "clean",
    "community_column",
    "day",
    "day_column",
    "find_tables",
    "id_number",
    "id_number_column",
    "letter",
    "name_column",
    "person_name",
    "phone",
    "phone_column",
    "read_book",
    "read_records",
    "same_words",
    "says_signed",
    "says_total",
    "whole_number",
    "write_book",
    "write_faulty",
    "write_records",
    "year_hint",
]
