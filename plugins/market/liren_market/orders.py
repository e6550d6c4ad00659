# SPDX-License-Identifier: Apache-2.0
"""What a resident does: place an order, cancel it, see its code. And what time does: let it expire.

Each verb is one ``ctx.once``: the order's row, the stock and the ledger's record happen together or not at all.
"""

from datetime import date, datetime

import msgspec
from liren.api import Context, NotFound, Spend, Subject, Tx, Void
from piccolo.query.functions import Sum

from liren_market import rules
from liren_market.errors import CannotCancel, GoodsGone, OutOfStock
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


class EndOrder(msgspec.Struct, frozen=True):
    """Cancel by the person, or expiry."""

    order: str
    state: str


class Ended(msgspec.Struct, frozen=True):
    order: str
    points: int


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def month_start(today: date) -> date:
    return today.replace(day=1)


async def place(ctx: Context, key: str, wish: PlaceOrder) -> Placed:
    """Points into escrow, stock down, a code for the person.

    :raises MarketError: closed, gone, price changed, out of stock, limit reached, not enough points
    :raises Conflict: another order came under the same request key
    """

    async def body(tx: Tx) -> Placed:
        goods = await Goods.objects(Goods.merchant).get(Goods.id == wish.goods).lock_rows_off()
        return Placed(goods.id)

    return await ctx.once(key, wish, body, Placed)
