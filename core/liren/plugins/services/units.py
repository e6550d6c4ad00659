# SPDX-License-Identifier: Apache-2.0
"""The unit tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UnitCard:
    """One node of the unit tree."""

    id: str
    code: str
    """Stable ASCII code, never reused: what the ledger writes."""
    level: str
    """street, community, grid, building, stair."""
    name: str
    party_name: str | None
    path: str
    """Codes from the root, each followed by ``/``: a subtree is one prefix scan."""
    parent: str | None
    closed: date | None = None


class Units(Protocol):
    async def get(self, code: str) -> UnitCard | None: ...

    async def all(self, level: str | None = None) -> Sequence[UnitCard]: ...

    async def street(self) -> UnitCard: ...

    async def path(self, code: str) -> Sequence[UnitCard]:
        """From the street down to the unit itself."""
        ...
