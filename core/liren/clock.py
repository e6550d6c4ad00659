# SPDX-License-Identifier: Apache-2.0
"""The wall clock, read in one place: parts that each ask the machine in their own way can disagree about the day.

How long something took is measured with :func:`time.monotonic`, which no correction of the clock disturbs.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo

_behind_ms = 0


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000 - _behind_ms


@contextmanager
def behind(milliseconds: int) -> Iterator[None]:
    """Inside, it is that much earlier for this whole process.

    For making a demo street that has a past. A street that serves people never does this: its log would refuse to go
    back, but sessions, codes and terms would not.
    """
    global _behind_ms
    before, _behind_ms = _behind_ms, milliseconds
    try:
        yield
    finally:
        _behind_ms = before


def now(tz: tzinfo) -> datetime:
    """This moment as a street in ``tz`` writes it."""
    return datetime.fromtimestamp(now_ms() / 1000, tz)
