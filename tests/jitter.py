# SPDX-License-Identifier: Apache-2.0
"""``pytest --jitter SEED``: background work comes early or late, by chance, so that a test which lives by luck fails.

On a quiet machine the committer, the checkpoint, the jobs and the events always come at the same moment, and a test
that looks too early passes there for years, as does one that moves the clock and is over before the jobs come round.
Here each of these waits a moment of its own, and in every other test jobs and events come round at once: the same
moments for the same seed and test. Only the process of the tests is so treated, not the servers it starts.
"""

import asyncio
import random
import zlib
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import pytest

from liren.jobs import events
from liren.jobs.runner import TICK_S, Runner
from liren.jobs.tasks import BackgroundTasks
from liren.ledger.engine.checkpoints import Checkpoints
from liren.store.writer import Writer

LATE = 0.3
"""How many of all calls are held up."""
LONGEST_S = 0.05
EAGER_S = 0.01
EVENTS_S = events.TICK_S
PLACES: tuple[tuple[type, str], ...] = (
    (Writer, "_commit"),
    (Checkpoints, "sign"),
    (events.Deliverer, "_fresh"),
    (Runner, "_claim"),
    (Runner, "_run"),
    (BackgroundTasks, "_run"),
)


class Jitter:
    """A pytest plugin."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._chance = random.Random(seed)

    def pytest_sessionstart(self) -> None:
        for owner, name in PLACES:
            setattr(owner, name, self._late(getattr(owner, name)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._chance = random.Random(zlib.crc32(item.nodeid.encode()) ^ self._seed)
        eager = self._chance.random() < 0.5
        vars(events)["TICK_S"] = EAGER_S if eager else EVENTS_S
        Runner.__init__.__kwdefaults__["tick_s"] = EAGER_S if eager else TICK_S

    def _late(self, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(work)
        async def later(*args: Any, **kwargs: Any) -> Any:
            if self._chance.random() < LATE:
                await asyncio.sleep(self._chance.random() ** 4 * LONGEST_S)
            return await work(*args, **kwargs)

        return later
