# SPDX-License-Identifier: Apache-2.0
"""The street's time, moved by hand: everything that asks for the time of day gets this one."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from liren import clock

TZ = ZoneInfo("Asia/Shanghai")


class Clock:
    """Runs on from wherever it was put. Only forward: a ledger takes no record that is older than its last."""

    def __init__(self) -> None:
        self._real = clock.now_ms
        self._ahead_ms = 0

    def now_ms(self) -> int:
        """What :func:`liren.clock.now_ms` answers while the fixture is in use."""
        return self._real() + self._ahead_ms

    def now(self) -> datetime:
        """Street time."""
        return datetime.fromtimestamp(self.now_ms() / 1000, TZ)

    def forward(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        assert step >= timedelta(), "the clock goes forward only"
        self._ahead_ms += round(step.total_seconds() * 1000)

    def set(self, moment: datetime) -> None:
        """:param moment: street time where it names no zone, e.g. ``datetime(2031, 1, 31, 20, 0)``"""
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=TZ)
        self.forward(seconds=aware.timestamp() - self.now_ms() / 1000)
