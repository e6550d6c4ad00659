# SPDX-License-Identifier: Apache-2.0
"""Turns on the writing connection: in the order of asking, and never so many at once that a page has to wait."""

import asyncio
import time
from collections import Counter

import pytest

from liren.errors import Busy
from liren.store.turns import SLICE_S, TOLD, Turns, Waiters


class Rounds:
    """How often the loop has been round."""

    def __init__(self) -> None:
        self.count = 0
        self._step()

    def _step(self) -> None:
        self.count += 1
        self._next = asyncio.get_running_loop().call_soon(self._step)

    def stop(self) -> None:
        self._next.cancel()


def work(seconds: float) -> None:
    """As long as statements that run on the loop."""
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        pass


async def test_turns_are_handed_on_in_the_order_of_asking() -> None:
    turns, had = Turns(), list[int]()

    async def one(n: int) -> None:
        async with turns:
            await asyncio.sleep(0)
            had.append(n)

    await asyncio.gather(*(one(n) for n in range(30)))
    assert had == list(range(30))


async def test_who_gives_up_waiting_takes_no_turn_with_them() -> None:
    turns, had = Turns(), list[int]()

    async def one(n: int) -> None:
        async with turns:
            had.append(n)

    await turns.acquire()
    waiting = [asyncio.create_task(one(n)) for n in range(4)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    turns.release()  # hands the turn to the second, who gives up before they could use it
    waiting[1].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert had == [2, 3]
    await asyncio.wait_for(turns.acquire(), 10)


async def test_transactions_that_fill_a_slice_leave_the_rest_to_later_turns_of_the_loop() -> None:
    turns, rounds, at = Turns(), Rounds(), list[int]()

    async def one() -> None:
        async with turns:
            work(SLICE_S)
            at.append(rounds.count)

    await asyncio.gather(*(one() for _ in range(20)))  # all ready in the same turn
    rounds.stop()
    assert max(Counter(at).values()) == 1
    assert len(at) == 20


async def test_a_commit_is_told_to_a_few_at_a_time() -> None:
    waiters, rounds, told = Waiters(), Rounds(), list[tuple[int, int]]()

    async def one(n: int) -> None:
        await waiters.join()
        told.append((rounds.count, n))

    tasks = [asyncio.create_task(one(n)) for n in range(TOLD * 3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    waiters.tell()
    assert not waiters.told.is_set()
    await waiters.told.wait()
    await asyncio.gather(*tasks, return_exceptions=True)
    rounds.stop()
    assert [n for _, n in told] == [n for n in range(TOLD * 3) if n != 1]
    assert max(Counter(round_ for round_, _ in told).values()) == TOLD


async def test_everybody_learns_at_once_that_a_batch_is_lost() -> None:
    waiters = Waiters()
    tasks = [waiters.join() for _ in range(TOLD * 3)]
    waiters.fail(Busy("x", "x"))
    assert waiters.told.is_set()
    for task in tasks:
        with pytest.raises(Busy):
            await task
