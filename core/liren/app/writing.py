# SPDX-License-Identifier: Apache-2.0
"""Puts a module's transaction together: the store's, the ledger's part of it, outbox and audit."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from liren.errors import LirenError
from liren.plugins.events import Event
from liren.plugins.points import PointRule, PostDraft, Posted, Subject
from liren.plugins.services import Balance, LedgerTx, Tx
from liren.store import Store, audit, outbox
from liren.store import Tx as StoreTx

T = TypeVar("T")

LIMIT_S = 15.0
"""A month's award list of 5 000 records takes about a second; this is for a slow disk."""


Declared = Callable[[str], Collection[type[Event]]]
"""Plugin → the events it registered."""


class Undeclared(LirenError):
    """A plugin emitted an event it did not register: its author's fault, told to the author."""

    status = 500
    code = "event-undeclared"


class ModuleOutbox:
    """``emit`` and ``audit`` of one transaction, in the name of one plugin."""

    def __init__(self, plugin: str, tx: StoreTx, declared: Declared) -> None:
        self._plugin, self._tx, self._declared = plugin, tx, declared

    @property
    def now_ms(self) -> int:
        return self._tx.now_ms

    async def emit(self, event: Event) -> None:
        kind = type(event)
        if kind not in self._declared(self._plugin):
            raise Undeclared(
                f"模块 {self._plugin} 发出了没有登记的事件 {kind.__name__}，什么都没有保存。请模块作者登记它。",
                f"Plugin {self._plugin} emitted {kind.__name__}, which register_events does not name; nothing was "
                "saved. Its author has to declare it.",
            )
        await outbox.emit(self._tx, self._plugin, kind.name, kind.version, event)

    async def audit(self, what: str, subject: str, **detail: str | int) -> None:
        await audit.write(self._tx, self._plugin, f"{self._plugin}.{what}", subject, detail=detail)


class ModuleTx(ModuleOutbox):
    """What ``body(tx)`` of a module gets (:class:`liren.plugins.services.Tx`)."""

    def __init__(self, plugin: str, tx: StoreTx, declared: Declared) -> None:
        super().__init__(plugin, tx, declared)
        self._ledger: LedgerTx = tx.part("ledger")

    async def post(self, draft: PostDraft) -> Posted:
        return await self._ledger.post(draft)

    async def post_many(
        self, drafts: Sequence[PostDraft], progress: Callable[[int], None] | None = None
    ) -> Sequence[Posted]:
        return await self._ledger.post_many(drafts, progress)

    async def balance(self, subject: Subject, asset: str = "resident") -> Balance:
        return await self._ledger.balance(subject, asset)

    async def attest(self, subject: str, digest: bytes, *, code: str, unit: str) -> Posted:
        return await self._ledger.attest(subject, digest, code=code, unit=unit)

    async def adopt(
        self, rules: Sequence[PointRule], *, reviewer: str, deduct_h: Mapping[str, str] | None = None
    ) -> Posted:
        return await self._ledger.adopt(rules, reviewer=reviewer, deduct_h=deduct_h)


class StoreWriting:
    """:class:`liren.plugins.services.Writing` on the store."""

    def __init__(self, store: Store, declared: Declared) -> None:
        self._store = store
        self._declared = declared

    async def once(
        self, actor: str, key: str, command: Any, body: Callable[[Tx], Awaitable[T]], returns: type[T], plugin: str
    ) -> T:
        async def run(tx: StoreTx) -> T:
            return await body(ModuleTx(plugin, tx, self._declared))

        # The key belongs to the plugin: two plugins may be handed the same one.
        return await self._store.once(actor, f"{plugin}/{key}", command, run, returns=returns, limit_s=LIMIT_S)

    @asynccontextmanager
    async def transaction(self, plugin: str, actor: str) -> AsyncIterator[ModuleOutbox]:
        async with self._store.transaction(actor, limit_s=LIMIT_S) as tx:
            yield ModuleOutbox(plugin, tx, self._declared)
