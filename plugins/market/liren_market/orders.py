# SPDX-License-Identifier: Apache-2.0
"""What a resident does: place an order, cancel it, see its code. And what time does: let it expire.

Each verb is one ``ctx.once``: the order's row, the stock and the ledger's record happen together or not at all.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec
from piccolo.query.functions.aggregate import Sum

from liren.api import Context, Health, NotFound, Spend, Subject, Tx, Void
from liren_market import rules
from liren_market.errors import CannotCancel, OutOfStock
from liren_market.tables import Goods, MarketOrder, Merchant, new_id


class PlaceOrder(msgspec.Struct, frozen=True):
    """A wish as the confirm page states it."""

    person: str
    goods: str
    count: int
    points: int
    """The price apiece the person saw."""


class Placed(msgspec.Struct, frozen=True):
    order: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as it was written down."""

    order: str
    points: int
    spend: str
    """The ledger's record."""


class EndOrder(msgspec.Struct, frozen=True):
    """Cancel by the person, or expiry."""

    order: str
    state: rules.OrderState


class Ended(msgspec.Struct, frozen=True):
    order: str
    points: int


def milliseconds(at: datetime) -> int:
    """Unix time."""
    return int(at.timestamp() * 1000)


def nothing_here() -> NotFound:
    """Also for what exists but is somebody else's: the two look alike on purpose."""
    return NotFound("没有找到。可能已经删除，或不是您的。", "Not found. It may be gone, or not be yours.")


# --- placing


async def place(ctx: Context, key: str, wish: PlaceOrder) -> Placed:
    """Points into escrow, stock down, a code for the person.

    :param key: the form's request key; the same wish again gives the same order
    :raises MarketError: closed, gone, price changed, out of stock, limit reached, not enough points
    :raises Conflict: another wish came under the same key
    """

    async def body(tx: Tx) -> Placed:
        return Placed((await ordered(ctx, tx, await goods_to_sell(wish.goods), wish)).order)

    return await ctx.once(key, wish, body, Placed)


async def goods_to_sell(goods: str) -> Goods:
    """With its merchant; :raises NotFound: no such goods"""
    found = await Goods.objects(Goods.merchant).where(Goods.id == goods).first()
    if found is None:
        raise nothing_here()
    return found


async def ordered(ctx: Context, tx: Tx, goods: Goods, wish: PlaceOrder, *, helper: str = "") -> Ordered:
    """:func:`place` within an open transaction; ``goods.merchant`` must have been fetched along.

    :param helper: person id of who orders for them: the opening of the ledger's record names them
    """
    today = ctx.today()
    why_not = rules.refusal(
        offer_of(goods),
        rules.Wish(wish.count, wish.points),
        used=await used_this_month(wish.person, goods.id, today),
        balance=(await tx.balance(Subject("h", wish.person))).total,
    )
    if why_not is not None:
        raise why_not
    await take_stock(goods, wish.count)
    return await _insert(ctx, tx, goods, wish, today, helper)


async def _insert(ctx: Context, tx: Tx, goods: Goods, wish: PlaceOrder, today: date, helper: str) -> Ordered:
    merchant: Merchant = goods.merchant
    order, cost = new_id(), goods.points * wish.count
    code_try, code_hash = await _free_code(ctx, order)
    reason: dict[str, str | int] = {
        "title": goods.title,
        "count": wish.count,
        "where": merchant.name,
        "order": order,
    }
    if helper:
        reason["helper"] = helper
    posted = await tx.post(Spend(Subject("h", wish.person), "market.order", cost, reason=reason))
    await MarketOrder.insert(
        MarketOrder(
            id=order,
            person=wish.person,
            goods=goods.id,
            merchant=merchant.id,
            title=goods.title,
            pieces=wish.count,
            points=cost,
            code_try=code_try,
            code_hash=code_hash,
            spend=posted.rid,
            placed_ms=milliseconds(ctx.now()),
            placed_on=today,
            expires_on=rules.last_pickup_day(today, ctx.settings.pickup_days),
        )
    )
    await tx.audit("placed", order, goods=goods.id, count=wish.count)
    return Ordered(order, cost, posted.rid)


async def take_stock(goods: Goods, count: int) -> None:
    """Guarded by the statement itself, whoever else is selling.

    :raises OutOfStock: fewer are left
    """
    taken = (
        await Goods.update({Goods.stock: Goods.stock - count})
        .where((Goods.id == goods.id) & (Goods.stock >= count))
        .returning(Goods.id)
    )
    if not taken:
        raise OutOfStock(goods.title, goods.stock)


async def put_back(goods: str, count: int) -> None:
    """Stock of what was not taken, or came back."""
    await Goods.update({Goods.stock: Goods.stock + count}).where(Goods.id == goods)


