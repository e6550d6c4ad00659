# SPDX-License-Identifier: Apache-2.0
"""Balances by replay, and what later records may still take from earlier ones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from liren_verify.records import Post, Posting

HOLDER = 24
"""Length of ``h/<holder>`` and ``o/<holder>``; the expiry begins one character later."""


def expiry_of(address: str) -> str:
    return address[HOLDER + 1 :]


class Accounts:
    """Balances of (asset, address). Accounts of holders are grouped, for spending looks at all of one holder.

    Empty accounts are dropped: memory follows the accounts that hold something, not the length of the log.
    """

    def __init__(self) -> None:
        self._plain: dict[tuple[str, str], int] = {}
        self._held: dict[tuple[str, str], dict[str, int]] = {}

    def balance(self, asset: str, address: str) -> int:
        if address[1] == "/":
            lots = self._held.get((asset, address[:HOLDER]))
            return lots.get(address[HOLDER + 1 :], 0) if lots else 0
        return self._plain.get((asset, address), 0)

    def lots(self, asset: str, holder: str) -> Iterator[tuple[str, int]]:
        """(expiry, balance) of every account of ``h/<holder>`` that is not empty."""
        yield from self._held.get((asset, holder), {}).items()

    def holdings(self) -> Iterator[tuple[str, str, str, int]]:
        """(asset, holder, expiry, balance) of every holder's account that is not empty."""
        for (asset, address), lots in self._held.items():
            for expiry, amount in lots.items():
                yield asset, address[2:], expiry, amount

    def move(self, asset: str, address: str, amount: int) -> int:
        """Adds ``amount`` (either sign) and returns the balance after."""
        if address[1] == "/":
            who, expiry = (asset, address[:HOLDER]), address[HOLDER + 1 :]
            lots = self._held.get(who)
            if lots is None:
                self._held[who] = {expiry: amount}
                return amount
            after = lots.get(expiry, 0) + amount
            if after:
                lots[expiry] = after
            else:
                lots.pop(expiry, None)
                if not lots:
                    del self._held[who]
            return after
        key = (asset, address)
        after = self._plain.get(key, 0) + amount
        if after:
            self._plain[key] = after
        else:
            self._plain.pop(key, None)
        return after


@dataclass(slots=True)
class Kept:
    """A record that others refer to: its postings, and what was given back or undone of them so far."""

    why: str
    code: str
    unit: str
    ref: str | None
    postings: tuple[Posting, ...]
    given: dict[tuple[str, str], int] = field(default_factory=dict)
    """(asset, account the record took from) → given back by voids, refunds, reversals."""
    undone: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """(asset, from, to) of the record → reversed or refunded."""

    @classmethod
    def of(cls, post: Post) -> "Kept":
        return cls(post.why, post.code, post.unit, post.ref, post.postings)

    def total(self) -> int:
        return sum(posting[3] for posting in self.postings)


def sums(pairs: Iterable[tuple[tuple[str, str], int]]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for key, amount in pairs:
        found[key] = found.get(key, 0) + amount
    return found


def latest_first(kept: Kept, asset: str) -> list[tuple[str, int]]:
    """(account, what it may still get back) of a record that took points from a holder; ``never`` comes first."""
    took = [(src, amount - kept.given.get((asset, src), 0)) for a, src, _, amount in kept.postings if a == asset]
    return sorted(took, key=lambda lot: expiry_of(lot[0]), reverse=True)
