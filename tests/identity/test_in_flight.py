# SPDX-License-Identifier: Apache-2.0
"""Several transactions of one import at once: never more than allowed, and the first fault ends the whole."""

import asyncio

import pytest

from liren.identity.register.in_flight import InFlight


async def test_no_more_than_so_many_run_at_once_and_leaving_waits_for_all() -> None:
    running, most, done = 0, 0, []

    async def work(n: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        done.append(n)

    async with InFlight(3) as flight:
        for n in range(10):
            await flight.add(work(n))
    assert sorted(done) == list(range(10))
    assert most == 3


async def test_the_first_fault_ends_it_and_nothing_runs_on() -> None:
    began, ended = [], []
    never = asyncio.Event()

    async def work(n: int) -> None:
        began.append(n)
        if n == 0:
            raise ValueError("the disk is full")
        await never.wait()
        ended.append(n)

    with pytest.raises(ValueError, match="disk is full"):
        async with InFlight(3) as flight:
            for n in range(10):
                await flight.add(work(n))
                await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert began == [0, 1, 2]
    assert ended == []
