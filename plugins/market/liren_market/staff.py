# SPDX-License-Identifier: Apache-2.0
"""The pages of the street's staff: merchants and their goods."""

from typing import Any

from litestar import Request, Response

from liren.api import Context, UnitCard
from liren.web import Form, choices, get, gettext, post, redirect
from liren_market import queries, shops, words
from liren_market.errors import MarketError
from liren_market.merchant_flow import MANAGE
from liren_market.shops import EditMerchant, GoodsForm, NewMerchant
from liren_market.views import GoodsView, MerchantView

Req = Request[Any, Any, Any]


@get("/desk", allow=MANAGE, name="desk")
async def desk(ctx: Context) -> Response[Any]:
    """Every merchant in the visitor's area, and the month in four numbers."""
    first = ctx.today().replace(day=1)
    lines = [line for line in await queries.merchants(first) if ctx.can(MANAGE, line.merchant.unit)]
    units = {unit.code: unit.name for unit in await ctx.units.all("community")}
    return await ctx.render(
        "desk.html",
        lines=lines,
        units=units,
        first=first,
        states=words.MERCHANT_STATES,
        categories=words.CATEGORIES,
    )


# --- merchants


@get("/desk/new-merchant", allow=MANAGE, name="new_merchant")
async def new_merchant(ctx: Context) -> Response[Any]:
    return await _new_merchant(ctx, Form(NewMerchant))


async def _new_merchant(ctx: Context, form: Form[NewMerchant], status: int = 200) -> Response[Any]:
    return await ctx.render(
        "new_merchant.html",
        status=status,
        form=form,
        organisations=[(one.id, one.name) for one in await ctx.people.organisations_by_kind("merchant")],
        categories=choices(words.CATEGORIES),
        units=[(unit.code, unit.name) for unit in await _communities(ctx)],
    )


@post("/desk/new-merchant", allow=MANAGE, name="add_merchant")
async def add_merchant(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, NewMerchant)
    known = {one.id for one in await ctx.people.organisations_by_kind("merchant")}
    form.must_be_one_of("organisation", known)
    form.must_be_one_of("category", words.CATEGORIES)
    form.must_be_one_of("unit", {unit.code for unit in await _communities(ctx)})
    if form.command is None:
        return await _new_merchant(ctx, form, 422)
    try:
        made = await shops.add_merchant(ctx, form.key, form.command)
    except MarketError as error:
        form.refuse_with(error, "name")
        return await _new_merchant(ctx, form, error.status)
    said = gettext("商户建好了。放上商品，就可以开始营业。")
    return redirect(ctx.url("merchant", merchant=made), notice=said)


@get("/desk/merchants/{merchant:str}", allow=MANAGE, name="merchant")
async def merchant_page(ctx: Context, merchant: str) -> Response[Any]:
    found = await _in_scope(ctx, merchant)
    form = Form(EditMerchant, {name: getattr(found, name) for name in ("name", "category", "address", "hours")})
    return await _merchant(ctx, found, form)


async def _merchant(ctx: Context, found: MerchantView, form: Form[EditMerchant], status: int = 200) -> Response[Any]:
    organisations = await ctx.people.organisations([found.organisation])
    unit = await ctx.units.get(found.unit)
    return await ctx.render(
        "merchant.html",
        status=status,
        merchant=found,
        organisation=organisations[found.organisation].name if found.organisation in organisations else "",
        unit=unit.name if unit else found.unit,
        form=form,
        goods=await queries.goods_of(found.id),
        case=await ctx.cases.panel(await shops.case_of(ctx, found.id)),
        states=words.MERCHANT_STATES,
        kinds=words.KINDS,
        categories=choices(words.CATEGORIES),
    )


