# SPDX-License-Identifier: Apache-2.0
"""``once()`` with one row each from 64 clients, beside raw single-connection commits of the same rows (SQLite)."""

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from liren.store import Store, Tx, migrate
from tests.bench import Measure, median_of

CLIENTS, EACH = 64, 40
TABLE = "CREATE TABLE pebble (id BIGINT, note TEXT)"


async def _ours(path: Path) -> float:
    store = await Store.open(path)
    await migrate(store, [])
    async with store.transaction("bench") as tx:
        await tx.sql(TABLE)

    async def client(number: int) -> None:
        for i in range(EACH):

            async def body(tx: Tx, i: int = i) -> int:
                await tx.sql("INSERT INTO pebble (id, note) VALUES (?, ?)", i, "x")
                return i

            await store.once(f"client {number}", str(i), {"i": i}, body, returns=int)

    started = time.perf_counter()
    await asyncio.gather(*(client(n) for n in range(CLIENTS)))
    took_s = time.perf_counter() - started
    await store.close()
    return CLIENTS * EACH / took_s


def _raw(path: Path) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(TABLE)
    connection.execute(
        "CREATE TABLE request (actor TEXT, key TEXT, digest BLOB, result BLOB, PRIMARY KEY (actor, key))"
    )
    started = time.perf_counter()
    for i in range(CLIENTS * EACH):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO pebble VALUES (?, 'x')", (i,))
        connection.execute("INSERT INTO request VALUES ('c', ?, ?, '1')", (str(i), b"x" * 32))
        connection.execute("COMMIT")
    took_s = time.perf_counter() - started
    connection.close()
    return CLIENTS * EACH / took_s


def measures() -> list[Measure]:
    with tempfile.TemporaryDirectory() as folder:
        fresh = iter(range(1000))
        ours = median_of(lambda: asyncio.run(_ours(Path(folder) / f"ours{next(fresh)}.sqlite")))
        raw = median_of(lambda: _raw(Path(folder) / f"raw{next(fresh)}.sqlite"))
    return [
        Measure(
            "once() with one row, 64 clients, SQLite",
            f"{ours:,.0f}/s",
            f"raw commits of the same rows, one connection: {raw:,.0f}/s",
            ours / raw,
            "≥ 1",
        )
    ]
