# SPDX-License-Identifier: Apache-2.0
"""SQLite's log of writes is copied back into the file beside the writer, so that no COMMIT waits for it.

Left to itself SQLite copies inside the COMMIT that finds the log too long: with accounts all over a long ledger that
took more time than the records. Another connection may copy while transactions go on; what a power cut finds is the
same. The writer's own limit stays behind it, for a disk that cannot keep up.
"""

import logging
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

log = logging.getLogger("liren.store")

COPY_ROWS: Final = 8000
"""Rows changed before the log is copied back; on a long ledger a row is about half a page of 4 096 bytes."""


class CopyingBack:
    """One thread with a connection of its own.

    :param connection: that may write, used by nobody else
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="liren-copy")
        self._under_way: Future[None] | None = None
        self._copied = 0

    def committed(self, changes: int) -> None:
        """After each COMMIT.

        :param changes: rows the writer has changed since it was opened
        """
        under_way = self._under_way is not None and not self._under_way.done()
        if changes - self._copied >= COPY_ROWS and not under_way:
            self._copied = changes
            self._under_way = self._thread.submit(self._copy)

    def close(self) -> None:
        """Waits for a copy that is under way."""
        self._thread.shutdown(wait=True)
        self._connection.close()

    def _copy(self) -> None:
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error:
            log.exception("the log of writes could not be copied back; tried again after the next rows")
