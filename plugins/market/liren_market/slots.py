# SPDX-License-Identifier: Apache-2.0
"""What the market shows on other pages: codes waiting, the month's figures. One query each."""

from collections.abc import Sequence
from datetime import date, timedelta

from liren.api import Context, Figure, Fragment, _
from liren.web import gettext
from liren_market import queries
from liren_market.merchant_flow import MANAGE

MONTHS = 6
ON_HOME = 3


async def fill(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    if slot == "home.main" and subject:
        waiting = await queries.open_orders(subject, ON_HOME)
        return Fragment(await ctx.fragment("slot_home.html", waiting=waiting), 40) if waiting else None
    if slot == "board.main":
        first = ctx.today().replace(day=1)
        found = await queries.months(first, MONTHS)
        trend = [(label, month.points) for label, month in zip(labels(first), found, strict=True)]
        return Fragment(await ctx.fragment("slot_board.html", month=found[-1], trend=trend), 60)
    if slot == "desk.main" and ctx.can(MANAGE):
        month = await queries.month(ctx.today().replace(day=1))
        return Fragment(await ctx.fragment("slot_desk.html", month=month), 60)
    return None


async def figures(ctx: Context) -> Sequence[Figure]:
    first = ctx.today().replace(day=1)
    found = await queries.months(first, MONTHS)
    *before, now = found
    return [
        Figure(
            "market.points",
            ctx.t(_("信用超市本月兑换")),
            now.points,
            ctx.t(_("分")),
            n=now.redemptions,
            of=ctx.t(_("笔")),
            trend=tuple(month.points for month in before),
            url=ctx.url("shelves"),
        )
    ]


def labels(first: date) -> list[str]:
    """``6月`` … ``11月``: the months on the axis, the one of ``first`` last."""
    starts = [first]
    while len(starts) < MONTHS:
        starts.insert(0, (starts[0] - timedelta(days=1)).replace(day=1))
    return [gettext("%(n)s月", n=start.month) for start in starts]
