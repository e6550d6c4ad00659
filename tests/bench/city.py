# SPDX-License-Identifier: Apache-2.0
"""A city's register: 326 000 people in one upload, then the daily pages beside a street of 3 000, in turns.

Takes some ten minutes, so ``make bench`` leaves it out; ``python -m tests.bench city`` runs it and writes its own part
of ``docs/benchmarks.md``. ``LIREN_BENCH_PEOPLE`` makes the city smaller.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import Measure
from tests.bench._city import PEOPLE

LONG = True
SMALL = 3_000
RUNS, TURNS = 5, 100
INITIALS = ("wxl", "zl", "lj", "cgq", "zxm", "lm", "whf", "ywj", "sxl", "hj")
PAGES = {
    "the tree": lambda n: "street /units",
    "lookup by initials, the whole street": lambda n: f"street /people?q={INITIALS[n % len(INITIALS)]}",
    "lookup by initials, one community": lambda n: f"clerk /people?q={INITIALS[n % len(INITIALS)]}",
    "people of a community, page by page": lambda n: f"clerk /people/of/taoyuan?page={n % 4 + 1}",
    "people of the street, page by page": lambda n: f"street /people/of/liren?page={n % 50 + 1}",
}


class Street:
    """A street of a size, in a process of its own."""

    def __init__(self, folder: Path, people: int, database: str = "") -> None:
        home = folder / f"home-{people}"
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "tests.bench._city_street", str(home), str(people),
                database or str(home / "liren.sqlite"),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def told(self) -> dict[str, float]:
        """What the seeding took; waits for it."""
        assert self._process.stdout is not None
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        return found

    def ask(self, line: str) -> float:
        """Milliseconds of one page."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def _pages(large: Street, small: Street) -> list[Measure]:
    rows = []
    for what, line in PAGES.items():
        figures: dict[Street, list[tuple[float, float]]] = {large: [], small: []}
        for _ in range(RUNS):
            took: dict[Street, list[float]] = {large: [], small: []}
            for turn in range(TURNS + 5):
                for street, times in took.items():
                    ms = street.ask(line(turn))
                    if turn >= 5:  # warm
                        times.append(ms)
            for street, times in took.items():
                figures[street].append((statistics.median(times), _p99(times)))
        middle, top = ({s: statistics.median(f[n] for f in figures[s]) for s in figures} for n in (0, 1))
        rows.append(
            Measure(
                f"{what}: median and p99",
                f"{middle[large]:.1f} ms, p99 {top[large]:.1f} ms",
                f"{middle[small]:.1f} ms, p99 {top[small]:.1f} ms with {SMALL:,} people",
                middle[large] / middle[small],
                "≤ 1.3",
            )
        )
    return rows


def measures() -> list[Measure]:
    people = int(os.environ.get("LIREN_BENCH_PEOPLE", PEOPLE))
    with tempfile.TemporaryDirectory() as name:
        large, small = Street(Path(name), people), Street(Path(name), SMALL)
        few, told = small.told(), large.told()
        pages = _pages(large, small)
        large.end()
        small.end()
    whole = told["check_s"] + told["take_s"]
    return [
        Measure(
            f"{people:,} people in one list ({told['file_mb']:.0f} MB): upload and verdicts, then taking, SQLite",
            f"{told['check_s']:.0f} s + {told['take_s']:.0f} s = {whole / 60:.1f} min",
            f"{SMALL:,} people: {few['check_s'] + few['take_s']:.1f} s", None, "< 10 min",
        ),
        Measure(
            "memory at its highest: the server, the process that reads the workbook",
            f"{told['peak_mb']:.0f} MB, {told['reader_mb']:.0f} MB while it reads",
            f"{few['peak_mb']:.0f} MB with {SMALL:,} people", None, "bounded",
        ),
        Measure(
            "meanwhile: a trivial write, and the public board",
            f"p99 {told['write_p99_ms']:.0f} ms; p99 {told['page_p99_ms']:.0f} ms",
            f"longest write {told['write_max_ms']:.0f} ms", None, "< 500 ms; < 300 ms",
        ),
        *pages,
    ]  # fmt: skip
