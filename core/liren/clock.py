# SPDX-License-Identifier: Apache-2.0
"""The wall clock, read in one place: parts that each ask the machine in their own way can disagree about the day.

How long something took is measured with :func:`time.monotonic`, which no correction of the clock disturbs.
"""

import time
from datetime import datetime, tzinfo


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def now(tz: tzinfo) -> datetime:
    """This moment as a street in ``tz`` writes it."""
    return datetime.fromtimestamp(now_ms() / 1000, tz)
