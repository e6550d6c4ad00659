# SPDX-License-Identifier: Apache-2.0
"""The writer, on both databases: what is acknowledged is stored, what fails takes nobody with it."""

import asyncio
import contextvars
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from piccolo.columns import BigInt, Varchar
from piccolo.table import Table
from tests.towns import StandingClock

from liren.errors import Busy, Conflict
from liren.store import Store, Tx, WriterConnection
from liren.store.engine import WriteOutsideTransaction
from liren.store.turns import TOLD
from liren.store.tx import TransactionOver


class Jar(Table, tablename="jar"):
    name = Varchar(length=40, unique=True)
    beans = BigInt(default=0)


class Fill(msgspec.Struct):
    name: str
    beans: int


@pytest.fixture
async def jars(store: Store) -> Store:
    store.bind(Jar)
    async with store.transaction("test"):
        await Jar.create_table()
    return store


async def names() -> list[str]:
    return sorted(row["name"] for row in await Jar.select(Jar.name))


async def test_rows_are_there_after_the_transaction_and_invisible_to_others_before(jars: Store) -> None:
    async with jars.transaction("test") as tx:
        await Jar(name="a", beans=1).save()
        assert (await Jar.select(Jar.beans).where(Jar.name == "a")) == [{"beans": 1}]
        assert await jars.read("SELECT COUNT(*) FROM jar") == [(0,)]
        assert await tx.sql("SELECT name FROM jar WHERE beans = ?", 1) == [("a",)]
    assert await jars.read("SELECT name, beans FROM jar") == [("a", 1)]


async def test_a_failing_transaction_rolls_back_alone(jars: Store) -> None:
    async def fill(name: str, fail: bool) -> None:
        async with jars.transaction("test"):
            await Jar(name=name).save()
            await asyncio.sleep(0)
            if fail:
                raise ValueError(name)

    results = await asyncio.gather(*(fill(f"n{i:03}", i % 3 == 0) for i in range(120)), return_exceptions=True)
    assert sum(isinstance(r, ValueError) for r in results) == 40
    assert await names() == [f"n{i:03}" for i in range(120) if i % 3]


async def test_a_broken_statement_rolls_back_alone(jars: Store) -> None:
    async def fill(name: str) -> None:
        async with jars.transaction("test"):
            await Jar(name=name).save()

    results = await asyncio.gather(*(fill(n) for n in ["a", "b", "a", "c", "b"]), return_exceptions=True)
    assert [isinstance(r, Exception) for r in results] == [False, False, True, False, True]
    assert await names() == ["a", "b", "c"]


async def test_an_equal_request_gets_the_first_result_and_runs_once(jars: Store) -> None:
    ran = 0

    async def body(tx: Tx) -> int:
        nonlocal ran
        ran += 1
        await Jar(name="once", beans=7).save()
        return 7

    results = await asyncio.gather(*(jars.once("p1", "key", Fill("once", 7), body, returns=int) for _ in range(50)))
    assert results == [7] * 50
    assert ran == 1
    assert await jars.once("p1", "key", Fill("once", 7), body, returns=int) == 7
    assert ran == 1


async def test_another_request_under_the_same_key_is_refused(jars: Store) -> None:
    async def body(tx: Tx) -> None:
        await Jar(name="x").save()

    await jars.once("p1", "key", Fill("x", 1), body, returns=type(None))
    with pytest.raises(Conflict):
        await jars.once("p1", "key", Fill("x", 2), body, returns=type(None))
    assert await names() == ["x"]


async def test_a_refused_request_may_be_tried_again(jars: Store) -> None:
    async def refuse(tx: Tx) -> None:
        raise ZeroDivisionError

    async def accept(tx: Tx) -> str:
        return "fine"

    with pytest.raises(ZeroDivisionError):
        await jars.once("p1", "key", Fill("x", 1), refuse, returns=type(None))
    assert await jars.once("p1", "key", Fill("x", 1), accept, returns=str) == "fine"


