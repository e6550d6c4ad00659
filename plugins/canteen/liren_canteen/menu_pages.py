# SPDX-License-Identifier: Apache-2.0
"""What a kitchen cooks, week by week: written on the page, copied from the week before, taken home as Excel."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from litestar import Request, Response

from liren.api import Context
from liren.web import Form, choices, download, get, gettext, post, redirect, typed_day
from liren_canteen import menu_list, menus, sites, words
from liren_canteen.errors import CanteenError, nothing_here
from liren_canteen.menus import CopyForm, LineForm
from liren_canteen.sites import MANAGE
from liren_canteen.tables import Kitchen, MenuLine

Req = Request[Any, Any, Any]
WEEK = 7


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
    menu,
    menu_file,
    new_line,
    add_line,
    line_page,
    edit_line,
    copy_week,
]
