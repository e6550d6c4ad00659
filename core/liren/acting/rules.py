# SPDX-License-Identifier: Apache-2.0
"""What acting decides from values alone: caps, terms, which act is checked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

ACT: Final = "acting.act"
"""Permission of workers who act for residents of their area."""
REVIEW: Final = "acting.review"
"""Permission of who calls up to check."""
SPOT_MINUTES: Final = 120
"""A consent taken on the spot is for this visit."""
CODE_MINUTES: Final = 10
CODE_TRIES: Final = 5
DIGITS: Final = 8
_SPAN: Final = 1 << 32


def month_of(at_ms: int, tz: tzinfo | None) -> str:
    """``2026-11``, street time."""
    return datetime.fromtimestamp(at_ms / 1000, tz).strftime("%Y-%m")


def chosen(digest_hex: str, percent: int) -> bool:
    """Whether an act is checked: its keyed hash is as good as a throw of dice that can be repeated, never foreseen.

    :param digest_hex: a keyed hash over the slip's random id
    :param percent: 1 … 100
    """
    return int(digest_hex[:8], 16) * 100 < percent * _SPAN


def number_from(digest_hex: str) -> str:
    """Eight digits."""
    return f"{int(digest_hex[:16], 16) % 10**DIGITS:0{DIGITS}d}"


def in_groups(number: str) -> str:
    """``4821 9037``: as it is printed and read out."""
    return f"{number[:4]} {number[4:]}"


def hours_ms(hours: int) -> int:
    return hours * 3_600_000


def week_before(day: date) -> tuple[date, date]:
    """The last whole week, Monday to Monday."""
    monday = day - timedelta(days=day.weekday())
    return monday - timedelta(days=7), monday


@dataclass(frozen=True, slots=True)
class Record:
    """How one helper's acts of a month stand beside everybody's."""

    actor: str
    acts: int
    people: int
    undone: int
    objected: int
    unconfirmed: int
    most_for_one: int

    @property
    def stands_out(self) -> bool:
        """Worth a look: something went wrong, or most of many acts were for one person."""
        wrong = self.undone + self.objected
        return (
            self.unconfirmed > 0
            or (wrong >= 3 and wrong * 10 >= self.acts)
            or (self.acts >= 10 and self.most_for_one * 2 > self.acts)
        )
