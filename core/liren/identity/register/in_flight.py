# SPDX-License-Identifier: Apache-2.0
"""A few transactions of one piece of work at once: the writer lets them share a COMMIT, and the next ones are worked
out while the disk is busy.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class InFlight:
    """``async with InFlight(4) as flight: await flight.add(work())``; the first fault ends it, and nothing runs on."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: deque[asyncio.Task[Any]] = deque()

    async def add(self, work: Coroutine[Any, Any, Any]) -> None:
        """Begin the work as soon as fewer than ``most`` are under way.

        :raises Exception: what earlier work raised
        """
        if len(self._tasks) >= self._most:
            try:
                await self._tasks.popleft()
            except BaseException:
                work.close()
                raise
        self._tasks.append(asyncio.create_task(work))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while error is None and self._tasks:
                await self._tasks.popleft()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
