# SPDX-License-Identifier: Apache-2.0
"""What the canteen shows on other pages: the next meals of a diner, the month's figures. One query each."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from liren.api import Context, Figure, Fragment, _
from liren_canteen import queries, words
from liren_canteen.order_flow import STATES
from liren_canteen.tables import MealOrder, Site

MONTHS = 6
RECENT: Final = timedelta(days=30)
ON_HOME = 3


OLD: Final = 60
"""老年人 (《老年人权益保障法》第二条): whose home page begins with the meal that is still to be ordered."""


async def fill(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    if slot == "home.balance" and subject and await _asks_for_lunch(ctx, subject):
        return Fragment(await ctx.fragment("slot_order.html"), 10)
    if slot == "home.main" and subject:
        waiting = await queries.open_orders(subject, ON_HOME)
        if not waiting:
            return None
        return Fragment(await ctx.fragment("slot_home.html", waiting=waiting, meals=words.MEALS, states=STATES), 20)
    if slot == "board.main":
        month = (await queries.months(ctx.today().replace(day=1), 1))[-1]
        return Fragment(await ctx.fragment("slot_board.html", month=month), 65)
    return None


async def _asks_for_lunch(ctx: Context, person: str) -> bool:
    """Somebody old, or who eats here, without a lunch for tomorrow, where there is a canteen."""
    tomorrow = ctx.today() + timedelta(days=1)
    mine = MealOrder.person == person
    if not await Site.exists().where(Site.open.eq(True)):
        return False
    if await MealOrder.exists().where(
        mine & (MealOrder.day == tomorrow) & (MealOrder.meal == "lunch") & (MealOrder.state != "cancelled")
    ):
        return False
    ages = await ctx.people.ages([person], ctx.today())
    return ages.get(person, 0) >= OLD or await MealOrder.exists().where(mine & (MealOrder.day >= ctx.today() - RECENT))


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
