# SPDX-License-Identifier: Apache-2.0
"""A city's register: 326 000 people in one upload, then the daily pages beside a street of 3 000, in turns.

Takes some ten minutes, so ``make bench`` leaves it out; ``make bench-city`` runs it and writes its own part of
``docs/benchmarks.md``.

``LIREN_BENCH_HOME``: a folder that keeps the two streets; seeded there before, they are only measured.
``LIREN_BENCH_FRESH=1``: seed them anew all the same. ``LIREN_BENCH_PEOPLE``: a smaller city.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from liren.demo.city_people import PEOPLE
from tests.bench import Measure
from tests.bench._city_street import TOLD, Told, p99, say
from tests.served import LIREN, environment, free_port

LONG = True
SMALL = 3_000
RUNS, TURNS, WARM = 5, 100, 5
STARTS = 5
INITIALS = ("wxl", "zl", "lj", "cgq", "zxm", "lm", "whf", "ywj", "sxl", "hj")
PAGES: dict[str, Callable[[int], str]] = {
    "the tree": lambda n: "street /units",
    "a community in the tree": lambda n: "street /units/taoyuan",
    "a stair or building": lambda n: "street /units/{unit}",
    "lookup by initials, the whole street": lambda n: f"street /people?q={INITIALS[n % len(INITIALS)]}",
    "lookup by initials, one community": lambda n: f"clerk /people?q={INITIALS[n % len(INITIALS)]}",
    "people of a community, page by page": lambda n: f"clerk /people/of/taoyuan?page={n % 4 + 1}",
    "people of the street, page by page": lambda n: f"street /people/of/liren?page={n % 50 + 1}",
    "one person": lambda n: "clerk /people/{person}",
    "the desk": lambda n: "clerk /desk",
    "the public board": lambda n: "clerk /",
}


class Street:
    """A street of a size, in a process of its own."""

    def __init__(self, folder: Path, people: int) -> None:
        self.home = folder / f"home-{people}"
        if self.home.exists() and (not (self.home / TOLD).exists() or os.environ.get("LIREN_BENCH_FRESH")):
            shutil.rmtree(self.home)  # seeded halfway, or not wanted any more
        self.fresh = not self.home.exists()
        self.begin()

    def begin(self) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "tests.bench._city_street", str(self.home), self.home.name.partition("-")[2],
                str(self.home / "liren.sqlite"),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def told(self) -> Told:
        """What the seeding took; waits for it."""
        return msgspec.json.decode(self._answer(), type=Told)

    def ask(self, line: str) -> str:
        """Milliseconds of one page, or what ``plans`` tells."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the street in {self.home} stopped")
        return line


def _pages(large: Street, small: Street) -> Iterator[Measure]:
    for what, line in PAGES.items():
        figures: dict[Street, list[tuple[float, float]]] = {large: [], small: []}
        for _ in range(RUNS):
            took: dict[Street, list[float]] = {large: [], small: []}
            for turn in range(TURNS + WARM):
                for street, times in took.items():
                    ms = float(street.ask(line(turn)))
                    if turn >= WARM:
                        times.append(ms)
            for street, times in took.items():
                figures[street].append((statistics.median(times), p99(times)))
        middle, top = ({s: statistics.median(f[n] for f in figures[s]) for s in figures} for n in (0, 1))
        yield Measure(
            f"{what}: median and p99",
            f"{middle[large]:.1f} ms, p99 {top[large]:.1f} ms",
            f"{SMALL:,} people: {middle[small]:.1f} ms, p99 {top[small]:.1f} ms (ratio {top[large] / top[small]:.2f})",
            middle[large] / middle[small],
            "≤ 1.3; < 300 ms",
        )


def _plans(large: Street) -> Measure:
    told = json.loads(large.ask("plans"))
    for bad in told["bad"]:
        say(f"reads a whole table: {bad}")
    return Measure(
        "statements behind these pages that read a growing table from end to end (EXPLAIN QUERY PLAN)",
        f"{len(told['bad'])} of {told['statements']}",
        "PostgreSQL: tests/identity/test_plans.py",
        None,
        "0",
    )


def _start(home: Path) -> tuple[float, float]:
    """Seconds from the command to ``/readyz``; MB of the process then."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [LIREN, "serve"], env=environment(home, PORT=str(port)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            assert process.poll() is None, "liren serve stopped"
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.02)
        ready = time.perf_counter() - began
        for path in ("/", "/login", "/units"):
            httpx.get(f"http://127.0.0.1:{port}{path}")
        status = Path(f"/proc/{process.pid}/status").read_text()
        return ready, int(status.partition("VmRSS:")[2].split()[0]) / 1024
    finally:
        process.terminate()
        process.wait(30)


def _starts(large: Street, small: Street) -> Measure:
    figures = {street: [_start(street.home) for _ in range(STARTS + 1)][1:] for street in (large, small)}
    (ready, mb), (few_ready, few_mb) = (
        (statistics.median(f[0] for f in figures[s]), max(f[1] for f in figures[s])) for s in (large, small)
    )
    return Measure(
        "start to ready, every module on; memory of the process after its first pages",
        f"{ready:.2f} s; {mb:.0f} MB",
        f"{SMALL:,} people: {few_ready:.2f} s; {few_mb:.0f} MB",
        ready / few_ready,
        "< 3 s; < 200 MB",
    )


def _import(told: Told, few: Told) -> Iterator[Measure]:
    whole = told.check_s + told.take_s
    yield Measure(
        f"{told.people:,} people in one list ({told.file_mb:.0f} MB) through the upload page, SQLite: verdicts, then"
        f" registration (seeded {told.seeded})",
        f"{told.check_s:.0f} s + {told.take_s:.0f} s = {whole / 60:.1f} min",
        f"{few.people:,} people: {few.check_s + few.take_s:.1f} s", None, "< 10 min",
    )  # fmt: skip
    yield Measure(
        "memory at its highest meanwhile: the server, the process that reads the workbook",
        f"{told.peak_mb:.0f} MB, {told.reader_mb:.0f} MB while it reads",
        f"{few.people:,} people: {few.peak_mb:.0f} MB", None, "bounded",
    )  # fmt: skip
    yield Measure(
        "meanwhile: a trivial write, and the public board",
        f"p99 {told.write_p99_ms:.0f} ms; p99 {told.page_p99_ms:.0f} ms",
        f"longest write {told.write_max_ms:.0f} ms", None, "< 500 ms; < 300 ms",
    )  # fmt: skip


@contextmanager
def _folder() -> Iterator[Path]:
    if kept := os.environ.get("LIREN_BENCH_HOME"):
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def measures() -> Iterator[Measure]:
    people = int(os.environ.get("LIREN_BENCH_PEOPLE", PEOPLE))
    with _folder() as folder:
        # One after the other: the import has the machine to itself.
        small = Street(folder, SMALL)
        few = small.told()
        large = Street(folder, people)
        told = large.told()
        if large.fresh:
            large.end()  # what the import left in memory is not the pages'
            large.begin()
            large.told()
        yield from _import(told, few)
        yield from _pages(large, small)
        yield _plans(large)
        large.end()
        small.end()
        yield _starts(large, small)
