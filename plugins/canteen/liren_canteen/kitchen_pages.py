# SPDX-License-Identifier: Apache-2.0
"""The kitchen's pages: how much to cook, on the screen and on paper, and the button that says the food is out."""

from datetime import date, timedelta
from typing import Any

from litestar import Request, Response

from liren.api import Context
from liren.web import Form, get, gettext, post, redirect, typed_day
from liren_canteen import kitchen, sites, words
from liren_canteen.errors import nothing_here
from liren_canteen.kitchen import ReadyForm
from liren_canteen.sites import SERVE
from liren_canteen.tables import Site

Req = Request[Any, Any, Any]


async def own_sites(ctx: Context) -> list[Site]:
    """Where the visitor serves."""
    return [site for site in await sites.all_sites() if ctx.can(SERVE, site.unit)]


@get("/kitchen", allow=SERVE, name="kitchen")
async def kitchen_page(ctx: Context, site: str = "", day: str = "", meal: str = "") -> Response[Any]:
    """Counts of one meal at one site; the next one that is cooked, unless another is asked for."""
    own = await own_sites(ctx)
    here = next((one for one in own if one.id == site), own[0] if own else None)
    if here is None:
        return await ctx.render("no_counter.html")
    when, what = await _asked(ctx, here, day, meal)
    return await ctx.render(
        "kitchen.html",
        site=here,
        own=own,
        sheet=await kitchen.sheet_of(ctx, here, when, what),
        today=ctx.today(),
        days=[ctx.today() + timedelta(days=n) for n in range(3)],
        meals=words.MEALS,
    )


@get("/kitchen/print", allow=SERVE, name="kitchen_sheet")
async def kitchen_sheet(ctx: Context, site: str = "", day: str = "", meal: str = "") -> Response[Any]:
    """The same on paper."""
    here = next((one for one in await own_sites(ctx) if one.id == site), None)
    if here is None:
        raise nothing_here()
    when, what = await _asked(ctx, here, day, meal)
    sheet = await kitchen.sheet_of(ctx, here, when, what)
    return await ctx.render("kitchen_sheet.html", sheet=sheet, now=ctx.now(), meals=words.MEALS)


async def _asked(ctx: Context, site: Site, day: str, meal: str) -> tuple[date, str]:
    """The day and meal of the address; else the first meal of today that is not over."""
    hours = await sites.hours_of(site.id)
    when = typed_day(day) or ctx.today()
    if meal in words.MEALS:
        return when, meal
    open_now = [name for name, row in hours.items() if not kitchen.over(row, when, ctx.now())]
    return when, next(iter(open_now or hours), "lunch")


@post("/kitchen/ready", allow=SERVE, name="ready")
async def ready(ctx: Context, request: Req) -> Response[Any]:
    """The food is out."""
    form = await Form.read(request, ReadyForm)
    if form.command is None:
        raise nothing_here()
    done = await kitchen.ready(ctx, form.key, form.command)
    where = ctx.url("kitchen", site=form.command.site, day=form.command.day, meal=form.command.meal)
    return redirect(where, notice=gettext("出餐了：%(n)s 份等着取。", n=done))


HANDLERS = [kitchen_page, kitchen_sheet, ready]