def offer_of(goods: Goods) -> rules.Offer:
    """The goods as the rules see them; ``goods.merchant`` must have been fetched along."""
    merchant: Merchant = goods.merchant
    return rules.Offer(
        title=goods.title,
        points=goods.points,
        stock=goods.stock,
        monthly_limit=goods.monthly_limit,
        listed=goods.listed,
        merchant=merchant.name,
        merchant_state=merchant.state,
    )


async def used_this_month(person: str, goods: str, today: date) -> int:
    """Pieces this person ordered since the first of the month and did not give back."""
    row = (
        await MarketOrder.select(Sum(MarketOrder.pieces, alias="used"))
        .where(
            (MarketOrder.goods == goods)
            & (MarketOrder.person == person)
            & (MarketOrder.placed_on >= today.replace(day=1))
            & MarketOrder.state.is_in(list(rules.HELD))
        )
        .first()
    )
    return int((row or {}).get("used") or 0)


# --- codes


def code_of(ctx: Context, order: str, code_try: int) -> str:
    """The order's eight digits: computed anew each time, stored nowhere."""
    return rules.code_from(ctx.keyed_hash("code", f"{order}/{code_try}"))


def hash_of_code(ctx: Context, code: str) -> str:
    """What stands in the table: who steals the database cannot turn it back into a code."""
    return ctx.keyed_hash("code-index", code)


async def _free_code(ctx: Context, order: str) -> tuple[int, str]:
    """The first of the order's possible codes that no order ever had: a code is never used twice."""
    code_try = 0
    while True:
        code_hash = hash_of_code(ctx, code_of(ctx, order, code_try))
        if not await MarketOrder.exists().where(MarketOrder.code_hash == code_hash):
            return code_try, code_hash
        code_try += 1


# --- ending unfetched


async def cancel(ctx: Context, key: str, person: str, order: str) -> Ended:
    """The person's own order, not fetched yet: points and stock go back.

    :raises NotFound: no such order of this person
    :raises CannotCancel: fetched or ended before
    """

    async def body(tx: Tx) -> Ended:
        row = await MarketOrder.objects().where((MarketOrder.id == order) & (MarketOrder.person == person)).first()
        if row is None:
            raise nothing_here()
        return await give_back(ctx, tx, row, "cancel", "market.cancel")

    return await ctx.once(key, EndOrder(order, "voided"), body, Ended)


async def expire_overdue(ctx: Context) -> None:
    """The daily job: what was not fetched in time goes back, each order by itself."""
    due = (
        await MarketOrder.select(MarketOrder.id, MarketOrder.person, MarketOrder.title)
        .where((MarketOrder.state == "placed") & (MarketOrder.expires_on < ctx.today()))
        .order_by(MarketOrder.expires_on)
        .limit(5000)
    )
    for row in due:
        ended = await _expire(ctx, row["id"])
        if ended is not None and row["person"]:
            text = ctx.t("“{title}”没有按时来取，{points} 分已退回您的账户。", title=row["title"], points=ended.points)
            await ctx.notify(row["person"], text, ctx.url("order", order=row["id"]))


async def nothing_overdue(ctx: Context) -> Health:
    """Whether the daily job did its work: a day after the last one nothing may still wait."""
    late = ctx.today() - timedelta(days=1)
    count = await MarketOrder.count().where((MarketOrder.state == "placed") & (MarketOrder.expires_on < late))
    if not count:
        return Health(True, ctx.t("没有过期没退的单。"))
    text = ctx.t("有 {count} 单过期了还没退积分。请在“任务”里看看“过期未取的退回积分”为什么没有运行。", count=count)
    return Health(False, text)


async def _expire(ctx: Context, order: str) -> Ended | None:
    async def body(tx: Tx) -> Ended:
        row = await MarketOrder.objects().where(MarketOrder.id == order).first()
        assert row is not None
        return await give_back(ctx, tx, row, "expire", "market.expire")

    try:
        return await ctx.once(f"expire/{order}", EndOrder(order, "expired"), body, Ended)
    except CannotCancel:  # fetched or cancelled since the list was read
        return None


async def give_back(ctx: Context, tx: Tx, row: MarketOrder, move: rules.OrderMove, code: str) -> Ended:
    """An order that was not fetched: points and stock go back; :raises CannotCancel: it was, or has ended"""
    state = rules.ORDER_MOVES.get((row.state, move))
    if state is None:
        raise CannotCancel(row.state)
    posted = await tx.post(Void(row.spend, code))
    await MarketOrder.update(
        {MarketOrder.state: state, MarketOrder.back: posted.rid, MarketOrder.ended_ms: milliseconds(ctx.now())}
    ).where(MarketOrder.id == row.id)
    await put_back(row.goods, row.pieces)
    await tx.audit(state, row.id, points=row.points)
    return Ended(row.id, row.points)
