# SPDX-License-Identifier: Apache-2.0
"""The whole unit tree as one value: a street has a few thousand nodes, so pages ask memory instead."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from liren.plugins.services import UnitCard
from liren.units.rules import codes_in, depth, name_key, natural


@dataclass(frozen=True, slots=True)
class Tree:
    """Immutable: a change of the tables makes a new one.

    ``by_code`` holds closed units too (history names them); lists leave them out unless asked.
    """

    by_code: dict[str, UnitCard] = field(default_factory=dict)
    _children: dict[str | None, tuple[UnitCard, ...]] = field(default_factory=dict)
    _counts: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, cards: Iterable[UnitCard]) -> "Tree":
        by_code = {card.code: card for card in cards}
        children: dict[str | None, list[UnitCard]] = {}
        for card in sorted(by_code.values(), key=lambda c: (depth(c.level), natural(c.code))):
            children.setdefault(card.parent, []).append(card)
        counts: dict[str, dict[str, int]] = {}
        for card in by_code.values():
            if card.closed is None:
                for above in codes_in(card.path)[:-1]:
                    of = counts.setdefault(above, {})
                    of[card.level] = of.get(card.level, 0) + 1
        return cls(by_code, {parent: tuple(below) for parent, below in children.items()}, counts)

    def counts(self, code: str) -> dict[str, int]:
        """How many open units of each level lie below one."""
        return self._counts.get(code, {})

    def get(self, code: str) -> UnitCard | None:
        return self.by_code.get(code)

    def children(self, code: str | None, *, closed: bool = False) -> Sequence[UnitCard]:
        """Directly below a unit (of the root for None), higher levels first, then by number and name."""
        below = self._children.get(code, ())
        return below if closed else tuple(card for card in below if card.closed is None)

    def below(self, code: str, *, closed: bool = False) -> Iterator[UnitCard]:
        """The unit itself and its subtree, a parent before its children."""
        card = self.by_code.get(code)
        if card is None or (card.closed is not None and not closed):
            return
        stack = [card]
        while stack:
            card = stack.pop()
            yield card
            stack.extend(reversed(self.children(card.code, closed=closed)))

    def way(self, code: str) -> tuple[UnitCard, ...]:
        """From the street down to the unit; empty for an unknown one."""
        card = self.by_code.get(code)
        return () if card is None else tuple(self.by_code[c] for c in codes_in(card.path))

    def ancestor(self, code: str, level: str) -> UnitCard | None:
        """The unit itself or the one above it that has this level."""
        return next((card for card in self.way(code) if card.level == level), None)

    def named(self, parent: str | None, level: str, name: str) -> UnitCard | None:
        """The open child with this name, in whichever spelling (第三网格, 第3网格)."""
        key = name_key(level, name)
        return next((c for c in self.children(parent) if c.level == level and name_key(level, c.name) == key), None)

    def find(self, text: str, *, limit: int = 30) -> Sequence[UnitCard]:
        """Open units whose name, party name or code holds the text; the shortest names first."""
        wanted = "".join(text.split()).lower()
        if not wanted:
            return ()
        hits = [
            card
            for card in self.by_code.values()
            if card.closed is None
            and (wanted in card.name.lower() or wanted in (card.party_name or "").lower() or wanted in card.code)
        ]
        hits.sort(key=lambda c: (depth(c.level), len(c.name), natural(c.path)))
        return hits[:limit]

    def on(self, day: date, opened: dict[str, date]) -> Iterator[UnitCard]:
        """Which units stood on that day, given when each opened."""
        return (
            card
            for code, card in self.by_code.items()
            if opened[code] <= day and (card.closed is None or day < card.closed)
        )
