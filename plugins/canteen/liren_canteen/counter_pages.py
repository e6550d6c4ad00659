# SPDX-License-Identifier: Apache-2.0
"""The counter's pages: one box for code, card and name; check; take the money; enter later what was taken offline."""

from datetime import date, datetime, time
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Context, _
from liren.web import Form, get, gettext, post, redirect
from liren_canteen import bills, clocktime, codes, counter, diners, menus, orders, queries, sites, words
from liren_canteen.counter import Take
from liren_canteen.diner_pages import in_scope
from liren_canteen.errors import CanteenError, WrongCode, nothing_here
from liren_canteen.kitchen import over
from liren_canteen.kitchen_pages import own_sites
from liren_canteen.order_flow import STATES
from liren_canteen.orders import PlaceOrder
from liren_canteen.sites import SERVE
from liren_canteen.tables import MealOrder, Site

Req = Request[Any, Any, Any]
MOST_LINES = 200


class FindForm(msgspec.Struct, frozen=True):
    site: Annotated[str, Meta(title=_("食堂"), min_length=1, max_length=12)]
    what: Annotated[str, Meta(title=_("取餐码、卡号或姓名"), min_length=1, max_length=40)]


class TakeForm(msgspec.Struct, frozen=True):
    paid_fen: Annotated[int, Meta(title=_("收的钱"), ge=0, le=10_000_000)]


class WalkInForm(msgspec.Struct, frozen=True):
    site: Annotated[str, Meta(title=_("食堂"), min_length=1, max_length=12)]
    line: Annotated[str, Meta(title=_("吃哪样"), min_length=1, max_length=12)]
    own_fen: Annotated[int, Meta(title=_("自己付的"), ge=0, le=10_000_000)]


class OfflineForm(msgspec.Struct, frozen=True):
    site: Annotated[str, Meta(title=_("食堂"), min_length=1, max_length=12)]
    day: Annotated[date, Meta(title=_("哪天取的"))]
    lines: Annotated[str, Meta(title=_("取餐码和时间"), min_length=8, max_length=8000)]


async def _here(ctx: Context, site: str) -> Site | None:
    own = await own_sites(ctx)
    return next((one for one in own if one.id == site), own[0] if own else None)


@get("/counter", allow=SERVE, name="counter")
async def counter_page(ctx: Context, site: str = "") -> Response[Any]:
    return await _counter(ctx, site, Form(FindForm))


async def _counter(ctx: Context, site: str, form: Form[FindForm], status: int = 200, **found: Any) -> Response[Any]:
    here = await _here(ctx, site)
    if here is None:
        return await ctx.render("no_counter.html", status=status)
    today = ctx.today()
    view = {"orders": [], "people": [], "asked": False, **found}
    return await ctx.render(
        "counter.html",
        status=status,
        here=here,
        own=await own_sites(ctx),
        form=form,
        today=today,
        counts=await queries.counter_counts(here.id, today),
        latest=await queries.latest_taken(here.id, today, 8),
        meals=words.MEALS,
        ways=words.WAYS,
        states=STATES,
        **view,
    )


@post("/counter", allow=SERVE, name="find")
async def find(ctx: Context, request: Req) -> Response[Any]:
    """A code leads on to its meal; a card or a name to a short list."""
    form = await Form.read(request, FindForm)
    at = form.value("site")
    if form.command is None:
        return await _counter(ctx, at, form, 422)
    here, typed = await _own_site(ctx, at), form.command.what
    if codes.read_code(typed) is None:
        found, people = await counter.look_up(ctx, here, typed)
        return await _counter(ctx, at, form, orders=found, people=people, asked=True)
    try:
        row = await counter.by_code(ctx, here, typed)
    except CanteenError as error:
        form.refuse_with(error, "what")
        return await _counter(ctx, at, form, error.status)
    return redirect(ctx.url("check", order=row.id))


async def _own_site(ctx: Context, site: str) -> Site:
    """:raises NotFound: not where the visitor serves"""
    found = await sites.site_of(site)
    ctx.require(SERVE, found.unit)
    return found


async def _order_here(ctx: Context, order: str) -> tuple[MealOrder, Site]:
    row = await MealOrder.objects().where(MealOrder.id == order).first()
    if row is None:
        raise nothing_here()
    return row, await _own_site(ctx, row.site)


@get("/counter/orders/{order:str}", allow=SERVE, name="check")
async def check(ctx: Context, order: str) -> Response[Any]:
    """What to hand over, to whom, and what to take for it."""
    row, here = await _order_here(ctx, order)
    return await _check(ctx, row, here, Form(TakeForm, {"paid_fen": row.due_fen}))


async def _check(ctx: Context, row: MealOrder, here: Site, form: Form[TakeForm], status: int = 200) -> Response[Any]:
    why_not = counter.why_not_take(ctx, row)
    if why_not is not None and not form.errors:
        form.refuse_with(why_not)
    who = (await ctx.people.cards([row.person])).get(row.person) if row.person else None
    card = await diners.card_of(row.person) if row.person else None
    return await ctx.render(
        "check.html",
        status=status,
        order=row,
        here=here,
        who=who,
        age=(await ctx.people.ages([row.person], ctx.today())).get(row.person),
        bad=words.split(card.allergens) if card else (),
        shares=await queries.shares_of(row.id),
        form=form,
        possible=why_not is None,
        meals=words.MEALS,
        ways=words.WAYS,
        states=STATES,
        allergens=words.ALLERGENS,
    )


