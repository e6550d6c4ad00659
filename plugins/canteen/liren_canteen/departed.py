# SPDX-License-Identifier: Apache-2.0
"""Who died or moved away eats here no more: weekly wishes stop, open orders are void, points and shares go back.

The register tells nobody, so a job asks it for everybody who still has something open; until it has, ordering and
handing over ask the register themselves. A departure that was taken back brings no meal back: it is ordered anew.
"""

from collections.abc import Sequence
from typing import Final

from liren.api import Conflict, Context, Tx
from liren_canteen import orders
from liren_canteen.order_flow import OPEN
from liren_canteen.tables import MealOrder, Standing

MOST: Final = 50_000
AT_ONCE: Final = 500


async def let_go(ctx: Context) -> None:
    """The job."""
    eating = await MealOrder.select(MealOrder.person).where(MealOrder.state.is_in(list(OPEN))).distinct().limit(MOST)
    wishing = await Standing.select(Standing.person).where(Standing.until.is_null()).distinct().limit(MOST)
    people = sorted({row["person"] for row in (*eating, *wishing) if row["person"]})
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        for person in await gone(ctx, part):
            await _end_wishes(ctx, person)
            await _void_orders(ctx, person)


async def gone(ctx: Context, people: Sequence[str]) -> list[str]:
    """Who of them died or moved away. Who asked to be forgotten is nobody any more, and may still fetch their meal."""
    cards = await ctx.people.cards([person for person in people if person])
    return [person for person, card in cards.items() if not card.active]


async def _end_wishes(ctx: Context, person: str) -> None:
    live = (Standing.person == person) & Standing.until.is_null()
    async with ctx.transaction() as tx:
        for row in await Standing.update({Standing.until: ctx.today()}).where(live).returning(Standing.id):
            await tx.audit("standing-ended", row["id"], person=person)


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
