# SPDX-License-Identifier: Apache-2.0
"""A resident's pages: what there is, what it costs, the code to fetch it with."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Conflict, Context, _
from liren.web import SIGNED_IN, Form, Nothing, ask, get, gettext, post, qr, redirect
from liren_market import for_someone, orders, queries, rules, words
from liren_market.errors import MarketError
from liren_market.for_someone import buyer_of
from liren_market.orders import PlaceOrder, nothing_here
from liren_market.views import GoodsView, MerchantView, OrderView

Req = Request[Any, Any, Any]
PAST_A_PAGE = 20


class Confirm(msgspec.Struct, frozen=True):
    """The confirm page's form."""

    count: Annotated[int, Meta(title=_("份数"), ge=1, le=rules.MOST_PIECES)]
    points: Annotated[int, Meta(title=_("每份积分"), ge=1)]
    mandate: Annotated[str, Meta(title=_("替谁办"), max_length=20)] = ""


def person_of(ctx: Context) -> str:
    assert ctx.visitor is not None, "the route's allow admits nobody without a login"
    return ctx.visitor.person


# --- looking


@get("/", allow=SIGNED_IN, name="shelves")
async def shelves(
    ctx: Context, category: str = "", merchant: str = "", within: str = "", page: str | None = None, mandate: str = ""
) -> Response[Any]:
    """Every open merchant with its goods; ``within=1`` leaves out what the buyer cannot pay."""
    buyer = await buyer_of(ctx, mandate)
    category = category if category in words.CATEGORIES else ""
    asked = ask(page, size=queries.SHELVES_A_PAGE)
    found, total = await queries.shelves(
        category=category,
        merchant=merchant,
        most_points=buyer.balance if within else None,
        unit=buyer.community,
        offset=asked.offset,
    )
    return await ctx.render(
        "shelves.html",
        buyer=buyer,
        balance=buyer.balance,
        page=asked.page(found, total),
        categories=words.CATEGORIES,
        offered=await queries.offered_categories(),
        category=category,
        only=await _named(merchant, found[0].merchant if found else None),
        within=bool(within),
        waiting=await queries.open_orders(buyer.person, 5) if buyer.mandate is None else [],
    )


async def _named(merchant: str, found: MerchantView | None) -> MerchantView | None:
    if not merchant:
        return None
    return found or await queries.merchant(merchant)


@get("/goods/{goods:str}", allow=SIGNED_IN, name="goods")
async def goods_page(ctx: Context, goods: str, mandate: str = "") -> Response[Any]:
    """One thing, and how many of it the buyer could take."""
    item, merchant = await queries.goods(goods)
    buyer = await buyer_of(ctx, mandate)
    used = await orders.used_this_month(buyer.person, item.id, ctx.today())
    offer = item.offer(merchant)
    return await ctx.render(
        "goods.html",
        goods=item,
        merchant=merchant,
        buyer=buyer,
        balance=buyer.balance,
        used=used,
        most=rules.pieces_to_offer(offer, used=used, balance=buyer.balance),
        why_not=rules.refusal(offer, rules.Wish(1, item.points), used=used, balance=buyer.balance),
        pickup_days=ctx.settings.pickup_days,
    )


# --- ordering


@get("/goods/{goods:str}/confirm", allow=SIGNED_IN, name="confirm")
async def confirm(ctx: Context, goods: str, count: str = "1", mandate: str = "") -> Response[Any]:
    """Check before it counts: what, how many, what is left of the points."""
    item, merchant = await queries.goods(goods)
    pieces = int(count) if count.isdecimal() and 1 <= int(count[:3]) <= rules.MOST_PIECES else 1
    first = {"count": pieces, "points": item.points, "mandate": mandate}
    return await _confirm_page(ctx, item, merchant, Form(Confirm, first))


@post("/goods/{goods:str}/confirm", allow=SIGNED_IN, name="place")
async def place(ctx: Context, request: Req, goods: str) -> Response[Any]:
    """Place the order and go to its code; or say why not, with the price as it is now."""
    form = await Form.read(request, Confirm)
    if form.command is None:
        return await _confirm_again(ctx, goods, form, 422)
    buyer = await buyer_of(ctx, form.command.mandate)
    wish = PlaceOrder(buyer.person, goods, form.command.count, form.command.points)
    try:
        if buyer.mandate is not None:
            slip = await for_someone.place(ctx, form.key, wish, buyer.mandate)
            said = gettext("办好了。请把凭条打印给本人。")
            return redirect(ctx.url("acting.slip", slip=slip), notice=said)
        placed = await orders.place(ctx, form.key, wish)
    except (MarketError, Conflict) as error:
        form.refuse_with(error)
        return await _confirm_again(ctx, goods, form, error.status)
    return redirect(ctx.url("order", order=placed.order), notice=gettext("兑换好了。取货时出示下面的码。"))