@post("/counter/orders/{order:str}", allow=SERVE, name="take")
async def take(ctx: Context, request: Req, order: str) -> Response[Any]:
    """Hand it over. Sent twice it counts once, and says the same."""
    row, here = await _order_here(ctx, order)
    form = await Form.read(request, TakeForm)
    if form.command is None:
        return await _check(ctx, row, here, form, 422)
    try:
        done = await counter.take(ctx, form.key, Take(order, here.id, form.command.paid_fen))
    except CanteenError as error:
        form.refuse_with(error)
        return await _check(ctx, row, here, form, error.status)
    return redirect(ctx.url("counter", site=here.id), notice=gettext("取走了：%(title)s。", title=done.title))


# --- who came without ordering


@get("/counter/walk-in/{person:str}", allow=SERVE, name="walk_in")
async def walk_in(ctx: Context, person: str, site: str = "") -> Response[Any]:
    """What there is now, with what it costs this person."""
    return await _walk_in(ctx, person, site, Form(WalkInForm))


async def _walk_in(ctx: Context, person: str, site: str, form: Form[WalkInForm], status: int = 200) -> Response[Any]:
    who = await in_scope(ctx, person, SERVE)
    here = await _own_site(ctx, site)
    hours = await sites.hours_of(here.id)
    served = [m for m, row in hours.items() if sites.serves(row, ctx.today()) and not over(row, ctx.today(), ctx.now())]
    lines = [line for meal in served for line in await menus.offered(here.kitchen, ctx.today(), meal)]
    left = [line for line in lines if not line.portions or line.ordered < line.portions]
    return await ctx.render(
        "walk_in.html",
        status=status,
        who=who,
        here=here,
        lines=left,
        bills=await bills.bills_for(ctx, person, left),
        form=form,
        meals=words.MEALS,
    )


@post("/counter/walk-in/{person:str}", allow=SERVE, name="serve_walk_in")
async def serve_walk_in(ctx: Context, request: Req, person: str) -> Response[Any]:
    await in_scope(ctx, person, SERVE)
    form = await Form.read(request, WalkInForm)
    wish = form.command
    if wish is None:
        return await _walk_in(ctx, person, form.value("site"), form, 422)
    await _own_site(ctx, wish.site)
    try:
        await counter.walk_in(
            ctx, form.key, PlaceOrder(person, wish.line, wish.site, "dine", 0, wish.own_fen, walk_in=True)
        )
    except CanteenError as error:
        form.refuse_with(error)
        return await _walk_in(ctx, person, wish.site, form, error.status)
    return redirect(ctx.url("counter", site=wish.site), notice=gettext("记好了，可以上餐。"))


# --- what was handed over while the network was away


@get("/counter/offline", allow=SERVE, name="offline")
async def offline(ctx: Context, site: str = "") -> Response[Any]:
    return await _offline(ctx, site, Form(OfflineForm, {"day": ctx.today()}), [])


async def _offline(
    ctx: Context, site: str, form: Form[OfflineForm], verdicts: list[tuple[str, bool, str]], status: int = 200
) -> Response[Any]:
    here = await _here(ctx, site)
    if here is None:
        return await ctx.render("no_counter.html", status=status)
    return await ctx.render("offline.html", status=status, here=here, form=form, verdicts=verdicts)


@post("/counter/offline", allow=SERVE, name="enter_offline")
async def enter_offline(ctx: Context, request: Req) -> Response[Any]:
    """Line by line: each is taken in, or says why not; a scan that was entered before is refused."""
    form = await Form.read(request, OfflineForm)
    sent = form.command
    if sent is None:
        return await _offline(ctx, form.value("site"), form, [], 422)
    here = await _own_site(ctx, sent.site)
    verdicts = []
    for number, line in enumerate(sent.lines.splitlines()[:MOST_LINES]):
        if line.strip():
            done, said = await _enter(ctx, f"{form.key}/{number}", here, sent.day, line.strip())
            verdicts.append((line.strip()[:40], done, said))
    again = Form(OfflineForm, {"day": sent.day})
    return await _offline(ctx, here.id, again, verdicts, 200 if all(one[1] for one in verdicts) else 409)


async def _enter(ctx: Context, key: str, here: Site, day: date, line: str) -> tuple[bool, str]:
    at = read_scan(line, day, ctx)
    if at is None:
        return False, gettext("看不懂。请写成：取餐码 空格 时间，例如 1234 5678 11:25")
    code, moment = at
    try:
        row = await MealOrder.objects().where(MealOrder.code_hash == codes.hash_of_code(ctx, code)).first()
        if row is None or row.site != here.id:
            raise WrongCode
        done = await counter.take(ctx, key, Take(row.id, here.id, row.due_fen, orders.milliseconds(moment)))
    except CanteenError as error:
        shown: Form[TakeForm] = Form(TakeForm)
        shown.refuse_with(error)
        return False, shown.errors[0].text
    return True, gettext("补上了：%(title)s", title=done.title)


def read_scan(line: str, day: date, ctx: Context) -> tuple[str, datetime] | None:
    """``1234 5678 11:25`` → (code, moment); None: cannot be read, or lies ahead."""
    before, _space, last = line.replace("：", ":").rpartition(" ")
    code = codes.read_code(before)
    hour, colon, minute = last.partition(":")
    if code is None or not colon or not (hour.isdecimal() and minute.isdecimal()) or int(hour) > 23 or int(minute) > 59:
        return None
    at = clocktime.moment(day, clocktime.minutes(time(int(hour), int(minute))), ctx.now().tzinfo)
    return (code, at) if at <= ctx.now() else None


HANDLERS = [counter_page, find, check, take, walk_in, serve_walk_in, offline, enter_offline]
