# SPDX-License-Identifier: Apache-2.0
"""The pages of the street's staff: sites and kitchens, when each serves, and what stands on the menu."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from litestar import Request, Response

from liren.api import Context, UnitCard
from liren.web import Form, download, get, gettext, post, redirect, typed_day
from liren_canteen import menu_list, menus, queries, sites, words
from liren_canteen.clocktime import clock
from liren_canteen.errors import CanteenError, nothing_here
from liren_canteen.menus import CopyForm, LineForm
from liren_canteen.sites import MANAGE, HoursForm, KitchenForm, SiteForm
from liren_canteen.tables import Hours, Kitchen, MenuLine, Site

Req = Request[Any, Any, Any]
WEEK = 7


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


def choices(titles: dict[str, str]) -> list[tuple[str, str]]:
    return [(value, gettext(title)) for value, title in titles.items()]


def one_of(form: Form[Any], field: str, known: Any) -> None:
    """A choice that was not offered: a stale page, or somebody playing."""
    if form.value(field) and form.value(field) not in known:
        form.refuse(field, gettext("请从列表里选“%(field)s”", field=form.label(field)))


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
    one_of(form, "unit", {unit.code for unit in await _own_units(ctx)})
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
    one_of(form, "unit", {unit.code for unit in await _own_units(ctx)})
    one_of(form, "kitchen", {kitchen.id for kitchen in await sites.all_kitchens()})


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
        return {"meal": meal, "weekdays": [str(n) for n in range(WEEK)], "cutoff_days": "0"}
    at = {name: time(*divmod(getattr(row, f"{name}_min"), 60)) for name in ("opens", "closes", "cutoff")}
    days = [str(n) for n in range(WEEK) if row.weekdays[n] == "1"]
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


# --- menus


@get("/desk/kitchens/{kitchen:str}", allow=MANAGE, name="menu")
async def menu(ctx: Context, kitchen: str, week: str = "") -> Response[Any]:
    """One kitchen's week, day by day."""
    found = await _kitchen_in_scope(ctx, kitchen)
    return await _menu(ctx, found, monday_of(week, ctx.today()))


@get("/desk/kitchens/{kitchen:str}/menu.xlsx", allow=MANAGE, name="menu_file")
async def menu_file(ctx: Context, kitchen: str, week: str = "") -> Response[bytes]:
    """The week as Excel: to print, to change, to hand in again."""
    found, monday = await _kitchen_in_scope(ctx, kitchen), monday_of(week, ctx.today())
    return download(await menu_list.export(found, monday), f"{found.name} {monday}.xlsx")


def monday_of(typed: str, today: date) -> date:
    """Of the week asked for; of this one where nothing sensible is."""
    day = typed_day(typed) or today
    near = max(today - timedelta(days=400), min(day, today + timedelta(days=400)))
    return near - timedelta(days=near.weekday())


async def _menu(ctx: Context, kitchen: Kitchen, monday: date, status: int = 200) -> Response[Any]:
    lines = await menus.lines_between(kitchen.id, monday, WEEK)
    days = [monday + timedelta(days=n) for n in range(WEEK)]
    order = list(words.MEALS)
    return await ctx.render(
        "menu.html",
        status=status,
        kitchen=kitchen,
        monday=monday,
        days=[(day, _by_meal([line for line in lines if line.day == day], order)) for day in days],
        before=monday - timedelta(days=WEEK),
        after=monday + timedelta(days=WEEK),
        empty=not lines,
        meals=words.MEALS,
        allergens=words.ALLERGENS,
        diets=words.DIETS,
    )


def _by_meal(lines: Sequence[MenuLine], order: list[str]) -> list[MenuLine]:
    return sorted(lines, key=lambda line: (order.index(line.meal), line.price_fen, line.id))


