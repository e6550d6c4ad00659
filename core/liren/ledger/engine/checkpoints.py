# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: after COMMIT, and only then, the log key signs (origin, size, root).

First the anchor, then the table: a signature that never reached the anchor was never published. Signed at once
when the ledger is idle, and at least every second while it is busy.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from base64 import b64encode
from typing import TYPE_CHECKING, Final

import msgspec

from liren.errors import LirenError
from liren.ledger.errors import Behind, LedgerError, ReadOnly
from liren.ledger.log import nodes
from liren.ledger.log.anchor import Mark
from liren.ledger.log.merkle import Edge
from liren.ledger.log.note import seal_note

if TYPE_CHECKING:
    from liren.ledger.engine.participant import Ledger
    from liren.store import Store

log = logging.getLogger("liren.ledger")

QUIET_S: Final = 0.02
"""No COMMIT for so long, and no batch open, counts as idle: a list of 500 records alone takes longer."""
LATEST_S: Final = 1.0
"""A committed record waits no longer than this for its checkpoint."""
ACTOR: Final = "job:ledger.checkpoint"


class Checkpoints:
    """The background task that signs the head."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._store: Store | None = None
        self._task: asyncio.Task[None] | None = None
        self._grown = asyncio.Event()
        self._signing = asyncio.Lock()
        self._stopping = False
        self._head: tuple[int, bytes] | None = None
        """(size, root) of the last COMMIT."""
        self.signed_size = 0

    async def start(self, store: Store) -> LedgerError | None:
        """:returns: why this ledger must not write, or None"""
        self._store = store
        rows = await store.read("SELECT origin, size, root, edge FROM log_head")
        if rows:
            origin, size, root, edge = rows[0]
            trouble = await self._trouble(store, origin, size, bytes(root), bytes(edge))
            if trouble is not None:
                log.error("%s", trouble)
                return trouble
            ((signed,),) = await store.read("SELECT max(size) FROM checkpoint")
            self.signed_size = signed or 0
            self._head = (size, bytes(root))
        elif self._ledger.anchor.read() is not None:
            return _behind(0, self._ledger.anchor.read())
        async with store.transaction(ACTOR):
            pass  # one empty batch loads the book: keys, policy, head
        self._ledger.blocked = None
        if rows:
            await self._sign_or_log()
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._run(), context=contextvars.Context())
        return None

    async def stop(self) -> None:
        if self._task is None:
            return
        self._stopping = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        await self._sign_or_log()

    async def _sign_or_log(self) -> None:
        """A full disk or a signing device that is away must not keep the street from opening or closing."""
        try:
            await self.sign()
        except (LirenError, OSError):
            log.exception("the head stays unsigned; it is tried again with the next record and at the next start")

    def grown(self, size: int, root: bytes) -> None:
        """A COMMIT has made the log this large."""
        self._head = (size, root)
        self._grown.set()

    async def sign(self) -> int:
        """Sign the committed head now, unless that was done.

        :returns: the size of the latest checkpoint
        """
        async with self._signing:
            assert self._store is not None
            if self._ledger.book.size < 0:  # a batch died and took the book with it
                async with self._store.transaction(ACTOR):
                    pass
            note = self.note()
            if note is None:
                return self.signed_size
            mark, signed = note
            if mark.size <= self.signed_size:
                return self.signed_size
            await asyncio.to_thread(self._ledger.anchor.grow, mark)
            async with self._store.transaction(ACTOR) as tx:
                await tx.sql(
                    "INSERT INTO checkpoint (size, note, at_ms) VALUES (?, ?, ?) ON CONFLICT (size) DO NOTHING",
                    mark.size,
                    signed,
                    tx.now_ms,
                )
            self.signed_size = mark.size
            return mark.size

    def note(self) -> tuple[Mark, bytes] | None:
        """The committed head as (mark, signed checkpoint); None where there is nothing to sign, or no log key."""
        key, head, origin = self._ledger.log_key(), self._head, self._ledger.book.origin
        if key is None or head is None or origin is None or self._ledger.blocked is not None:
            return None
        mark = Mark(origin, *head)
        return mark, seal_note(mark.text(), key)

    async def _run(self) -> None:
        while not self._stopping:
            await self._grown.wait()
            since = time.monotonic()
            while time.monotonic() - since < LATEST_S:  # busy: others keep committing
                self._grown.clear()
                await asyncio.sleep(QUIET_S)
                if not self._grown.is_set() and not self._ledger.writing:
                    break
            self._grown.clear()
            try:
                await self.sign()
            except (LirenError, OSError):
                log.exception("the head could not be signed; trying again with the next record")
                await asyncio.sleep(LATEST_S)
                self._grown.set()

    async def _trouble(self, store: Store, origin: str, size: int, root: bytes, edge: bytes) -> LedgerError | None:
        try:
            mark = self._ledger.anchor.read()
            whole = Edge.load(size, edge).root() == root
        except (LedgerError, ValueError):
            whole, mark = False, None
        if not whole:
            return ReadOnly(
                "账本的日志头或锚文件损坏，暂停记账。请运行 liren ledger verify 查看，并联系维护人员。",
                "The log's head or the anchor is damaged; records are refused. Run “liren ledger verify”.",
            )
        if mark is None:
            return None
        if mark.origin != origin:
            return None if await _attested(store, mark) else _behind(size, mark)
        if mark.size > size:
            return _behind(size, mark)
        if mark.size and await nodes.root_at(store.read, mark.size, size, Edge.load(size, edge)) != mark.root:
            return _behind(size, mark)
        return None


async def _attested(store: Store, mark: Mark) -> bool:
    """Whether the log's latest recovery names this very mark: what lay beyond was lost, and the log says so."""
    rows = await store.read("SELECT body FROM recovery ORDER BY pos DESC LIMIT 1")
    return bool(rows) and msgspec.json.decode(rows[0][0])["anchor"] == [mark.origin, mark.size, mark.root.hex()]


def _behind(size: int, mark: Mark | None) -> LedgerError:
    anchored = f"{mark.origin} {mark.size} {b64encode(mark.root).decode()[:12]}…" if mark else "?"
    return Behind(
        f"数据库里的账本（{size} 笔）落后于已公布的锚（{anchored}），可能恢复了旧备份。为防止出现两本账，只能查询。"
        "请找回较新的备份；找不到时按 docs/recovery.md 运行 liren ledger recover。",
        f"The database ({size} entries) is behind what was already published ({anchored}): an older backup,"
        " or a lost tail. To keep one history the ledger is read-only. Restore a newer backup, or follow the"
        " docs/recovery.md: liren ledger recover.",
    )