async def test_a_nested_transaction_is_a_real_savepoint(jars: Store) -> None:
    async with jars.transaction("test"):
        await Jar(name="outer").save()
        with pytest.raises(ValueError, match="inner"):
            async with jars.engine.transaction():
                await Jar(name="inner").save()
                raise ValueError("inner")
    assert await names() == ["outer"]


async def test_a_write_outside_a_transaction_is_refused(jars: Store) -> None:
    with pytest.raises(WriteOutsideTransaction):
        await Jar(name="stray").save()
    assert await names() == []


async def test_a_task_that_outlives_its_transaction_writes_nothing(jars: Store) -> None:
    over = asyncio.Event()

    async def later() -> None:
        await over.wait()
        await Jar(name="late").save()

    async with jars.transaction("test"):
        stray = asyncio.create_task(later())
        await Jar(name="in time").save()
    over.set()
    with pytest.raises(TransactionOver):
        await stray
    fresh = asyncio.get_running_loop().create_task(in_own_transaction(jars), context=contextvars.Context())
    await fresh
    assert await names() == ["fresh", "in time"]


async def in_own_transaction(store: Store) -> None:
    async with store.transaction("test"):
        await Jar(name="fresh").save()


async def test_gathered_queries_share_the_connection_in_turn(jars: Store) -> None:
    async with jars.transaction("test"):
        await asyncio.gather(*(Jar(name=f"g{i}").save() for i in range(10)))
    assert len(await names()) == 10


async def test_a_transaction_that_takes_too_long_is_rolled_back(jars: Store) -> None:
    with pytest.raises(Busy):
        async with jars.transaction("test", limit_s=0.05):
            await Jar(name="slow").save()
            await asyncio.sleep(1)
    async with jars.transaction("test"):
        await Jar(name="next").save()
    assert await names() == ["next"]


async def test_cancelled_callers_leave_nothing_half_done(jars: Store) -> None:
    async def fill(name: str) -> None:
        async with jars.transaction("test"):
            await Jar(name=name + "/1").save()
            await asyncio.sleep(0.001)
            await Jar(name=name + "/2").save()

    tasks = [asyncio.create_task(fill(f"c{i:02}")) for i in range(60)]
    await asyncio.sleep(0.02)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    stored = await names()
    assert all((name[:-1] + "1" in stored) and (name[:-1] + "2" in stored) for name in stored)
    assert all(f"c{i:02}/2" in stored for i in range(1, 60, 2))


class Counter:
    """A participant that counts: one row at flush for each batch, refusing when told to."""

    name = "counter"

    def __init__(self) -> None:
        self.admitted = self.flushed = self.forgotten = self.after = 0
        self.broken = False

    async def begin(self, conn: WriterConnection, now_ms: int) -> int:
        return now_ms

    def open(self, tx: Tx) -> dict[str, int]:
        return {"n": 0}

    def admit(self, state: dict[str, int]) -> None:
        if self.broken and state["n"] > 1:
            raise RuntimeError("cannot admit")
        self.admitted += state["n"]

    def drop(self, state: dict[str, int]) -> None:
        pass

    async def flush(self, conn: WriterConnection) -> None:
        if self.broken:
            raise RuntimeError("disk full")
        self.flushed += 1

    async def committed(self) -> None:
        self.after += 1

    def forget(self) -> None:
        self.forgotten += 1


async def test_many_transactions_share_one_commit(jars: Store) -> None:
    counter = Counter()
    jars.join(counter)

    async def one() -> None:
        async with jars.transaction("test") as tx:
            tx.part("counter")["n"] += 1

    await asyncio.gather(*(one() for _ in range(200)))
    assert counter.admitted == 200
    assert counter.flushed == counter.after < 100


async def test_clients_who_come_again_at_once_still_share_their_commits(jars: Store) -> None:
    """A COMMIT is told to a few at a time; were the next one not to wait for all of them, each few would be a batch."""
    counter = Counter()
    jars.join(counter)

    async def client() -> None:
        for _ in range(5):
            async with jars.transaction("test") as tx:
                tx.part("counter")["n"] += 1

    await asyncio.gather(*(client() for _ in range(8 * TOLD)))
    assert counter.admitted == 40 * TOLD
    assert counter.flushed <= 20


