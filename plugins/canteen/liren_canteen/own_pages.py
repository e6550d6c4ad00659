# SPDX-License-Identifier: Apache-2.0
"""What a diner keeps: the meals they ordered, their weekly wishes, what their card says."""

from typing import Any

from litestar import Request, Response

from liren.api import Context
from liren.web import SIGNED_IN, Form, Nothing, ask, choices, get, gettext, post, qr, redirect
from liren_canteen import bills, codes, diners, orders, queries, sites, standing, subsidy, words
from liren_canteen.clocktime import clock
from liren_canteen.diners import OwnForm
from liren_canteen.errors import CanteenError
from liren_canteen.order_flow import OPEN, STATES
from liren_canteen.resident import eater
from liren_canteen.standing import StandingForm
from liren_canteen.tables import DinerCard, MealOrder

Req = Request[Any, Any, Any]
PAST_A_PAGE = 20


@get("/mine", allow=SIGNED_IN, name="mine")
async def mine(ctx: Context, page: str | None = None) -> Response[Any]:
    """What waits to be eaten, and what was."""
    asked = ask(page, size=PAST_A_PAGE)
    past, total = await queries.past_orders(eater(ctx), asked.size, asked.offset)
    return await ctx.render(
        "mine.html",
        waiting=await queries.open_orders(eater(ctx), 30),
        page=asked.page(past, total),
        wishes=[(row, await sites.site_of(row.site), standing.told(row)) for row in await standing.live_of(eater(ctx))],
        states=STATES,
        meals=words.MEALS,
        ways=words.WAYS,
    )


@get("/mine/{order:str}", allow=SIGNED_IN, name="order")
async def order_page(ctx: Context, order: str) -> Response[Any]:
    """The code and the bill, for the person whose order it is."""
    return await _order(ctx, await orders.own_order(order, eater(ctx)))


async def _order(ctx: Context, row: MealOrder, status: int = 200, error: str = "") -> Response[Any]:
    code = codes.in_groups(codes.code_of(ctx, row.id, row.code_try))
    is_open = row.state in OPEN
    hours = (await sites.hours_of(row.site)).get(row.meal)
    return await ctx.render(
        "order.html",
        status=status,
        order=row,
        site=await sites.site_of(row.site),
        code=code,
        picture=qr(code.replace(" ", ""), label=gettext("取餐码 %(code)s", code=code)) if is_open else None,
        is_open=is_open,
        shares=await queries.shares_of(row.id),
        times=(clock(hours.opens_min), clock(hours.closes_min)) if hours else None,
        can_cancel=await orders.why_not_cancel(ctx, row) is None,
        until=sites.ends(hours, row.day, ctx.now()) if hours else None,
        error=error,
        states=STATES,
        meals=words.MEALS,
        ways=words.WAYS,
    )


@post("/mine/{order:str}/cancel", allow=SIGNED_IN, name="cancel")
async def cancel(ctx: Context, request: Req, order: str) -> Response[Any]:
    form = await Form.read(request, Nothing)
    try:
        await orders.cancel(ctx, form.key, eater(ctx), order)
    except CanteenError as error:
        form.refuse_with(error)
        return await _order(ctx, await orders.own_order(order, eater(ctx)), error.status, form.errors[0].text)
    return redirect(ctx.url("home"), notice=gettext("已经取消，不用来了。"))


@get("/standing", allow=SIGNED_IN, name="standing")
async def standing_page(ctx: Context) -> Response[Any]:
    card = await diners.card_of(eater(ctx))
    return await _standing(ctx, Form(StandingForm, {"site": card.site, "meal": "lunch", "way": "dine"}))


async def _standing(ctx: Context, form: Form[StandingForm], status: int = 200) -> Response[Any]:
    found = await sites.all_sites(only_open=True)
    return await ctx.render(
        "standing.html",
        status=status,
        form=form,
        sites=[(site.id, site.name) for site in found],
        meals=choices(words.MEALS),
        days=[(str(number), gettext(title)) for number, title in enumerate(words.WEEKDAYS)],
        ways=choices(words.WAYS),
    )


@post("/standing", allow=SIGNED_IN, name="begin_standing")
async def begin_standing(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, StandingForm)
    if form.command is not None:
        await _check_wish(ctx, form, form.command)
    if form.command is None or form.errors:
        return await _standing(ctx, form, 422)
    await standing.begin(ctx, form.key, eater(ctx), form.command)
    return redirect(ctx.url("mine"), notice=gettext("设好了。明天起到日子自动订，不想吃随时停。"))


async def _check_wish(ctx: Context, form: Form[StandingForm], wish: StandingForm) -> None:
    found = {site.id: site for site in await sites.all_sites(only_open=True)}
    if wish.site not in found:
        form.refuse("site", gettext("请从列表里选一家食堂"))
        return
    if wish.meal not in await sites.hours_of(wish.site):
        form.refuse("meal", gettext("这家食堂没有这一餐，请换一餐或换一家"))
    if wish.way == "deliver" and not found[wish.site].delivers:
        form.refuse("way", gettext("这家食堂不送餐，请选堂食或自取"))
    elif wish.way == "deliver" and not (await diners.card_of(eater(ctx))).deliver_to:
        form.refuse("way", gettext("请先在“我的餐卡”里填好送餐地址"))


@post("/standing/{standing_id:str}/end", allow=SIGNED_IN, name="end_standing")
async def end_standing(ctx: Context, request: Req, standing_id: str) -> Response[Any]:
    await Form.read(request, Nothing)
    await standing.end(ctx, eater(ctx), standing_id)
    return redirect(ctx.url("mine"), notice=gettext("停了。已经订好的餐可以单独取消。"))


@get("/card", allow=SIGNED_IN, name="card")
async def card_page(ctx: Context) -> Response[Any]:
    card = await diners.card_of(eater(ctx))
    first = {
        "site": card.site,
        "allergens": list(words.split(card.allergens)),
        "diets": list(words.split(card.diets)),
        "deliver_to": card.deliver_to,
    }
    return await _card(ctx, card, Form(OwnForm, first))


async def _card(ctx: Context, card: DinerCard, form: Form[OwnForm], status: int = 200) -> Response[Any]:
    person = eater(ctx)
    month = subsidy.month_of(ctx.today())
    return await ctx.render(
        "card.html",
        status=status,
        card=card,
        form=form,
        age=(await ctx.people.ages([person], ctx.today())).get(person),
        used=sorted((await bills.used_fen(person, month)).items()),
        sites=[(site.id, site.name) for site in await sites.all_sites(only_open=True)],
        allergens=choices(words.ALLERGENS),
        diets=choices(words.DIETS),
        categories=words.CATEGORIES,
        registrations=words.REGISTRATIONS,
    )


@post("/card", allow=SIGNED_IN, name="say_card")
async def say_card(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, OwnForm)
    known = {site.id for site in await sites.all_sites()}
    if form.command is not None and form.command.site and form.command.site not in known:
        form.refuse("site", gettext("请从列表里选一家食堂"))
    if form.command is None or form.errors:
        return await _card(ctx, await diners.card_of(eater(ctx)), form, 422)
    await diners.say(ctx, eater(ctx), form.command)
    return redirect(ctx.url("card"), notice=gettext("记下了。"))


HANDLERS = [
    mine,
    order_page,
    cancel,
    standing_page,
    begin_standing,
    end_standing,
    card_page,
    say_card,
]
