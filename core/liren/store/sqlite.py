# SPDX-License-Identifier: Apache-2.0
"""SQLite: one writing connection, one read-only connection, statements inline on the event loop.

Stock Piccolo opens a connection and a thread per query in deferred mode, which ends in "database is locked" under
load (``tests/store/test_engines.py`` shows it). Short statements run inline, because a thread hop costs more than
they do; COMMIT, which waits for the disk, and long reads run in threads.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from piccolo.engine.sqlite import SQLiteEngine
from piccolo.querystring import QueryString

from liren.errors import Busy
from liren.store.copying import CopyingBack
from liren.store.engine import Nested, NestedAtomic, WriteOutsideTransaction
from liren.store.trouble import of_the_disk, unreadable
from liren.store.tx import Row, Tx

BUSY_LIMIT_S = 30.0
STILL_BUSY_S = 0.5
"""Once somebody has held the database for so long, those who queued behind do not wait as long again, each in turn."""
WAL_PAGES = 16_000
"""Pages (64 MB) in the log of writes at which COMMIT itself copies them into the file; long before, that is done beside
it (:mod:`liren.store.copying`)."""
WRITER_CACHE_KIB = 65_536
"""At most; the pages between the root and the leaves of every index of a million records."""


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        detect_types=sqlite3.PARSE_DECLTYPES,
        timeout=0 if not read_only else 5,
        cached_statements=512,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -32768")
    connection.execute("PRAGMA secure_delete = ON")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    else:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # Every transaction is a savepoint: what it would take back is kept in memory, not in a file nobody reads.
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
    return connection


class LirenSQLiteEngine(SQLiteEngine):
    """Piccolo's SQLite engine, routed: reads to the reader, everything inside a transaction to the writer."""

    __slots__ = ("reader", "writer")

    def __init__(self, path: Path) -> None:
        super().__init__(path=str(path))
        self.current_transaction: ContextVar[Tx | None] = ContextVar("liren_sqlite", default=None)  # type: ignore[assignment]
        self.reader: sqlite3.Connection | None = None
        self.writer: sqlite3.Connection | None = None

    def _fetch(self, connection: sqlite3.Connection, query: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        cursor = connection.execute(query, args)
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    async def _run(self, query: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        tx = self.current_transaction.get()
        if tx is not None:
            writer = self.writer
            assert writer is not None

            async def run() -> list[dict[str, Any]]:
                return self._fetch(writer, query, args)

            found: list[dict[str, Any]] = await tx.native(run)
            return found
        assert self.reader is not None
        try:
            return self._fetch(self.reader, query, args)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY:
                raise WriteOutsideTransaction from error
            if of_the_disk(error):
                raise unreadable() from error
            raise

    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> Any:
        query, args = querystring.compile_string(engine_type=self.engine_type)
        return await self._run(query, args)

    async def run_ddl(self, ddl: str, in_pool: bool = False) -> Any:
        return await self._run(ddl, ())

    def transaction(self, *_: Any, **__: Any) -> Any:
        return Nested(self)

    def atomic(self, *_: Any, **__: Any) -> Any:
        return NestedAtomic(self)


class SQLiteBackend:
    """The nine short calls the writer and the store make."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = LirenSQLiteEngine(path)
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="liren-commit")
        self._copying: CopyingBack | None = None
        self._was_busy = False

    async def open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = self.engine.writer = connect(self.path, read_only=False)
        self._reader = self.engine.reader = connect(self.path, read_only=True)
        self._copying = CopyingBack(connect(self.path, read_only=False))

    async def open_reader(self) -> None:
        self._reader = self.engine.reader = connect(self.path, read_only=True)

    async def close(self) -> None:
        self._threads.shutdown(wait=True)
        if self._copying is not None:
            self._copying.close()
            self._copying = None
        for connection in (self.engine.writer, self.engine.reader):
            if connection is not None:
                connection.close()
        self.engine.writer = self.engine.reader = None

    async def read(self, query: str, *args: Any) -> list[Row]:
        try:
            return self._reader.execute(query, args).fetchall()
        except sqlite3.OperationalError as error:
            if of_the_disk(error):
                raise unreadable() from error
            raise

    async def stream(self, query: str, args: Sequence[Any], size: int) -> AsyncIterator[list[Row]]:
        """Chunks of a long read, in a thread, on a connection and snapshot of its own."""
        connection = await asyncio.to_thread(connect, self.path, read_only=True)
        try:
            cursor = await asyncio.to_thread(connection.execute, query, args)
            while rows := await asyncio.to_thread(cursor.fetchmany, size):
                yield rows
        finally:
            connection.close()

    async def begin(self) -> None:
        """BEGIN IMMEDIATE, polled: a blocking wait would freeze the event loop while another process writes."""
        deadline, pause = time.monotonic() + (STILL_BUSY_S if self._was_busy else BUSY_LIMIT_S), 0.001
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > deadline:
                    self._was_busy = busy
                    raise Busy(
                        "数据库正忙或磁盘有问题，这次没有保存。请稍后再试一次。",
                        "The database is busy or the disk has a problem; nothing was saved. Please try again shortly.",
                    ) from error
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.05)
            else:
                self._was_busy = False
                return

    async def commit(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._writer.commit)
        if self._copying is not None:
            self._copying.committed(self._writer.total_changes)

    async def rollback(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    async def sql(self, query: str, *args: Any) -> list[Row]:
        return self._writer.execute(query, args).fetchall()

    async def many(self, query: str, rows: Sequence[Row]) -> None:
        self._writer.executemany(query, rows)

    @property
    def alive(self) -> bool:
        return self._writer.in_transaction

    async def savepoint(self, name: str) -> None:
        self._writer.execute(f"SAVEPOINT {name}")

    async def release(self, name: str) -> None:
        self._writer.execute(f"RELEASE {name}")

    async def rollback_to(self, name: str) -> None:
        self._writer.execute(f"ROLLBACK TO {name}")
