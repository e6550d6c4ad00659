# SPDX-License-Identifier: Apache-2.0
"""What acting decides from values alone: caps, terms, which act is checked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from liren.plugins.acting import Deed, Measure

ACT: Final = "acting.act"
"""Permission of workers who act for residents of their area."""
REVIEW: Final = "acting.review"
"""Permission of who calls up to check."""
SPOT_MINUTES: Final = 120
"""A consent taken on the spot is for this visit."""
CODE_MINUTES: Final = 10
SHARE: Final = 0.10
"""Of all acts are checked by a call; besides, at least one a week of every helper among staff."""
MOST_MONTHS: Final = 12
"""A delegation ends after a year at the latest, and is given anew."""
STAFF_CAPS: Final[dict[Measure, int]] = {"points": 200, "fen": 30_000, "times": 30}
"""In a month for one person, all staff together, where the deed says nothing else."""
FAMILY_CAPS: Final[dict[Measure, int]] = {"points": 300, "fen": 60_000, "times": 60}
"""What the form proposes to a person who names a helper."""
DIGITS: Final = 8
_SPAN: Final = 1 << 32


def staff_cap(deed: Deed) -> int:
    return deed.cap or STAFF_CAPS[deed.measure]


def month_of(at_ms: int, tz: tzinfo | None) -> str:
    """``2026-11``, street time."""
    return datetime.fromtimestamp(at_ms / 1000, tz).strftime("%Y-%m")


def chosen(digest_hex: str, share: float) -> bool:
    """Whether an act is checked: its keyed hash is as good as a throw of dice that can be repeated, never foreseen.

    :param digest_hex: a keyed hash over the slip's random id
    :param share: 0 … 1
    """
    return int(digest_hex[:8], 16) < share * _SPAN


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
