# SPDX-License-Identifier: Apache-2.0
"""Benchmarks: ratios inside one run (raw limit, peer, ours), median of five, never a timed assertion.

A module here offers ``measures() -> list[Measure]``; ``make bench`` runs them all and writes ``docs/benchmarks.md``.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table."""

    what: str
    ours: str
    """Our figure with its unit, e.g. ``13 100 records/s``."""
    beside: str
    """The raw limit or the peer, measured in the same run."""
    ratio: float | None
    goal: str
    """e.g. ``≥ 0.85``; empty where there is none."""


def median_of(runs: Callable[[], float], count: int = 5) -> float:
    """The median of ``count`` runs, after one that warms up and is not counted."""
    runs()
    return statistics.median(runs() for _ in range(count))


def in_turns(ours: Callable[[], float], *others: Callable[[], float]) -> tuple[float, list[tuple[float, float]]]:
    """Median of ours, and (median, median ratio of ours to it) of each other, in five turns after one that warms up.

    A busy machine slows all of one turn, so the ratio is taken turn by turn.
    """
    turns = [(ours(), *(other() for other in others)) for _ in range(6)][1:]
    beside = [
        (statistics.median(turn[n] for turn in turns), statistics.median(turn[0] / turn[n] for turn in turns))
        for n in range(1, len(others) + 1)
    ]
    return statistics.median(turn[0] for turn in turns), beside
