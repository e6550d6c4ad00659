# SPDX-License-Identifier: Apache-2.0
"""Transactions: the one way in which anything is written."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from liren.plugins.events import Event
from liren.plugins.services.points import LedgerTx

T = TypeVar("T")


class Outbox(Protocol):
    @property
    def now_ms(self) -> int:
        """When this transaction was admitted, Unix milliseconds."""
        ...

    async def emit(self, event: Event) -> None: ...

    async def audit(self, what: str, subject: str, **detail: str | int) -> None: ...


class Tx(LedgerTx, Outbox, Protocol):
    """A module's transaction."""


class Writing(Protocol):
    """Every write goes through one of the two."""

    async def once(
        self,
        actor: str,
        key: str,
        command: Any,
        body: Callable[[Tx], Awaitable[T]],
        returns: type[T],
        plugin: str,
    ) -> T: ...

    def transaction(self, plugin: str, actor: str) -> AbstractAsyncContextManager[Outbox]: ...
