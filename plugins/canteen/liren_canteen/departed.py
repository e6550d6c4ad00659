# SPDX-License-Identifier: Apache-2.0
"""Who died or moved away eats here no more: weekly wishes stop, open orders are void, points and shares go back.

Wishes end in the transaction of the departure (``person_left``). Points go back after it, for they are posted: the
event of the register says whose; until then, handing over asks the register itself. A departure that was taken back
brings no meal back: it is ordered anew.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from liren.api import Conflict, Context, Received, Tx
from liren_canteen import orders
from liren_canteen.order_flow import OPEN
from liren_canteen.tables import MealOrder, Standing

DEPARTED: Final = "identity.departed"
MOST: Final = 5_000
"""Open orders of one person."""


class Departed(msgspec.Struct, frozen=True):
    """What the register says."""

    person: str


async def left(person: str, on: date) -> None:
    """Inside the core's transaction: nothing is ordered for them any more."""
    await Standing.update({Standing.until: on}).where((Standing.person == person) & Standing.until.is_null())


async def hear(ctx: Context, event: Received) -> None:
    """After it: what is open is void, points and shares go back."""
    if event.name == DEPARTED:
        person = event.read(Departed).person
        if await gone(ctx, [person]):  # not taken back meanwhile
            await _void_orders(ctx, person)


async def gone(ctx: Context, people: Sequence[str]) -> list[str]:
    """Who of them died or moved away. Who asked to be forgotten is nobody any more, and may still fetch their meal."""
    cards = await ctx.people.cards([person for person in people if person])
    return [person for person, card in cards.items() if not card.active]


async def _void_orders(ctx: Context, person: str) -> None:
    mine = (MealOrder.person == person) & MealOrder.state.is_in(list(OPEN))
    for row in await MealOrder.select(MealOrder.id).where(mine).limit(MOST):
        order = str(row["id"])

        async def body(tx: Tx, order: str = order) -> orders.Ended:
            found = await MealOrder.objects().where(MealOrder.id == order).first()
            assert found is not None
            if found.state not in OPEN:
                raise Conflict("已经取了。", "Taken meanwhile.")
            return await orders.give_back(ctx, tx, found, "void")

        try:
            await ctx.once(f"void/{order}", orders.EndOrder(order, "void"), body, orders.Ended)
        except Conflict:  # fetched or cancelled since the list was read
            continue
