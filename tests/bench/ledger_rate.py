# SPDX-License-Identifier: Apache-2.0
"""Posting through the service on both databases, beside what the same rows and signatures cost alone.

Awards carry two signatures, a sealed reason and a request key. ``ideal`` is 1/(1/raw rows + signatures/sign), in one
transaction of as many, into a log as long; nothing is verified while posting, so the design's third term is 0.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Callable

from piccolo.columns import BigInt, Varchar
from piccolo.table import Table

from liren.ledger.log.note import SigningKey
from liren.ledger.papers.statement_tree import between, tiles
from liren.store import Tx
from tests.bench import Measure, in_turns
from tests.bench._databases import KINDS, TITLES, places
from tests.bench._raw import TABLE, Raw
from tests.bench._street import Bench, award

CLIENTS, EACH = 64, 15
BATCH, BATCHES, MANY = 256, 5, 2000
SIGNED = 1.5
"""Signatures of a record of a batch: half are awards with two, half orders and settlements with one."""


class Pebble(Table, tablename="pebble"):
    """A plugin's own row."""

    id = BigInt(primary_key=True)
    note = Varchar(20)


class Singles:
    """64 clients, each with requests of its own."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.runs = 0
        bench.run(self._table())

    async def _table(self) -> None:
        async with self.bench.store.transaction("job:bench") as tx:
            await tx.sql(TABLE)
        self.bench.store.bind(Pebble)

    def rate(self, *, pebbles: bool = False) -> float:
        """Acknowledged records a second.

        :param pebbles: with a row of a plugin's own, inserted and updated through Piccolo in the same transaction
        """
        self.runs += 1
        started = time.perf_counter()
        self.bench.run(self._everybody(pebbles))
        return CLIENTS * EACH / (time.perf_counter() - started)

    async def _everybody(self, pebbles: bool) -> None:
        await asyncio.gather(*(self._client(number, self.runs, pebbles) for number in range(CLIENTS)))

    async def _client(self, number: int, run: int, pebbles: bool) -> None:
        for i in range(EACH):
            n = (run * EACH + i) * CLIENTS + number

            async def body(tx: Tx, n: int = n) -> str:
                if pebbles:
                    await Pebble(id=n, note="x").save()
                    await Pebble.update({Pebble.note: "y"}).where(Pebble.id == n)
                return str((await tx.part("ledger").post(award(n))).rid)

            await self.bench.store.once(f"p{number}", f"{run}/{i}", [run, i], body, returns=str)

    def delays(self, seconds: float = 2.0) -> float:
        """p99 of what a trivial handler waits for the loop while the clients post, milliseconds."""
        waited: list[float] = []

        async def ask() -> None:
            while True:
                started = time.perf_counter()
                await asyncio.sleep(0)
                waited.append((time.perf_counter() - started) * 1000)
                await asyncio.sleep(0.001)

        async def both() -> None:
            asking = asyncio.create_task(ask())
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                self.runs += 1
                await self._everybody(pebbles=False)
            asking.cancel()

        self.bench.run(both())
        return statistics.quantiles(waited, n=100)[98]


class Statement:
    """The leaves of a month's statement: read, added up and hashed; beside it, hashed alone."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.secret, self.month = bench, os.urandom(32), "2026-11"
        self.leaves = bench.run(between(bench.store.read, bench.size, "", "~"))

    def made(self) -> float:
        """Holders a second."""

        async def run() -> int:
            found = tiles(self.bench.store.read, self.bench.size, self.secret, self.month)
            return sum([tile.leaves async for tile in found])

        started = time.perf_counter()
        return self.bench.run(run()) / (time.perf_counter() - started)

    def hashed(self) -> float:
        started = time.perf_counter()
        for leaf in self.leaves:
            leaf.hash(self.secret, self.month, self.bench.size)
        return len(self.leaves) / (time.perf_counter() - started)


def signing() -> float:
    """Ed25519 signatures a second."""
    key, text = SigningKey.generate("s.example/unit/01"), os.urandom(450)
    started = time.perf_counter()
    for _ in range(1500):
        key.sign(text)
    return 1500 / (time.perf_counter() - started)


def ideal(raw: Raw, count: int) -> float:
    """Records a second of a batch if only rows and signatures cost anything."""
    return 1 / (1 / raw.mixed(count) + SIGNED / signing())


def repeated(work: Callable[[], float], times: int) -> float:
    """A rate over several batches."""
    return times / sum(1 / work() for _ in range(times))


def measures() -> list[Measure]:
    found = []
    for kind in KINDS:
        with places(kind, "bench", "raw") as (folder, (ours, beside)):
            bench, raw = Bench(folder, ours), Raw(beside)
            try:
                bench.furnish()
                raw.mixed(bench.size)  # a log as long: random ids cost by the length of their index
                found += _of(TITLES[kind], bench, raw)
            finally:
                raw.close()
                bench.close()
    return found


def _of(title: str, bench: Bench, raw: Raw) -> list[Measure]:
    floor = "0.6" if title == "SQLite" else "0.5"
    batch, [(batch_ideal, of_ideal)] = in_turns(
        lambda: repeated(lambda: bench.batch(BATCH), BATCHES),
        lambda: repeated(lambda: ideal(raw, BATCH), BATCHES),
    )
    many, [(many_ideal, of_many)] = in_turns(lambda: bench.batch(MANY), lambda: ideal(raw, MANY))
    singles, count = Singles(bench), CLIENTS * EACH
    one, [(same, of_same), (short, of_short)] = in_turns(
        singles.rate, lambda: raw.awards(count), lambda: raw.single_rows(count)
    )
    both, [(both_raw, of_both)] = in_turns(lambda: singles.rate(pebbles=True), lambda: raw.awards(count, pebbles=True))
    month = Statement(bench)
    holders, [(hashes, of_hashes)] = in_turns(month.made, month.hashed)
    waits = statistics.median(singles.delays() for _ in range(3))
    alone = "the same rows and signatures alone"
    return [
        Measure(
            f"{title}: posting, {BATCH} a transaction, lots and escrow included",
            f"{batch:,.0f} records/s",
            f"{alone}: {batch_ideal:,.0f}/s",
            of_ideal,
            f"≥ {floor}",
        ),
        Measure(
            f"{title}: posting, {MANY:,} a transaction",
            f"{many:,.0f} records/s",
            f"{alone}: {many_ideal:,.0f}/s",
            of_many,
            "≥ 2 000 records/s",
        ),
        Measure(
            f"{title}: single postings through the service, {CLIENTS} clients",
            f"{one:,.0f} records/s",
            f"raw commits of the same rows, one connection: {same:,.0f}/s",
            of_same,
            "≥ 1",
        ),
        Measure(
            f"{title}: the same, beside commits of one short row",
            f"{one:,.0f} records/s",
            f"raw commits of one row, one connection: {short:,.0f}/s",
            of_short,
            "",
        ),
        Measure(
            f"{title}: a Piccolo insert, a Piccolo update and a posting, {CLIENTS} clients",
            f"{both:,.0f}/s",
            f"raw commits of the same rows: {both_raw:,.0f}/s",
            of_both,
            "≥ 0.6 SQLite; reported",
        ),
        Measure(
            f"{title}: the leaves of a month's statement, {len(month.leaves):,} holders",
            f"{holders:,.0f} holders/s",
            f"their salts and hashes alone: {hashes:,.0f}/s",
            of_hashes,
            "",
        ),
        Measure(
            f"{title}: what a trivial handler waits for the loop while {CLIENTS} clients post, p99",
            f"{waits:.1f} ms",
            "",
            None,
            "< 10 ms",
        ),
    ]
