# SPDX-License-Identifier: Apache-2.0
"""What is said of a hook beside its signature: when it is called, how long it may take, what of it will go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

import pluggy

F = TypeVar("F", bound=Callable[..., object])
Kind = Literal["start", "page", "fact", "data", "provider", "life"]


@dataclass(frozen=True, slots=True)
class Deprecated:
    """Still called, warned about at every start, gone two minors later (``docs/plugins/stability.md``)."""

    since: str
    """Contract version that warned first."""
    gone_in: str
    instead: str
    """What to write in its place."""


@dataclass(frozen=True, slots=True)
class HookSpec:
    """Beside the signature: when a hook is called and how long an answer may take."""

    name: str
    kind: Kind
    limit_s: float
    """An async implementation is cancelled after this; a slower synchronous one counts as a fault."""
    deprecated: Deprecated | None = None
    old_arguments: Mapping[str, Deprecated] = field(default_factory=dict)
    """Argument → what became of it."""


class Declare(Protocol):
    """Marks a function as a hook of this kind, with this time limit in seconds."""

    def __call__(self, kind: Kind, limit_s: float) -> Callable[[F], F]: ...


def declared_in(specs: dict[str, HookSpec]) -> Declare:
    """The decorator that writes every hook it marks into ``specs``, in the order of the page."""
    marker = pluggy.HookspecMarker("liren")

    def declare(kind: Kind, limit_s: float) -> Callable[[F], F]:
        def mark(function: F) -> F:
            specs[function.__name__] = HookSpec(function.__name__, kind, limit_s)
            return marker(function)

        return mark

    return declare
