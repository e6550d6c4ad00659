# SPDX-License-Identifier: Apache-2.0
"""What a plugin may write to the ledger, decided before the ledger sees it.

Only ``credit`` awards, deducts, reverses and adopts a policy; budget, clearing, expiry and closing are the core's;
whatever else a plugin posts or attests is named after itself. The ledger's keys say the same once more.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from liren.errors import Denied
from liren.plugins.events import Event
from liren.plugins.points import (
    Award,
    Deduct,
    PointRule,
    PostDraft,
    Posted,
    Refund,
    Reverse,
    Settle,
    Spend,
    Subject,
    Void,
)
from liren.plugins.services import Balance, Tx

AWARDS = "credit"
"""The one plugin that awards, deducts and reverses."""


class Fenced(Denied):
    """A plugin asked for a move that is not its own to make: a fault of its author, told to the author."""

    code = "not-this-plugins-move"


def fenced(plugin: str, draft: PostDraft) -> PostDraft:
    """The draft as this plugin may post it: merchants become ``<plugin>.<merchant>``.

    :raises Fenced: the move is reserved, or its code is not under the plugin's name
    """
    if isinstance(draft, (Award, Deduct, Reverse)):
        if plugin != AWARDS:
            raise _reserved(plugin, type(draft).__name__, AWARDS)
        return draft
    if isinstance(draft, (Spend, Settle, Void, Refund)):
        check_code(plugin, draft.code)
        if isinstance(draft, Settle):
            return replace(draft, merchant=f"{plugin}.{draft.merchant}")
        return draft
    raise _reserved(plugin, type(draft).__name__, "core")


def check_code(plugin: str, code: str) -> None:
    """:raises Fenced: ``code`` is not ``<plugin>.<what>``"""
    if not code.startswith(f"{plugin}.") or len(code) == len(plugin) + 1:
        raise Fenced(
            f"模块 {plugin} 记账用的代码“{code}”不以“{plugin}.”开头，没有入账。请模块作者修改代码。",
            f"Plugin {plugin} used code {code!r}, not one under {plugin + '.'!r}; nothing was posted. "
            "Its author has to change the code.",
        )


def check_subject(plugin: str, subject: str) -> None:
    """:raises Fenced: neither ``doc/<plugin>/<id>`` nor a settlement's ``slip/<id>``: nothing else could be verified"""
    if not re.fullmatch(rf"(?:doc/{plugin}|slip)/[A-Za-z0-9._-]{{1,64}}", subject):
        raise Fenced(
            f"模块 {plugin} 要存证的“{subject}”不是“doc/{plugin}/编号”或“slip/编号”，没有入账。请模块作者修改代码。",
            f"Plugin {plugin} attested {subject!r}, not {f'doc/{plugin}/<id>'!r} or 'slip/<id>'; nothing was posted. "
            "Its author has to change it.",
        )


def _reserved(plugin: str, move: str, owner: str) -> Fenced:
    return Fenced(
        f"模块 {plugin} 不能做“{move}”这种记账，只有 {owner} 可以，没有入账。请模块作者改用 {owner} 的接口。",
        f"Plugin {plugin} may not post {move}: only {owner} may; nothing was posted. "
        f"Its author has to go through {owner}.",
    )


class PluginTx:
    """The transaction a plugin's body gets: the real one behind the fence."""

    __slots__ = ("_plugin", "_tx")

    def __init__(self, plugin: str, tx: Tx) -> None:
        self._plugin = plugin
        self._tx = tx

    @property
    def now_ms(self) -> int:
        return self._tx.now_ms

    async def post(self, draft: PostDraft) -> Posted:
        return await self._tx.post(fenced(self._plugin, draft))

    async def post_many(
        self, drafts: Sequence[PostDraft], progress: Callable[[int], None] | None = None
    ) -> Sequence[Posted]:
        admitted = [fenced(self._plugin, draft) for draft in drafts]
        return await self._tx.post_many(admitted, progress)

    async def balance(self, subject: Subject, asset: str = "resident") -> Balance:
        return await self._tx.balance(subject, asset)

    async def attest(self, subject: str, digest: bytes, *, code: str, unit: str) -> Posted:
        check_code(self._plugin, code)
        check_subject(self._plugin, subject)
        return await self._tx.attest(subject, digest, code=code, unit=unit)

    async def adopt(
        self, rules: Sequence[PointRule], *, reviewer: str, deduct_h: Mapping[str, str] | None = None
    ) -> Posted:
        if self._plugin != AWARDS:
            raise _reserved(self._plugin, "adopt", AWARDS)
        return await self._tx.adopt(rules, reviewer=reviewer, deduct_h=deduct_h)

    async def emit(self, event: Event) -> None:
        await self._tx.emit(event)

    async def audit(self, what: str, subject: str, **detail: str | int) -> None:
        await self._tx.audit(what, subject, **detail)
