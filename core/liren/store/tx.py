# SPDX-License-Identifier: Apache-2.0
"""One transaction as its user sees it, and the protocols between the writer and what takes part in it."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]


class TransactionOver(RuntimeError):
    """Somebody used a transaction after its end: a task that outlived it, most likely."""

    def __init__(self) -> None:
        super().__init__("this transaction is over; start background tasks in a fresh contextvars.Context()")


class BatchGone(RuntimeError):
    """The database rolled the batch back under this transaction; nothing of it may be written any more."""

    def __init__(self) -> None:
        super().__init__("the database rolled this batch back by itself")


class WriterConnection(Protocol):
    """The one connection that writes; `?` placeholders on both databases."""

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgres``."""
        ...

    async def sql(self, query: str, *args: Any) -> list[Row]: ...

    async def many(self, query: str, rows: Sequence[Row]) -> None: ...


class Participant(Protocol):
    """Something that adds rows of its own to a batch: the ledger."""

    name: str

    async def begin(self, conn: WriterConnection, now_ms: int) -> int:
        """Batch start: lock and load the head before any plugin row.

        :param now_ms: the machine's clock, Unix milliseconds
        :returns: the batch's admission time: ``now_ms``, or later where the clock went back
        """
        ...

    def open(self, tx: "Tx") -> Any:
        """The state of one transaction, which :meth:`Tx.part` hands out."""
        ...

    def admit(self, state: Any) -> None:
        """The transaction succeeded: its drafts join the batch. Must not fail."""
        ...

    def drop(self, state: Any) -> None:
        """The transaction was rolled back."""
        ...

    async def flush(self, conn: WriterConnection) -> None:
        """Batch end, before COMMIT: rows and one head update."""
        ...

    async def committed(self) -> None:
        """After COMMIT; acknowledgements do not wait for it."""
        ...

    def forget(self) -> None:
        """The batch died: drop everything held in memory."""
        ...


class Savepoints(Protocol):
    """What a transaction needs of the database beside the connection."""

    @property
    def alive(self) -> bool:
        """False once the database has rolled the whole batch back by itself, as SQLite does when the disk is full."""
        ...

    async def savepoint(self, name: str) -> None: ...

    async def release(self, name: str) -> None: ...

    async def rollback_to(self, name: str) -> None: ...


class WritingBackend(WriterConnection, Savepoints, Protocol):
    """A writer connection with savepoints."""


class Tx:
    """One transaction: Piccolo queries inside it run on the writer's connection, in a savepoint of its own.

    Piccolo finds this object in ``engine.current_transaction``. The savepoint is opened by the first statement, so
    that a transaction which only posts to the ledger costs no round trip.
    """

    SAVEPOINT = "unit"

    def __init__(self, backend: WritingBackend, now_ms: int, actor: str) -> None:
        self.now_ms = now_ms
        self.actor = actor
        self._backend = backend
        self._open = True
        self._started = False
        self._depth = 0
        self._turn = asyncio.Lock()  # asyncpg refuses a second operation while one is in progress
        self._parts: dict[str, Any] = {}

    @property
    def kind(self) -> str:
        return self._backend.kind

    def part(self, name: str) -> Any:
        """The state a participant keeps for this transaction."""
        self._check()
        return self._parts[name]

    async def sql(self, query: str, *args: Any) -> list[Row]:
        """Run one statement (`?` placeholders) inside this transaction; rows as tuples."""
        async with self._turn:
            await self._start()
            return await self._backend.sql(query, *args)

    async def many(self, query: str, rows: Sequence[Row]) -> None:
        """Run one statement for each row."""
        async with self._turn:
            await self._start()
            await self._backend.many(query, rows)

    async def native(self, run: Any) -> Any:
        """Run ``run()``, a statement in the database's own dialect, inside this transaction (for the engines)."""
        async with self._turn:
            await self._start()
            return await run()

    async def enter_savepoint(self) -> str:
        """A real nested savepoint, for ``engine.transaction()`` inside a transaction."""
        async with self._turn:
            await self._start()
            self._depth += 1
            name = f"nested_{self._depth}"
            await self._backend.savepoint(name)
            return name

    async def leave_savepoint(self, name: str, *, failed: bool) -> None:
        async with self._turn:
            self._check()
            if failed:
                await self._backend.rollback_to(name)
            await self._backend.release(name)

    def _check(self) -> None:
        if not self._open:
            raise TransactionOver

    async def _start(self) -> None:
        self._check()
        if not self._backend.alive:
            raise BatchGone  # another statement would be committed by itself
        if not self._started:
            await self._backend.savepoint(self.SAVEPOINT)
            self._started = True

    # The writer's side.

    def join(self, participants: Sequence[Participant]) -> None:
        for participant in participants:
            self._parts[participant.name] = participant.open(self)

    def take_state(self, participant: Participant) -> Any:
        """Its state, once, at the end. The state knows its transaction: were both to keep each other, every posting
        would be left to the collector, which stops the whole server for tens of milliseconds once a second."""
        return self._parts.pop(participant.name)

    def shut(self) -> None:
        self._open = False

    @property
    def started(self) -> bool:
        """Whether a statement ran, and with it a savepoint was opened."""
        return self._started or self._turn.locked()

    async def end(self, *, failed: bool) -> None:
        """Give the savepoint back; waits for a statement of a stray task that is still in flight."""
        async with self._turn:
            if not self._started:
                return
            if failed:
                await self._backend.rollback_to(self.SAVEPOINT)
            await self._backend.release(self.SAVEPOINT)