async def _kitchen_in_scope(ctx: Context, kitchen: str) -> Kitchen:
    """:raises NotFound: no such kitchen, or outside what the visitor looks after"""
    found = await sites.kitchen_of(kitchen)
    ctx.require(MANAGE, found.unit)
    return found


@get("/desk/kitchens/{kitchen:str}/new-line", allow=MANAGE, name="new_line")
async def new_line(ctx: Context, kitchen: str, day: str = "") -> Response[Any]:
    found = await _kitchen_in_scope(ctx, kitchen)
    first = typed_day(day) or ctx.today() + timedelta(days=1)
    return await _line(ctx, found, None, Form(LineForm, {"day": first, "meal": "lunch", "listed": True}))


async def _line(
    ctx: Context, kitchen: Kitchen, line: MenuLine | None, form: Form[LineForm], status: int = 200
) -> Response[Any]:
    return await ctx.render(
        "line.html",
        status=status,
        kitchen=kitchen,
        line=line,
        form=form,
        meals=choices(words.MEALS),
        allergens=choices(words.ALLERGENS),
        diets=choices(words.DIETS),
    )


@post("/desk/kitchens/{kitchen:str}/new-line", allow=MANAGE, name="add_line")
async def add_line(ctx: Context, request: Req, kitchen: str) -> Response[Any]:
    found = await _kitchen_in_scope(ctx, kitchen)
    form = await Form.read(request, LineForm)
    if form.command is not None and form.command.day < ctx.today():
        form.refuse("day", gettext("日子已经过去了，请填今天或以后"))
    if form.command is None or form.errors:
        return await _line(ctx, found, None, form, 422)
    await menus.add_line(ctx, form.key, kitchen, form.command)
    said = gettext("“%(title)s”写上了。", title=form.command.title)
    return redirect(ctx.url("menu", kitchen=kitchen, week=form.command.day), notice=said)


@get("/desk/lines/{line:str}", allow=MANAGE, name="line")
async def line_page(ctx: Context, line: str) -> Response[Any]:
    found = await menus.line_of(line)
    kitchen = await _kitchen_in_scope(ctx, found.kitchen)
    plain = ("day", "meal", "title", "detail", "price_fen", "portions", "points_most", "listed")
    first = {name: getattr(found, name) for name in plain}
    lists = {name: list(words.split(getattr(found, name))) for name in ("allergens", "diets")}
    return await _line(ctx, kitchen, found, Form(LineForm, {**first, **lists}))


@post("/desk/lines/{line:str}", allow=MANAGE, name="edit_line")
async def edit_line(ctx: Context, request: Req, line: str) -> Response[Any]:
    found = await menus.line_of(line)
    kitchen = await _kitchen_in_scope(ctx, found.kitchen)
    form = await Form.read(request, LineForm)
    if form.command is None:
        return await _line(ctx, kitchen, found, form, 422)
    try:
        await menus.edit_line(ctx, line, form.command)
    except CanteenError as error:
        form.refuse_with(error)
        return await _line(ctx, kitchen, found, form, error.status)
    said = gettext("“%(title)s”保存好了。", title=form.command.title)
    return redirect(ctx.url("menu", kitchen=kitchen.id, week=form.command.day), notice=said)


@post("/desk/kitchens/{kitchen:str}/copy", allow=MANAGE, name="copy_week")
async def copy_week(ctx: Context, request: Req, kitchen: str) -> Response[Any]:
    await _kitchen_in_scope(ctx, kitchen)
    form = await Form.read(request, CopyForm)
    if form.command is None:
        raise nothing_here()
    written = await menus.copy_week(ctx, form.key, kitchen, form.command)
    said = gettext("抄好了 %(n)s 样。", n=written) if written else gettext("上一周没有菜单可抄。")
    return redirect(ctx.url("menu", kitchen=kitchen, week=form.command.monday), notice=said)


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
    menu,
    menu_file,
    new_line,
    add_line,
    line_page,
    edit_line,
    copy_week,
]
