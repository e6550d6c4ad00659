# SPDX-License-Identifier: Apache-2.0
"""Four eyes for what the core itself posts: one person proposes, another signs as reviewer, and only then is it posted.

The draft that is signed is the one that was shown: it is stored with the proposal and cannot be changed any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

import msgspec

from liren.errors import Conflict, Denied
from liren.ledger.authority.keys import CORE
from liren.ledger.desk import closing
from liren.ledger.desk.closing import CloseBody
from liren.ledger.engine.plans import read_post
from liren.ledger.engine.posting import LedgerState
from liren.ledger.log.records import Attest, Post
from liren.ledger.reading.reader import Reader, not_there
from liren.ledger.rules.addresses import new_id
from liren.plugins.context import Context
from liren.plugins.points import Budget, Clear, Close, PostDraft, Reverse, Subject
from liren.store import Tx
from liren.store.audit import write as audit
from liren.store.parts import marks

PROPOSE: Final = "ledger.propose"
REVIEW: Final = "ledger.review"
"""Who holds it at a unit may put the second signature under records of that unit's subtree."""
SHOWN: Final = 50

Kind = Literal["budget", "clear", "close", "reverse"]
State = Literal["open", "posted", "refused", "withdrawn"]


class BudgetBody(msgspec.Struct, frozen=True):
    """Points for a unit to award from; below 0: taken back."""

    unit: str
    asset: str
    amount: int
    reason: str


class ClearBody(msgspec.Struct, frozen=True):
    """A merchant's takings of a settled period become ``redeemed``."""

    slip: str
    """Rid of the attested settlement slip."""
    merchant: str
    points: int
    reason: str


class ReverseBody(msgspec.Struct, frozen=True):
    """A record, or part of it, the other way."""

    record: str
    amount: int
    reason: str


