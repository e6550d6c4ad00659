# SPDX-License-Identifier: Apache-2.0
"""A merchant's pages: the typed code first and large, then check, then done; and refunds."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Context, _
from liren.web import Form, ask, get, gettext, post, redirect
from liren_market import counter, queries, rules, words
from liren_market.errors import MarketError, WrongCode
from liren_market.orders import nothing_here
from liren_market.tables import Merchant
from liren_market.views import OrderView, start_of

Req = Request[Any, Any, Any]
REDEEM = "market.redeem"
A_PAGE = 30


class TypedCode(msgspec.Struct, frozen=True):
    merchant: Annotated[str, Meta(title=_("商户"), min_length=1, max_length=12)]
    code: Annotated[str, Meta(title=_("兑换码"), min_length=1, max_length=40)]


class HandOut(msgspec.Struct, frozen=True):
    """The confirm page's form."""

    merchant: Annotated[str, Meta(title=_("商户"), min_length=1, max_length=12)]
    order: Annotated[str, Meta(title=_("订单"), min_length=1, max_length=12)]
    code: Annotated[str, Meta(title=_("兑换码"), min_length=1, max_length=40)]


class RefundForm(msgspec.Struct, frozen=True):
    restock: Annotated[bool, Meta(title=_("东西完好，放回库存"))] = False


@get("/counter", allow=REDEEM, name="counter")
async def counter_page(ctx: Context, at: str = "") -> Response[Any]:
    """The merchant's home."""
    return await _counter(ctx, at, Form(TypedCode))


async def _counter(ctx: Context, at: str, form: Form[TypedCode], status: int = 200) -> Response[Any]:
    own = await counter.counters_of(ctx)
    here = next((one for one in own if one.id == at), own[0] if own else None)
    if here is None:
        return await ctx.render("no_counter.html", status=status)
    today = ctx.today()
    return await ctx.render(
        "counter.html",
        status=status,
        here=here,
        own=own,
        form=form,
        today=await queries.takings(here.id, start_of(today, ctx.now())),
        month=await queries.takings(here.id, start_of(today.replace(day=1), ctx.now())),
        total=await ctx.ledger.balance_of(f"merchant/{ctx.plugin}.{here.id}"),
        latest=await queries.redemptions(here.id, queries.RECENT),
        day=today,
        refund_days=ctx.settings.refund_days,
        states=words.ORDER_STATES,
        merchant_states=words.MERCHANT_STATES,
    )


@post("/counter", allow=REDEEM, name="find")
async def find(ctx: Context, request: Req) -> Response[Any]:
    """Look a typed code up; nothing is settled before the next page's button."""
    form = await Form.read(request, TypedCode)
    at = form.value("merchant")
    if form.command is None:
        return await _counter(ctx, at, form, 422)
    try:
        row = await counter.find(ctx, form.command.merchant, form.command.code)
    except MarketError as error:
        form.refuse_with(error, "code")
        return await _counter(ctx, at, form, error.status)
    typed = {"merchant": at, "order": row.id, "code": form.command.code}
    return await _check(ctx, row.id, Form(HandOut, typed))


async def _check(ctx: Context, order: str, form: Form[HandOut]) -> Response[Any]:
    found = await queries.order(order)
    assert found is not None
    return await ctx.render("check.html", order=found, form=form, who=await _masked(ctx, found))


@post("/counter/redeem", allow=REDEEM, name="redeem")
async def redeem(ctx: Context, request: Req) -> Response[Any]:
    """Hand it out. Sent twice it counts once, and says the same."""
    form = await Form.read(request, HandOut)
    at = form.value("merchant")
    counting: Form[TypedCode] = Form(TypedCode)
    if form.command is None:
        counting.refuse_with(WrongCode(), "code")
        return await _counter(ctx, at, counting, 422)
    wish = counter.Redeem(form.command.merchant, form.command.order, rules.read_code(form.command.code) or "")
    try:
        done = await counter.redeem(ctx, form.key, wish)
    except MarketError as error:
        counting.refuse_with(error, "code")
        return await _counter(ctx, at, counting, error.status)
    said = gettext("已核销：%(title)s，%(points)s 分。可以把东西交给居民了。", title=done.title, points=done.points)
    return redirect(ctx.url("counter", at=at), notice=said)


@get("/counter/redemptions", allow=REDEEM, name="redemptions")
async def redemptions(ctx: Context, at: str = "", page: str | None = None) -> Response[Any]:
    """Everything this counter handed out, the latest first."""
    here = await counter.own_counter(ctx, at)
    asked = ask(page, size=A_PAGE)
    found = await queries.redemptions(here.id, asked.size + 1, asked.offset)
    return await ctx.render(
        "redemptions.html",
        here=here,
        orders=found[: asked.size],
        number=asked.number,
        more=len(found) > asked.size,
        day=ctx.today(),
        refund_days=ctx.settings.refund_days,
        states=words.ORDER_STATES,
    )


# --- taking back


@get("/counter/orders/{order:str}", allow=REDEEM, name="taken")
async def taken(ctx: Context, order: str) -> Response[Any]:
    """One redemption, with the way to take it back."""
    found, here = await _own(ctx, order)
    return await _taken(ctx, found, here, Form(RefundForm, {"restock": True}))


@post("/counter/orders/{order:str}/refund", allow=REDEEM, name="refund", step_up=True)
async def refund(ctx: Context, request: Req, order: str) -> Response[Any]:
    found, here = await _own(ctx, order)
    form = await Form.read(request, RefundForm)
    if form.command is None:
        return await _taken(ctx, found, here, form, 422)
    try:
        done = await counter.refund(ctx, form.key, counter.TakeBack(order, form.command.restock))
    except MarketError as error:
        form.refuse_with(error)
        return await _taken(ctx, found, here, form, error.status)
    said = gettext("已退货：%(title)s，%(points)s 分退给了居民。", title=done.title, points=done.points)
    return redirect(ctx.url("counter", at=here.id), notice=said)


async def _taken(
    ctx: Context, order: OrderView, here: Merchant, form: Form[RefundForm], status: int = 200
) -> Response[Any]:
    why_not = rules.why_not_refund(order.state, order.settled_on, ctx.today(), ctx.settings.refund_days)
    if why_not is not None and not form.errors:
        form.refuse_with(why_not)
    return await ctx.render(
        "taken.html",
        status=status,
        order=order,
        here=here,
        form=form,
        possible=why_not is None,
        who=await _masked(ctx, order),
        states=words.ORDER_STATES,
    )


async def _own(ctx: Context, order: str) -> tuple[OrderView, Merchant]:
    """:raises NotFound: not an order handed out at one of the visitor's counters"""
    found = await queries.order(order)
    if found is None or found.settled_ms is None:
        raise nothing_here()
    return found, await counter.own_counter(ctx, found.merchant.id)


async def _masked(ctx: Context, order: OrderView) -> str:
    """王*: enough to greet somebody, nothing to look them up with."""
    card = (await ctx.people.cards([order.person])).get(order.person) if order.person else None
    return card.masked if card else ""


HANDLERS = [counter_page, find, redeem, redemptions, taken, refund]
