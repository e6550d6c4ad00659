# SPDX-License-Identifier: Apache-2.0
"""The same rows without a ledger, on the bare driver: what the database alone would take for them.

Ids and addresses are random and as long as the ledger's: an index of numbers that ascend costs half as much.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Sequence
from typing import Any, Protocol

import asyncpg

from liren.ledger.rules.addresses import new_id
from liren.store import Store, migrate
from liren.store.postgres import numbered
from liren.store.sqlite import WAL_PAGES, WRITER_CACHE_KIB
from tests.bench._street import MIGRATIONS

ENTRY = "INSERT INTO log_entry VALUES (?, ?, 'post', 'award', '01', 1, '2026-11-01', ?, ?, ?)"
POSTING = "INSERT INTO posting VALUES (?, ?, ?, 5)"
ACCOUNT = "INSERT INTO account VALUES (?, 'resident', ?, NULL, NULL, 0)"
BALANCE = "UPDATE account SET balance = ? WHERE id = ?"
OPENING = "INSERT INTO opening VALUES (?, ?, ?)"
HEAD = "UPDATE log_head SET size = ? WHERE one = 1"
REQUEST = "INSERT INTO request VALUES ('bench', ?, ?, ?, 1)"
PEBBLE = "INSERT INTO pebble (id, note) VALUES (?, 'x')"
POLISH = "UPDATE pebble SET note = 'y' WHERE id = ?"
TABLE = "CREATE TABLE pebble (id BIGINT PRIMARY KEY, note TEXT)"
ACCOUNTS = 3002
BODY, LEAF, SEALED = os.urandom(620), os.urandom(32), os.urandom(120)

Statements = Sequence[tuple[str, tuple[Any, ...]]]


class Driver(Protocol):
    """A connection that writes, with as little of Python around it as there can be."""

    def one_by_one(self, work: Sequence[Statements]) -> None:
        """Each in a transaction of its own."""
        ...

    def together(self, work: Sequence[tuple[str, list[tuple[Any, ...]]]]) -> None:
        """All in one transaction."""
        ...

    def close(self) -> None: ...


class SQLiteDriver:
    def __init__(self, database: str) -> None:
        self.db = sqlite3.connect(database, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
        self.db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")

    def one_by_one(self, work: Sequence[Statements]) -> None:
        for statements in work:
            self.db.execute("BEGIN IMMEDIATE")
            for sql, values in statements:
                self.db.execute(sql, values)
            self.db.execute("COMMIT")

    def together(self, work: Sequence[tuple[str, list[tuple[Any, ...]]]]) -> None:
        self.db.execute("BEGIN IMMEDIATE")
        for sql, rows in work:
            self.db.executemany(sql, rows)
        self.db.execute("COMMIT")

    def close(self) -> None:
        self.db.close()


class PostgresDriver:
    def __init__(self, database: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.db: Any = self.loop.run_until_complete(asyncpg.connect(database))

    def one_by_one(self, work: Sequence[Statements]) -> None:
        async def run() -> None:
            for statements in work:
                await self.db.execute("BEGIN")
                for sql, values in statements:
                    await self.db.execute(numbered(sql), *values)
                await self.db.execute("COMMIT")

        self.loop.run_until_complete(run())

    def together(self, work: Sequence[tuple[str, list[tuple[Any, ...]]]]) -> None:
        async def run() -> None:
            await self.db.execute("BEGIN")
            for sql, rows in work:
                await self.db.executemany(numbered(sql), rows)
            await self.db.execute("COMMIT")

        self.loop.run_until_complete(run())

    def close(self) -> None:
        self.loop.run_until_complete(self.db.close())
        self.loop.close()


class Raw:
    """:param database: an empty one; it gets the ledger's own tables, with every index"""

    def __init__(self, database: str) -> None:
        asyncio.run(_tables(database))
        postgres = database.startswith("postgres")
        self.driver: Driver = PostgresDriver(database) if postgres else SQLiteDriver(database)
        self.next = 0
        accounts = [(n, f"h/{new_id()}/never") for n in range(1, ACCOUNTS + 1)]
        head = (
            "INSERT INTO log_head (one, origin, size, root, edge, last_ms) VALUES (1, 'o', 0, ?, ?, 0)",
            [(LEAF, LEAF)],
        )
        self.driver.together([(TABLE, [()])])
        self.driver.together([(ACCOUNT, accounts), head])
        self.accounts = ACCOUNTS

    def close(self) -> None:
        self.driver.close()

    def awards(self, count: int, *, pebbles: bool = False) -> float:
        """Awards a second, each committed by itself: entry, two postings, two balances, opening, head, request.

        :param pebbles: and a plugin's row, inserted and updated
        """
        work: list[Statements] = []
        for _ in range(count):
            n = self._number()
            person = 2 + n % 3000
            work.append(
                (
                    (ENTRY, (n, new_id(), None, BODY, LEAF)),
                    (POSTING, (1, n, -1)),
                    (POSTING, (person, n, 1)),
                    (BALANCE, (n, 1)),
                    (BALANCE, (n, person)),
                    (OPENING, (n, LEAF, SEALED)),
                    (HEAD, (n,)),
                    (REQUEST, (f"raw{n}", LEAF, LEAF)),
                    *(((PEBBLE, (n,)), (POLISH, (n,))) if pebbles else ()),
                )
            )
        return self._timed(count, lambda: self.driver.one_by_one(work))

    def spends(self, count: int) -> float:
        """Spends a second, each committed by itself: entry, two postings, the escrow, a balance, head, request."""
        work: list[Statements] = []
        for _ in range(count):
            n = self._number()
            self.accounts += 1
            person = 2 + n % 3000
            work.append(
                (
                    (ENTRY, (n, new_id(), None, BODY, LEAF)),
                    (ACCOUNT, (self.accounts, f"escrow/{new_id()}")),
                    (POSTING, (person, n, -1)),
                    (POSTING, (self.accounts, n, 1)),
                    (BALANCE, (n, person)),
                    (HEAD, (n,)),
                    (REQUEST, (f"raw{n}", LEAF, LEAF)),
                )
            )
        return self._timed(count, lambda: self.driver.one_by_one(work))

    def single_rows(self, count: int) -> float:
        """Commits a second of one short row each: the least a commit can be."""
        work = [((REQUEST, (f"raw{self._number()}", LEAF, LEAF)),) for _ in range(count)]
        return self._timed(count, lambda: self.driver.one_by_one(work))

    def mixed(self, count: int) -> float:
        """Records a second of one transaction: half awards, a quarter spends, a quarter settlements."""
        entries, postings, accounts, balances, openings = [], [], [], [], []
        for at in range(count):
            n = self._number()
            person = 2 + n % 3000
            entries.append((n, new_id(), new_id() if at % 4 == 3 else None, BODY, LEAF))
            if at % 4 == 1:
                self.accounts += 1
                accounts.append((self.accounts, f"escrow/{new_id()}"))
                postings += [(person, n, -1), (self.accounts, n, 1)]
                balances.append((n, person))
            elif at % 4 == 3:
                postings += [(2, n, 1), (person, n, -1)] if person != 2 else [(1, n, 1), (2, n, -1)]
                balances.append((n, person))
            else:
                postings += [(1, n, -1), (person, n, 1)]
                balances.append((n, person))
                openings.append((n, LEAF, SEALED))
        work = [
            (ENTRY, entries),
            (ACCOUNT, accounts),
            (BALANCE, balances),
            (POSTING, postings),
            (OPENING, openings),
            (HEAD, [(self.next,)]),
            (REQUEST, [(f"raw{self.next}", LEAF, LEAF)]),
        ]
        return self._timed(count, lambda: self.driver.together(work))

    def _number(self) -> int:
        self.next += 1
        return self.next

    def _timed(self, count: int, work: Any) -> float:
        started = time.perf_counter()
        work()
        return float(count / (time.perf_counter() - started))


async def _tables(database: str) -> None:
    store = await Store.open(database)
    await migrate(store, [MIGRATIONS])
    await store.close()
