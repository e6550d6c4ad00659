# SPDX-License-Identifier: Apache-2.0
"""A volunteer's pages: what waits, the way with its addresses, one button a home."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Context, _
from liren.web import Form, Nothing, get, gettext, post, redirect
from liren_canteen import deliveries, sites, words
from liren_canteen.deliveries import DELIVER, Begin, Brought
from liren_canteen.errors import CanteenError
from liren_canteen.order_flow import OPEN, STATES
from liren_canteen.tables import MealOrder, Route

Req = Request[Any, Any, Any]


class StartForm(msgspec.Struct, frozen=True):
    site: Annotated[str, Meta(title=_("食堂"), min_length=1, max_length=12)]


class DoorForm(msgspec.Struct, frozen=True):
    order: Annotated[str, Meta(title=_("哪一份"), min_length=1, max_length=12)]
    paid_fen: Annotated[int, Meta(title=_("收的钱"), ge=0, le=10_000_000)]


@get("/deliver", allow=DELIVER, name="deliver")
async def deliver(ctx: Context) -> Response[Any]:
    return await _deliver(ctx, Form(StartForm))


async def _deliver(ctx: Context, form: Form[StartForm], status: int = 200) -> Response[Any]:
    own = [site for site in await sites.all_sites(only_open=True) if site.delivers and ctx.can(DELIVER, site.unit)]
    return await ctx.render(
        "deliver.html",
        status=status,
        form=form,
        sites=[(site, len(await deliveries.waiting(ctx, site.id))) for site in own],
        routes=await deliveries.open_routes(ctx),
        a_way=deliveries.A_WAY,
        names={site.id: site.name for site in own},
        meals=words.MEALS,
    )


@post("/deliver", allow=DELIVER, name="begin_route")
async def begin_route(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, StartForm)
    if form.command is None:
        return await _deliver(ctx, form, 422)
    try:
        made = await deliveries.begin(ctx, form.key, Begin(form.command.site))
    except CanteenError as error:
        form.refuse_with(error)
        return await _deliver(ctx, form, error.status)
    return redirect(ctx.url("route", route=made), notice=gettext("领好了，路上小心。"))


@get("/deliver/{route:str}", allow=DELIVER, name="route")
async def route_page(ctx: Context, route: str) -> Response[Any]:
    """The addresses, for the volunteer whose way it is."""
    return await _route(ctx, await deliveries.own_route(ctx, route), Form(DoorForm))


@get("/deliver/{route:str}/print", allow=DELIVER, name="route_sheet")
async def route_sheet(ctx: Context, route: str) -> Response[Any]:
    """The way on paper, for who carries bags in both hands: home by home, with room for a name."""
    found = await deliveries.own_route(ctx, route)
    return await ctx.render(
        "route_sheet.html",
        route=found,
        site=await sites.site_of(found.site),
        lines=sorted(await _homes(ctx, found), key=lambda line: line[2]),
        now=ctx.now(),
        meals=words.MEALS,
    )


async def _homes(ctx: Context, route: Route) -> list[tuple[MealOrder, str, str, bool]]:
    """(order, name, address, still to be brought) each."""
    rows = await deliveries.meals_of(route.id)
    homes = await deliveries.addresses(rows)
    cards = await ctx.people.cards([row.person for row in rows if row.person])
    return [
        (row, cards[row.person].name if row.person in cards else "", homes.get(row.person, ""), row.state in OPEN)
        for row in rows
    ]


async def _route(ctx: Context, route: Route, form: Form[DoorForm], status: int = 200) -> Response[Any]:
    lines = await _homes(ctx, route)
    return await ctx.render(
        "route.html",
        status=status,
        route=route,
        site=await sites.site_of(route.site),
        lines=sorted(lines, key=lambda line: (not line[3], line[2])),
        form=form,
        states=STATES,
        meals=words.MEALS,
    )


@post("/deliver/{route:str}", allow=DELIVER, name="brought")
async def brought(ctx: Context, request: Req, route: str) -> Response[Any]:
    found = await deliveries.own_route(ctx, route)
    form = await Form.read(request, DoorForm)
    if form.command is None:
        return await _route(ctx, found, form, 422)
    try:
        await deliveries.brought(ctx, form.key, Brought(route, form.command.order, form.command.paid_fen))
    except CanteenError as error:
        form.refuse_with(error)
        return await _route(ctx, found, form, error.status)
    return redirect(ctx.url("route", route=route), notice=gettext("记好了。"))


@post("/deliver/{route:str}/finish", allow=DELIVER, name="finish_route")
async def finish_route(ctx: Context, request: Req, route: str) -> Response[Any]:
    form = await Form.read(request, Nothing)
    homes = await deliveries.finish(ctx, form.key, route)
    return redirect(ctx.url("deliver"), notice=gettext("辛苦了，送到了 %(n)s 户。", n=homes))


HANDLERS = [deliver, begin_route, route_page, route_sheet, brought, finish_route]
