# SPDX-License-Identifier: Apache-2.0
"""Posting through the service: a month's list in one transaction, and single postings from 64 clients (SQLite).

Awards carry two signatures, a sealed reason and a request key, as in the demo street. Beside them, in the same run:
what the same rows and signatures cost alone, and raw commits of the same rows one by one on one connection.
"""

import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import liren.ledger
from liren.ledger.founding import found
from liren.ledger.note import SigningKey
from liren.ledger.participant import Ledger
from liren.plugins.points import Award, Budget, PointRule, Subject
from liren.store import MigrationSource, Store, Tx, Vault, migrate
from tests.bench import Measure

CLIENTS, EACH = 64, 30
MANY = 2000
PEOPLE = 3000
SIGNATURES = 2
REVIEWER = "p-reviewer"
RULE = PointRule("FX-01", "resident", "h", 1, 100, date(2020, 1, 1), "never", 1)
MIGRATIONS = MigrationSource("ledger", Path(liren.ledger.__file__).with_name("piccolo_migrations"))


def award(n: int) -> Award:
    person = Subject("h", f"p{n % PEOPLE}")
    reason = {"title": "楼道清扫", "quantity": 2, "claim": f"c{n}"}
    return Award(person, "01", "FX-01", 1, date(2026, 11, 1), reviewer=REVIEWER, reason=reason)


class Bench:
    """One founded street on one event loop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loop = asyncio.new_event_loop()
        self.count = 0
        self.loop.run_until_complete(self._open())

    async def _open(self) -> None:
        vault = Vault.open(self.folder / "keys", create=True)
        self.ledger = Ledger(vault, tz=ZoneInfo("Asia/Shanghai"), anchor=self.folder / "anchor")
        self.store = await Store.open(self.folder / "bench.sqlite", participants=[self.ledger])
        await migrate(self.store, [MIGRATIONS])
        await self.ledger.start(self.store)
        await found(
            self.store,
            keys_folder=self.folder / "keys",
            street="s.example",
            unit="00",
            communities=["01"],
            reviewer=REVIEWER,
        )

        async def begin(tx: Tx) -> bool:
            await tx.part("ledger").adopt([RULE], reviewer=REVIEWER)
            await tx.part("ledger").post(Budget("01", 10**9, REVIEWER))
            return True

        await self.store.once("job:bench", "begin", "begin", begin, returns=bool)

    def close(self) -> None:
        async def end() -> None:
            await self.ledger.stop()
            await self.store.close()

        self.loop.run_until_complete(end())
        self.loop.close()

    def many(self) -> float:
        """Records a second of one transaction of 2 000."""
        self.count += 1
        key = f"many {self.count}"

        async def body(tx: Tx) -> int:
            return len(await tx.part("ledger").post_many([award(n) for n in range(MANY)]))

        started = time.perf_counter()
        self.loop.run_until_complete(self.store.once("job:bench", key, key, body, returns=int))
        return MANY / (time.perf_counter() - started)

    def single(self) -> float:
        """Acknowledged records a second, each a request of its own, from 64 clients."""
        self.count += 1
        run = self.count

        async def client(number: int) -> None:
            for i in range(EACH):

                async def body(tx: Tx, i: int = i) -> str:
                    return str((await tx.part("ledger").post(award(number * EACH + i))).rid)

                await self.store.once(f"p{number}", f"{run}/{i}", [run, i], body, returns=str)

        async def everybody() -> None:
            await asyncio.gather(*(client(n) for n in range(CLIENTS)))

        started = time.perf_counter()
        self.loop.run_until_complete(everybody())
        return CLIENTS * EACH / (time.perf_counter() - started)


class Raw:
    """The rows of one award without a ledger: entry, two postings, two balances, opening, head, request."""

    INSERTS = (
        "INSERT INTO log_entry VALUES (?1, 'x' || ?1, 'post', 'award', '01', 1, '2026-11-01', NULL, ?2, ?3)",
        "INSERT INTO posting VALUES (1, ?1, -1, 5)",
        "INSERT INTO posting VALUES (2 + ?1 % 3000, ?1, 1, 5)",
        "UPDATE account SET balance = balance + 1 WHERE id = 1",
        "UPDATE account SET balance = balance + 1 WHERE id = 2 + ?1 % 3000",
        "INSERT INTO opening VALUES (?1, ?3, ?2)",
    )
    PER_COMMIT = (
        "UPDATE log_head SET size = size + 1 WHERE one = 1",
        "INSERT INTO request VALUES ('bench', 'raw' || ?1, ?3, ?3, 1)",
    )

    def __init__(self, schema: Path, folder: Path) -> None:
        self.db = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        source = sqlite3.connect(schema)
        for (sql,) in source.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        ):
            self.db.execute(sql)
        source.close()
        self.db.execute("INSERT INTO log_head VALUES (1, 'o', 0, x'00', x'00', 0)")
        self.db.executemany(
            "INSERT INTO account VALUES (?, 'resident', ?, NULL, NULL, 0)", [(n, f"a{n}") for n in range(1, 3003)]
        )
        self.next = 0

    def rows(self, count: int, *, commit_each: bool) -> float:
        """Awards a second."""
        body, leaf = os.urandom(620), os.urandom(32)
        started = time.perf_counter()
        if not commit_each:
            self.db.execute("BEGIN IMMEDIATE")
        for _ in range(count):
            self.next += 1
            if commit_each:
                self.db.execute("BEGIN IMMEDIATE")
            for statement in self.INSERTS + (self.PER_COMMIT if commit_each else ()):
                self.db.execute(statement, _used(statement, self.next, body, leaf))
            if commit_each:
                self.db.execute("COMMIT")
        if not commit_each:
            self.db.execute("COMMIT")
        return count / (time.perf_counter() - started)


def _used(statement: str, *values: object) -> tuple[object, ...]:
    """As many values as the statement's highest ?n."""
    return values[: max((n for n in (1, 2, 3) if f"?{n}" in statement), default=0)]


