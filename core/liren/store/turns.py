# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is on the writing connection, and how long the writer may keep the event loop.

Whatever is ready runs in one turn of the loop, and only then does the loop look at the network again. Sixty-four
clients whose batch has just been committed would all run their next transaction in that one turn, and every page waits
for all of them. So a turn of the loop carries transactions for about :data:`SLICE_S`; who comes later is served in the
turns that follow, first come, first served.
"""

import asyncio
import time
from collections import deque
from typing import Final

SLICE_S: Final = 0.001
"""Transactions of one turn of the loop. A posting takes 0.1 ms."""
TOLD: Final = 8
"""Waiters told of a COMMIT in one turn of the loop: an answer to a browser takes 0.1 ms."""


class Turns:
    """A lock, handed on in the order of asking."""

    def __init__(self) -> None:
        self._held = False
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._slice_ends: float | None = None
        """None: nobody has had a turn yet in this turn of the loop."""

    async def acquire(self) -> None:
        if not self._held and not self._waiting and not self._spent():
            self._held = True
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.release()  # it was just handed to us
            raise

    def release(self) -> None:
        """To who has waited longest; they go on in the next turn of the loop."""
        self._held = False
        self._hand_on()

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(self, *_: object) -> None:
        self.release()

    def _hand_on(self) -> None:
        while self._waiting and not self._held:
            following = self._waiting.popleft()
            if not following.done():
                self._held = True
                following.set_result(None)

    def _spent(self) -> bool:
        """Whether this turn of the loop has carried enough."""
        now = time.perf_counter()
        if self._slice_ends is None:
            self._slice_ends = now + SLICE_S
            asyncio.get_running_loop().call_soon(self._afresh)
        return now >= self._slice_ends

    def _afresh(self) -> None:
        """The loop has been round once."""
        self._slice_ends = None
        self._hand_on()


class Waiters:
    """Who waits for one batch to be durable; told a few at a time, in the order of asking."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.told = asyncio.Event()
        """Everybody knows."""

    def join(self) -> asyncio.Future[None]:
        """A future of one's own: who is cancelled takes nobody with them."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        return mine

    def tell(self) -> None:
        """It is durable."""
        for _ in range(min(TOLD, len(self._waiting))):
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self.tell)
        else:
            self.told.set()

    def fail(self, error: Exception) -> None:
        """It is lost, for everybody."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(error)
                waiter.exception()  # read once here: nobody may be waiting
        self._waiting.clear()
        self.told.set()
