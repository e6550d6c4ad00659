# SPDX-License-Identifier: Apache-2.0
"""Points: what the ledger says of them, and what may be posted inside ``once()``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from liren.plugins.points import PointRule, PostDraft, Posted, Subject


@dataclass(frozen=True, slots=True)
class Lot:
    expires_on: date | None
    amount: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What a subject can spend today, and when it ends."""

    asset: str
    total: int
    lots: tuple[Lot, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryView:
    """One record as its holder sees it."""

    rid: str
    pos: int
    why: str
    code: str
    unit: str
    asset: str
    amount: int
    """Signed: what it did to the holder's points."""
    eff: date
    admitted_ms: int
    ref: str | None
    reason: Mapping[str, Any]
    """The opening's personal part; empty when erased."""
    merchant: str = ""
    """``<plugin>.<id>`` of the merchant whose takings it moved (a refund): ``ctx.titles`` says what it is called."""


class LedgerReader(Protocol):
    async def balance(self, subject: Subject, asset: str = "resident") -> Balance: ...

    async def balance_on(self, subject: Subject, day: date, asset: str = "resident") -> Balance:
        """What a subject could spend at the end of ``day``, street time."""
        ...

    async def balance_of(self, address: str, asset: str = "resident") -> int:
        """Of ``budget/<unit>``, ``merchant/<plugin>.<id>``, ``escrow/<rid>`` …"""
        ...

    async def entries(self, subject: Subject, *, limit: int = 20, before: int | None = None) -> Sequence[EntryView]: ...

    async def entry(self, rid: str) -> EntryView | None: ...

    async def head(self) -> tuple[int, bytes]:
        """(size, root) of the latest signed checkpoint."""
        ...

    async def receipt_token(self, rid: str) -> str:
        """The 22 base32 characters of the everyday QR (page ``/r/<token>``)."""
        ...


class LedgerTx(Protocol):
    """What ``tx`` offers inside ``once()``: everything that can be refused is refused here, at once."""

    async def post(self, draft: PostDraft) -> Posted: ...

    async def post_many(
        self, drafts: Sequence[PostDraft], progress: Callable[[int], None] | None = None
    ) -> Sequence[Posted]:
        """Up to 5 000 records, all or nothing; ``progress(done)`` is called as it goes."""
        ...

    async def balance(self, subject: Subject, asset: str = "resident") -> Balance:
        """As it stands inside this transaction."""
        ...

    async def attest(self, subject: str, digest: bytes, *, code: str, unit: str) -> Posted: ...

    async def adopt(
        self, rules: Sequence[PointRule], *, reviewer: str, deduct_h: Mapping[str, str] | None = None
    ) -> Posted:
        """The street's policy from now on, signed by street and reviewer. ``credit`` only.

        :param deduct_h: code → legal basis, for each rule that may take points from a person
        """
        ...
