# SPDX-License-Identifier: Apache-2.0
"""One transaction's side of the ledger: drafts become signed records at once, or are refused at once.

``tx.part("ledger")`` is a :class:`LedgerState`. Nothing here touches the log: the records join the batch when
the transaction succeeds, and become entries when the batch is flushed (``participant``).
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import UNSET

from liren.ledger.authority import keys, policy
from liren.ledger.authority.custody import Custody
from liren.ledger.authority.keys import KeyBook
from liren.ledger.engine import certify, drafts, erasure, holders, orders, signing
from liren.ledger.engine.book import Book, Drafted, View
from liren.ledger.engine.plans import Plan, read_post
from liren.ledger.engine.recovered import SUBJECT
from liren.ledger.errors import LedgerError, Malformed, NotSigned, Refused
from liren.ledger.log import history, records
from liren.ledger.log.note import NoteSigner, seal_note
from liren.ledger.log.records import Attest, Policy, Post, Record
from liren.ledger.rules import addresses, days
from liren.ledger.rules.addresses import encode_id, new_id
from liren.ledger.rules.moves import COMMITTED
from liren.plugins.points import Award, PointRule, PostDraft, Posted, Settle, Spend, Subject, Void
from liren.plugins.services import Balance
from liren.store import SubjectKey, Tx, Vault

MAX_MANY: Final = 5000
BREATH: Final = 50
"""Records after which other tasks get their turn: signing 50 takes about 5 ms."""
CORE_SUBJECT: Final = "ledger"
"""Under whose key the openings of records without a holder are sealed."""

ReviewerGate = Callable[[str, str], Awaitable[str | None]]
"""``await gate(person, unit)``: the unit this person reviews for where that covers ``unit``, else None."""


class LedgerState:
    """Implements :class:`liren.plugins.services.LedgerTx` for one transaction."""

    def __init__(
        self,
        book: Book,
        tx: Tx,
        custody: Custody,
        vault: Vault,
        tz: ZoneInfo,
        blocked: LedgerError | None,
        gate: ReviewerGate | None,
    ) -> None:
        self.view = View(book)
        self.tx = tx
        self.custody = custody
        self.vault = vault
        self._street_tz = tz
        self._blocked = blocked
        self.gate = gate
        self._today: date | None = None
        self._eff = ""
        self._signing_for: KeyBook | None = None
        self._known_signers: dict[tuple[str | None, ...], tuple[NoteSigner, ...]] = {}

    # --- what a module calls

    async def post(self, draft: PostDraft) -> Posted:
        """Check, sign and take one draft.

        :raises Refused: the rules of posting do not allow it
        :raises NotEnough: an account holds too little
        :raises ReadOnly: the ledger takes no records at the moment
        """
        self.check_open()
        plans = await drafts.plan(self, draft)
        if len(plans) == 1:
            return await self._record(plans[0])
        first, *others = done = [await self._record(plan) for plan in plans]
        if isinstance(draft, (Spend, Settle)):  # one order, of a person with several pseudonyms
            parts = [(other.rid, first.rid, nth) for nth, other in enumerate(others)]
            await self.tx.many("INSERT INTO record_part (rid, first, nth) VALUES (?, ?, ?)", parts)
        moves = tuple(move for record in done for move in record.moves)
        return Posted(first.rid, moves, tuple(other.rid for other in others))

    async def post_many(
        self, many: Sequence[PostDraft], progress: Callable[[int], None] | None = None
    ) -> Sequence[Posted]:
        """Up to 5 000 drafts, all or nothing; what they need is loaded in a few statements first."""
        if len(many) > MAX_MANY:
            raise Refused(
                f"一次最多记 {MAX_MANY} 笔，这次有 {len(many)} 笔。请分成几次。",
                f"At most {MAX_MANY} records at once, not {len(many)}. Split them.",
            )
        self.check_open()
        subjects = [draft.subject for draft in many if isinstance(draft, Award)]
        await holders.of(self, subjects, create=True)
        await holders.of(self, [draft.subject for draft in many if isinstance(draft, Spend)])
        await orders.read_spends(self, [draft.spend for draft in many if isinstance(draft, (Settle, Void))])
        done: list[Posted] = []
        for draft in many:
            done.append(await self.post(draft))
            if len(done) % BREATH == 0:
                await asyncio.sleep(0)
            if progress is not None and (len(done) % 100 == 0 or len(done) == len(many)):
                progress(len(done))
        return done

    async def balance(self, subject: Subject, asset: str = "resident") -> Balance:
        """What a subject can spend, as it stands inside this transaction."""
        lots: dict[date | None, int] = {}
        for holder in (await holders.of(self, [subject]))[subject]:
            for part in self.view.lots(asset, holder):
                if not days.is_past(part.expires_on, self.today):
                    lots[part.expires_on] = lots.get(part.expires_on, 0) + part.amount
        return history.spendable(asset, lots)

    async def holds(self, subject: Subject) -> bool:
        """Whether any account of a subject holds points: of any asset, past its last day too."""
        owned = (await holders.of(self, [subject]))[subject]
        return any(self.view.balance((a.asset, a.address)) for name in owned for a in self.view.accounts_of(name))

    async def attest(self, subject: str, digest: bytes, *, code: str, unit: str) -> Posted:
        """Record that a document existed.

        :param digest: :func:`liren.ledger.log.records.attest_digest` of it: 32 bytes, salted
        """
        self.check_open()
        if subject == SUBJECT:
            raise Refused("恢复只能由恢复程序记入。", "Only the recovery itself attests one.")
        records.check_module_code(code)
        await certify.service_key(self, code.partition(".")[0])
        attest = Attest(
            code=code, digest=encode_id(digest), eff=self.eff, log=self.log, rid=new_id(), subject=subject, unit=unit
        )
        return self.append(attest, signing.alone(self, attest), unit=unit)

    async def adopt(
        self, rules: Sequence[PointRule], *, reviewer: str, deduct_h: Mapping[str, str] | None = None
    ) -> Posted:
        """The street's policy from the next record on."""
        self.check_open()
        body = policy.write_body(rules, self._street_tz.key, deduct_h)
        in_force = policy.read_body(body)
        await self.tx.sql(
            "INSERT INTO policy (digest, body) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING", in_force.digest, body
        )
        record = Policy(digest=in_force.digest, eff=self.eff, log=self.log, rid=new_id())
        posted = self.append(record, await self.signers_with(record, reviewer))
        self.view.policy, self._today = in_force, None
        return posted

    async def merge(self, *, kept: str, gone: str) -> None:
        """Two entries were one person: the pseudonyms of both are theirs; no point moves."""
        await holders.merge(self, kept=Subject("h", kept), gone=Subject("h", gone))

    async def erase(self, subject: Subject) -> Sequence[Posted]:
        """Delete the private side of a subject and record that it was done; see :mod:`liren.ledger.engine.erasure`."""
        self.check_open()
        return await erasure.erase(self, subject)

    async def forget(self, subject: Subject) -> int:
        """Delete the private side of a subject that was erased before, also while the ledger takes no records or the
        account holds points again: both come with a restored backup.

        :returns: how many ``erase`` records could be written
        """
        return await erasure.forget(self, subject, record=self._blocked is None)

    # --- what drafts and certify need

    @property
    def tz(self) -> ZoneInfo:
        return self.view.policy.tz if self.view.policy is not None else ZoneInfo(policy.DEFAULT_TZ)

    @property
    def today(self) -> date:
        """The admission day."""
        if self._today is None:
            self._today = days.day_of(self.tx.now_ms, self.tz)
            self._eff = self._today.isoformat()
        return self._today

    @property
    def eff(self) -> str:
        """The admission day as records write it."""
        return self._eff if self._today is not None else self.today.isoformat()

    @property
    def log(self) -> str:
        """:raises NotSigned: the street was not founded"""
        if self.view.origin is None:
            raise NotSigned("账本还没有启用。请先运行开站步骤。", "The ledger has not been founded yet.", status=503)
        return self.view.origin

    async def find(self, rid: str, *why: str) -> Post:
        """An earlier post by its rid.

        :raises Refused: there is none, or it is another kind of move
        """
        record = await self.record(rid)
        if not isinstance(record, Post) or record.why not in why:
            raise Refused(
                "找不到所依据的记录，或它不能这样处理。请刷新后再试。",
                f"There is no {' or '.join(why)} with this number.",
            )
        return record

    async def record(self, rid: str) -> Record | None:
        """An earlier record of any kind, of this transaction or of the log."""
        pending = self.view.pending(rid)
        if pending is not None:
            return pending.record
        rows = await self.tx.sql("SELECT body FROM log_entry WHERE rid = ?", rid)
        return records.read_stored(bytes(rows[0][0])) if rows else None

    async def referring(self, rid: str, *why: str) -> list[Post]:
        """The posts of these moves that name ``rid`` as their ref."""
        rows = await self.tx.sql("SELECT why, body FROM log_entry WHERE ref = ? ORDER BY pos", rid)
        posts = [read_post(bytes(body)) for w, body in rows if w in why]
        pending = [drafted.record for drafted in self.view.pending_refs(rid)]
        return posts + [record for record in pending if isinstance(record, Post) and record.why in why]

    async def signers_with(self, record: Record, reviewer: str) -> tuple[NoteSigner, ...]:
        """The unit's key and the reviewer's."""
        role, of = keys.wanted(record, self.view.keys.street)[0]
        second = await certify.reviewer_key(self, record, reviewer)
        return signing.key_for(self, role, record, unit=of), second

    def append(
        self,
        record: Record,
        signers: Sequence[NoteSigner],
        *,
        unit: str | None = None,
        opening: tuple[bytes, bytes] | None = None,
        key_row: tuple[object, ...] | None = None,
    ) -> Posted:
        """Sign a record and take it into this transaction."""
        text = records.encode(record)
        if not isinstance(record, Post):
            records.decode(text)  # callers name subjects and units: what no verifier could read is never signed
        note = seal_note(text, *signers)
        if len(note) > records.MAX_RECORD:
            raise Malformed("这笔记录太长，请分成几笔。", "This record is longer than 8 KiB: split it.")
        if isinstance(record, Post):
            moves, ref, after = record.p, records.text_or_none(record.ref), self.view.apply(record.p)
        else:
            moves, ref, after = (), None, ()
        self.view.gathered.add(Drafted(record, note, unit, ref, after, opening, key_row))
        return Posted(record.rid, moves)

    # --- inside

    async def _record(self, plan: Plan) -> Posted:
        records.check_code(plan.code)
        commit, opening = None, None
        if plan.reason or plan.why in COMMITTED:
            name = f"holder/{plan.holder}" if plan.holder else CORE_SUBJECT
            commit, opening = self._commit(plan, self.view.subject_key(name) or await self._load_key(name))
        in_force = self.view.policy
        record = Post(
            code=plan.code,
            commit=commit or UNSET,
            eff=plan.eff,
            log=self.log,
            p=tuple(plan.p),
            policy=in_force.digest if in_force is not None else UNSET,
            ref=plan.ref or UNSET,
            rid=plan.rid,
            unit=plan.unit,
            why=plan.why,
        )
        records.check(record)
        await self._load(record)
        return self.append(record, await self._signers(plan, record), unit=plan.unit, opening=opening)

    async def _load(self, post: Post) -> None:
        """Every account it moves is in memory before it moves, so that none is ever taken for a new one."""
        for asset, source, target, _ in post.p:
            for end in (source, target):
                if (asset, end) in self.view.book.accounts or (asset, end) in self.view.born:
                    continue
                address = addresses.parse(end)
                if address.of_holder:
                    await self.view.book.load_holders(self.tx.sql, [address.name])
                elif (address.kind, address.name) != ("escrow", post.rid):  # a spend's own is new indeed
                    await self.view.book.load_accounts(self.tx.sql, [(asset, end)])

    async def _signers(self, plan: Plan, record: Post) -> tuple[NoteSigner, ...]:
        """Who signs; found once for all records of one kind, until a key comes or goes."""
        if self._signing_for is not self.view.keys:
            self._signing_for, self._known_signers = self.view.keys, {}
        alike = (plan.why, plan.unit, plan.reviewer, plan.code.partition(".")[0], plan.p[0][0])
        signers = self._known_signers.get(alike)
        if signers is None:
            if plan.reviewer is not None:
                signers = await self.signers_with(record, plan.reviewer)
            else:
                signers = signing.alone(self, record)
            if self._signing_for is self.view.keys:
                self._known_signers[alike] = signers
        return signers

    async def _load_key(self, name: str) -> SubjectKey:
        """Under which a record's opening is sealed; made where there is none."""
        self.view.subject_keys.update(await self.vault.ensure_keys(self.tx, [name]))
        return self.view.subject_keys[name]

    def _commit(self, plan: Plan, key: SubjectKey) -> tuple[str, tuple[bytes, bytes]]:
        """The commitment to the personal part and its opening: the salt and the sealed part."""
        part = records.personal_part(plan.reason, self.tx.actor)
        salt = os.urandom(32)
        return records.commitment(salt, part), (salt, key.seal(part, plan.rid))

    def reopen(self) -> None:
        """For the recovery alone: it writes into a log that takes no other record."""
        self._blocked = None

    def check_open(self) -> None:
        """:raises ReadOnly: the ledger takes no records at the moment"""
        if self._blocked is not None:
            raise self._blocked
