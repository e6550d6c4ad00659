# SPDX-License-Identifier: Apache-2.0
"""From values to places on paper: round axis ends, percentages, and what a chart says in words. Pure."""

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10

from liren.web.formats import num
from liren.web.i18n import gettext as _

NO_BREAK_SPACE = "\u00a0"
Value = int | float | None
"""None: not known, drawn as a gap and written as –."""
NARROW = 0.5
"""Values that differ by less than this share of the highest lie close together."""
LEAST = 1e-9
"""Less than this is nothing: no street counts it, and a float so small has no steps between."""
STEPS = (1, 2, 2.5, 5, 10)


def shown(value: Value, unit: str = "") -> str:
    """``4 472 分``, ``87%``, ``–``; at most one decimal."""
    if value is None:
        return num(None)
    rounded = round(value, 1)
    plain = num(int(rounded) if rounded == int(rounded) else rounded)
    return plain + (unit if unit in {"", "%"} else NO_BREAK_SPACE + unit)


def known(values: Sequence[Value]) -> list[float]:
    """The values that are there; an infinite or undefined one is a programmer's error."""
    there = [float(value) for value in values if value is not None]
    if not all(isfinite(value) for value in there):
        raise ValueError("a chart cannot show an infinite or undefined value")
    return there


def axis(values: Sequence[Value], *, from_zero: bool = True) -> tuple[float, float]:
    """(bottom, top) in round numbers.

    :param from_zero: includes 0, so that a bar's length is what it says; a curve whose values lie close together
        would be flat that way, and may start higher
    """
    there = known(values)
    low, high = min(there, default=0.0), max(there, default=0.0)
    if from_zero or high - low > abs(high) * NARROW:
        low, high = min(0.0, low), max(0.0, high)
    if high - low < LEAST:
        return min(0.0, low), high if high > LEAST else 1.0
    step = _round_step((high - low) / 2)
    return floor(low / step) * step, ceil(high / step) * step


def _round_step(rough: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in STEPS if step * power >= rough * 0.999_999)


def percent(value: float, bottom: float, top: float) -> float:
    """Where a value lies between two ends, 0–100, to a tenth."""
    return round((value - bottom) / (top - bottom) * 100, 1)


def ticks(count: int, most: int) -> list[int]:
    """Which of ``count`` labels to write so that no more than about ``most`` stand there; always the last."""
    every = max(1, ceil(count / most))
    return [i for i in range(count) if (count - 1 - i) % every == 0]


def in_words(labels: Sequence[str], values: Sequence[Value], unit: str) -> str:
    """``最低 9 分（8月），最高 26 分（11月），最后 26 分``: what somebody hears instead of a picture."""
    pairs = [(float(value), label) for label, value in zip(labels, values, strict=True) if value is not None]
    if not pairs:
        return _("还没有数字")
    (low, at_low), (high, at_high), last = min(pairs), max(pairs), pairs[-1][0]
    return _(
        "最低 %(low)s（%(at_low)s），最高 %(high)s（%(at_high)s），最后 %(last)s",
        low=shown(low, unit),
        at_low=at_low,
        high=shown(high, unit),
        at_high=at_high,
        last=shown(last, unit),
    )
