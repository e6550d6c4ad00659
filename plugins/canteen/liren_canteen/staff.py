# SPDX-License-Identifier: Apache-2.0
"""The pages of the street's staff: sites and kitchens, when each serves, and what stands on the menu."""

from datetime import time, timedelta
from typing import Any

from litestar import Request, Response

from liren.api import Context, UnitCard
from liren.web import Form, choices, get, gettext, post, redirect
from liren_canteen import queries, sites, words
from liren_canteen.clocktime import clock
from liren_canteen.errors import CanteenError
from liren_canteen.sites import MANAGE, HoursForm, KitchenForm, SiteForm
from liren_canteen.tables import Hours, Kitchen, Site

Req = Request[Any, Any, Any]


@get("/desk", allow=MANAGE, name="desk")
async def desk(ctx: Context) -> Response[Any]:
    """Every site in the visitor's area, with today's and tomorrow's counts."""
    today = ctx.today()
    return await ctx.render(
        "desk.html",
        sites=[site for site in await sites.all_sites() if ctx.can(MANAGE, site.unit)],
        kitchens=await _kitchens(ctx),
        units=await unit_names(ctx),
        counts=[(day, await queries.counts_on(day)) for day in (today, today + timedelta(days=1))],
        meals=words.MEALS,
        kinds=words.SITE_KINDS,
        today=today,
    )


async def unit_names(ctx: Context) -> dict[str, str]:
    """Code → name of the street and its communities."""
    street = await ctx.units.street()
    return {unit.code: unit.name for unit in [street, *await ctx.units.all("community")]}


async def _kitchens(ctx: Context) -> list[Kitchen]:
    return [kitchen for kitchen in await sites.all_kitchens() if ctx.can(MANAGE, kitchen.unit)]


async def _own_units(ctx: Context) -> list[UnitCard]:
    """Where the visitor may set something up."""
    found = [await ctx.units.street(), *await ctx.units.all("community")]
    return [unit for unit in found if unit.closed is None and ctx.can(MANAGE, unit.code)]


# --- kitchens


@get("/desk/new-kitchen", allow=MANAGE, name="new_kitchen")
async def new_kitchen(ctx: Context) -> Response[Any]:
    return await _new_kitchen(ctx, Form(KitchenForm))


async def _new_kitchen(ctx: Context, form: Form[KitchenForm], status: int = 200) -> Response[Any]:
    units = [(unit.code, unit.name) for unit in await _own_units(ctx)]
    return await ctx.render("new_kitchen.html", status=status, form=form, units=units)


@post("/desk/new-kitchen", allow=MANAGE, name="add_kitchen")
async def add_kitchen(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, KitchenForm)
    form.must_be_one_of("unit", {unit.code for unit in await _own_units(ctx)})
    if form.command is None or form.errors:
        return await _new_kitchen(ctx, form, 422)
    try:
        made = await sites.add_kitchen(ctx, form.key, form.command)
    except CanteenError as error:
        form.refuse_with(error, "name")
        return await _new_kitchen(ctx, form, error.status)
    return redirect(ctx.url("menu", kitchen=made), notice=gettext("厨房建好了。接着写菜单，再登记食堂。"))


# --- sites


@get("/desk/new-site", allow=MANAGE, name="new_site")
async def new_site(ctx: Context) -> Response[Any]:
    return await _site_form(ctx, None, Form(SiteForm, {"kind": "canteen", "open": True}))


async def _site_form(ctx: Context, site: Site | None, form: Form[SiteForm], status: int = 200) -> Response[Any]:
    kitchens = [(kitchen.id, kitchen.name) for kitchen in await sites.all_kitchens()]
    hours = await sites.hours_of(site.id) if site else {}
    return await ctx.render(
        "site.html",
        status=status,
        site=site,
        form=form,
        kitchens=kitchens,
        units=[(unit.code, unit.name) for unit in await _own_units(ctx)],
        kinds=choices(words.SITE_KINDS),
        hours=[(meal, _told(row)) for meal, row in hours.items()],
        meals=words.MEALS,
    )


def _told(row: Hours) -> tuple[str, str, str, str, int]:
    """(weekdays' numbers, opens, closes, cut-off, days before) for the page."""
    days = " ".join(gettext(title) for title in words.weekdays_of(row.weekdays))
    shown = gettext("每天") if row.weekdays == words.EVERY_DAY else days
    return shown, clock(row.opens_min), clock(row.closes_min), clock(row.cutoff_min), row.cutoff_days


