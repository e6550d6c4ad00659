# SPDX-License-Identifier: Apache-2.0
"""How many people live where, and with it which units hold rows 201 to 250 of a list: pages need not count or skip.

The database keeps a count for each unit and role (triggers of ``residence``); this adds them up along the tree.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from liren.units.tree import Tree

COUNTS: Final = (
    "SELECT c.unit, c.role, c.n - coalesce((SELECT sum(w.n) FROM people_pending q"
    " JOIN people_pending_unit w ON w.import_id = q.id WHERE w.unit = c.unit AND w.role = c.role), 0)"
    " FROM people_in_unit c WHERE c.n > 0"
)
ALL: Final = ""
"""Instead of a role: everybody."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the people directly in one unit."""

    unit: str
    skip: int
    take: int
    whole: bool
    """All of them."""


@dataclass(frozen=True, slots=True)
class Counts:
    """By role in the household (:data:`ALL` for everybody), then by unit."""

    _own: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    _below: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, ...]], tree: Tree) -> "Counts":
        """:param rows: (unit, role, people), as :data:`COUNTS` reads them"""
        own: dict[str, Counter[str]] = {ALL: Counter()}
        below: dict[str, Counter[str]] = {ALL: Counter()}
        for unit, role, n in rows:
            codes = [card.code for card in tree.way(unit)]
            for each in (ALL, role):
                own.setdefault(each, Counter())[unit] += int(n)
                summed = below.setdefault(each, Counter())
                for code in codes:
                    summed[code] += int(n)
        return cls(own, below)

    def own(self, role: str = ALL) -> Mapping[str, int]:
        """Directly in each unit."""
        return self._own.get(role, {})

    def below(self, role: str = ALL) -> Mapping[str, int]:
        """In each unit and all below it."""
        return self._below.get(role, {})

    def parts(self, tree: Tree, tops: Sequence[str], role: str, skip: int, take: int) -> list[Part]:
        """Which units hold the people from ``skip`` on, in the order of the tree; whole subtrees are passed over."""
        found: list[Part] = []
        for part in self._walk(tree, tops, role, skip):
            if take <= 0:
                break
            own = self.own(role)[part.unit]
            taken = min(take, own - part.skip)
            found.append(Part(part.unit, part.skip, taken, part.skip == 0 and taken == own))
            take -= taken
        return found

    def _walk(self, tree: Tree, tops: Sequence[str], role: str, skip: int) -> Iterator[Part]:
        own, below = self.own(role), self.below(role)
        stack = list(reversed(tops))
        while stack:
            code = stack.pop()
            n = below.get(code, 0)
            if n <= skip:
                skip -= n
                continue
            here = own.get(code, 0)
            if here > skip:
                yield Part(code, skip, here - skip, whole=False)
                skip = 0
            else:
                skip -= here
            stack.extend(card.code for card in reversed(tree.children(code, closed=True)))
