# SPDX-License-Identifier: Apache-2.0
"""A clerk with a workbook: upload it, wait until it is taken."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import openpyxl

from liren.testing.browser import Browser
from liren.testing.street import Visitor


def book(rows: Sequence[Sequence[Any]], merge: str = "") -> bytes:
    """A workbook of these rows; ``merge`` joins cells (``A2:A3``)."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if merge:
        sheet.merge_cells(merge)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def rows_in(content: bytes) -> list[tuple[Any, ...]]:
    """What a downloaded workbook holds."""
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert sheet is not None
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


async def upload(visitor: Visitor, address: str, rows: Sequence[Sequence[Any]] | bytes, merge: str = "") -> Browser:
    """The page after the upload: verdicts, or the form again."""
    content = rows if isinstance(rows, bytes) else book(rows, merge)
    page = await visitor.open(address)
    label = page.form("上传并核对").labels[0]
    return await page.press("上传并核对", {label: ("名单.xlsx", content)})


async def take(page: Browser) -> str:
    """Take the good rows and wait for what came of it."""
    button = next(b.text for f in page.main.all("form") for b in f.all("button") if b.text.startswith("收下这"))
    await page.press(button)
    return (await page.until("没有收下", "收下了")).text
