# SPDX-License-Identifier: Apache-2.0
"""The store: opens the database of one setting, reads, and writes through ``once()`` and ``transaction()``."""

import hashlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from piccolo.table import Table

from liren.errors import Conflict
from liren.store.lock import WriterLock
from liren.store.postgres import PostgresBackend
from liren.store.sqlite import SQLiteBackend
from liren.store.trouble import no_database, of_the_disk, unopened
from liren.store.tx import Participant, Row, Tx
from liren.store.writer import LIMIT_S, Turn, Writer

T = TypeVar("T")

_encode = msgspec.json.Encoder(order="deterministic").encode


class ReadOnlyStore(RuntimeError):
    """The store was opened for reading only."""


def command_digest(command: Any) -> bytes:
    """SHA-256 over the type and the content of a command: what makes two requests the same request."""
    named = [type(command).__qualname__, msgspec.to_builtins(command)]
    return hashlib.sha256(_encode(named)).digest()


class Store:
    """One database. Open it with :meth:`open`, close it with :meth:`close`."""

    def __init__(self, backend: SQLiteBackend | PostgresBackend, lock: WriterLock | None) -> None:
        self._backend = backend
        self._lock = lock
        self._participants: list[Participant] = []
        self._writer: Writer | None = None
        self.database = ""
        """Where it was opened: for a process that reads beside this one."""

    @classmethod
    async def open(
        cls, database: str | Path, *, participants: Sequence[Participant] = (), read_only: bool = False
    ) -> "Store":
        """
        :param database: path of the SQLite file, or a ``postgresql://`` address
        :param read_only: for exports and checks beside a running server; SQLite then takes no lock
        :raises Busy: another process already writes to this SQLite file; or it cannot be opened
        """
        backend: SQLiteBackend | PostgresBackend
        lock = None
        if str(database).startswith(("postgresql://", "postgres://")):
            backend = PostgresBackend(str(database))
        else:
            path = Path(database)
            lock = None if read_only else WriterLock(path)
            backend = SQLiteBackend(path)
        store = cls(backend, lock)
        store.database = str(database)
        try:
            await (backend.open_reader() if read_only else backend.open())
        except Exception as error:
            if lock is not None:
                lock.release()
            if of_the_disk(error):
                raise unopened(error) from error
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
                raise no_database(Path(database)) from error
            raise
        if not read_only:
            store._participants.extend(participants)
            store._writer = Writer(backend, store._participants)
        return store

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgres``."""
        return self._backend.kind

    @property
    def engine(self) -> Any:
        """The Piccolo engine."""
        return self._backend.engine

    @property
    def backend(self) -> SQLiteBackend | PostgresBackend:
        """For migrations, which bypass the writer."""
        return self._backend

    def join(self, participant: Participant) -> None:
        """Add a participant; before the first write."""
        self._participants.append(participant)

    def bind(self, *tables: type[Table]) -> None:
        """Point Piccolo tables at this database."""
        for table in tables:
            table._meta._db = self.engine

    async def read(self, query: str, *args: Any) -> list[Row]:
        """Run one reading statement (`?` placeholders) on a read-only connection."""
        return await self._backend.read(query, *args)

    def stream(self, query: str, *args: Any, size: int = 1000) -> AsyncIterator[list[Row]]:
        """A long read in chunks of ``size`` rows, on one snapshot, off the event loop."""
        return self._backend.stream(query, args, size)

    def transaction(self, actor: str, *, limit_s: float = LIMIT_S) -> Turn:
        """For writes that post nothing: sessions, jobs, plugin rows.

        ``async with store.transaction("job:x") as tx``; leaving it waits for COMMIT.
        """
        return self._writing().transaction(actor, limit_s=limit_s)

    async def once(
        self,
        actor: str,
        key: str,
        command: Any,
        body: Callable[[Tx], Awaitable[T]],
        *,
        returns: type[T],
        limit_s: float = LIMIT_S,
    ) -> T:
        """Run ``body`` in one transaction, at most once per (actor, key).

        :param actor: a person id, or ``job:<plugin>.<name>``
        :param key: the request key of the form (or ``<key>/<n>`` of a chunk)
        :param command: the form's Struct; an equal repetition gets the stored result, ``body`` does not run
        :param returns: the type of the result; it must survive JSON
        :raises Conflict: another command under the same key
        """
        writer, digest = self._writing(), command_digest(command)
        turn = writer.transaction(actor, limit_s=limit_s)
        async with turn as tx:
            known = writer.batch.requests.get((actor, key)) or await self._remembered(tx, actor, key)
            if known is None:
                result = await body(tx)
                turn.requests.append((actor, key, digest, _encode(result)))
                return result
        stored_digest, stored = known
        if stored_digest != digest:
            raise Conflict(
                "这个请求已经用别的内容提交过了。请刷新页面，核对之后再提交。",
                "This request was already sent with other content. Reload the page, check, and send again.",
            )
        return msgspec.json.decode(stored, type=returns)

    async def _remembered(self, tx: Tx, actor: str, key: str) -> tuple[bytes, bytes] | None:
        rows = await self._backend.sql("SELECT digest, result FROM request WHERE actor = ? AND key = ?", actor, key)
        return (bytes(rows[0][0]), bytes(rows[0][1])) if rows else None

    def _writing(self) -> Writer:
        if self._writer is None:
            raise ReadOnlyStore("this store was opened for reading only")
        return self._writer

    async def close(self) -> None:
        """Commit what is open, close every connection, free the lock."""
        if self._writer is not None:
            await self._writer.close()
        await self._backend.close()
        if self._lock is not None:
            self._lock.release()
