# SPDX-License-Identifier: Apache-2.0
"""Waiting for something to happen: for a state, never for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

T = TypeVar("T")
PATIENCE_S: Final = 180.0
"""Nothing a test waits for takes so long, on the slowest and busiest of machines. Only a test that fails waits so."""
POLL_S: Final = 0.02


async def until(seen: Callable[[], Awaitable[T]], what: str = "") -> T:
    """Look again until ``seen`` answers something true, and return that.

    :param what: what is waited for, in the words of the failure
    """
    ends = time.monotonic() + PATIENCE_S
    while not (found := await seen()):
        assert time.monotonic() < ends, f"not seen in {PATIENCE_S:.0f} s: {what or seen}"
        await asyncio.sleep(POLL_S)
    return found


def wait_until(seen: Callable[[], T], what: Callable[[], str] = lambda: "") -> T:
    """:func:`until` for tests without an event loop.

    :param what: asked when it was never seen: a log, say
    """
    ends = time.monotonic() + PATIENCE_S
    while not (found := seen()):
        assert time.monotonic() < ends, f"not seen in {PATIENCE_S:.0f} s: {what() or seen}"
        time.sleep(POLL_S)
    return found
