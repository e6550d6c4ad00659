# SPDX-License-Identifier: Apache-2.0
"""How fast an award list gets its verdicts, beside merely reading its cells with the raw library."""

import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import python_calamine

from liren.web.sheets import find_tables, read_book
from tests.bench import Measure

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5


def measures() -> list[Measure]:
    sys.path.insert(0, str(ROOT / "plugins/credit/tests"))
    from credit_lists import checker

    data = (ROOT / "core/liren/demo/samples/awards.xlsx").read_bytes()
    judge = checker()

    def read_raw() -> int:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        return len(book.get_sheet_by_index(0).to_python())

    def check_all() -> int:
        table = find_tables(read_book(data), judge.columns())[0]
        return sum(1 for _ in judge.check(table))

    def timed(work: Callable[[], int]) -> float:
        start = time.perf_counter()
        assert work() > 4_500
        return time.perf_counter() - start

    timed(read_raw), timed(check_all)
    pairs = [(timed(read_raw), timed(check_all)) for _ in range(ROUNDS)]
    raw, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    return [
        Measure(
            "checking the sample award list (guard, reading, columns, verdicts)",
            f"{4_573 / ours:,.0f} rows/s ({ours * 1000:.0f} ms)",
            f"{4_573 / raw:,.0f} rows/s: raw calamine, cells only",
            raw / ours,
            "4 573 rows < 1 s",
        )
    ]
