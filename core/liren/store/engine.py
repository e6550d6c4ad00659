# SPDX-License-Identifier: Apache-2.0
"""What both of our Piccolo engines share: writes only inside a transaction, nested transactions as savepoints."""

from contextvars import ContextVar
from types import TracebackType
from typing import Any, Protocol

from liren.store.tx import Tx


class WriteOutsideTransaction(RuntimeError):
    """A statement that writes was run outside ``once()`` and ``transaction()``."""

    def __init__(self) -> None:
        super().__init__("every write goes through once() or transaction(): this one ran outside both")


class HasTransaction(Protocol):
    current_transaction: ContextVar[Tx | None]


class Nested:
    """``async with engine.transaction()`` inside a transaction: a real savepoint.

    Stock Piccolo makes this a no-op, so that rows written before an exception somebody swallowed stay.
    """

    def __init__(self, engine: HasTransaction) -> None:
        self._engine = engine

    async def __aenter__(self) -> Tx:
        tx = self._engine.current_transaction.get()
        if tx is None:
            raise WriteOutsideTransaction
        self._tx, self._name = tx, await tx.enter_savepoint()
        return tx

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._tx.leave_savepoint(self._name, failed=error is not None)


class NestedAtomic:
    """``engine.atomic()``: queries collected and run in one savepoint."""

    def __init__(self, engine: HasTransaction) -> None:
        self._engine = engine
        self._queries: list[Any] = []

    def add(self, *queries: Any) -> None:
        self._queries += queries

    async def run(self) -> None:
        async with Nested(self._engine):
            for query in self._queries:
                await query.run()
        self._queries = []

    def __await__(self) -> Any:
        return self.run().__await__()
