# SPDX-License-Identifier: Apache-2.0
"""Meal cards: what staff checked about a diner (categories, registration, card), and what diners say themselves
(allergens, diets, where to bring it).
"""

import secrets
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from liren.api import Context, Outbox, _
from liren.web import gettext
from liren_canteen import subsidy, words
from liren_canteen.errors import CardTaken
from liren_canteen.menus import Allergen, Diet
from liren_canteen.tables import DinerCard
from liren_canteen.words import split

CHECK: Final = "canteen.check"
PAPER_DIGITS: Final = 12


class OwnForm(msgspec.Struct, frozen=True):
    """What a diner says."""

    site: Annotated[str, Meta(title=_("常去哪家食堂"), max_length=12)] = ""
    allergens: Annotated[list[Allergen], Meta(title=_("不能吃"))] = []
    diets: Annotated[list[Diet], Meta(title=_("要吃"))] = []
    deliver_to: Annotated[str, Meta(title=_("送餐送到哪里"), max_length=80)] = ""


class CheckForm(msgspec.Struct, frozen=True):
    """What staff saw on paper."""

    registration: Annotated[str, Meta(title=_("户籍"), max_length=8)] = ""
    categories: Annotated[list[str], Meta(title=_("属于哪类"))] = []
    evidence: Annotated[str, Meta(title=_("看了什么证件"), max_length=120)] = ""
    card: Annotated[str, Meta(title=_("餐卡号"), max_length=40, extra={"secret": True})] = ""
    lost: Annotated[bool, Meta(title=_("卡丢了，先停用"))] = False


def categories_wrong(categories: Sequence[str], evidence: str) -> tuple[str, str] | None:
    """The same rule for the page and the list: (field, what is wrong), or None."""
    if set(categories) - set(words.CATEGORIES):
        return "categories", gettext("请从列出的里面选择%(title)s", title=gettext("属于哪类"))
    if len(set(categories)) < len(categories):
        return "categories", gettext("同一类写了两遍，请核对")
    if categories and not evidence.strip():
        return "evidence", gettext("请写明看了什么证件，补贴要有依据")
    return None


def in_order(categories: Collection[str]) -> str:
    """As they stand in the column, whichever way round they were written."""
    return ",".join(code for code in words.CATEGORIES if code in categories)


def card_number(typed: str) -> str:
    """As a reader or a person types it: full-width digits, spaces and dashes are forgiven; capital letters."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(c for c in plain if c.isalnum()).upper()


def hash_of_card(ctx: Context, number: str) -> str:
    return ctx.keyed_hash("card", number)


async def card_of(person: str) -> DinerCard:
    """An empty one where nothing is known yet."""
    found = await DinerCard.objects().where(DinerCard.person == person).first()
    return found or DinerCard(person=person)


async def cards_of(people: list[str]) -> dict[str, DinerCard]:
    if not people:
        return {}
    return {row.person: row for row in await DinerCard.objects().where(DinerCard.person.is_in(people))}


async def holder_of(ctx: Context, typed: str) -> str | None:
    """Whose card this number is; None: nobody's."""
    number = card_number(typed)
    if not number:
        return None
    row = await DinerCard.objects().where(DinerCard.card_hash == hash_of_card(ctx, number)).first()
    return row.person if row else None


async def facts(ctx: Context, person: str, day: date) -> subsidy.Diner:
    """What the rules ask, on the day of the meal: who turns eighty that day is eighty."""
    ages = await ctx.people.ages([person], day)
    card = await card_of(person)
    return subsidy.Diner(ages.get(person), split(card.categories), card.registration)


async def say(ctx: Context, person: str, form: OwnForm) -> None:
    """The diner's own part."""
    async with ctx.transaction() as tx:
        values: dict[Any, Any] = {
            "site": form.site,
            "allergens": ",".join(form.allergens),
            "diets": ",".join(form.diets),
            "deliver_to": form.deliver_to,
        }
        await _write(person, values)
        await tx.audit("card-said", person)


async def check(ctx: Context, person: str, form: CheckForm) -> None:
    """The staff's part; an empty card number leaves the card as it is.

    :raises CardTaken: the number is somebody else's
    """
    async with ctx.transaction() as tx:
        await write_check(ctx, tx, person, form)


async def print_card(ctx: Context, person: str) -> str:
    """A card of paper with a number nobody can guess; the one before no longer counts. :returns: the number"""
    number = "".join(secrets.choice("0123456789") for _ in range(PAPER_DIGITS))
    async with ctx.transaction() as tx:
        await _write(person, {"card_hash": hash_of_card(ctx, number)})
        await tx.audit("card-printed", person)
    return number


async def write_check(ctx: Context, tx: Outbox, person: str, form: CheckForm) -> None:
    """:func:`check` inside a transaction that is open."""
    values: dict[Any, Any] = {
        "registration": form.registration,
        "categories": in_order(form.categories),
        "evidence": form.evidence,
        "checked_on": ctx.today(),
        "checked_by": ctx.actor,
    }
    number = card_number(form.card)
    if form.lost:
        values["card_hash"] = None
    elif number:
        hashed = hash_of_card(ctx, number)
        if await DinerCard.exists().where((DinerCard.card_hash == hashed) & (DinerCard.person != person)):
            raise CardTaken
        values["card_hash"] = hashed
    await _write(person, values)
    await tx.audit("card-checked", person, categories=",".join(form.categories), card=int(bool(number)))


async def _write(person: str, values: dict[Any, Any]) -> None:
    if await DinerCard.exists().where(DinerCard.person == person):
        await DinerCard.update(values).where(DinerCard.person == person)
    else:
        await DinerCard.insert(DinerCard(person=person, **values))
