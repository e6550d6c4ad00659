# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL: a read-only pool for readers, one connection for the writer.

Several processes may write, each with a writer of its own: a batch begins by taking one advisory lock, before any
plugin row (taking it later deadlocks; measured in the design's writer page).
"""

from collections.abc import AsyncIterator, Sequence
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString

from liren.errors import Busy
from liren.store.engine import Nested, NestedAtomic, WriteOutsideTransaction
from liren.store.trouble import of_the_disk, unreadable
from liren.store.tx import Row, Tx

WRITER_LOCK = 0x6C6972656E  # "liren"
CONNECT_S = 5.0
"""A server that does not answer at all is gone: people are told so after this, not after a minute."""
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""What a statement may raise where something is wrong with the server or the way to it."""


@lru_cache(maxsize=4096)
def numbered(query: str) -> str:
    """``?`` placeholders as PostgreSQL's ``$1 … $n``; a question mark inside quotes stays."""
    parts, count, quoted = [], 0, False
    for char in query:
        if char == "'":
            quoted = not quoted
        if char == "?" and not quoted:
            count += 1
            parts.append(f"${count}")
        else:
            parts.append(char)
    return "".join(parts)


async def _as_it_was(connection: Any) -> None:
    """Nothing, when a reader gives its connection back: readers send single statements and change no setting, and the
    stock reset is a second round trip for every read. Whatever a transaction left open asyncpg has ended before.
    """


class LirenPostgresEngine(PostgresEngine):
    """Piccolo's PostgreSQL engine, routed: reads to the pool, everything inside a transaction to the writer."""

    __slots__ = ("writer",)

    def __init__(self, url: str) -> None:
        self.writer: Any = None
        super().__init__(config={"dsn": url})
        self.current_transaction: ContextVar[Tx | None] = ContextVar("liren_postgres", default=None)  # type: ignore[assignment]

    async def check_version(self) -> None:
        """Nothing: stock Piccolo opens a connection of its own, on another loop, to warn about old servers."""

    async def prep_database(self) -> None:
        """Nothing: no extension is needed."""

    async def _run(self, query: str, args: Sequence[Any]) -> Any:
        tx = self.current_transaction.get()
        if tx is not None:

            async def run() -> Any:
                return await self.writer.fetch(query, *args)

            return await tx.native(run)
        assert self.pool is not None
        try:
            return await self.pool.fetch(query, *args)
        except asyncpg.ReadOnlySQLTransactionError as error:
            raise WriteOutsideTransaction from error
        except FAILURES as error:
            if of_the_disk(error):
                raise unreadable() from error
            raise

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        query, args = querystring.compile_string(engine_type=self.engine_type)
        return await self._run(query, args)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        return await self._run(ddl, ())

    def transaction(self, *_: Any, **__: Any) -> Any:
        return Nested(self)

    def atomic(self, *_: Any, **__: Any) -> Any:
        return NestedAtomic(self)


class PostgresBackend:
    """The nine short calls the writer and the store make."""

    kind = "postgres"

    def __init__(self, url: str) -> None:
        self._url = url
        self.engine = LirenPostgresEngine(url)
        self._writer: Any = None

    async def open(self) -> None:
        await self.open_reader()
        self._writer = self.engine.writer = await self._connect()

    async def open_reader(self) -> None:
        self.engine.pool = await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=8,
            timeout=CONNECT_S,
            server_settings={"default_transaction_read_only": "on"},
            reset=_as_it_was,
        )

    async def _connect(self) -> Any:
        # lock_timeout: a stray transaction that holds a plugin row must not stall every posting.
        return await asyncpg.connect(self._url, timeout=CONNECT_S, server_settings={"lock_timeout": "2000"})

    async def close(self) -> None:
        if self._writer is not None and not self._writer.is_closed():
            await self._writer.close()
        if self.engine.pool is not None:
            await self.engine.pool.close()
        self.engine.pool, self.engine.writer = None, None

    async def read(self, query: str, *args: Any) -> list[Row]:
        assert self.engine.pool is not None
        try:
            return [tuple(row) for row in await self.engine.pool.fetch(numbered(query), *args)]
        except FAILURES as error:
            if of_the_disk(error):
                raise unreadable() from error
            raise

    async def stream(self, query: str, args: Sequence[Any], size: int) -> AsyncIterator[list[Row]]:
        """Chunks of a long read on one snapshot."""
        assert self.engine.pool is not None
        async with (
            self.engine.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            cursor = await connection.cursor(numbered(query), *args)
            while rows := await cursor.fetch(size):
                yield [tuple(row) for row in rows]

    async def begin(self) -> None:
        try:
            if self._writer.is_closed():
                self._writer = self.engine.writer = await self._connect()
            await self._writer.execute("BEGIN")
            await self._writer.fetch("SELECT pg_advisory_xact_lock($1)", WRITER_LOCK)
        except (*FAILURES, asyncpg.InternalClientError) as error:
            if not isinstance(error, asyncpg.PostgresError):  # not the server's answer: no use any more
                self._writer.terminate()
            raise Busy(
                "暂时连不上数据库，这次没有保存。请稍后再试一次。",
                "The database cannot be reached; nothing was saved. Please try again shortly.",
            ) from error

    async def commit(self) -> None:
        await self._writer.execute("COMMIT")

    async def rollback(self) -> None:
        """End a dead batch; a lost connection is replaced at the next begin."""
        try:
            if not self._writer.is_closed():
                await self._writer.execute("ROLLBACK")
        except (*FAILURES, asyncpg.InternalClientError):
            self._writer.terminate()

    async def sql(self, query: str, *args: Any) -> list[Row]:
        return [tuple(row) for row in await self._writer.fetch(numbered(query), *args)]

    async def many(self, query: str, rows: Sequence[Row]) -> None:
        await self._writer.executemany(numbered(query), rows)

    @property
    def alive(self) -> bool:
        return True  # after an error PostgreSQL refuses every statement of the transaction by itself

    async def savepoint(self, name: str) -> None:
        await self._writer.execute(f"SAVEPOINT {name}")

    async def release(self, name: str) -> None:
        await self._writer.execute(f"RELEASE {name}")

    async def rollback_to(self, name: str) -> None:
        await self._writer.execute(f"ROLLBACK TO {name}")
