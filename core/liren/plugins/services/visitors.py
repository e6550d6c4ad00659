# SPDX-License-Identifier: Apache-2.0
"""Who asks, and what they may: identity answers before any handler runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from litestar.connection import ASGIConnection

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in person of a request (or of a hook call made for one)."""

    person: str
    """Public person id."""
    account: str
    name: str
    elder: bool = False
    language: str = "zh"


class Access(Protocol):
    """Whether a person holds a permission at a unit (or anywhere, where ``unit`` is None)."""

    def can(self, permission: str, unit: str | None = None) -> bool: ...

    def units_with(self, permission: str) -> tuple[str, ...]:
        """Path prefixes of the subtrees where the permission holds; empty when nowhere."""
        ...


class NoAccess:
    """What a visitor without login, or a job, may do: nothing that asks for a permission."""

    def can(self, permission: str, unit: str | None = None) -> bool:
        return False

    def units_with(self, permission: str) -> tuple[str, ...]:
        return ()


NOBODY = NoAccess()


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks: found out once per request, before any handler runs."""

    visitor: Visitor | None = None
    access: Access = NOBODY
    unit: str | None = None
    """Code of the unit the visitor works in or lives in."""
    unit_path: str = ""
    """That unit's path (codes from the root, each followed by ``/``): pilots are filtered by it."""
    role: str = ""
    """Title of what the visitor works as (审核员), shown beside their name; empty for residents."""
    home: str | None = None
    """Code of the unit the visitor lives in, whatever they work as."""
    fresh: bool = False
    """They proved who they are a moment ago: what asks for that (``step_up=True``) lets them in."""


class Sessions(Protocol):
    """Identity's answer to "who is this request from"."""

    async def who(self, connection: Connection) -> Who: ...

    async def who_is(self, person: str) -> Who:
        """The same for a person without a request: jobs, commands, the demo."""
        ...

    async def holding(self, permission: str, unit: str, *, limit: int = 50) -> Sequence[str]:
        """Ids of those who hold the permission at the unit today, by a grant there or above; the nearest first."""
        ...
