# SPDX-License-Identifier: Apache-2.0
"""The download a person may ask for: one workbook a person can read, and the same as JSON a program can."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date

import msgspec

from liren.privacy.duties import Held
from liren.web.sheets import Heading, Page, write_book


def archive(name: str, day: date, tables: Sequence[Held]) -> bytes:
    """A zip with ``我的信息.xlsx`` and ``data.json``."""
    found = [
        {"plugin": one.plugin, "title": one.data.title, "rows": [dict(row) for row in one.data.rows]} for one in tables
    ]
    whole = {"name": name, "day": day.isoformat(), "tables": found}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("我的信息.xlsx", write_book([_sheet(number, one) for number, one in enumerate(tables, 1)]))
        packed.writestr("data.json", msgspec.json.format(msgspec.json.encode(whole), indent=2))
    return file.getvalue()


def _sheet(number: int, one: Held) -> Page:
    columns = list(dict.fromkeys(column for row in one.data.rows for column in row))
    rows = [[row.get(column) for column in columns] for row in one.data.rows]
    return Page(f"{number} {one.data.title}"[:31], [Heading(column) for column in columns], rows)
