# SPDX-License-Identifier: Apache-2.0
"""What should not depend on how long the log is: two streets of one kind beside each other, asked in turns.

    LIREN_GROWN=FOLDER python -m tests.bench growth

``FOLDER`` keeps ``sqlite-100000``, ``sqlite-1000000``, ``postgres-…``; what is missing is grown first, which takes a
quarter of an hour each on two cores. ``sqlite-10000000`` (an hour, 9 GB) is asked where it lies there. People asked
have ten times the history in a log ten times as long.

Before it is timed, everybody gets one award in every street: a server that has just opened its database reads each
account and key once, and PostgreSQL writes each page whole that it touches for the first time after a checkpoint. That
first lap has rows of its own.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from liren.ledger.papers.receipts import Receipts
from liren.ledger.reading.reader import Reader
from liren.plugins.points import Subject
from tests.bench import Measure
from tests.bench._databases import KINDS, TITLES, databases
from tests.bench._street import award
from tests.bench.grow import PEOPLE, REGULARS, Growing

LONG = True
FOLDER = "LIREN_GROWN"
SMALL, LARGE, LARGEST = 100_000, 1_000_000, 10_000_000
CHUNK = 500
TURNS = 5


class Asked:
    """One street and the questions put to it."""

    def __init__(self, street: Growing) -> None:
        self.street, bench = street, street.bench
        bench.run(bench.ledger.checkpoints.sign())
        self.reader = Reader(bench.store, bench.ledger)
        self.receipts = Receipts(bench.store, bench.ledger, self.reader)
        rows = bench.run(
            bench.store.read("SELECT rid FROM log_entry WHERE pos >= ? AND why = 'award' LIMIT 100", bench.size // 2)
        )
        self.rids = [str(rid) for (rid,) in rows]
        self.people = [Subject("h", f"p{n}") for n in range(REGULARS)]
        self.first_lap = statistics.median(self.posting() for _ in range(PEOPLE // CHUNK))
        """Records a second while nothing was in memory yet."""

    def posting(self) -> float:
        """Records a second of one transaction."""
        first = self.street.bench.size
        drafts = [award(n, 3, people=PEOPLE) for n in range(first, first + CHUNK)]
        started = time.perf_counter()
        self.street.bench.post_many(drafts)
        return CHUNK / (time.perf_counter() - started)

    def balance(self) -> float:
        return self._each([lambda p=p: self.reader.balance(p) for p in self.people])

    def last_20(self) -> float:
        return self._each([lambda p=p: self.reader.entries(p, limit=20) for p in self.people])

    def receipt(self) -> float:
        return self._each([lambda r=r: self.receipts.file(r) for r in self.rids])

    def _each(self, asks: list[Callable[[], Awaitable[Any]]]) -> float:
        """Median milliseconds of one question."""

        async def one(ask: Callable[[], Awaitable[Any]]) -> float:
            started = time.perf_counter()
            await ask()
            return (time.perf_counter() - started) * 1000

        return statistics.median(self.street.bench.run(one(ask)) for ask in asks)


def measures() -> list[Measure]:
    if kept := os.environ.get(FOLDER):
        return [row for kind in KINDS for row in _of(kind, Path(kept), keep=True)]
    with tempfile.TemporaryDirectory(prefix="liren-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        return [row for kind in KINDS for row in _of(kind, Path(name), keep=False)]


def _of(kind: str, folder: Path, *, keep: bool) -> list[Measure]:
    there = kind == "sqlite" and (folder / f"{kind}-{LARGEST}").is_dir()
    return [
        row
        for size in ((LARGE, LARGEST) if there else (LARGE,))
        for row in _beside(kind, folder, (SMALL, size), keep=keep)
    ]


def _beside(kind: str, folder: Path, asked: tuple[int, int], *, keep: bool) -> list[Measure]:
    """Two streets of one kind, in turns."""
    with ExitStack() as stack:
        streets = []
        for size in asked:
            home = folder / f"{kind}-{size}"
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)
            (where,) = stack.enter_context(databases(kind, home, "bench", keep=keep))
            street = Growing(home, where)
            stack.callback(street.bench.close)
            street.grow(size)
            streets.append(street)
        sizes = [street.bench.size for street in streets]
        small, large = (Asked(street) for street in streets)
        found = [
            Measure(
                f"{TITLES[kind]}: the first {PEOPLE:,} awards after opening a log of {sizes[1]:,}",
                f"{large.first_lap:,.0f} records/s",
                f"a log of {sizes[0]:,}: {small.first_lap:,.0f} records/s",
                large.first_lap / small.first_lap,
                "",
            )
        ]
        for what, ask, unit, goal in (
            (f"posting, {CHUNK} awards a transaction", Asked.posting, "records/s", "≥ 0.8"),
            ("a balance", Asked.balance, "ms", "≤ 1.3"),
            ("the last 20 entries", Asked.last_20, "ms", "≤ 1.3"),
            ("a receipt's file", Asked.receipt, "ms", "≤ 1.3"),
        ):
            turns = [(ask(small), ask(large)) for _ in range(TURNS + 1)][1:]
            before, after = (statistics.median(turn[n] for turn in turns) for n in (0, 1))
            shown = "{:,.0f}" if unit == "records/s" else "{:.3f}"
            found.append(
                Measure(
                    f"{TITLES[kind]}: {what} in a log of {sizes[1]:,}",
                    f"{shown.format(after)} {unit}",
                    f"in a log of {sizes[0]:,}: {shown.format(before)} {unit}",
                    statistics.median(b / a for a, b in turns),
                    goal,
                )
            )
        return found
