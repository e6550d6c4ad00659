# SPDX-License-Identifier: Apache-2.0
"""Ordering for somebody who cannot: by their consent, with their points, and never for one's own gain."""

from dataclasses import dataclass

import msgspec

from liren.api import Context, Deed, Mandate, Slip, Subject, Tx, _
from liren_market import orders
from liren_market.errors import OwnShop
from liren_market.orders import PlaceOrder, nothing_here
from liren_market.tables import Goods, MarketOrder, Merchant

ORDER = "market.order"


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose points, and who has them in hand."""

    person: str
    balance: int
    community: str
    mandate: Mandate | None = None
    left: int = 0
    """What may be spent for them this month."""

    @property
    def id(self) -> str | None:
        """Of the consent, for addresses; None where somebody orders for themself."""
        return self.mandate.id if self.mandate else None


async def buyer_of(ctx: Context, mandate: str = "") -> Buyer:
    """The visitor, or whom they act for.

    :raises NotFound: no such consent of theirs; :raises Denied: it is over
    """
    assert ctx.visitor is not None, "the route's allow admits nobody without a login"
    if not mandate:
        return Buyer(ctx.visitor.person, await _balance(ctx, ctx.visitor.person), await _community(ctx, ctx.unit))
    theirs = await ctx.acting.mandate(mandate, ORDER)
    left = await ctx.acting.left(theirs, ORDER)
    return Buyer(theirs.person, await _balance(ctx, theirs.person), await _community(ctx, theirs.unit), theirs, left)


async def _balance(ctx: Context, person: str) -> int:
    return (await ctx.ledger.balance(Subject("h", person))).total


async def _community(ctx: Context, unit: str | None) -> str:
    """Code of the community; empty where none is known."""
    path = await ctx.units.path(unit) if unit else ()
    return next((card.code for card in path if card.level == "community"), "")


class PlaceFor(msgspec.Struct, frozen=True):
    """An order for somebody else as the confirm page states it."""

    wish: PlaceOrder
    mandate: str


async def place(ctx: Context, key: str, wish: PlaceOrder, mandate: Mandate) -> str:
    """Their points into escrow, on a slip; :returns: the slip's id

    :raises OwnShop: the helper works for who would be paid
    :raises Conflict: what may be spent for them this month is used up
    :raises MarketError: as for every order
    """

    async def body(tx: Tx) -> str:
        goods = await orders.goods_to_sell(wish.goods)
        await _no_gain(ctx, goods)
        made = await orders.ordered(ctx, tx, goods, wish, helper=mandate.actor)
        # For the person's eyes, so in the street's language, whatever the helper reads.
        text = f"兑换{goods.title} {wish.count} 份，{made.points} 分"
        slip = await ctx.acting.did(
            tx, mandate, ORDER, amount=made.points, text=text, subject=made.order, record=made.spend
        )
        return slip.id

    return await ctx.once(key, PlaceFor(wish, mandate.id), body, str)


async def _no_gain(ctx: Context, goods: Goods) -> None:
    """:raises OwnShop: the helper works for who would be paid"""
    merchant: Merchant = goods.merchant
    own = await ctx.people.organisations_of(ctx.actor)
    if merchant.organisation in {organisation.id for organisation in own}:
        raise OwnShop(merchant.name)


async def helper_of(ctx: Context, order: str) -> Slip | None:
    """Who ordered it, where that was somebody else."""
    return await ctx.acting.slip_of(ORDER, order)


async def undo(ctx: Context, tx: Tx, slip: Slip) -> None:
    """:raises CannotCancel: fetched, cancelled or expired meanwhile"""
    row = await MarketOrder.objects().where(MarketOrder.id == slip.subject).first()
    if row is None:
        raise nothing_here()
    await orders.give_back(ctx, tx, row, "cancel", "market.undo")


def voucher_of(ctx: Context, slip: Slip) -> str:
    return ctx.url("voucher_for", order=slip.subject)


DEEDS = [Deed(ORDER, _("信用超市兑换"), page="shelves", undo=undo, shown=voucher_of)]
