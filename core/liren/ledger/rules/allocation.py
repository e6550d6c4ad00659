# SPDX-License-Identifier: Apache-2.0
"""Which of a holder's accounts pay, and which are paid back: pure arithmetic.

Spending takes what ends first, so that nobody loses points they could have used. What comes back (void,
refund) goes first to what ends last. All returns of one spend, partial or not, walk the same list.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct


class Part(Struct, frozen=True):
    """``amount`` of the account that ends on ``expires_on`` (None: never)."""

    expires_on: date | None
    amount: int
    holder: str = ""
    """Whose: a person may have several pseudonyms."""


def _ends(part: Part) -> date:
    return part.expires_on or date.max


def spend(lots: Iterable[Part], amount: int, today: date) -> list[Part] | None:
    """How ``amount`` is drawn from the unexpired ``lots``, earliest end first; None where they hold less."""
    drawn: list[Part] = []
    for lot in sorted(lots, key=_ends):
        if amount == 0:
            break
        if lot.amount > 0 and _ends(lot) >= today:
            take = min(lot.amount, amount)
            drawn.append(Part(lot.expires_on, take, lot.holder))
            amount -= take
    return drawn if amount == 0 else None


def give_back(drawn: Sequence[Part], returned: int, amount: int) -> list[Part]:
    """Where ``amount`` returns to, latest end first, after ``returned`` has already come back from ``drawn``.

    :raises ValueError: more would come back than was drawn
    """
    parts: list[Part] = []
    for lot in sorted(drawn, key=_ends, reverse=True):
        skipped = min(lot.amount, returned)
        returned -= skipped
        take = min(lot.amount - skipped, amount)
        if take:
            parts.append(Part(lot.expires_on, take))
            amount -= take
    if returned or amount:
        raise ValueError("more would come back than was drawn")
    return parts


def share_back(orders: Sequence[tuple[Sequence[Part], int, int]], amount: int) -> list[int]:
    """How much of ``amount`` comes back to each of several spends of one order: what ends last first, whosever it is;
    of equal ends what was drawn last.

    :param orders: of each spend: what it drew, what has come back of it, the most that may come back of it now
    """
    lots = [
        (_ends(lot), nth, lot.amount)
        for nth, (drawn, returned, most) in enumerate(orders)
        for lot in give_back(drawn, returned, most)
    ]
    shares = [0] * len(orders)
    for _, nth, most in sorted(lots, reverse=True):
        take = min(most, amount)
        shares[nth] += take
        amount -= take
    return shares
