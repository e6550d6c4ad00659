# SPDX-License-Identifier: Apache-2.0
"""What the canteen shows on other pages: the next meals of a diner, the month's figures. One query each."""

from collections.abc import Sequence

from liren.api import Context, Figure, Fragment, _
from liren_canteen import queries, words
from liren_canteen.order_flow import STATES

MONTHS = 6
ON_HOME = 3


async def fill(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    if slot == "home.main" and subject:
        waiting = await queries.open_orders(subject, ON_HOME)
        if not waiting:
            return None
        return Fragment(await ctx.fragment("slot_home.html", waiting=waiting, meals=words.MEALS, states=STATES), 20)
    if slot == "board.main":
        month = (await queries.months(ctx.today().replace(day=1), 1))[-1]
        return Fragment(await ctx.fragment("slot_board.html", month=month), 65)
    return None


async def figures(ctx: Context) -> Sequence[Figure]:
    """Meals eaten this month, and the months before."""
    *before, now = await queries.months(ctx.today().replace(day=1), MONTHS)
    return [
        Figure(
            "canteen.meals",
            ctx.t(_("本月助餐")),
            now.meals,
            ctx.t(_("餐")),
            n=now.people,
            of=ctx.t(_("人")),
            trend=tuple(month.meals for month in before),
            url=ctx.url("public_rules"),
        )
    ]