async def test_who_comes_after_the_clock_was_set_is_not_put_into_the_batch_of_before(
    jars: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StandingClock(monkeypatch)
    times: dict[str, int] = {}

    async def fill(name: str) -> None:
        async with jars.transaction("test") as tx:
            times[name] = tx.now_ms
            await Jar(name=name).save()
            if name == "first":
                entered.set()
                await leave.wait()

    for step in ({"days": 3 * 365}, {"hours": -2}):
        entered, leave = asyncio.Event(), asyncio.Event()
        before = asyncio.create_task(fill("first"))
        await entered.wait()
        beside = asyncio.create_task(fill("beside"))  # waits for its turn in the batch of before
        clock.later(**step)
        after = asyncio.create_task(fill("after"))
        given_up = asyncio.create_task(fill("given up"))
        await asyncio.sleep(0)
        given_up.cancel()
        leave.set()
        await asyncio.gather(before, beside, after)
        leap = int(timedelta(**step).total_seconds() * 1000)
        assert times["after"] - times["first"] == leap
        assert await names() == ["after", "beside", "first"]
        async with jars.transaction("test"):
            await Jar.delete(force=True)


async def test_a_batch_that_cannot_be_stored_fails_everybody_in_it_and_the_next_one_works(jars: Store) -> None:
    counter = Counter()
    jars.join(counter)
    counter.broken = True

    async def one(name: str) -> Any:
        async with jars.transaction("test"):
            await Jar(name=name).save()

    results = await asyncio.gather(*(one(f"d{i}") for i in range(10)), return_exceptions=True)
    assert all(isinstance(r, Busy) for r in results)
    assert await names() == []
    assert counter.forgotten > 0
    counter.broken = False
    await one("after")
    assert await names() == ["after"]


async def test_a_read_only_store_works_beside_a_writer_and_a_second_writer_is_refused(tmp_path: Any) -> None:
    first = await Store.open(tmp_path / "a.sqlite")
    with pytest.raises(Busy, match="Another Liren process"):
        await Store.open(tmp_path / "a.sqlite")
    reader = await Store.open(tmp_path / "a.sqlite", read_only=True)
    assert await reader.read("SELECT 1") == [(1,)]
    await reader.close()
    await first.close()
    again = await Store.open(tmp_path / "a.sqlite")
    await again.close()


async def test_the_writer_reconnects_after_postgresql_ended_its_connection(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    try:
        store.bind(Jar)
        async with store.transaction("test"):
            await Jar.create_table()
        with pytest.raises(Exception, match=".*"):
            async with store.transaction("test") as tx:
                await tx.sql("SELECT pg_terminate_backend(pg_backend_pid())")
        async with store.transaction("test"):
            await Jar(name="back").save()
        assert await names() == ["back"]
    finally:
        await store.close()


async def test_a_stream_reads_one_snapshot_in_chunks(jars: Store) -> None:
    async with jars.transaction("test") as tx:
        await tx.many("INSERT INTO jar (name, beans) VALUES (?, ?)", [(f"s{i:04}", i) for i in range(2500)])
    chunks = [len(rows) async for rows in jars.stream("SELECT name FROM jar WHERE beans >= ? ORDER BY name", 100)]
    assert chunks == [1000, 1000, 400]


async def test_a_participant_that_cannot_admit_dooms_its_batch_and_nobody_waits_for_ever(jars: Store) -> None:
    counter = Counter()
    jars.join(counter)
    counter.broken = True

    async def one(n: int) -> None:
        async with jars.transaction("test") as tx:
            tx.part("counter")["n"] += n

    results = await asyncio.wait_for(asyncio.gather(one(2), one(2), return_exceptions=True), 10)
    assert all(isinstance(r, Exception) for r in results)
    counter.broken = False
    await asyncio.wait_for(one(2), 10)
    assert counter.admitted == 2
