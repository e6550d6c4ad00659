# SPDX-License-Identifier: Apache-2.0
"""Times of the day, as minutes since midnight: 7:00 is 420 and 19:00 is 1140, and nothing in between can mix them up.

A real system stored the twelve-hour clock and took supper orders until seven in the morning.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

DAY_MIN: Final = 24 * 60


def minutes(value: time) -> int:
    return value.hour * 60 + value.minute


def clock(value_min: int) -> str:
    """420 → ``7:00``, 1140 → ``19:00``."""
    return f"{value_min // 60}:{value_min % 60:02d}"


def moment(day: date, value_min: int, zone: tzinfo | None) -> datetime:
    """That minute of the day, street time.

    :raises ValueError: not a minute of a day
    """
    if not 0 <= value_min < DAY_MIN:
        raise ValueError(f"{value_min} is no minute of a day")
    return datetime.combine(day, time(value_min // 60, value_min % 60), zone)


def cut_off(day: date, cutoff_min: int, days_before: int, zone: tzinfo | None) -> datetime:
    """The first moment at which a meal of ``day`` can no longer be ordered."""
    return moment(day - timedelta(days=days_before), cutoff_min, zone)
