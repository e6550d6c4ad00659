# SPDX-License-Identifier: Apache-2.0
"""Volunteers bring meals: take a way, hand each meal over, and the way is over. What it is worth in points is decided
by the rule a street adopts, and reviewed by ``credit``.
"""

from typing import Final

import msgspec

from liren.api import Context, RuleTemplate, Tx, _
from liren_canteen import counter, orders, sites
from liren_canteen.counter import Taken
from liren_canteen.errors import NothingToBring, WrongAmount, nothing_here
from liren_canteen.events import DeliveryCompleted
from liren_canteen.order_flow import OPEN
from liren_canteen.tables import DinerCard, MealOrder, Route, Site, new_id

DELIVER: Final = "canteen.deliver"
A_WAY: Final = 12
"""Meals one person carries."""
BEFORE: Final = ("cooking", "ready")

RULE: Final = RuleTemplate(
    "canteen.delivery", _("给老人送餐"), "dedication", _("户"), 1, daily_cap=20, event=DeliveryCompleted.name
)


class Begin(msgspec.Struct, frozen=True):
    site: str


class Brought(msgspec.Struct, frozen=True):
    route: str
    order: str
    paid_fen: int


class Begun(msgspec.Struct, frozen=True):
    id: str


class Over(msgspec.Struct, frozen=True):
    homes: int


async def waiting(ctx: Context, site: str) -> list[MealOrder]:
    """What waits to be brought from this site today, home by home; not the visitor's own meal."""
    rows = (
        await MealOrder.objects()
        .where(
            (MealOrder.site == site)
            & (MealOrder.day == ctx.today())
            & (MealOrder.way == "deliver")
            & (MealOrder.route == "")
            & MealOrder.state.is_in(list(BEFORE))
            & (MealOrder.person != ctx.actor)
        )
        .order_by(MealOrder.id)
        .limit(500)
    )
    homes = await addresses(rows)
    return sorted(rows, key=lambda row: (homes.get(row.person, ""), row.id))


async def addresses(rows: list[MealOrder]) -> dict[str, str]:
    """Person → where their meal is brought."""
    people = [row.person for row in rows if row.person]
    if not people:
        return {}
    cards = await DinerCard.objects().where(DinerCard.person.is_in(people))
    return {card.person: card.deliver_to for card in cards}


async def begin(ctx: Context, key: str, form: Begin) -> str:
    """The next dozen meals are this volunteer's.

    :raises NotFound: not a site of theirs
    :raises NothingToBring: somebody was faster
    """
    site = await sites.site_of(form.site)
    ctx.require(DELIVER, site.unit)

    async def body(tx: Tx) -> Begun:
        rows = (await waiting(ctx, site.id))[:A_WAY]
        if not rows:
            raise NothingToBring
        meal = rows[0].meal
        rows = [row for row in rows if row.meal == meal]
        route = Route(
            id=new_id(),
            site=site.id,
            day=ctx.today(),
            meal=meal,
            volunteer=ctx.actor,
            meals=len(rows),
            made_ms=orders.milliseconds(ctx.now()),
        )
        await Route.insert(route)
        for row in rows:
            await ctx.cases.move(tx, await orders.case_of(ctx, row.id), "send")
            await MealOrder.update({MealOrder.route: route.id}).where(MealOrder.id == row.id)
        await tx.audit("way-begun", route.id, meals=len(rows))
        return Begun(route.id)

    return (await ctx.once(key, form, body, Begun)).id


async def own_route(ctx: Context, route: str) -> Route:
    """:raises NotFound: no such way, or somebody else's"""
    found = await Route.objects().where(Route.id == route).first()
    if found is None or found.volunteer != ctx.actor:
        raise nothing_here()
    return found


async def open_routes(ctx: Context) -> list[Route]:
    """The visitor's ways that are not over."""
    return (
        await Route.objects()
        .where((Route.volunteer == ctx.actor) & Route.done_ms.is_null())
        .order_by(Route.made_ms)
        .limit(20)
    )


async def meals_of(route: str) -> list[MealOrder]:
    return await MealOrder.objects().where(MealOrder.route == route).order_by(MealOrder.id).limit(A_WAY * 2)


async def brought(ctx: Context, key: str, form: Brought) -> Taken:
    """One meal handed over at the door, for what is due.

    :raises NotFound: not on this volunteer's way
    :raises WrongAmount, TakenAlready, CodeOver: as at the counter
    """
    await own_route(ctx, form.route)

    async def body(tx: Tx) -> Taken:
        row = await MealOrder.objects().where(MealOrder.id == form.order).first()
        if row is None or row.route != form.route:
            raise nothing_here()
        if (why_not := counter.why_not_take(ctx, row)) is not None:
            raise why_not
        if form.paid_fen != row.due_fen:
            raise WrongAmount(row.due_fen)
        return await counter.write_taken(ctx, tx, row, ctx.now())

    return await ctx.once(key, form, body, Taken)


async def finish(ctx: Context, key: str, route: str) -> int:
    """The way is over; who was not at home goes back to the counter. :returns: homes reached"""
    found = await own_route(ctx, route)
    site: Site = await sites.site_of(found.site)

    async def body(tx: Tx) -> Over:
        rows = await meals_of(route)
        reached = [row for row in rows if row.taken_ms is not None]
        homes = len({row.person or row.id for row in reached})
        now = await own_route(ctx, route)
        if now.done_ms is None:
            done = {Route.done_ms: orders.milliseconds(ctx.now()), Route.homes: homes}
            await Route.update(done).where(Route.id == route)
            left = [row.id for row in rows if row.state in OPEN]
            if left:
                await MealOrder.update({MealOrder.route: ""}).where(MealOrder.id.is_in(left))
            if homes:
                await tx.emit(DeliveryCompleted(ctx.actor, found.day.isoformat(), site.unit, homes, route))
            await tx.audit("way-over", route, homes=homes)
        return Over(homes)

    return (await ctx.once(key, route, body, Over)).homes
