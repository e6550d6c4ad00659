# SPDX-License-Identifier: Apache-2.0
"""Lists in pages: which page was asked for, and which links to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_PAGE = 1_000_000
MAX_SIZE = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; templates draw it with ``ui.pagination(page)``."""

    items: Sequence[T]
    number: int
    """From 1."""
    size: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """Number of the first row shown, from 1; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.items else 0

    @property
    def last_row(self) -> int:
        return self.first_row + len(self.items) - 1 if self.items else 0

    @property
    def near(self) -> tuple[int, ...]:
        """Page numbers to offer: the ends, and two on either side; 0 stands for a gap."""
        wanted = sorted({1, self.last, *range(max(1, self.number - 2), min(self.last, self.number + 2) + 1)})
        shown: list[int] = []
        for number in wanted:
            if shown and number - shown[-1] > 1:
                shown.append(0)
            shown.append(number)
        return tuple(shown)


@dataclass(frozen=True, slots=True)
class Ask:
    """Which part of a list a request wants: ``LIMIT ask.size OFFSET ask.offset``."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def page(self, items: Sequence[T], total: int) -> Page[T]:
        return Page(items, self.number, self.size, total)


def ask(text: str | None, *, size: int = 20) -> Ask:
    """What ``?page=`` says; whatever cannot be read is page 1, so a mistyped address still shows the list."""
    size = max(1, min(size, MAX_SIZE))
    number = int(text) if text and text.isdecimal() and len(text) < 8 else 1
    return Ask(max(1, min(number, MAX_PAGE)), size)


def slice_of(items: Sequence[T], text: str | None, *, size: int = 20) -> Page[T]:
    """A page of a list that is in memory anyway; past the end it is the last page."""
    asked = ask(text, size=size)
    last = max(1, -(-len(items) // asked.size))
    asked = Ask(min(asked.number, last), asked.size)
    return asked.page(items[asked.offset : asked.offset + asked.size], len(items))