async def _confirm_again(ctx: Context, goods: str, form: Form[Confirm], status: int) -> Response[Any]:
    item, merchant = await queries.goods(goods)
    count = form.value("count")
    first = {"count": count if count.isdecimal() else 1, "points": item.points, "mandate": form.value("mandate")}
    again = Form(Confirm, first)
    again.errors = form.errors
    return await _confirm_page(ctx, item, merchant, again, status)


async def _confirm_page(
    ctx: Context, item: GoodsView, merchant: MerchantView, form: Form[Confirm], status: int = 200
) -> Response[Any]:
    today = ctx.today()
    buyer = await buyer_of(ctx, form.value("mandate"))
    balance = buyer.balance
    count = max(1, min(int(form.value("count")[:3]), rules.MOST_PIECES))
    used = await orders.used_this_month(buyer.person, item.id, today)
    why_not = rules.refusal(item.offer(merchant), rules.Wish(count, item.points), used=used, balance=balance)
    if why_not is not None and not form.errors:
        form.refuse_with(why_not)
    return await ctx.render(
        "confirm.html",
        status=status,
        goods=item,
        merchant=merchant,
        form=form,
        count=count,
        buyer=buyer,
        balance=balance,
        possible=why_not is None,
        until=rules.last_pickup_day(today, ctx.settings.pickup_days),
    )


# --- own orders


@get("/orders", allow=SIGNED_IN, name="orders")
async def own_orders(ctx: Context, page: str | None = None) -> Response[Any]:
    """What waits to be fetched, and what was."""
    asked = ask(page, size=PAST_A_PAGE)
    past, total = await queries.past_orders(person_of(ctx), asked.size, asked.offset)
    return await ctx.render(
        "orders.html",
        waiting=await queries.open_orders(person_of(ctx)),
        page=asked.page(past, total),
        states=words.ORDER_STATES,
    )


@get("/orders/{order:str}", allow=SIGNED_IN, name="order")
async def order_page(ctx: Context, order: str) -> Response[Any]:
    """The code, for the person whose order it is and nobody else."""
    return await ctx.render("order.html", **await _order_view(ctx, order))


@get("/orders/{order:str}/voucher", allow=SIGNED_IN, name="voucher")
async def voucher(ctx: Context, order: str) -> Response[Any]:
    """The same on paper, for people without a telephone."""
    view = await _order_view(ctx, order)
    if not view["order"].open:
        return redirect(ctx.url("order", order=order))
    return await ctx.render("voucher.html", **view, name=ctx.visitor.name if ctx.visitor else "")


@get("/for/{order:str}/voucher", allow=SIGNED_IN, name="voucher_for")
async def voucher_for(ctx: Context, order: str) -> Response[Any]:
    """What somebody ordered for another, on paper, to be put into their hands; while it can be fetched.

    :raises NotFound: not their act, or it was undone
    """
    slip, found = await for_someone.helper_of(ctx, order), await queries.order(order)
    if slip is None or found is None or slip.actor != ctx.actor or slip.undone_ms is not None or not found.open:
        raise nothing_here()
    cards = await ctx.people.cards([found.person])
    name = cards[found.person].name if found.person in cards else ""
    return await ctx.render("voucher.html", **_shown(ctx, found), name=name, helper=ctx.visitor)


async def _order_view(ctx: Context, order: str) -> dict[str, Any]:
    found = await own_order(ctx, order)
    return _shown(ctx, found)


def _shown(ctx: Context, found: OrderView) -> dict[str, Any]:
    code = orders.code_of(ctx, found.id, found.code_try)
    shown = rules.in_groups(code)
    picture = qr(code, label=gettext("兑换码 %(code)s", code=shown)) if found.open else None
    return {"order": found, "code": shown, "picture": picture, "states": words.ORDER_STATES}


async def own_order(ctx: Context, order: str) -> OrderView:
    """:raises NotFound: no such order, or somebody else's"""
    found = await queries.order(order)
    if found is None or found.person != person_of(ctx):
        raise nothing_here()
    return found


@post("/orders/{order:str}/cancel", allow=SIGNED_IN, name="cancel")
async def cancel(ctx: Context, request: Req, order: str) -> Response[Any]:
    form = await Form.read(request, Nothing)
    try:
        ended = await orders.cancel(ctx, form.key, person_of(ctx), order)
    except MarketError as error:
        form.refuse_with(error)
        view = await _order_view(ctx, order)
        return await ctx.render("order.html", status=error.status, **view, error=form.errors[0].text)
    return redirect(
        ctx.url("order", order=order), notice=gettext("已取消，%(points)s 分退回来了。", points=ended.points)
    )


HANDLERS = [shelves, goods_page, confirm, place, own_orders, order_page, voucher, voucher_for, cancel]
