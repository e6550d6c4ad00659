# SPDX-License-Identifier: Apache-2.0
"""A city's award lists: 4 572 people credited in a month, some 700 000 points in all with the sample's March."""

import random
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

from liren.demo.city_people import Resident, workbook

A_MONTH: Final = 4_572
MONTHS: Final = (1, 2, 4, 5, 6, 7, 8, 9, 10)
"""Of 2026; March is the sample's."""
_TITLES: Final = ("姓名", "手机号", "身份证号", "所在社区", "积分细则编号", "数量", "日期", "证明材料")
_RULES: Final = (
    *(("FX-01", "8", "签到表"),) * 14,
    *(("FX-04", "6", "签到表"),) * 3,
    *(("FX-02", "1", "献血证"),) * 2,
    ("SX-04", "1", "表彰文件"),
)
"""(code of the sample's rules, quantity, evidence), as often as it occurs: 16 points on the average."""


def lists(samples: Path, folder: Path, people: Sequence[Resident], until: date) -> Path:
    """The sample's files and a list for every month that is over.

    :returns: ``folder``, with ``awards-2026-01.xlsx`` and so on beside the sample's ``awards.xlsx``
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in samples.glob("*.xlsx"):
        shutil.copyfile(file, folder / file.name)
    for month in MONTHS:
        if date(2026, month + 1, 1) <= until:
            month_list(folder, month, people)
    return folder


def month_list(folder: Path, month: int, people: Sequence[Resident]) -> None:
    """One month's list of at most :data:`A_MONTH` people."""
    workbook(folder / f"awards-2026-{month:02}.xlsx", _rows(month, people), _TITLES, f"{month}月赋分")


def _rows(month: int, people: Sequence[Resident]) -> Iterator[tuple[str, ...]]:
    """Others every month."""
    draw = random.Random(month)  # noqa: S311 - an invented list, the same every time
    step = max(1, len(people) // A_MONTH)
    for one in islice(people, month, None, step):
        code, quantity, evidence = draw.choice(_RULES)
        day = f"2026-{month:02}-{draw.randrange(1, 29):02}"
        yield (one.name, one.phone, one.number, one.community, code, quantity, day, evidence)
