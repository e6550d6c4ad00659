# SPDX-License-Identifier: Apache-2.0
"""What a proposal is about, for who has to sign it: the evidence beside it, and no more of a person than that asks for.

Who signs may have no right to look people up. They see a masked name, the community, the points and why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.ledger.at_hand import reader_of, unit_names
from liren.ledger.desk.closing import CloseBody, signed_from
from liren.ledger.desk.proposals import BudgetBody, ClearBody, Proposal, ReverseBody, left_of
from liren.ledger.engine.plans import read_post
from liren.ledger.log.records import Post
from liren.ledger.reading import whose
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.plugins.services import Lot, PersonCard
from liren.plugins.titles import Titles
from liren.store.parts import marks
from liren.web import N_

KINDS: Final = {"budget": N_("预算"), "clear": N_("商户结算"), "close": N_("注销账户"), "reverse": N_("更正")}
STATES: Final = {
    "open": (N_("等另一人签"), "wait"),
    "posted": (N_("已入账"), "good"),
    "refused": (N_("没有同意"), "bad"),
    "withdrawn": (N_("已撤回"), ""),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the queue."""

    proposal: Proposal
    kind: str
    about: str
    points: int | None
    """What it moves, signed; None: whatever is there when it is signed."""
    by: str
    """Who proposed it."""
    state: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose points, as far as this visitor may know."""

    name: str
    page: str
    """Of them, for who may look them up; else empty."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What lies beside one proposal; which of it is filled in depends on the kind."""

    titles: Titles
    unit: str = ""
    holder: Holder | None = None
    held: int = 0
    """Points there now: of the unit's budget, the merchant's takings, the person; what can still be reversed."""
    lots: tuple[Lot, ...] = ()
    record: Post | None = None
    """What is to be reversed."""
    day: date | None = None
    """Of that record, or on which the slip was put on record; from which a closing can be signed."""
    gone: bool = True
    """They are still registered as dead or moved away."""


async def holder(ctx: Context, card: PersonCard) -> Holder:
    """The name, masked for who may not look this person up."""
    if not ctx.can(whose.PEOPLE, card.community or (await ctx.units.street()).code):
        return Holder(card.masked, "")
    return Holder(card.name, ctx.url("identity.person", person=card.id))


async def holder_of(ctx: Context, subject: Subject | None) -> Holder | None:
    """Of a record; None where it is nobody's, or was erased."""
    if subject is None:
        return None
    if subject.kind == "o":
        firm = (await ctx.people.organisations([subject.id])).get(subject.id)
        return Holder(firm.name, "") if firm is not None else None
    card = (await ctx.people.cards([subject.id])).get(subject.id)
    return await holder(ctx, card) if card is not None else None


async def listed(ctx: Context, found: Sequence[Proposal]) -> list[Shown]:
    """Lines of the queue: each table is asked once, however many there are."""
    if not found:
        return []
    closed = [each.body.person for each in found if isinstance(each.body, CloseBody)]
    cards = await ctx.people.cards([*(each.proposed_by for each in found), *closed])
    posts = await posts_of(ctx, [each.body.record for each in found if isinstance(each.body, ReverseBody)])
    merchants = {each.body.merchant for each in found if isinstance(each.body, ClearBody)}
    titles = await ctx.titles({post.code for post in posts.values()}, merchants)
    units = await unit_names(ctx)
    lines = []
    for each in found:
        about: str
        points: int | None
        match each.body:
            case BudgetBody(unit, _, amount):
                about, points = units.get(unit, unit), amount
            case ClearBody(_, merchant, amount):
                about, points = titles.account(merchant), -amount
            case CloseBody(person=person):
                about, points = (await holder(ctx, cards[person])).name if person in cards else "–", None
            case ReverseBody(record, amount):
                about, points = titles.code(posts[record].code) if record in posts else record, -amount
        by = cards[each.proposed_by].name if each.proposed_by in cards else "–"
        lines.append(Shown(each, KINDS[each.kind], about, points, by, STATES[each.state]))
    return lines


async def evidence(ctx: Context, found: Proposal) -> Evidence:
    """Of one proposal."""
    units, balance_of = await unit_names(ctx), ctx.ledger.balance_of
    match found.body:
        case BudgetBody(unit, asset):
            held = await balance_of(f"budget/{unit}", asset)
            return Evidence(await ctx.titles(()), units.get(unit, unit), held=held)
        case ClearBody(slip, merchant):
            rows = await reader_of(ctx).store.read("SELECT eff FROM log_entry WHERE rid = ? AND kind = 'attest'", slip)
            return Evidence(
                await ctx.titles((), [merchant]),
                units.get(found.unit, found.unit),
                held=await balance_of(f"merchant/{merchant}"),
                day=date.fromisoformat(str(rows[0][0])) if rows else None,
            )
        case CloseBody():
            return await _of_closing(ctx, found, found.body, units)
        case ReverseBody(record):
            post = (await posts_of(ctx, [record])).get(record)
            if post is None:
                return Evidence(await ctx.titles(()), units.get(found.unit, found.unit))
            return Evidence(
                await ctx.titles([post.code], [merchant_of(post)] if merchant_of(post) else []),
                units.get(post.unit, post.unit),
                await holder_of(ctx, await reader_of(ctx).owner(record)),
                await left_of(reader_of(ctx), post),
                record=post,
                day=date.fromisoformat(post.eff),
            )


async def _of_closing(ctx: Context, found: Proposal, body: CloseBody, units: Mapping[str, str]) -> Evidence:
    card = (await ctx.people.cards([body.person])).get(body.person)
    balance = await ctx.ledger.balance(Subject("h", body.person)) if card is not None else None
    return Evidence(
        await ctx.titles(()),
        units.get(body.home, body.home),
        await holder(ctx, card) if card is not None else None,
        balance.total if balance is not None else 0,
        balance.lots if balance is not None else (),
        day=signed_from(found.proposed_ms, ctx),
        gone=card is not None and not card.active,
    )


def merchant_of(post: Post) -> str:
    """``<plugin>.<id>`` whose takings a clear moved; empty for other records."""
    return post.p[0][1].partition("/")[2] if post.why == "clear" else ""


async def posts_of(ctx: Context, rids: Sequence[str]) -> dict[str, Post]:
    """Records by their rid; those that are none are left out."""
    if not rids:
        return {}
    query = f"SELECT rid, body FROM log_entry WHERE kind = 'post' AND rid IN ({marks(rids)})"  # noqa: S608 - marks
    rows = await reader_of(ctx).store.read(query, *rids)
    return {rid: read_post(bytes(body)) for rid, body in rows}
