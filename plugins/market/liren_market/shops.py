# SPDX-License-Identifier: Apache-2.0
"""What the street's staff do: take a merchant in, change what it is called, put goods on its shelf.

Signing, opening, suspending and closing it are moves of its case (:mod:`liren_market.merchant_flow`). Nothing is ever
deleted: an order keeps naming the goods and the merchant it was about.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from liren.api import Case, Context, NotFound, Tx, _
from liren_market.errors import ChangedMeanwhile, NameTaken
from liren_market.merchant_flow import MANAGE, MERCHANT
from liren_market.orders import nothing_here
from liren_market.tables import Goods, Merchant, new_id


class NewMerchant(msgspec.Struct, frozen=True):
    """A counter for an organisation identity already knows."""

    organisation: Annotated[str, Meta(title=_("哪家单位"), min_length=1, max_length=64)]
    name: Annotated[str, Meta(title=_("店名"), min_length=2, max_length=60)]
    category: Annotated[str, Meta(title=_("类别"), min_length=1, max_length=12)]
    unit: Annotated[str, Meta(title=_("所在社区"), min_length=1, max_length=32)]
    address: Annotated[str, Meta(title=_("地址"), min_length=2, max_length=120)]
    hours: Annotated[str, Meta(title=_("营业时间"), max_length=60)] = ""


class EditMerchant(msgspec.Struct, frozen=True):
    name: Annotated[str, Meta(title=_("店名"), min_length=2, max_length=60)]
    category: Annotated[str, Meta(title=_("类别"), min_length=1, max_length=12)]
    address: Annotated[str, Meta(title=_("地址"), min_length=2, max_length=120)]
    hours: Annotated[str, Meta(title=_("营业时间"), max_length=60)] = ""


class GoodsForm(msgspec.Struct, frozen=True):
    """New goods, or the whole of changed ones."""

    title: Annotated[str, Meta(title=_("名称"), min_length=1, max_length=60)]
    kind: Annotated[str, Meta(title=_("是什么"), min_length=1, max_length=10)]
    points: Annotated[int, Meta(title=_("每份积分"), ge=1, le=100_000)]
    stock: Annotated[int, Meta(title=_("库存"), ge=0, le=1_000_000)]
    monthly_limit: Annotated[int, Meta(title=_("每人每月最多"), ge=0, le=1000)] = 0
    detail: Annotated[str, Meta(title=_("说明"), max_length=500)] = ""
    listed: Annotated[bool, Meta(title=_("上架，居民看得到"))] = False
    seen_stock: Annotated[int, Meta(title=_("打开页面时的库存"), ge=0, le=1_000_000)] = 0
    """Of changed goods: guards against overwriting what was ordered meanwhile."""


class Saved(msgspec.Struct, frozen=True):
    id: str


async def add_merchant(ctx: Context, key: str, form: NewMerchant) -> str:
    """:returns: the merchant's id; it starts in state ``applied``
    :raises NotFound: the community is outside what the visitor looks after
    :raises NameTaken: another merchant that has not left has this name
    """
    ctx.require(MANAGE, form.unit)
    return await insert_merchant(ctx, key, form)


async def insert_merchant(ctx: Context, key: str, form: NewMerchant, *, steps: tuple[str, ...] = ()) -> str:
    """:func:`add_merchant` without asking whose community it is (for the plugin's own demo).

    :param steps: moves made at once
    """

    async def body(tx: Tx) -> Saved:
        await _refuse_namesake(form.name)
        merchant = Merchant(
            id=new_id(),
            organisation=form.organisation,
            name=form.name,
            category=form.category,
            unit=form.unit,
            address=form.address,
            hours=form.hours,
        )
        await Merchant.insert(merchant)
        case = await ctx.cases.open(tx, MERCHANT.name, subject=merchant.id, unit=form.unit, title=form.name)
        for step in steps:
            case = await ctx.cases.move(tx, case, step)
        return Saved(merchant.id)

    return (await ctx.once(key, form, body, Saved)).id


async def edit_merchant(ctx: Context, merchant: str, form: EditMerchant) -> None:
    """:raises NotFound: no such merchant in the visitor's scope
    :raises NameTaken: another merchant that has not left has this name
    """
    async with ctx.transaction() as tx:
        await _in_scope(ctx, merchant)
        await _refuse_namesake(form.name, but=merchant)
        await Merchant.update(
            {
                Merchant.name: form.name,
                Merchant.category: form.category,
                Merchant.address: form.address,
                Merchant.hours: form.hours,
            }
        ).where(Merchant.id == merchant)
        await ctx.cases.amend(tx, await case_of(ctx, merchant), title=form.name)
        await tx.audit("merchant-edited", merchant)


async def case_of(ctx: Context, merchant: str) -> Case:
    """Where this merchant stands, with everything that happened to it.

    :raises NotFound: no such merchant
    """
    found = await ctx.cases.of(MERCHANT.name, merchant)
    if found is None:
        raise nothing_here()
    return found


async def add_goods(ctx: Context, key: str, merchant: str, form: GoodsForm) -> str:
    """:raises NotFound: no such merchant in the visitor's scope"""

    async def body(tx: object) -> Saved:
        await _in_scope(ctx, merchant)
        return await _insert_goods(merchant, form)

    return (await ctx.once(key, (merchant, form), body, Saved)).id


async def stock_shelf(ctx: Context, key: str, merchant: str, forms: tuple[GoodsForm, ...]) -> list[str]:
    """Several goods at once, without asking whose community it is (for the plugin's own demo)."""

    async def body(tx: object) -> list[Saved]:
        return [await _insert_goods(merchant, form) for form in forms]

    return [saved.id for saved in await ctx.once(key, (merchant, forms), body, list[Saved])]


async def _insert_goods(merchant: str, form: GoodsForm) -> Saved:
    goods = Goods(
        id=new_id(),
        merchant=merchant,
        title=form.title,
        kind=form.kind,
        detail=form.detail,
        points=form.points,
        stock=form.stock,
        monthly_limit=form.monthly_limit,
        listed=form.listed,
    )
    await Goods.insert(goods)
    return Saved(goods.id)


async def edit_goods(ctx: Context, goods: str, form: GoodsForm) -> None:
    """:raises ChangedMeanwhile: the stock is not what the page showed any more
    :raises NotFound: no such goods in the visitor's scope
    """
    async with ctx.transaction() as tx:
        row = await Goods.objects().where(Goods.id == goods).first()
        if row is None:
            raise nothing_here()
        await _in_scope(ctx, row.merchant)
        if form.stock != row.stock and form.seen_stock != row.stock:
            raise ChangedMeanwhile
        await Goods.update(
            {
                Goods.title: form.title,
                Goods.kind: form.kind,
                Goods.detail: form.detail,
                Goods.points: form.points,
                Goods.stock: form.stock,
                Goods.monthly_limit: form.monthly_limit,
                Goods.listed: form.listed,
            }
        ).where(Goods.id == goods)
        await tx.audit("goods-edited", goods, points=form.points, stock=form.stock)


async def _refuse_namesake(name: str, but: str = "") -> None:
    same = (Merchant.name == name) & (Merchant.state != "closed") & (Merchant.id != but)
    if await Merchant.exists().where(same):
        raise NameTaken(name)


async def _in_scope(ctx: Context, merchant: str) -> Merchant:
    row = await Merchant.objects().where(Merchant.id == merchant).first()
    if row is None:
        raise nothing_here()
    try:
        ctx.require(MANAGE, row.unit)
    except NotFound:
        raise nothing_here() from None
    return row