@post("/desk/merchants/{merchant:str}", allow=MANAGE, name="edit_merchant")
async def edit_merchant(ctx: Context, request: Req, merchant: str) -> Response[Any]:
    found = await _in_scope(ctx, merchant)
    form = await Form.read(request, EditMerchant)
    form.must_be_one_of("category", words.CATEGORIES)
    if form.command is None:
        return await _merchant(ctx, found, form, 422)
    try:
        await shops.edit_merchant(ctx, merchant, form.command)
    except MarketError as error:
        form.refuse_with(error, "name")
        return await _merchant(ctx, found, form, error.status)
    return redirect(ctx.url("merchant", merchant=merchant), notice=gettext("保存好了。"))


# --- goods


@get("/desk/merchants/{merchant:str}/new-goods", allow=MANAGE, name="new_goods")
async def new_goods(ctx: Context, merchant: str) -> Response[Any]:
    found = await _in_scope(ctx, merchant)
    return await _goods_form(ctx, found, None, Form(GoodsForm, {"kind": "thing", "listed": True}))


@post("/desk/merchants/{merchant:str}/new-goods", allow=MANAGE, name="add_goods")
async def add_goods(ctx: Context, request: Req, merchant: str) -> Response[Any]:
    found = await _in_scope(ctx, merchant)
    form = await Form.read(request, GoodsForm)
    form.must_be_one_of("kind", words.KINDS)
    if form.command is None:
        return await _goods_form(ctx, found, None, form, 422)
    await shops.add_goods(ctx, form.key, merchant, form.command)
    said = gettext("“%(title)s”放好了。", title=form.command.title)
    return redirect(ctx.url("merchant", merchant=merchant), notice=said)


@get("/desk/goods/{goods:str}", allow=MANAGE, name="goods_form")
async def goods_form(ctx: Context, goods: str) -> Response[Any]:
    item, found = await _goods_in_scope(ctx, goods)
    first = {name: getattr(item, name) for name in ("title", "kind", "points", "stock", "monthly_limit", "detail")}
    return await _goods_form(
        ctx, found, item, Form(GoodsForm, {**first, "listed": item.listed, "seen_stock": item.stock})
    )


@post("/desk/goods/{goods:str}", allow=MANAGE, name="edit_goods")
async def edit_goods(ctx: Context, request: Req, goods: str) -> Response[Any]:
    item, found = await _goods_in_scope(ctx, goods)
    form = await Form.read(request, GoodsForm)
    form.must_be_one_of("kind", words.KINDS)
    if form.command is None:
        return await _goods_form(ctx, found, item, form, 422)
    try:
        await shops.edit_goods(ctx, goods, form.command)
    except MarketError as error:
        form.refuse_with(error, "stock")
        return await _goods_form(ctx, found, item, form, error.status)
    said = gettext("“%(title)s”保存好了。", title=form.command.title)
    return redirect(ctx.url("merchant", merchant=found.id), notice=said)


async def _goods_form(
    ctx: Context, merchant: MerchantView, item: GoodsView | None, form: Form[GoodsForm], status: int = 200
) -> Response[Any]:
    return await ctx.render(
        "goods_form.html", status=status, merchant=merchant, goods=item, form=form, kinds=choices(words.KINDS)
    )


# --- helpers


async def _in_scope(ctx: Context, merchant: str) -> MerchantView:
    """:raises NotFound: no such merchant, or outside what the visitor looks after"""
    found = await queries.merchant(merchant)
    ctx.require(MANAGE, found.unit)
    return found


async def _goods_in_scope(ctx: Context, goods: str) -> tuple[GoodsView, MerchantView]:
    item, found = await queries.goods(goods)
    ctx.require(MANAGE, found.unit)
    return item, found


async def _communities(ctx: Context) -> list[UnitCard]:
    """Where the visitor may take merchants in."""
    units = await ctx.units.all("community")
    return [unit for unit in units if unit.closed is None and ctx.can(MANAGE, unit.code)]


HANDLERS = [
    desk,
    new_merchant,
    add_merchant,
    merchant_page,
    edit_merchant,
    new_goods,
    add_goods,
    goods_form,
    edit_goods,
]
