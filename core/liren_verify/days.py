# SPDX-License-Identifier: Apache-2.0
"""Days as the ledger means them: ISO text, street time, month ends (spec sections 9 and 11).

ISO days of four-digit years compare as text; ``never`` sorts after all of them.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI = "Asia/Shanghai"
_FIXED: dict[str, tzinfo] = {SHANGHAI: timezone(timedelta(hours=8)), "UTC": UTC}
_QUARTER_MS = 900_000
"""Every zone's offset from UTC is a multiple of a quarter hour since 1972, so a day never begins inside one."""


def zone(name: str) -> tzinfo | None:
    """None for a name this machine does not know."""
    if name in _FIXED:
        return _FIXED[name]
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


class Calendar:
    """Turns admission times into days; entries come in order, so the last answer usually serves again."""

    def __init__(self, tz: tzinfo) -> None:
        self._tz = tz
        self._quarter = -1
        self._day = ""

    def day(self, admitted_ms: int) -> str:
        quarter = admitted_ms // _QUARTER_MS
        if quarter != self._quarter:
            moment = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, UTC)
            self._day = moment.astimezone(self._tz).date().isoformat()
            self._quarter = quarter
        return self._day


def _month_end(year: int, month: int) -> str:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return f"{year:04d}-{month:02d}-{monthrange(year, month)[1]:02d}"


@lru_cache(maxsize=4096)
def earlier(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


@lru_cache(maxsize=4096)
def return_expiry(day: str) -> str:
    """First month end at least 30 days after ``day``: where points go back to when their account is past."""
    later = date.fromisoformat(day) + timedelta(days=30)
    return _month_end(later.year, later.month)


@lru_cache(maxsize=4096)
def award_expiry(rule: str, eff: str) -> str:
    """The expiry of an award's account: ``never``, ``year-end``, ``next-year-end`` or ``months:<n>`` from ``eff``."""
    year, month = int(eff[:4]), int(eff[5:7])
    if rule == "never":
        return rule
    if rule == "year-end":
        return f"{year:04d}-12-31"
    if rule == "next-year-end":
        return f"{year + 1:04d}-12-31"
    return _month_end(year, month + int(rule.removeprefix("months:")))
