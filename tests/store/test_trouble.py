# SPDX-License-Identifier: Apache-2.0
"""A lock somebody else holds, a connection that is gone: "try again" in words, never a fault of ours."""

import asyncio

import asyncpg
import pytest

from liren.errors import Busy
from liren.store import Store
from liren.store.trouble import of_the_disk


async def test_a_row_somebody_else_holds_is_worth_another_try(postgres_url: str) -> None:
    other, store = await asyncpg.connect(postgres_url), await Store.open(postgres_url)
    await other.execute("CREATE TABLE shelf (id BIGINT PRIMARY KEY, stock BIGINT); INSERT INTO shelf VALUES (1, 5)")
    async with other.transaction():
        await other.execute("UPDATE shelf SET stock = 4")
        with pytest.raises(Busy) as refused:
            async with store.transaction("p-1") as tx:
                await tx.sql("SET LOCAL lock_timeout = 50")
                await tx.sql("UPDATE shelf SET stock = stock - 1")
        assert refused.value.status == 503
    async with store.transaction("p-1") as tx:
        await tx.sql("UPDATE shelf SET stock = stock - 1")
    assert await store.read("SELECT stock FROM shelf") == [(3,)]
    await other.close()
    await store.close()


async def test_connections_that_were_cut_are_replaced_and_meanwhile_it_is_said_in_words(postgres_url: str) -> None:
    other, store = await asyncpg.connect(postgres_url), await Store.open(postgres_url)
    await other.execute("CREATE TABLE shelf (id BIGINT PRIMARY KEY, stock BIGINT); INSERT INTO shelf VALUES (1, 5)")
    reading = asyncio.create_task(store.read("SELECT pg_sleep(600)"))
    mine = "datname = current_database() AND pid <> pg_backend_pid()"
    while not await other.fetch(f"SELECT 1 FROM pg_stat_activity WHERE {mine} AND query LIKE '%pg_sleep%'"):
        await asyncio.sleep(0.01)
    with pytest.raises(Busy):
        async with store.transaction("p-1") as tx:
            await tx.sql("UPDATE shelf SET stock = 0")
            await other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")
            await tx.sql("UPDATE shelf SET stock = 1")
    with pytest.raises(Busy) as refused:
        await reading
    assert refused.value.zh
    assert await store.read("SELECT stock FROM shelf") == [(5,)], "nothing half done"
    async with store.transaction("p-1") as tx:
        await tx.sql("UPDATE shelf SET stock = 4")
    assert await store.read("SELECT stock FROM shelf") == [(4,)]
    await other.close()
    await store.close()


async def test_a_connection_left_in_the_middle_of_something_is_replaced(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    stuck = asyncio.create_task(store.backend._writer.fetch("SELECT pg_sleep(600)"))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        async with store.transaction("p-1"):
            pass
    async with store.transaction("p-1") as tx:
        assert await tx.sql("SELECT 1") == [(1,)]
    with pytest.raises(asyncpg.PostgresError):
        await stuck
    await store.close()


@pytest.mark.parametrize(
    ("error", "worth_another_try"),
    [
        (asyncpg.InterfaceError("cannot perform operation: connection is closed"), True),
        (asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"), False),
        (asyncpg.DataError("invalid input for query argument $1: 'closed'"), False),
        (asyncpg.DiskFullError(), True),
        (asyncpg.LockNotAvailableError(), True),
        (asyncpg.DeadlockDetectedError(), True),
        (asyncpg.InternalServerError(), True),
        (asyncpg.UniqueViolationError(), False),
        (asyncpg.UndefinedTableError(), False),
        (ConnectionRefusedError(), True),
        (KeyError("stock"), False),
    ],
)
def test_what_says_nothing_of_the_statement_is_worth_another_try(error: Exception, worth_another_try: bool) -> None:
    assert of_the_disk(error) is worth_another_try
