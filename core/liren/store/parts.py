# SPDX-License-Identifier: Apache-2.0
"""A long list for the database: a part at a time, since a statement takes only so many values."""

from collections.abc import Iterator, Sequence, Sized
from typing import Final, TypeVar

T = TypeVar("T")

AT_ONCE: Final = 500
"""Values a statement: far below what SQLite and PostgreSQL refuse, and short enough to let others read in between."""


def in_parts(values: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """Them all in order, ``size`` at a time; the last part may be shorter."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def marks(values: Sized) -> str:
    """``?, ?, ?``: a placeholder for each of them, for ``IN (…)``; the values themselves go beside the statement."""
    return ", ".join("?" * len(values))
