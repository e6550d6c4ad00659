# SPDX-License-Identifier: Apache-2.0
"""Ordering for somebody who cannot, by their consent: a grid worker, or a child far away. Their subsidy, never their
points.
"""

from dataclasses import dataclass

import msgspec

from liren.api import Context, Deed, Mandate, Slip, Tx, _
from liren_canteen import orders, words
from liren_canteen.errors import CannotCancel, nothing_here
from liren_canteen.orders import PlaceOrder
from liren_canteen.tables import MealOrder, MenuLine

ORDER = "canteen.order"
MEALS_A_MONTH = 93
"""Three a day."""


@dataclass(frozen=True, slots=True)
class Eater:
    """Whose meal it is, and by which consent it is ordered."""

    person: str
    unit: str | None
    """Where they live."""
    mandate: Mandate | None = None

    @property
    def id(self) -> str | None:
        """Of the consent, for addresses; None where somebody orders for themself."""
        return self.mandate.id if self.mandate else None


async def diner_of(ctx: Context, mandate: str = "") -> Eater:
    """The visitor, or whom they act for.

    :raises NotFound: no such consent of theirs; :raises Denied: it is over
    """
    assert ctx.visitor is not None, "the route's allow admits nobody without a login"
    if not mandate:
        return Eater(ctx.visitor.person, ctx.unit)
    theirs = await ctx.acting.mandate(mandate, ORDER)
    return Eater(theirs.person, theirs.unit, theirs)


class PlaceFor(msgspec.Struct, frozen=True):
    """An order for somebody else as the confirm page states it."""

    wish: PlaceOrder
    mandate: str


async def place(ctx: Context, key: str, wish: PlaceOrder, mandate: Mandate) -> str:
    """Their meal, on a slip; :returns: the slip's id

    :raises Conflict: as many meals as may be ordered for them this month
    :raises CanteenError: as for every order
    """
    theirs = msgspec.structs.replace(wish, person=mandate.person, points=0, walk_in=False)

    async def body(tx: Tx) -> str:
        made = await orders.ordered(ctx, tx, theirs)
        line = await MenuLine.objects().where(MenuLine.id == theirs.line).first()
        assert line is not None
        text = ctx.t(
            _("{month}月{day}日{meal} {title} 一份，到食堂付 {due} 元"),
            month=line.day.month,
            day=line.day.day,
            meal=ctx.t(words.MEALS[line.meal]),
            title=line.title,
            due=f"{made.due_fen / 100:g}",
        )
        return (await ctx.acting.did(tx, mandate, ORDER, amount=1, text=text, subject=made.order)).id

    return await ctx.once(key, PlaceFor(theirs, mandate.id), body, str)


async def undo(ctx: Context, tx: Tx, slip: Slip) -> None:
    """:raises CannotCancel: the kitchen has begun, or it is over"""
    row = await MealOrder.objects().where(MealOrder.id == slip.subject).first()
    if row is None:
        raise nothing_here()
    why_not: CannotCancel | None = await orders.why_not_cancel(ctx, row)
    if why_not is not None:
        raise why_not
    await orders.give_back(ctx, tx, row, "cancel")


DEEDS = [Deed(ORDER, _("订餐"), page="home", undo=undo, measure="times", cap=MEALS_A_MONTH)]
