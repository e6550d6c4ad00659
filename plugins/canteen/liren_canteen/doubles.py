# SPDX-License-Identifier: Apache-2.0
"""Two entries were one person, and both had ordered the same meal: one of the two orders stays.

Orders follow the entry that stays in the merge itself (``person_merged``); points are posted, so the second order is
void after it, when the register tells. The one that was eaten stays, else the one ordered first.
"""

from typing import Final

import msgspec

from liren.api import Conflict, Context, Received, Tx, _
from liren_canteen import orders, words
from liren_canteen.order_flow import OPEN
from liren_canteen.tables import MealOrder

MERGED: Final = "identity.merged"
EATEN: Final = ("taken", "settled")
MOST: Final = 1_000


class Merged(msgspec.Struct, frozen=True):
    """What the register says."""

    person: str


async def hear(ctx: Context, event: Received) -> None:
    if event.name != MERGED:
        return
    person = event.read(Merged).person
    for order in await second_orders(person):
        await _void(ctx, person, order)


async def second_orders(person: str) -> list[str]:
    """Open orders of a meal this person has another order for."""
    columns = (MealOrder.id, MealOrder.day, MealOrder.meal, MealOrder.state, MealOrder.placed_ms)
    mine = (MealOrder.person == person) & MealOrder.state.is_in([*OPEN, *EATEN])
    open_days = MealOrder.select(MealOrder.day).where((MealOrder.person == person) & MealOrder.state.is_in(list(OPEN)))
    rows = await MealOrder.select(*columns).where(mine & MealOrder.day.is_in(open_days)).limit(MOST)
    rows.sort(key=lambda row: (row["state"] not in EATEN, row["placed_ms"], row["id"]))
    kept, second = set(), []
    for row in rows:
        meal = (row["day"], row["meal"])
        if meal in kept and row["state"] in OPEN:
            second.append(str(row["id"]))
        kept.add(meal)
    return second


async def _void(ctx: Context, person: str, order: str) -> None:
    async def body(tx: Tx) -> orders.Ended:
        found = await MealOrder.objects().where(MealOrder.id == order).first()
        if found is None or found.state not in OPEN:
            raise Conflict("已经取了。", "Taken meanwhile.")
        ended = await orders.give_back(ctx, tx, found, "void")
        said = ctx.t(
            _("您的两份登记合成了一份。{day} {meal}订了两份，后订的那份取消了，用的积分和补贴都退回来了。"),
            day=found.day.isoformat(),
            meal=ctx.t(words.MEALS[found.meal]),
        )
        await ctx.notify(person, said, ctx.url("home"))
        return ended

    try:
        await ctx.once(f"double/{order}", orders.EndOrder(order, "void"), body, orders.Ended)
    except Conflict:  # fetched or cancelled since the list was read
        return
