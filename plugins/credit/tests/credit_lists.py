# SPDX-License-Identifier: Apache-2.0
"""Award lists for tests: the sample street's people and rules as the checker sees them, and messy workbooks."""

import csv
import hashlib
import io
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import openpyxl

from liren.api import PersonKeys, UnitCard
from liren.web.sheets import Cell, find_tables, read_book
from liren_credit.catalogue import Catalogue
from liren_credit.check import Checked, Checker
from liren_credit.register import Register
from liren_credit.rulebook import read_rules

SAMPLES = Path(__file__).parents[3] / "core/liren/demo/samples"
TODAY = date(2026, 11, 21)


def hash_of(kind: str, value: str) -> str:
    return hashlib.blake2b(f"{kind}:{value}".encode(), digest_size=16).hexdigest()


@cache
def people() -> tuple[list[PersonKeys], list[UnitCard]]:
    """Each resident of ``people.xlsx``; the person id is the row number."""
    rows = read_book((SAMPLES / "people.xlsx").read_bytes()).sheets[0].rows[1:]
    names = sorted({str(row[4]) for row in rows})
    units = [
        UnitCard(f"u{n}", f"370001-{n:02}", "community", name, None, f"370001/370001-{n:02}/", "370001")
        for n, name in enumerate(names, 1)
    ]
    codes = {unit.name: unit.code for unit in units}
    keys = [
        PersonKeys(
            id=f"p{number}",
            name=str(row[0]),
            community=codes[str(row[4])],
            phone_hash=hash_of("phone", str(row[2])),
            id_number_hash=hash_of("id_number", str(row[1])),
            household="/".join(map(str, row[4:])),
        )
        for number, row in enumerate(rows, 2)
    ]
    return keys, units


@cache
def catalogue() -> Catalogue:
    book = read_book((SAMPLES / "rules.xlsx").read_bytes())
    return Catalogue(read_rules(book, valid_from=date(2026, 1, 1), source="纸质细则").rules)


@cache
def register() -> Register:
    keys, units = people()
    return Register(keys, units, hash_of)


def checker(**changes: object) -> Checker:
    return Checker(**{"register": register(), "catalogue": catalogue(), "today": TODAY, **changes})  # type: ignore[arg-type]


def check(data: bytes, **changes: object) -> list[Checked]:
    judge = checker(**changes)
    table = find_tables(read_book(data), judge.columns())[0]
    assert table.doubts == (), table.doubts
    return list(judge.check(table))


def verdicts(data: bytes, **changes: object) -> dict[int, str]:
    return {row.number: row.verdict for row in check(data, **changes)}


@cache
def expected() -> dict[int, str]:
    with (SAMPLES / "awards.expected.csv").open(encoding="utf-8") as file:
        return {int(row["sheet_row"]): row["verdict"] for row in csv.DictReader(file)}


def workbook(*rows: Sequence[Cell], merge: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for area in merge:
        sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
