# SPDX-License-Identifier: Apache-2.0
"""Work that outlasts its request, with its progress."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from liren.plugins.context import Context

Progress = Callable[[int, int], None]
"""``progress(done, total)``: cheap; may be called for every row."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """Background work as a page shows it; survives a reload of the page and a restart of the server."""

    id: str
    plugin: str
    title: str
    state: Literal["running", "done", "failed", "interrupted"]
    """``interrupted``: the server stopped meanwhile; start it again."""
    done: int
    total: int
    text: str
    """What came of it, or what went wrong and what to do."""


class Tasks(Protocol):
    """Work that outlasts its request."""

    async def start(
        self,
        ctx: "Context",
        key: str,
        title: str,
        work: "Callable[[Context, Progress], Awaitable[str]]",
        limit_s: float,
    ) -> str: ...

    async def view(self, plugin: str, task: str) -> TaskView | None: ...