def _signing() -> float:
    key, text = SigningKey.generate("s.example/unit/01"), os.urandom(450)
    started = time.perf_counter()
    for _ in range(5000):
        key.sign(text)
    return 5000 / (time.perf_counter() - started)


def _ideal(raw: Raw) -> float:
    """Awards a second if only rows and signatures cost anything."""
    return 1 / (1 / raw.rows(MANY, commit_each=False) + SIGNATURES / _signing())


def _side_by_side(ours: Callable[[], float], other: Callable[[], float]) -> tuple[float, float, float]:
    """Medians of ours, of the other, and of their ratio in five turns: a busy machine slows both of one turn."""
    ours(), other()
    turns = [(ours(), other()) for _ in range(5)]
    return (
        statistics.median(a for a, _ in turns),
        statistics.median(b for _, b in turns),
        statistics.median(a / b for a, b in turns),
    )


def measures() -> list[Measure]:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        raw = Raw(Path(folder) / "bench.sqlite", Path(folder))
        try:
            many, ideal, of_ideal = _side_by_side(bench.many, lambda: _ideal(raw))
            single, commits, of_raw = _side_by_side(bench.single, lambda: raw.rows(CLIENTS * EACH, commit_each=True))
        finally:
            bench.close()
    return [
        Measure(
            "Posting 2 000 awards in one transaction (SQLite, two signatures each)",
            f"{many:,.0f} records/s",
            f"the same rows and signatures alone: {ideal:,.0f}/s",
            of_ideal,
            "≥ 0.6; ≥ 2 000 records/s",
        ),
        Measure(
            f"Single postings, {CLIENTS} clients at once (SQLite)",
            f"{single:,.0f} records/s",
            f"raw single-connection commits of the same rows: {commits:,.0f}/s",
            of_raw,
            "≥ 1",
        ),
    ]
