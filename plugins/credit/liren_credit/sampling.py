# SPDX-License-Identifier: Apache-2.0
"""Which rows a reviewer has to look at, and which communities stand out. Pure, and the same for the same list.

The choice is drawn from the list's own digest, so neither collector nor reviewer can steer it.
"""

import hashlib
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST = 20
"""Fewer rows than this are all looked at."""
EXTRA = 20
"""More rows from a community that stands out."""
_STANDS_OUT = 1.4
"""Times the median of the other communities' averages."""
_FEW = 10
"""An average of fewer people says nothing."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A good row."""

    id: str
    unit: str
    person: str
    points: int


@dataclass(frozen=True, slots=True)
class Average:
    """What one community's people get on average."""

    unit: str
    people: int
    points: int
    stands_out: bool = False

    @property
    def each(self) -> float:
        return round(self.points / self.people, 1) if self.people else 0.0


def averages(rows: Sequence[Candidate]) -> list[Average]:
    """One a community, in the order of their codes."""
    people: dict[str, set[str]] = {}
    points: dict[str, int] = {}
    for row in rows:
        people.setdefault(row.unit, set()).add(row.person)
        points[row.unit] = points.get(row.unit, 0) + row.points
    plain = [Average(unit, len(people[unit]), points[unit]) for unit in sorted(people)]
    return [Average(each.unit, each.people, each.points, _stands_out(each, plain)) for each in plain]


def _stands_out(one: Average, plain: Sequence[Average]) -> bool:
    others = [each.each for each in plain if each.unit != one.unit and each.people >= _FEW]
    return one.people >= _FEW and len(others) >= 2 and one.each > _STANDS_OUT * statistics.median(others)


def draw(rows: Sequence[Candidate], percent: int, seed: str) -> set[str]:
    """Ids of the rows to look at: a share of all, and more where a community stands out."""
    order = sorted(rows, key=lambda row: hashlib.sha256(f"{seed}/{row.id}".encode()).digest())
    count = max(min(LEAST, len(rows)), -(-len(rows) * percent // 100))
    chosen = {row.id for row in order[:count]}
    for outlier in (each.unit for each in averages(rows) if each.stands_out):
        more = [row.id for row in order if row.unit == outlier and row.id not in chosen]
        chosen.update(more[:EXTRA])
    return chosen


def lowest_common(paths: Mapping[str, str], units: Sequence[str]) -> str:
    """The code of the smallest unit that holds all of ``units``.

    :param paths: unit code → path, codes from the root each followed by ``/``
    """
    split = [paths[unit].rstrip("/").split("/") for unit in units]
    common = [codes[0] for codes in zip(*split, strict=False) if len(set(codes)) == 1]
    return str(common[-1])
