# SPDX-License-Identifier: Apache-2.0
"""A diner orders: what there is, what it costs, the code to fetch it with. Three taps: the tile, the meal, confirm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Conflict, Context, Subject, _
from liren.web import ANYONE, SIGNED_IN, Form, get, gettext, post, redirect
from liren_canteen import bills, diners, for_someone, menus, orders, queries, rulebook, sites, subsidy, words
from liren_canteen.errors import CanteenError
from liren_canteen.for_someone import diner_of
from liren_canteen.order_flow import STATES
from liren_canteen.orders import PlaceOrder
from liren_canteen.tables import MenuLine, Site

Req = Request[Any, Any, Any]


class Confirm(msgspec.Struct, frozen=True):
    """The confirm page's form."""

    site: Annotated[str, Meta(title=_("食堂"), min_length=1, max_length=12)]
    own_fen: Annotated[int, Meta(title=_("自己付的"), ge=0, le=10_000_000)]
    way: Annotated[Literal["dine", "pick", "deliver"], Meta(title=_("怎么取"))] = "dine"
    points: Annotated[int, Meta(title=_("用几个积分"), ge=0, le=1000)] = 0
    mandate: Annotated[str, Meta(title=_("替谁订"), max_length=40)] = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One meal that can still be ordered."""

    day: date
    meal: str

    @property
    def key(self) -> str:
        return f"{self.day}/{self.meal}"


def eater(ctx: Context) -> str:
    """Whose meals the visitor's own pages are about."""
    assert ctx.visitor is not None, "the route's allow admits nobody without a login"
    return ctx.visitor.person


# --- choosing


@get("/", allow=SIGNED_IN, name="home")
async def home(ctx: Context, site: str = "", day: str = "", meal: str = "", mandate: str = "") -> Response[Any]:
    """One meal of one site, tomorrow's lunch first, each with what it costs this person.

    :param mandate: the consent of somebody the visitor orders for
    """
    diner = await diner_of(ctx, mandate)
    person = diner.person
    card, open_sites = await diners.card_of(person), await sites.all_sites(only_open=True)
    here = await _nearest(ctx, open_sites, site or card.site, diner.unit)
    if here is None:
        return await ctx.render("no_site.html")
    slots = await slots_of(ctx, here)
    chosen = choose(slots, f"{day}/{meal}", ctx.today())
    lines = await menus.offered(here.kitchen, chosen.day, chosen.meal) if chosen else []
    return await ctx.render(
        "home.html",
        diner=diner,
        site=here,
        sites=open_sites,
        slots=slots,
        chosen=chosen,
        today=ctx.today(),
        until=sites.ends((await sites.hours_of(here.id))[chosen.meal], chosen.day, ctx.now()) if chosen else None,
        lines=lines,
        bills=await bills.bills_for(ctx, person, lines),
        mine=await orders.order_of(person, lines[0]) if lines else None,
        bad=words.split(card.allergens),
        waiting=await queries.open_orders(person, 5) if diner.mandate is None else [],
        meals=words.MEALS,
        diets=words.DIETS,
        allergens=words.ALLERGENS,
        states=STATES,
    )


async def _nearest(ctx: Context, found: Sequence[Site], wanted: str, lives: str | None) -> Site | None:
    """The one asked for or usual; else one of the person's community; else the first."""
    path = await ctx.units.path(lives) if lives else ()
    own = {unit.code for unit in path}
    by_wish = next((site for site in found if site.id == wanted), None)
    return by_wish or next((site for site in found if site.unit in own), found[0] if found else None)


async def slots_of(ctx: Context, site: Site) -> list[Slot]:
    """What can be ordered now, in order of time."""
    hours, now = await sites.hours_of(site.id), ctx.now()
    days = [now.date() + timedelta(days=n) for n in range(ctx.settings.order_days + 1)]
    return [
        Slot(day, meal)
        for day in days
        for meal, times in hours.items()
        if sites.serves(times, day) and now < sites.ends(times, day, now)
    ]


def choose(slots: Sequence[Slot], wanted: str, today: date) -> Slot | None:
    """The slot asked for; else the next lunch from tomorrow on; else the first there is."""
    asked = next((slot for slot in slots if slot.key == wanted), None)
    lunch = next((slot for slot in slots if slot.meal == "lunch" and slot.day > today), None)
    return asked or lunch or (slots[0] if slots else None)


