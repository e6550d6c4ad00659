# SPDX-License-Identifier: Apache-2.0
"""Meal cards for staff: find a person by name or pinyin, write down which papers were seen, give out a card."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response

from liren.api import Context, PersonCard
from liren.web import Form, Nothing, choices, get, gettext, post, qr, redirect
from liren_canteen import diners, sites, words
from liren_canteen.diners import CHECK, CheckForm
from liren_canteen.errors import CanteenError, nothing_here
from liren_canteen.tables import DinerCard

Req = Request[Any, Any, Any]
FOUND = 20


async def looked_up(ctx: Context, text: str, permission: str) -> Sequence[PersonCard]:
    """Who the visitor may find: inside the areas where they hold ``permission``."""
    found: dict[str, PersonCard] = {}
    for prefix in ctx.access.units_with(permission):
        code = prefix.rstrip("/").rpartition("/")[2]
        for card in await ctx.people.lookup(text, unit=code, limit=FOUND):
            found.setdefault(card.id, card)
    return list(found.values())[:FOUND]


@get("/desk/diners", allow=CHECK, name="diners")
async def diners_page(ctx: Context, q: str = "") -> Response[Any]:
    """Somebody, by name, pinyin, initials, or the last digits of their phone."""
    text = q.strip()[:40]
    found = await looked_up(ctx, text, CHECK) if text else []
    return await ctx.render(
        "diners.html",
        q=text,
        found=found,
        cards=await diners.cards_of([card.id for card in found]),
        ages=await ctx.people.ages([card.id for card in found], ctx.today()),
        categories=words.CATEGORIES,
        registrations=words.REGISTRATIONS,
    )


async def in_scope(ctx: Context, person: str, permission: str) -> PersonCard:
    """:raises NotFound: no such person, or outside what the visitor looks after"""
    found = (await ctx.people.cards([person])).get(person)
    if found is None:
        raise nothing_here()
    ctx.require(permission, found.community or (await ctx.units.street()).code)
    return found


@get("/desk/diners/{person:str}", allow=CHECK, name="diner")
async def diner_page(ctx: Context, person: str) -> Response[Any]:
    found = await in_scope(ctx, person, CHECK)
    card = await diners.card_of(person)
    first = {
        "registration": card.registration,
        "categories": list(words.split(card.categories)),
        "evidence": card.evidence,
    }
    return await _diner(ctx, found, card, Form(CheckForm, first))


async def _diner(
    ctx: Context, who: PersonCard, card: DinerCard, form: Form[CheckForm], status: int = 200
) -> Response[Any]:
    checker = (await ctx.people.cards([card.checked_by])).get(card.checked_by) if card.checked_by else None
    return await ctx.render(
        "diner.html",
        status=status,
        who=who,
        card=card,
        form=form,
        age=(await ctx.people.ages([who.id], ctx.today())).get(who.id),
        checker=checker.name if checker else "",
        registrations=choices(words.REGISTRATIONS),
        categories=choices(words.CATEGORIES),
        allergens=words.ALLERGENS,
    )


@post("/desk/diners/{person:str}", allow=CHECK, name="check_diner")
async def check_diner(ctx: Context, request: Req, person: str) -> Response[Any]:
    found = await in_scope(ctx, person, CHECK)
    form = await Form.read(request, CheckForm)
    form.must_be_one_of("registration", words.REGISTRATIONS)
    sent = form.command
    if sent is not None and (wrong := diners.categories_wrong(sent.categories, sent.evidence)) is not None:
        form.refuse(*wrong)
    if form.command is None or form.errors:
        return await _diner(ctx, found, await diners.card_of(person), form, 422)
    try:
        await diners.check(ctx, person, form.command)
    except CanteenError as error:
        form.refuse_with(error, "card")
        return await _diner(ctx, found, await diners.card_of(person), form, error.status)
    return redirect(ctx.url("diner", person=person), notice=gettext("保存好了，从下一单起按新的算。"))


@post("/desk/diners/{person:str}/paper-card", allow=CHECK, name="paper_card")
async def paper_card(ctx: Context, request: Req, person: str) -> Response[Any]:
    """A card to print, shown once: only its keyed hash is kept. Pressed again, the card before is void."""
    found = await in_scope(ctx, person, CHECK)
    await Form.read(request, Nothing)
    number = await diners.print_card(ctx, person)
    usual = (await diners.card_of(person)).site
    return await ctx.render(
        "paper_card.html",
        who=found,
        number=" ".join(number[start : start + 4] for start in range(0, len(number), 4)),
        picture=qr(number, label=gettext("餐卡 %(name)s", name=found.name)),
        site=next((site for site in await sites.all_sites() if site.id == usual), None),
        now=ctx.now(),
    )


HANDLERS = [diners_page, diner_page, check_diner, paper_card]
