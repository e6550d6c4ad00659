# SPDX-License-Identifier: Apache-2.0
"""The stock behaviour our SQLite engine replaces, beside ours."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from piccolo.columns import BigInt
from piccolo.engine.sqlite import SQLiteEngine
from piccolo.table import Table

from liren.store import Store


class Tally(Table, tablename="tally"):
    n = BigInt(default=0)


async def add_one(engine: object) -> None:
    async with engine.transaction():  # type: ignore[attr-defined]
        await Tally.select(Tally.n)
        await Tally(n=1).save()


async def test_stock_piccolo_locks_itself_out_where_ours_does_not(tmp_path: Path) -> None:
    stock = SQLiteEngine(path=str(tmp_path / "stock.sqlite"), timeout=0.2)
    Tally._meta._db = stock
    await Tally.create_table()
    results = await asyncio.gather(*(add_one(stock) for _ in range(30)), return_exceptions=True)
    assert any(isinstance(r, sqlite3.OperationalError) and "locked" in str(r) for r in results)

    ours = await Store.open(tmp_path / "ours.sqlite")
    ours.bind(Tally)
    async with ours.transaction("test"):
        await Tally.create_table()

    async def one() -> None:
        async with ours.transaction("test"):
            await Tally.select(Tally.n)
            await Tally(n=1).save()

    await asyncio.gather(*(one() for _ in range(300)))
    assert await ours.read("SELECT COUNT(*) FROM tally") == [(300,)]
    await ours.close()


async def test_stock_piccolo_keeps_rows_of_a_nested_transaction_that_failed(tmp_path: Path) -> None:
    stock = SQLiteEngine(path=str(tmp_path / "stock.sqlite"))
    Tally._meta._db = stock
    await Tally.create_table()
    async with stock.transaction():
        with pytest.raises(ZeroDivisionError):
            async with stock.transaction():
                await Tally(n=1).save()
                raise ZeroDivisionError
    assert await Tally.count() == 1  # ours: tests/store/test_writer.py, a real savepoint


async def test_the_files_of_a_street_are_written_with_full_durability(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "ours.sqlite")
    async with store.transaction("test") as tx:
        assert await tx.sql("PRAGMA journal_mode") == [("wal",)]
        assert await tx.sql("PRAGMA synchronous") == [(2,)]
        assert await tx.sql("PRAGMA secure_delete") == [(1,)]
        assert await tx.sql("PRAGMA foreign_keys") == [(1,)]
    await store.close()