Body = BudgetBody | ClearBody | CloseBody | ReverseBody
_BODIES: Final[dict[Kind, type[Body]]] = {
    "budget": BudgetBody,
    "clear": ClearBody,
    "close": CloseBody,
    "reverse": ReverseBody,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    id: str
    kind: Kind
    unit: str
    """Whose reviewers decide."""
    state: State
    body: Body
    proposed_by: str
    proposed_ms: int
    decided_by: str | None
    decided_ms: int | None
    note: str | None
    rid: str | None
    """The record, once it is posted."""


class SamePerson(Denied):
    """Who proposed it cannot sign it."""

    code = "four-eyes"


_COLUMNS: Final = "id, kind, unit, state, body, proposed_by, proposed_ms, decided_by, decided_ms, note, rid"


def _proposal(row: Sequence[object]) -> Proposal:
    kind = cast(Kind, row[1])
    return Proposal(
        str(row[0]),
        kind,
        str(row[2]),
        cast(State, row[3]),
        msgspec.json.decode(str(row[4]), type=_BODIES[kind]),
        *cast("tuple[str, int, str | None, int | None, str | None, str | None]", tuple(row[5:])),
    )


class Proposals:
    """The proposals of one visitor's request."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.reader = cast(Reader, ctx.ledger)
        self.store = self.reader.store

    def may_see(self, unit: str) -> bool:
        return self.ctx.can(PROPOSE, unit) or self.ctx.can(REVIEW, unit)

    def require(self, unit: str) -> None:
        """:raises Denied: neither proposes nor reviews anywhere; :raises NotFound: not in this unit"""
        if not self.may_see(unit):
            self.ctx.require(PROPOSE if self.ctx.can(PROPOSE) else REVIEW, unit)

    async def street(self) -> str:
        return (await self.ctx.units.street()).code

    async def count(self, *states: State) -> int:
        """How many of these states the visitor may see."""
        where, values = await self._seen(states)
        ((n,),) = await self.store.read(f"SELECT COUNT(*) FROM ledger_proposal WHERE {where}", *values)  # noqa: S608
        return int(n)

    async def list(self, *states: State, limit: int = SHOWN, offset: int = 0) -> list[Proposal]:
        """Those of these states that the visitor may see, the latest first."""
        where, values = await self._seen(states)
        rows = await self.store.read(
            f"SELECT {_COLUMNS} FROM ledger_proposal WHERE {where}"  # noqa: S608 - own names and marks
            " ORDER BY proposed_ms DESC, id LIMIT ? OFFSET ?",
            *(*values, limit, offset),
        )
        return [_proposal(row) for row in rows]

    async def _seen(self, states: Sequence[State]) -> tuple[str, tuple[str, ...]]:
        """(condition, its values): of these states, in units the visitor may see."""
        condition = f"state IN ({marks(states)})"
        if self.may_see(await self.street()):
            return condition, tuple(states)
        units = [unit.code for unit in await self.ctx.units.all("community") if self.may_see(unit.code)]
        return f"{condition} AND unit IN ({marks(units) or 'NULL'})", (*states, *units)

    async def get(self, proposal: str) -> Proposal:
        """:raises NotFound: none, or not for the visitor's eyes"""
        query = f"SELECT {_COLUMNS} FROM ledger_proposal WHERE id = ? AND state <> 'noted'"  # noqa: S608 - own names
        rows = await self.store.read(query, proposal)
        if not rows or not self.may_see(str(rows[0][2])):
            raise not_there()
        return _proposal(rows[0])

    async def propose(self, key: str, kind: Kind, unit: str, body: Body) -> str:
        """:returns: its id

        :raises NotFound: the unit is outside the visitor's area
        """
        self.require(unit)
        actor, name = self.ctx.actor, new_id()

        async def run(tx: Tx) -> str:
            await tx.sql(
                "INSERT INTO ledger_proposal (id, kind, unit, state, body, proposed_by, proposed_ms)"
                " VALUES (?, ?, ?, 'open', ?, ?, ?)",
                *(name, kind, unit, msgspec.json.encode(body).decode(), actor, tx.now_ms),
            )
            if isinstance(body, CloseBody):
                await closing.tell(self.ctx, body, tx.now_ms)
            await audit(tx, CORE, "ledger.proposed", name, unit=unit, detail={"kind": kind})
            return name

        return await self.store.once(actor, f"ledger/propose/{key}", [kind, unit, body], run, returns=str)

    async def confirm(self, key: str, proposal: str) -> str:
        """Sign as reviewer and post; :returns: rid of the record

        :raises SamePerson: whoever proposed it
        :raises Conflict: decided already
        :raises LedgerError: the ledger refuses the draft; the proposal stays open
        """
        found = await self.get(proposal)
        self.ctx.require(REVIEW, found.unit)
        if found.proposed_by == self.ctx.actor:
            raise SamePerson(
                "提出的人自己不能签。请另一位审核员来签。", "Who proposed it cannot sign it: ask another reviewer."
            )
        actor = self.ctx.actor

        async def run(tx: Tx) -> str:
            await self._decide(tx, proposal, "posted", actor, "")
            state = cast(LedgerState, tx.part("ledger"))
            posted = await state.post(await self._draft(state, found, actor))
            await tx.sql("UPDATE ledger_proposal SET rid = ? WHERE id = ?", posted.rid, proposal)
            await audit(tx, CORE, "ledger.confirmed", proposal, unit=found.unit, detail={"kind": found.kind})
            return posted.rid

        return await self.store.once(actor, f"ledger/confirm/{key}", proposal, run, returns=str)

    async def refuse(self, key: str, proposal: str, note: str) -> None:
        """By a reviewer with a reason, or withdrawn by who proposed it.

        :raises Conflict: decided already
        """
        found, actor = await self.get(proposal), self.ctx.actor
        own = found.proposed_by == actor
        if not own:
            self.ctx.require(REVIEW, found.unit)
        state: State = "withdrawn" if own else "refused"

        async def run(tx: Tx) -> bool:
            await self._decide(tx, proposal, state, actor, note)
            await audit(tx, CORE, f"ledger.{state}", proposal, unit=found.unit, detail={"kind": found.kind})
            return True

        await self.store.once(actor, f"ledger/refuse/{key}", [proposal, note], run, returns=bool)

    async def _decide(self, tx: Tx, proposal: str, state: State, actor: str, note: str) -> None:
        rows = await tx.sql("SELECT state FROM ledger_proposal WHERE id = ?", proposal)
        if not rows or rows[0][0] != "open":
            raise Conflict("这一项已经办完了。请刷新页面。", "This was decided already. Reload the page.")
        await tx.sql(
            "UPDATE ledger_proposal SET state = ?, decided_by = ?, decided_ms = ?, note = ? WHERE id = ?",
            *(state, actor, tx.now_ms, note or None, proposal),
        )

    async def _draft(self, state: LedgerState, found: Proposal, reviewer: str) -> PostDraft:
        reason = {"text": found.body.reason, "proposed": found.proposed_by}
        match found.body:
            case BudgetBody(unit, asset, amount, text):
                return Budget(unit, amount, reviewer, asset, text)
            case ClearBody(slip, merchant, points):
                await check_slip(state, slip, merchant)
                return Clear(slip, merchant, points, reviewer, reason=reason)
            case CloseBody(person=person):
                await closing.check(self.ctx, found.body, found.proposed_ms)
                return Close(Subject("h", person), found.unit, reviewer, {"title": found.body.reason, **reason})
            case ReverseBody(record, amount):
                title = {"title": found.body.reason, **reason}
                return Reverse(record, f"{CORE}.reverse", amount, reviewer, title)


async def check_slip(state: LedgerState, slip: str, merchant: str) -> None:
    """Asked in the transaction of the record: two proposals of one slip may have lain open side by side.

    :raises NotFound: the slip is another plugin's than the merchant
    :raises Conflict: it was cleared already, and that was not reversed
    """
    record = await state.record(slip)
    if not isinstance(record, Attest) or record.code.partition(".")[0] != merchant.partition(".")[0]:
        raise not_there()
    for clear in await state.referring(slip, "clear"):
        if _left(clear, await state.referring(clear.rid, "reverse")):
            raise Conflict("这张结算单已经结算过了。", "This slip was cleared already.")


async def left_of(reader: Reader, post: Post) -> int:
    """How much of a record's first asset can still be reversed."""
    rows = await reader.store.read("SELECT body FROM log_entry WHERE ref = ? AND why = 'reverse'", post.rid)
    return _left(post, [read_post(bytes(body)) for (body,) in rows])


def _left(post: Post, reversals: Sequence[Post]) -> int:
    asset = post.p[0][0]
    return sum(p[3] for p in post.p if p[0] == asset) - sum(p[3] for back in reversals for p in back.p if p[0] == asset)
