# SPDX-License-Identifier: Apache-2.0
"""Questions to the ledger, each a few short index reads; nothing here writes but a receipt's token."""

import base64
import os
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from liren import clock
from liren.errors import NotFound
from liren.ledger.authority import policy
from liren.ledger.engine.participant import Ledger
from liren.ledger.engine.plans import read_post
from liren.ledger.engine.posting import CORE_SUBJECT
from liren.ledger.log import history, records
from liren.ledger.log.note import open_note
from liren.ledger.log.records import Post
from liren.ledger.reading.latest import latest
from liren.ledger.rules import addresses, days
from liren.plugins.points import Subject
from liren.plugins.services import Balance, EntryView
from liren.store import Store, SubjectKey
from liren.store.parts import marks

TOKEN_CHARACTERS: Final = 22
ACTOR: Final = "job:ledger.token"

_COLUMNS: Final = "e.pos, e.rid, e.why, e.admitted_ms, e.body, o.salt, o.ciphertext"


class Reader:
    """Implements :class:`liren.plugins.services.LedgerReader`."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    @property
    def store(self) -> Store:
        return self._store

    @property
    def ledger(self) -> Ledger:
        return self._ledger

    @property
    def tz(self) -> ZoneInfo:
        """Of the policy in force."""
        in_force = self._ledger.book.policy
        return in_force.tz if in_force is not None else ZoneInfo(policy.DEFAULT_TZ)

    def today(self) -> date:
        """The street's day by the policy in force."""
        return days.day_of(clock.now_ms(), self.tz)

    async def balance(self, subject: Subject, asset: str = "resident") -> Balance:
        """What a subject can spend today, and when it ends, earliest first."""
        rows = await self._store.read(
            "SELECT expires_on, balance FROM account WHERE asset = ? AND balance > 0"
            " AND holder IN (SELECT holder FROM pseudonym WHERE kind = ? AND subject = ?)",
            asset,
            subject.kind,
            subject.id,
        )
        today, lots = self.today(), dict[date | None, int]()
        for expires_on, amount in rows:
            end = date.fromisoformat(expires_on) if expires_on else None
            if not days.is_past(end, today):
                lots[end] = lots.get(end, 0) + amount
        return history.spendable(asset, lots)

    async def balance_on(self, subject: Subject, day: date, asset: str = "resident") -> Balance:
        """What a subject could spend at the end of ``day``, street time."""
        return await history.balance_on(self._store.read, subject, day, asset, self.tz)

    async def balance_of(self, address: str, asset: str = "resident") -> int:
        """Of any account; 0 where there is none.

        :raises Malformed: not an address
        """
        addresses.parse(address)
        rows = await self._store.read("SELECT balance FROM account WHERE asset = ? AND address = ?", asset, address)
        return int(rows[0][0]) if rows else 0

    async def entries(self, subject: Subject, *, limit: int = 20, before: int | None = None) -> Sequence[EntryView]:
        """The latest records that touched a subject's points, newest first.

        :param before: only records below this position: the next page
        """
        amounts = await latest(self._store.read, subject, limit, 2**62 if before is None else before)
        if not amounts:
            return []
        found = await self._store.read(
            f"SELECT {_COLUMNS} FROM log_entry e LEFT JOIN opening o ON o.pos = e.pos"  # noqa: S608
            f" WHERE e.pos IN ({marks(amounts)}) ORDER BY e.pos DESC",
            *amounts,
        )
        posts = [read_post(bytes(row[4])) for row in found]
        vault_keys = await self._subject_keys(posts)
        return [self._view(row, post, *amounts[row[0]], vault_keys) for row, post in zip(found, posts, strict=True)]

    async def entry(self, rid: str) -> EntryView | None:
        """One post by its rid; None where there is none."""
        rows = await self._store.read(
            f"SELECT {_COLUMNS} FROM log_entry e LEFT JOIN opening o ON o.pos = e.pos"  # noqa: S608
            " WHERE e.rid = ? AND e.kind = 'post'",
            rid,
        )
        if not rows:
            return None
        post = read_post(bytes(rows[0][4]))
        return self._view(rows[0], post, post.p[0][0], amount_for_holder(post), await self._subject_keys([post]))

    async def earned(self, subject: Subject, since: date, asset: str = "resident") -> Mapping[str, int]:
        """Awards less reversals by month (``2026-11``) of their effective day, from ``since`` on."""
        rows = await self._store.read(
            "SELECT substr(e.eff, 1, 7), SUM(p.amount) FROM account a JOIN posting p ON p.account = a.id"
            " JOIN log_entry e ON e.pos = p.pos WHERE a.asset = ? AND e.why IN ('award', 'reverse') AND e.eff >= ?"
            " AND a.holder IN (SELECT holder FROM pseudonym WHERE kind = ? AND subject = ?)"
            " GROUP BY substr(e.eff, 1, 7)",
            asset,
            since.isoformat(),
            subject.kind,
            subject.id,
        )
        return {month: int(amount) for month, amount in rows}

    async def owner(self, rid: str) -> Subject | None:
        """Whose points a record moved (of a settle: whose order it was); None: nobody's, or erased."""
        seen = await self._store.read("SELECT ref, body FROM log_entry WHERE rid = ? AND kind = 'post'", rid)
        if not seen:
            return None
        post = read_post(bytes(seen[0][1]))
        found = addresses.holder_of(post.p)
        if found is None:
            return await self.owner(seen[0][0]) if post.why == "settle" else None
        rows = await self._store.read("SELECT kind, subject FROM pseudonym WHERE holder = ?", found[1])
        return Subject(*rows[0]) if rows else None

    async def head(self) -> tuple[int, bytes]:
        """(size, root) of the latest signed checkpoint; (0, empty root) before the first."""
        note = await self.checkpoint()
        if note is None:
            return 0, self._ledger.book.root
        return read_checkpoint(note)

    async def checkpoint(self) -> bytes | None:
        """The latest signed checkpoint, to the byte."""
        rows = await self._store.read("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")
        return bytes(rows[0][0]) if rows else None

    async def receipt_token(self, rid: str) -> str:
        """The everyday QR's 22 characters for a record; made at the first question.

        :raises NotFound: no such record
        """
        known = "SELECT token FROM receipt_token WHERE rid = ?"
        rows = await self._store.read(known, rid)
        if rows:
            return str(rows[0][0])
        if not await self._store.read("SELECT pos FROM log_entry WHERE rid = ?", rid):
            raise not_there()
        token = base64.b32encode(os.urandom(14)).decode()[:TOKEN_CHARACTERS]
        async with self._store.transaction(ACTOR) as tx:
            await tx.sql(
                "INSERT INTO receipt_token (token, rid) VALUES (?, ?) ON CONFLICT (rid) DO NOTHING", token, rid
            )
            ((stored,),) = await tx.sql(known, rid)
        return str(stored)

    async def record_of_token(self, token: str) -> str | None:
        """The rid an everyday QR stands for."""
        rows = await self._store.read("SELECT rid FROM receipt_token WHERE token = ?", token.upper())
        return str(rows[0][0]) if rows else None

    async def opening(self, rid: str) -> bytes | None:
        """``opening.json`` of a record (``docs/ledger-spec.md`` 10); None where it has none or was erased."""
        rows = await self._store.read(
            "SELECT e.body, o.salt, o.ciphertext FROM log_entry e JOIN opening o ON o.pos = e.pos WHERE e.rid = ?",
            rid,
        )
        if not rows:
            return None
        post = read_post(bytes(rows[0][0]))
        part = self._part(post, rows[0][2], await self._subject_keys([post]))
        return records.opening(rid, bytes(rows[0][1]), part) if part is not None else None

    # --- inside

    async def _subject_keys(self, posts: Sequence[Post]) -> Mapping[str, SubjectKey]:
        return await self._ledger.vault.keys(self._store, {_sealed_under(post) for post in posts})

    def _view(
        self, row: tuple[Any, ...], post: Post, asset: str, amount: int, vault_keys: Mapping[str, SubjectKey]
    ) -> EntryView:
        pos, rid, why, admitted_ms, _, _, ciphertext = row
        part = self._part(post, ciphertext, vault_keys)
        personal = msgspec.json.decode(part) if part is not None else {}
        return EntryView(
            rid=rid,
            pos=pos,
            why=why,
            code=post.code,
            unit=post.unit,
            asset=asset,
            amount=amount,
            eff=date.fromisoformat(post.eff),
            admitted_ms=admitted_ms,
            ref=post.ref if isinstance(post.ref, str) else None,
            reason=personal.get("reason", {}),
            merchant=addresses.merchant_of(post.p),
        )

    def _part(self, post: Post, ciphertext: Any, vault_keys: Mapping[str, SubjectKey]) -> bytes | None:
        key = vault_keys.get(_sealed_under(post))
        return key.open(bytes(ciphertext), post.rid) if ciphertext is not None and key is not None else None


def read_checkpoint(note: bytes) -> tuple[int, bytes]:
    """(size, root) of one of our own checkpoints."""
    _, size, root, _ = open_note(note)[0].decode().split("\n")
    return int(size), base64.b64decode(root)


def amount_for_holder(post: Post) -> int:
    """What a post did to its holder's points; of one without a holder: what it moved."""
    if addresses.holder_of(post.p) is None:
        return sum(posting[3] for posting in post.p)
    return sum(
        amount * (addresses.parse(target).of_holder - addresses.parse(source).of_holder)
        for _, source, target, amount in post.p
    )


def not_there() -> NotFound:
    return NotFound(
        "没有找到这张凭证。请核对二维码或编号，或向社区工作人员询问。",
        "There is no such receipt. Check the code, or ask at your community's desk.",
    )


def _sealed_under(post: Post) -> str:
    found = addresses.holder_of(post.p)
    return f"holder/{found[1]}" if found is not None else CORE_SUBJECT