@post("/desk/new-site", allow=MANAGE, name="add_site")
async def add_site(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, SiteForm)
    await _check_site(ctx, form)
    if form.command is None or form.errors:
        return await _site_form(ctx, None, form, 422)
    try:
        made = await sites.add_site(ctx, form.key, form.command)
    except CanteenError as error:
        form.refuse_with(error, "name")
        return await _site_form(ctx, None, form, error.status)
    return redirect(ctx.url("site", site=made), notice=gettext("食堂建好了。接着填每一餐的时间，居民就能订。"))


async def _check_site(ctx: Context, form: Form[SiteForm]) -> None:
    form.must_be_one_of("unit", {unit.code for unit in await _own_units(ctx)})
    form.must_be_one_of("kitchen", {kitchen.id for kitchen in await sites.all_kitchens()})


@get("/desk/sites/{site:str}", allow=MANAGE, name="site")
async def site_page(ctx: Context, site: str) -> Response[Any]:
    found = await _site_in_scope(ctx, site)
    return await _site_form(
        ctx, found, Form(SiteForm, {name: getattr(found, name) for name in SiteForm.__struct_fields__})
    )


@post("/desk/sites/{site:str}", allow=MANAGE, name="edit_site")
async def edit_site(ctx: Context, request: Req, site: str) -> Response[Any]:
    found = await _site_in_scope(ctx, site)
    form = await Form.read(request, SiteForm)
    await _check_site(ctx, form)
    if form.command is None or form.errors:
        return await _site_form(ctx, found, form, 422)
    try:
        await sites.edit_site(ctx, site, form.command)
    except CanteenError as error:
        form.refuse_with(error, "name")
        return await _site_form(ctx, found, form, error.status)
    return redirect(ctx.url("site", site=site), notice=gettext("保存好了。"))


async def _site_in_scope(ctx: Context, site: str) -> Site:
    """:raises NotFound: no such site, or outside what the visitor looks after"""
    found = await sites.site_of(site)
    ctx.require(MANAGE, found.unit)
    return found


# --- when it serves


@get("/desk/sites/{site:str}/hours", allow=MANAGE, name="hours")
async def hours_page(ctx: Context, site: str, meal: str = "lunch") -> Response[Any]:
    found = await _site_in_scope(ctx, site)
    row = (await sites.hours_of(site)).get(meal)
    meal = meal if meal in words.MEALS else "lunch"
    return await _hours(ctx, found, Form(HoursForm, _as_typed(row, meal)))


def _as_typed(row: Hours | None, meal: str) -> dict[str, Any]:
    if row is None:
        return {"meal": meal, "weekdays": [str(n) for n in range(len(words.WEEKDAYS))], "cutoff_days": "0"}
    at = {name: time(*divmod(getattr(row, f"{name}_min"), 60)) for name in ("opens", "closes", "cutoff")}
    days = [str(n) for n in range(len(words.WEEKDAYS)) if row.weekdays[n] == "1"]
    return {"meal": meal, "weekdays": days, **at, "cutoff_days": str(row.cutoff_days)}


async def _hours(ctx: Context, site: Site, form: Form[HoursForm], status: int = 200) -> Response[Any]:
    return await ctx.render(
        "hours.html",
        status=status,
        site=site,
        form=form,
        meals=choices(words.MEALS),
        days=[(str(number), gettext(title)) for number, title in enumerate(words.WEEKDAYS)],
        before=[("0", gettext("当天")), ("1", gettext("前一天")), ("2", gettext("前两天"))],
    )


@post("/desk/sites/{site:str}/hours", allow=MANAGE, name="set_hours")
async def set_hours(ctx: Context, request: Req, site: str) -> Response[Any]:
    found = await _site_in_scope(ctx, site)
    form = await Form.read(request, HoursForm)
    if form.command is None:
        return await _hours(ctx, found, form, 422)
    try:
        await sites.set_hours(ctx, site, form.command)
    except CanteenError as error:
        form.refuse_with(error, "cutoff")
        return await _hours(ctx, found, form, error.status)
    return redirect(ctx.url("site", site=site), notice=gettext("时间保存好了。"))


@post("/desk/sites/{site:str}/hours/{meal:str}/end", allow=MANAGE, name="end_hours")
async def end_hours(ctx: Context, request: Req, site: str, meal: str) -> Response[Any]:
    await _site_in_scope(ctx, site)
    await sites.end_hours(ctx, site, meal)
    return redirect(ctx.url("site", site=site), notice=gettext("这一餐不开了。已经订的照样做。"))


HANDLERS = [
    desk,
    new_kitchen,
    add_kitchen,
    new_site,
    add_site,
    site_page,
    edit_site,
    hours_page,
    set_hours,
    end_hours,
]
