# SPDX-License-Identifier: Apache-2.0
"""What waits for whom today: food to bring out, meals to hand over and to carry, menus to write, a month to seal.

Visits to diners who stayed away are cases: the street's own list of work shows them to who makes them.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from liren.api import Context, Todo, _
from liren_canteen import claims, deliveries, queries, sites, words
from liren_canteen.deliveries import DELIVER
from liren_canteen.rulebook import SUBSIDY
from liren_canteen.sites import MANAGE, SERVE
from liren_canteen.tables import Claim, MealOrder, MenuLine, Site

SEAL_BY: Final = 10
"""Day of the month by which the month before should be sealed."""


async def waiting(ctx: Context) -> Sequence[Todo]:
    """A line for each kind of work, with how much of it there is."""
    if ctx.visitor is None:
        return ()
    found = await sites.all_sites()
    return [
        *await _to_serve(ctx, [site for site in found if ctx.can(SERVE, site.unit)]),
        *await _to_bring(ctx, [site for site in found if site.delivers and ctx.can(DELIVER, site.unit)]),
        *await _to_write(ctx),
        *await _to_seal(ctx),
    ]


async def _to_serve(ctx: Context, own: Sequence[Site]) -> list[Todo]:
    """Today's meals of one's own sites that are being cooked, and those that wait at the counter."""
    if not own:
        return []
    cooking: Counter[tuple[str, str]] = Counter()
    ready: Counter[str] = Counter()
    for (site, meal, state), n in (await queries.open_today([site.id for site in own], ctx.today())).items():
        if state == "cooking":
            cooking[site, meal] += n
        elif state == "ready":
            ready[site] += n
    names = {site.id: site.name for site in own}
    bring_out = [
        Todo(
            ctx.t(_("备餐：{site}{meal}"), site=names[site], meal=ctx.t(words.MEALS[meal])),
            ctx.url("kitchen", site=site, day=ctx.today().isoformat(), meal=meal),
            n,
            ctx.today(),
        )
        for (site, meal), n in sorted(cooking.items())
    ]
    hand_over = [
        Todo(ctx.t(_("等着取餐：{site}"), site=names[site]), ctx.url("counter", site=site), n, ctx.today())
        for site, n in sorted(ready.items())
    ]
    return [*bring_out, *hand_over]


async def _to_bring(ctx: Context, own: Sequence[Site]) -> list[Todo]:
    """The volunteer's own ways first; then what nobody took yet."""
    if not own:
        return []
    ways = [
        Todo(ctx.t(_("正在送的一趟")), ctx.url("route", route=route.id), route.meals, route.day)
        for route in await deliveries.open_routes(ctx)
    ]
    count = (
        await MealOrder.count()
        .where(
            MealOrder.site.is_in([site.id for site in own])
            & (MealOrder.day == ctx.today())
            & (MealOrder.way == "deliver")
            & (MealOrder.route == "")
            & MealOrder.state.is_in(list(deliveries.BEFORE))
            & (MealOrder.person != ctx.actor)
        )
    )  # fmt: skip
    return [*ways, *([Todo(ctx.t(_("等着送的餐")), ctx.url("deliver"), count, ctx.today())] if count else [])]


async def _to_write(ctx: Context) -> list[Todo]:
    """Kitchens without a menu for tomorrow."""
    own = [kitchen for kitchen in await sites.all_kitchens() if ctx.can(MANAGE, kitchen.unit)]
    if not own:
        return []
    tomorrow = ctx.today() + timedelta(days=1)
    on_menu = MenuLine.select(MenuLine.kitchen).where(
        MenuLine.kitchen.is_in([kitchen.id for kitchen in own]) & (MenuLine.day == tomorrow) & MenuLine.listed.eq(True)
    )
    written = {row["kitchen"] for row in await on_menu.limit(len(own) * 60)}
    return [
        Todo(
            ctx.t(_("{kitchen}明天还没有菜单"), kitchen=kitchen.name),
            ctx.url("menu", kitchen=kitchen.id, week=tomorrow.isoformat()),
            1,
            ctx.today(),
        )
        for kitchen in own
        if kitchen.id not in written
    ][:5]


async def _to_seal(ctx: Context) -> list[Todo]:
    """The month before, where a funder owes something and nobody sealed it."""
    if not ctx.can(SUBSIDY):
        return []
    month = claims.last_month(ctx.today())
    if await Claim.exists().where(Claim.month == month):
        return []
    owed = await claims.owed(month)
    due = date(ctx.today().year, ctx.today().month, SEAL_BY)
    return [Todo(ctx.t(_("{month} 的补贴还没有结算"), month=month), ctx.url("report"), len(owed), due)] if owed else []
