# SPDX-License-Identifier: Apache-2.0
"""What a merchant's clerk does: find an order by its code, hand it out (settle), take it back (refund).

Only for merchants whose organisation the clerk acts for. A wrong code costs one of a few tries per counter.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from liren.api import Context, Refund, Settle, Tx
from liren_market import for_someone, rules
from liren_market.errors import MarketError, OwnHelp, TooManyWrongCodes, WrongCode
from liren_market.events import Redeemed, Returned
from liren_market.orders import hash_of_code, milliseconds, nothing_here, put_back
from liren_market.tables import MarketOrder, Merchant


class Redeem(msgspec.Struct, frozen=True):
    """What the confirm page sends: the order it showed and the code that was typed."""

    merchant: str
    order: str
    code: str


class TakeBack(msgspec.Struct, frozen=True):
    """A refund; ``restock`` where the goods came back fit to be given again."""

    order: str
    restock: bool


class Done(msgspec.Struct, frozen=True):
    order: str
    person: str
    title: str
    points: int


# --- whose counter


async def counters_of(ctx: Context) -> Sequence[Merchant]:
    """The merchants this visitor acts for, closed ones last (they may still hand out and take back)."""
    if ctx.visitor is None:
        return ()
    organisations = await ctx.people.organisations_of(ctx.visitor.person, kind="merchant")
    if not organisations:
        return ()
    found = await Merchant.objects().where(Merchant.organisation.is_in([o.id for o in organisations]))
    return sorted(found, key=lambda m: (m.state == "closed", m.state in ("applied", "signed"), m.name, m.id))


async def own_counter(ctx: Context, merchant: str) -> Merchant:
    """:raises NotFound: not a merchant this visitor acts for"""
    for counter in await counters_of(ctx):
        if counter.id == merchant:
            return counter
    raise nothing_here()


# --- codes


async def find(ctx: Context, merchant: str, typed: str) -> MarketOrder:
    """The open order behind a typed code; nothing is settled yet.

    Looking up and counting a wrong try are one transaction, so that many tries at once do not slip through.

    :raises NotFound: not the visitor's counter
    :raises WrongCode: no such code here
    :raises CodeUsed: replayed; :raises CodeOver: cancelled or expired
    :raises TooManyWrongCodes: this counter has to wait
    """
    await own_counter(ctx, merchant)
    code = rules.read_code(typed)
    async with ctx.transaction():
        row, why_not = await _try(ctx, merchant, code)
    if why_not is not None:
        raise why_not
    assert row is not None
    return row


async def _try(ctx: Context, merchant: str, code: str | None) -> tuple[MarketOrder | None, MarketError | None]:
    """The order, or why not; a wrong code is counted before the answer leaves."""
    now_ms = milliseconds(ctx.now())
    counter = await Merchant.objects().where(Merchant.id == merchant).first()
    assert counter is not None
    wrong = rules.Wrong(counter.wrong_codes, counter.wrong_since_ms)
    if wait := rules.locked_minutes(wrong, now_ms, ctx.settings.wrong_codes):
        return None, TooManyWrongCodes(wait)
    row = None
    if code is not None:
        row = await MarketOrder.objects().where(MarketOrder.code_hash == hash_of_code(ctx, code)).first()
    if row is not None and row.merchant == merchant:
        return row, why_not_redeem(ctx, row)
    more = rules.one_more_wrong(wrong, now_ms)
    await Merchant.update({Merchant.wrong_codes: more.count, Merchant.wrong_since_ms: more.since_ms}).where(
        Merchant.id == merchant
    )
    return None, WrongCode(foreign=row is not None)


async def community_of(merchant: str) -> str:
    """Code of the community a merchant belongs to."""
    row = await Merchant.select(Merchant.unit).where(Merchant.id == merchant).first()
    return str(row["unit"]) if row else ""


def why_not_redeem(ctx: Context, row: MarketOrder) -> MarketError | None:
    """As :func:`rules.why_not_redeem`, in street time."""
    settled_at = datetime.fromtimestamp(row.settled_ms / 1000, ctx.now().tzinfo) if row.settled_ms else None
    return rules.why_not_redeem(row.state, settled_at)


# --- handing out


async def redeem(ctx: Context, key: str, request: Redeem) -> Done:
    """The goods change hands: escrow to the merchant's takings.

    :raises NotFound: not the visitor's counter
    :raises MarketError: as :func:`find`; a code settles once, whoever sends it and however often
    """
    await own_counter(ctx, request.merchant)
    return await settle(ctx, key, request)


async def settle(ctx: Context, key: str, request: Redeem) -> Done:
    """:func:`redeem` without asking whose counter it is (for the plugin's own demo)."""

    async def body(tx: Tx) -> Done:
        code_hash = hash_of_code(ctx, rules.read_code(request.code) or "")
        row = await MarketOrder.objects().where(MarketOrder.id == request.order).first()
        if row is None or row.merchant != request.merchant or row.code_hash != code_hash:
            raise WrongCode
        if (why_not := why_not_redeem(ctx, row)) is not None:
            raise why_not
        slip = await for_someone.helper_of(ctx, row.id)
        if slip is not None and slip.actor == ctx.actor:
            raise OwnHelp
        posted = await tx.post(Settle(row.spend, request.merchant, "market.settle"))
        now = ctx.now()
        await MarketOrder.update(
            {
                MarketOrder.state: rules.ORDER_MOVES["placed", "settle"],
                MarketOrder.settle: posted.rid,
                MarketOrder.settled_ms: milliseconds(now),
                MarketOrder.settled_on: now.date(),
                MarketOrder.settled_by: ctx.actor,
            }
        ).where(MarketOrder.id == row.id)
        await tx.emit(
            Redeemed(
                order=row.id,
                person=row.person or "",
                merchant=row.merchant,
                goods=row.goods,
                unit=await community_of(row.merchant),
                pieces=row.pieces,
                points=row.points,
                day=now.date().isoformat(),
            )
        )
        await tx.audit("settled", row.id, points=row.points)
        return Done(row.id, row.person, row.title, row.points)

    return await ctx.once(key, request, body, Done)


# --- taking back


async def refund(ctx: Context, key: str, request: TakeBack) -> Done:
    """Points back to the person, from the merchant's takings.

    :raises NotFound: not an order of the visitor's counters
    :raises CannotRefund: not settled, or refunded before
    :raises RefundTooLate: more than ``refund_days`` after it was fetched
    """
    counters = {counter.id for counter in await counters_of(ctx)}
    found = await MarketOrder.objects().where(MarketOrder.id == request.order).first()
    if found is None or found.merchant not in counters:
        raise nothing_here()
    done = await take_back(ctx, key, request)
    text = ctx.t("“{title}”已退货，{points} 分已退回您的账户。", title=done.title, points=done.points)
    if done.person:
        await ctx.notify(done.person, text, ctx.url("order", order=done.order))
    return done


async def take_back(ctx: Context, key: str, request: TakeBack) -> Done:
    """:func:`refund` without asking whose counter it is (for the plugin's own demo)."""

    async def body(tx: Tx) -> Done:
        row = await MarketOrder.objects().where(MarketOrder.id == request.order).first()
        assert row is not None
        now = ctx.now()
        why_not = rules.why_not_refund(row.state, row.settled_on, now.date(), ctx.settings.refund_days)
        if why_not is not None:
            raise why_not
        assert row.settle is not None
        posted = await tx.post(Refund(row.settle, "market.refund"))
        await MarketOrder.update(
            {
                MarketOrder.state: rules.ORDER_MOVES["settled", "refund"],
                MarketOrder.back: posted.rid,
                MarketOrder.ended_ms: milliseconds(now),
            }
        ).where(MarketOrder.id == row.id)
        if request.restock:
            await put_back(row.goods, row.pieces)
        unit = await community_of(row.merchant)
        await tx.emit(Returned(row.id, row.person or "", row.merchant, unit, row.points, now.date().isoformat()))
        await tx.audit("refunded", row.id, points=row.points, restock=int(request.restock))
        return Done(row.id, row.person, row.title, row.points)

    return await ctx.once(key, request, body, Done)
