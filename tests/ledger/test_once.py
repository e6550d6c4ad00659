# SPDX-License-Identifier: Apache-2.0
"""The same request twice, many at once, one failing among others: through the real store on both databases."""

import asyncio
import gc
from typing import Any

import msgspec
import pytest
from tests.ledger.conftest import Street, award

from liren.errors import Conflict
from liren.ledger.archive.check import rebuild, verify
from liren.ledger.engine.book import Drafted, View
from liren.ledger.engine.posting import LedgerState
from liren.ledger.errors import NotEnough
from liren.plugins.points import Posted, Spend, Subject, Void
from liren.store import Tx


async def once(street: Street, key: str, draft: Any, actor: str = "anna") -> Posted:
    async def body(tx: Tx) -> Posted:
        posted: Posted = await tx.part("ledger").post(draft)
        return posted

    return await street.store.once(actor, key, draft, body, returns=Posted)


async def size_of(street: Street) -> int:
    ((size,),) = await street.store.read("SELECT size FROM log_head")
    return int(size)


async def test_fifty_equal_requests_at_once_make_one_entry_and_one_answer(street: Street) -> None:
    await street.award("anna", 50)
    order = Spend(Subject("h", "anna"), "market.order", 10)
    before = await size_of(street)
    answers = await asyncio.gather(*(once(street, "same", order) for _ in range(50)))
    assert {answer.rid for answer in answers} == {answers[0].rid}
    assert await size_of(street) == before + 2  # market's key, and the spend
    assert await street.balance("anna") == 40
    with pytest.raises(Conflict):
        await once(street, "same", Spend(Subject("h", "anna"), "market.order", 11))
    assert await street.balance("anna") == 40


async def test_two_hundred_clients_for_the_last_points_one_gets_them(street: Street) -> None:
    await street.award("anna", 10)
    order = Spend(Subject("h", "anna"), "market.order", 10)
    results = await asyncio.gather(*(once(street, f"client-{n}", order) for n in range(200)), return_exceptions=True)
    assert sum(isinstance(result, Posted) for result in results) == 1
    assert sum(isinstance(result, NotEnough) for result in results) == 199
    assert await street.balance("anna") == 0
    assert await verify(street.store) == []
    assert await rebuild(street.store) == []


async def test_two_hundred_cancellations_return_the_points_once(street: Street) -> None:
    await street.award("anna", 10)
    order = await street.post(Spend(Subject("h", "anna"), "market.order", 10))
    results = await asyncio.gather(
        *(once(street, f"client-{n}", Void(order.rid, "market.cancel")) for n in range(100)), return_exceptions=True
    )
    assert sum(isinstance(result, Posted) for result in results) == 1
    assert await street.balance("anna") == 10


async def test_a_failing_transaction_takes_nobody_with_it_and_leaves_no_gap(street: Street) -> None:
    async def fails(tx: Tx) -> Posted:
        await tx.part("ledger").post(award("bela", 5))
        await tx.sql("INSERT INTO receipt_token (token, rid) VALUES ('t', 'r')")
        raise RuntimeError("the module broke")

    async def broken(n: int) -> Posted:
        return await street.store.once("bela", f"b{n}", n, fails, returns=Posted)

    jobs = []
    for n in range(20):
        jobs += [once(street, f"g{n}", award("anna", 1)), broken(n)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [isinstance(result, Posted) for result in results] == [True, False] * 20
    assert await street.balance("anna") == 20
    assert await street.balance("bela") == 0
    assert await street.store.read("SELECT token FROM receipt_token") == []
    assert await street.store.read("SELECT count(*) FROM pseudonym") == [(1,)]
    assert await verify(street.store) == []
    assert await rebuild(street.store) == []


async def test_a_batch_that_dies_at_flush_is_forgotten_and_the_next_one_works(street: Street) -> None:
    await street.award("anna", 5)
    ((rid,),) = await street.store.read("SELECT rid FROM log_entry ORDER BY pos DESC LIMIT 1")

    async def same_rid(tx: Tx) -> Posted:
        state = tx.part("ledger")
        posted: Posted = await state.post(award("anna", 7))
        last = state.view.gathered.records[-1]
        last.record = msgspec.structs.replace(
            last.record, rid=rid
        )  # what cannot happen: the unique index refuses it at the very end
        return posted

    with pytest.raises(Exception, match="nothing was changed"):
        await street.store.once("anna", "dies", 1, same_rid, returns=Posted)
    assert await street.balance("anna") == 5
    await street.award("anna", 6)
    assert await street.balance("anna") == 11
    assert await verify(street.store) == []
    assert await rebuild(street.store) == []


async def test_a_posting_leaves_nothing_for_the_collector(street: Street) -> None:
    """Its objects go as it ends: collecting them from under 64 clients stopped the server for 30 ms every second."""
    await street.award("anna", 50)
    order = Spend(Subject("h", "anna"), "market.order", 1)
    await once(street, "first", order)
    gc.collect()
    gc.disable()
    try:
        for n in range(10):
            await once(street, f"one-{n}", order)
        with pytest.raises(NotEnough):
            await once(street, "too-much", Spend(Subject("h", "anna"), "market.order", 1000))
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = [found for found in gc.garbage if isinstance(found, Tx | LedgerState | View | Drafted)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert left == []
