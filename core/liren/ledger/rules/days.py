# SPDX-License-Identifier: Apache-2.0
"""Street days: which day a moment falls on, and when points end. Month ends are inclusive."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from liren.ledger.errors import Malformed

GRACE_DAYS = 30
"""What a person gets back into an expired account lives at least this long."""

_MONTHS = re.compile(r"months:([1-9]|[1-9][0-9]|1[01][0-9]|120)")


def is_past(expires_on: date | None, today: date) -> bool:
    return expires_on is not None and expires_on < today


def day_of(admitted_ms: int, tz: ZoneInfo) -> date:
    """The street's calendar day at a moment (Unix milliseconds)."""
    return datetime.fromtimestamp(admitted_ms / 1000, UTC).astimezone(tz).date()


def month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def months_later(day: date, months: int) -> date:
    """The last day of the month ``months`` after the month of ``day``."""
    count = day.year * 12 + day.month - 1 + months
    return month_end(count // 12, count % 12 + 1)


def check_expiry(rule: str) -> None:
    """:raises Malformed: not ``never``, ``year-end``, ``next-year-end`` or ``months:<1 … 120>``"""
    if rule not in ("never", "year-end", "next-year-end") and not _MONTHS.fullmatch(rule):
        raise Malformed(
            f"积分有效期“{rule}”无法识别。可用：never、year-end、next-year-end、months:<月数>。",
            f"The expiry “{rule}” is unknown: use never, year-end, next-year-end or months:<n>.",
        )


@lru_cache(maxsize=4096)
def last_day(rule: str, eff: date) -> date | None:
    """The last day of points awarded on ``eff`` under a rule's ``expiry``; None: they never end.

    :raises Malformed: unknown expiry
    """
    check_expiry(rule)
    match rule:
        case "never":
            return None
        case "year-end":
            return date(eff.year, 12, 31)
        case "next-year-end":
            return date(eff.year + 1, 12, 31)
    return months_later(eff, int(rule.removeprefix("months:")))


def returned_until(expires_on: date | None, today: date) -> date | None:
    """When points given back end: as before, or after expiry the first month end in 30 days."""
    if expires_on is None or expires_on >= today:
        return expires_on
    earliest = today + timedelta(days=GRACE_DAYS)
    return month_end(earliest.year, earliest.month)
