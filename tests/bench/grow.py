# SPDX-License-Identifier: Apache-2.0
"""Grows one ledger through the engine, and measures at 10^5, 10^6 … entries what should not depend on its size.

    python -m tests.bench.grow 1000000 [FOLDER]

One run on one machine: read the ratios between the sizes. At the end the log is exported and verified by the
independent verifier in a process of its own, whose time and peak memory are told.
"""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

from liren.ledger.export import export
from liren.ledger.reader import Reader
from liren.ledger.receipts import Receipts
from liren.plugins.points import Award, PostDraft, Posted, Settle, Spend, Subject
from liren.store import Tx
from tests.bench.ledger_rate import REVIEWER, Bench

PEOPLE = 20_000
CHUNK = 2000
ASKED = 200
MARKS = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)


class Growing:
    """A street that awards, and whose people order: one in eight records is a spend, as many settle one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bench = Bench(folder)
        self.made = 0
        self.open: list[str] = []
        self.rids: list[str] = []

    def run(self, work: Awaitable[Any]) -> Any:
        return self.bench.loop.run_until_complete(work)  # type: ignore[arg-type]

    @property
    def size(self) -> int:
        return self.bench.ledger.book.size

    def chunk(self) -> float:
        """2 000 records in one transaction; :returns: records a second"""
        drafts: list[PostDraft] = [Settle(rid, "m1", "market.settle") for rid in self.open]
        while len(drafts) < CHUNK:
            self.made += 1
            person = Subject("h", f"p{self.made * 7919 % PEOPLE}")
            reason = {"title": "楼道清扫", "quantity": 2}
            drafts.append(Award(person, "01", "FX-01", 3, date(2026, 11, 1), reviewer=REVIEWER, reason=reason))
            if self.made % 6 == 0:
                drafts.append(Spend(person, "market.order", 1))
        key = f"grow {self.made}"

        async def body(tx: Tx) -> list[str]:
            posted: list[Posted] = list(await tx.part("ledger").post_many(drafts[:5000]))
            self.rids = [record.rid for record in posted]
            return [p.rid for p, draft in zip(posted, drafts, strict=True) if isinstance(draft, Spend)]

        started = time.perf_counter()
        self.open = self.run(self.bench.store.once("job:bench", key, key, body, returns=list[str], limit_s=600))
        return len(drafts) / (time.perf_counter() - started)

    def figures(self) -> dict[str, float]:
        """Posting rate, and milliseconds of what people ask for."""
        self.run(self.bench.ledger.checkpoints.sign())
        reader = Reader(self.bench.store, self.bench.ledger)
        receipts = Receipts(self.bench.store, self.bench.ledger, reader)
        people = [Subject("h", f"p{n * 101 % PEOPLE}") for n in range(ASKED)]
        rids = self.rids[:ASKED]
        return {
            "records/s": statistics.median(self.chunk() for _ in range(5)),
            "balance ms": self._each([lambda p=p: reader.balance(p) for p in people]),
            "last 20 ms": self._each([lambda p=p: reader.entries(p, limit=20) for p in people]),
            "receipt ms": self._each([lambda r=r: receipts.file(r) for r in rids]),
        }

    def _each(self, asks: list[Callable[[], Awaitable[Any]]]) -> float:
        async def one(ask: Callable[[], Awaitable[Any]]) -> float:
            started = time.perf_counter()
            await ask()
            return (time.perf_counter() - started) * 1000

        return statistics.median(self.run(one(ask)) for ask in asks)


ALONE = (
    "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode;"
    "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
"""A small parent: a child's peak begins with what its parent held when it forked."""


def verified(archive: Path, jobs: int) -> tuple[float, float, bool]:
    """(seconds, peak MB of the largest process, whether it is clean) of ``liren-verify`` in a process of its own."""
    command = [sys.executable, "-m", "liren_verify", str(archive), "--lang", "en", "--jobs", str(jobs)]
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", ALONE, *command], stdout=subprocess.PIPE, check=True)
    code, peak = map(int, done.stdout.split())
    return time.perf_counter() - started, peak / 1024, code == 0


def grow(folder: Path, target: int, deadline_s: float) -> None:
    street, began = Growing(folder), time.monotonic()
    try:
        for mark in [m for m in MARKS if m < target] + [target]:
            while street.size < mark and time.monotonic() - began < deadline_s:
                street.chunk()
            shown = ", ".join(f"{name} {value:,.2f}" for name, value in street.figures().items())
            print(f"{street.size:,} entries after {time.monotonic() - began:.0f} s: {shown}", flush=True)
            if time.monotonic() - began >= deadline_s:
                break
        street.run(street.bench.ledger.checkpoints.sign())
        started = time.perf_counter()
        done = street.run(export(street.bench.store, folder / "export.zip"))
        print(f"export of {done.size:,} entries: {time.perf_counter() - started:.0f} s", flush=True)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"engine's own peak memory: {peak:.0f} MB", flush=True)
    finally:
        street.bench.close()
    for jobs in (1, os.cpu_count() or 1):
        seconds, peak, clean = verified(folder / "export.zip", jobs)
        print(f"liren-verify, {jobs} processes: {seconds:.0f} s, peak {peak:.0f} MB, clean: {clean}", flush=True)


def main() -> None:
    target = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    deadline_s = float(os.environ.get("LIREN_GROW_S") or 10**6)
    if len(sys.argv) > 2:
        Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
        grow(Path(sys.argv[2]), target, deadline_s)
        return
    with tempfile.TemporaryDirectory() as folder:
        grow(Path(folder), target, deadline_s)


if __name__ == "__main__":
    asyncio.set_event_loop(asyncio.new_event_loop())
    main()