@get("/photo/{photo:str}", allow=ANYONE, name="photo")
async def photo(ctx: Context, photo: str) -> Response[Any]:
    """A picture of a meal; its address never changes its content."""
    found = await menus.photo_of(photo)
    kind = "image/jpeg" if found.kind == "jpg" else "image/png"
    headers = {"cache-control": "public, max-age=604800, immutable", "content-disposition": "inline"}
    return Response(bytes(found.content), media_type=kind, headers=headers)


@get("/rules", allow=ANYONE, name="public_rules")
async def public_rules(ctx: Context) -> Response[Any]:
    """Who gets how much from whom: what holds today, and what begins later."""
    now = await rulebook.in_force(ctx.today())
    coming = [row for row in await rulebook.versions() if row.starts is not None and row.starts > ctx.today()]
    return await ctx.render(
        "public_rules.html",
        version=now,
        rules=await rulebook.rows_of(now.id) if now else [],
        coming=[(row, await rulebook.rows_of(row.id)) for row in coming[:3]],
        **rule_words(),
    )


def rule_words() -> dict[str, Any]:
    return {"meals": words.MEALS, "categories": words.CATEGORIES, "registrations": words.REGISTRATIONS}


# --- ordering


@get("/order/{line:str}", allow=SIGNED_IN, name="confirm")
async def confirm(ctx: Context, line: str, site: str = "", mandate: str = "") -> Response[Any]:
    """Check before it counts: what, when, what it costs and why."""
    found = await menus.line_of(line)
    return await _confirm(ctx, found, site, Form(Confirm, {"way": "dine", "mandate": mandate}))


async def _confirm(ctx: Context, line: MenuLine, site: str, form: Form[Confirm], status: int = 200) -> Response[Any]:
    diner, here = await diner_of(ctx, form.value("mandate")), await sites.site_of(site)
    person = diner.person
    [bill] = (await bills.bills_for(ctx, person, [line])).values()
    balance = (
        (await ctx.ledger.balance(Subject("h", person))).total if line.points_most and diner.mandate is None else 0
    )
    most = min(line.points_most, subsidy.points_that_fit(bill.own_fen, balance, ctx.settings.point_fen))
    wish = PlaceOrder(person, line.id, here.id, "dine", 0, bill.own_fen)
    card = await diners.card_of(person)
    why_not = await orders.why_not(ctx, wish, line, here, card)
    if why_not is not None and not form.errors:
        form.refuse_with(why_not)
    return await ctx.render(
        "confirm.html",
        status=status,
        diner=diner,
        line=line,
        site=here,
        bill=bill,
        form=form,
        ways=[(way, gettext(title)) for way, title in words.WAYS.items() if way != "deliver" or here.delivers],
        card=card,
        points=[(n, bill.own_fen - n * ctx.settings.point_fen) for n in range(1, most + 1)],
        possible=why_not is None,
        meals=words.MEALS,
        allergens=words.ALLERGENS,
    )


@post("/order/{line:str}", allow=SIGNED_IN, name="place")
async def place(ctx: Context, request: Req, line: str) -> Response[Any]:
    """Place the order and go to its code; or say why not, with the bill as it is now."""
    form = await Form.read(request, Confirm)
    found = await menus.line_of(line)
    if form.command is None:
        return await _confirm(ctx, found, form.value("site"), form, 422)
    asked = form.command
    diner = await diner_of(ctx, asked.mandate)
    wish = PlaceOrder(diner.person, line, asked.site, asked.way, asked.points, asked.own_fen)
    try:
        if diner.mandate is not None:
            slip = await for_someone.place(ctx, form.key, wish, diner.mandate)
            return redirect(ctx.url("acting.slip", slip=slip), notice=gettext("订好了。请把凭条给本人。"))
        placed = await orders.place(ctx, form.key, wish)
    except (CanteenError, Conflict) as error:
        form.refuse_with(error)
        return await _confirm(ctx, found, asked.site, form, error.status)
    return redirect(ctx.url("order", order=placed.order), notice=gettext("订好了。到时凭码取餐。"))


HANDLERS = [
    home,
    photo,
    public_rules,
    confirm,
    place,
]
