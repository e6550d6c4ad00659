# SPDX-License-Identifier: Apache-2.0
"""The counter: find the meal by its code, the card or the name; take the money that is due; hand the meal over once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from liren.api import Context, PersonCard, Settle, Tx, _
from liren_canteen import codes, departed, diners, orders, sites
from liren_canteen.errors import CanteenError, CodeOver, NotHereAnyMore, NotToday, TakenAlready, WrongAmount, WrongCode
from liren_canteen.events import MealTaken
from liren_canteen.order_flow import OPEN
from liren_canteen.orders import PlaceOrder
from liren_canteen.sites import SERVE
from liren_canteen.tables import MealOrder, Site, SubsidyShare

MOST_FOUND = 20


class Take(msgspec.Struct, frozen=True):
    """What the check page sends."""

    order: str
    site: str
    paid_fen: int
    """What was taken in money; it has to be what is due."""
    at_ms: int | None = None
    """When, for a meal that is entered later; None: now."""


class Taken(msgspec.Struct, frozen=True):
    order: str
    person: str
    title: str
    paid_fen: int


class FoundOrder(msgspec.Struct, frozen=True):
    """One line of what a search at the counter gave."""

    order: MealOrder
    who: PersonCard | None


# --- finding


async def by_code(ctx: Context, site: Site, typed: str) -> MealOrder:
    """
    :raises WrongCode: nobody's, or another site's
    :raises TakenAlready: replayed; :raises CodeOver: cancelled or missed; :raises NotToday: of another day
    """
    code = codes.read_code(typed)
    row = None
    if code is not None:
        row = await MealOrder.objects().where(MealOrder.code_hash == codes.hash_of_code(ctx, code)).first()
    if row is None:
        raise WrongCode
    if row.site != site.id:
        raise WrongCode(elsewhere=(await sites.site_of(row.site)).name)
    if (why_not := why_not_take(ctx, row)) is not None:
        raise why_not
    return row


def why_not_take(ctx: Context, row: MealOrder, at: datetime | None = None) -> CanteenError | None:
    """Whether this meal can be handed over (at that moment)."""
    now = at or ctx.now()
    if row.taken_ms is not None:
        return TakenAlready(datetime.fromtimestamp(row.taken_ms / 1000, now.tzinfo))
    if row.state not in OPEN:
        return CodeOver()
    return NotToday(row.day) if row.day != now.date() else None


async def waiting_of(site: str, people: Sequence[str], day: object) -> list[MealOrder]:
    """What these people may fetch here that day."""
    if not people:
        return []
    return (
        await MealOrder.objects()
        .where(
            (MealOrder.site == site)
            & (MealOrder.day == day)
            & MealOrder.person.is_in(list(people))
            & MealOrder.state.is_in(list(OPEN))
        )
        .order_by(MealOrder.meal)
        .limit(MOST_FOUND * 3)
    )


async def look_up(ctx: Context, site: Site, typed: str) -> tuple[list[FoundOrder], list[PersonCard]]:
    """Orders of today behind a card or a name, and who has none: somebody who came without ordering.

    Names are looked up in the whole street, for one may eat at any site; who has no order here is only named where the
    visitor looks after their community.
    """
    holder = await diners.holder_of(ctx, typed)
    found = list(await ctx.people.lookup(typed[:40], limit=MOST_FOUND))
    if holder is not None:
        found = list((await ctx.people.cards([holder])).values())
    cards = {card.id: card for card in found}
    rows = await waiting_of(site.id, list(cards), ctx.today())
    have = {row.person for row in rows}
    near = [card for card in found if card.id not in have and card.active and _near(ctx, card)]
    return [FoundOrder(row, cards.get(row.person)) for row in rows], near


def _near(ctx: Context, card: PersonCard) -> bool:
    return card.community is not None and ctx.can(SERVE, card.community)


# --- handing over


async def take(ctx: Context, key: str, request: Take) -> Taken:
    """
    :raises NotFound: not a site where the visitor serves, or not an order of it
    :raises WrongAmount: another amount than what is due
    :raises CanteenError: as :func:`by_code`; a meal is handed over once, whoever asks and however often
    """
    site = await sites.site_of(request.site)
    ctx.require(SERVE, site.unit)
    taken = await hand_over(ctx, key, request)
    row = await MealOrder.objects().where(MealOrder.id == request.order).first()
    if row is not None and row.person and row.placed_by != row.person and not row.placed_by.startswith("job:"):
        said = _("您在{site}取了“{title}”，付了 {paid} 元。不是您取的，请告诉食堂。")
        text = ctx.t(said, site=site.name, title=row.title, paid=f"{taken.paid_fen / 100:g}")
        await ctx.notify(row.person, text, ctx.url("order", order=row.id))
    return taken


async def hand_over(ctx: Context, key: str, request: Take) -> Taken:
    """:func:`take` without asking whose counter it is (for the plugin's own demo)."""
    at = datetime.fromtimestamp(request.at_ms / 1000, ctx.now().tzinfo) if request.at_ms is not None else ctx.now()

    async def body(tx: Tx) -> Taken:
        row = await MealOrder.objects().where(MealOrder.id == request.order).first()
        if row is None or row.site != request.site:
            raise WrongCode
        if (why_not := why_not_take(ctx, row, at)) is not None:
            raise why_not
        if request.paid_fen != row.due_fen:
            raise WrongAmount(row.due_fen)
        return await write_taken(ctx, tx, row, at)

    return await ctx.once(key, request, body, Taken)


async def write_taken(ctx: Context, tx: Tx, row: MealOrder, at: datetime) -> Taken:
    """Inside a transaction: points to the site, shares earned, the fact told.

    :raises NotHereAnyMore: whose meal it was has died or moved away; nobody eats it in their name
    """
    if await departed.gone(ctx, [row.person]):
        raise NotHereAnyMore
    await ctx.cases.move(tx, await orders.case_of(ctx, row.id), "take")
    values: dict[Any, Any] = {
        MealOrder.paid_fen: row.due_fen,
        MealOrder.taken_ms: orders.milliseconds(at),
        MealOrder.taken_by: ctx.actor,
    }
    if row.spend is not None:
        values[MealOrder.settle] = (await tx.post(Settle(row.spend, row.site, "canteen.take"))).rid
    await MealOrder.update(values).where(MealOrder.id == row.id)
    await SubsidyShare.update({SubsidyShare.state: "earned"}).where(SubsidyShare.meal_order == row.id)
    site = await sites.site_of(row.site)
    if row.person:
        await tx.emit(MealTaken(row.person, row.day.isoformat(), site.unit, row.meal, row.id))
    await tx.audit("taken", row.id, paid=row.due_fen)
    return Taken(row.id, row.person, row.title, row.due_fen)


async def walk_in(ctx: Context, key: str, wish: PlaceOrder) -> str:
    """Somebody came without ordering: ordered and handed over at once, as long as there are portions.

    :returns: the order
    :raises NotFound: not a site where the visitor serves
    :raises CanteenError: as for any order
    """
    ctx.require(SERVE, (await sites.site_of(wish.site)).unit)
    placed = await orders.place(ctx, key, wish)
    await take(ctx, f"{key}/take", Take(placed.order, wish.site, placed.due_fen))
    return placed.order
