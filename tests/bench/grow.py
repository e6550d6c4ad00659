# SPDX-License-Identifier: Apache-2.0
"""Grows one ledger through the engine; what was grown is measured by ``growth`` and proved by ``tests.prove million``.

    python -m tests.bench.grow 1000000 FOLDER [sqlite|postgres]

A hundred people of twenty thousand get a record in every chunk of two thousand: their history grows with the log. A
folder that holds a street is grown further.
"""

import sys
import time
from pathlib import Path

from liren.plugins.points import PostDraft, Settle, Spend, Subject
from tests.bench._databases import databases
from tests.bench._street import Bench, award

PEOPLE = 20_000
REGULARS = 100
CHUNK = 2000


class Growing:
    """A street that awards, and whose people order: one in nine records is a spend, as many settle one."""

    def __init__(self, folder: Path, where: str) -> None:
        self.folder = folder
        self.bench = Bench(folder, where)
        self.made = self.bench.size
        self.open: list[str] = []
        self.rids: list[str] = []
        """Of the latest chunk."""

    def chunk(self) -> float:
        """2 000 records in one transaction; :returns: records a second"""
        drafts: list[PostDraft] = [Settle(rid, "m1", "market.settle") for rid in self.open]
        drafts += [award(n, 3, people=PEOPLE) for n in range(REGULARS)]
        while len(drafts) < CHUNK:
            self.made += 1
            # A prime step visits everybody before anybody again, and each lap goes by another rule.
            person, lap = self.made * 7919 % PEOPLE, self.made // PEOPLE
            drafts.append(award(person + lap * PEOPLE, 3, people=PEOPLE))
            if self.made % 6 == 0:
                drafts.append(Spend(Subject("h", f"p{person}"), "market.order", 1))
        drafts = drafts[:CHUNK]
        started = time.perf_counter()
        posted = self.bench.post_many(drafts)
        took_s = time.perf_counter() - started
        self.rids = [record.rid for record in posted]
        self.open = [p.rid for p, draft in zip(posted, drafts, strict=True) if isinstance(draft, Spend)]
        return CHUNK / took_s

    def grow(self, target: int) -> None:
        """To ``target`` entries, and its head signed."""
        while self.bench.size < target:
            self.chunk()
        self.bench.run(self.bench.ledger.checkpoints.sign())


def main() -> None:
    target, folder, kind = int(sys.argv[1]), Path(sys.argv[2]), (sys.argv[3:] or ["sqlite"])[0]
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    with databases(kind, folder, "bench", keep=True) as (where,):
        street, began = Growing(folder, where), time.monotonic()
        try:
            for mark in range(street.bench.size // 100_000 * 100_000 + 100_000, target, 100_000):
                street.grow(mark)
                print(f"{street.bench.size:,} entries after {time.monotonic() - began:.0f} s", flush=True)
            street.grow(target)
            print(f"{street.bench.size:,} entries after {time.monotonic() - began:.0f} s", flush=True)
        finally:
            street.bench.close()


if __name__ == "__main__":
    main()
