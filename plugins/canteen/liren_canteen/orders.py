# SPDX-License-Identifier: Apache-2.0
"""Ordering a meal, and taking the order back: the row, the portions, the funders' shares and the points together or
not at all.
"""

from datetime import datetime, timedelta

import msgspec

from liren.api import Case, Context, Spend, Subject, Tx, Void
from liren_canteen import bills, codes, diners, menus, sites, subsidy, words
from liren_canteen.errors import (
    AllergenIn,
    BillChanged,
    CannotCancel,
    CanteenError,
    LineGone,
    NoAddress,
    NoDelivery,
    NotEnoughPoints,
    NotHereAnyMore,
    NotServed,
    OrderedAlready,
    SoldOut,
    TooEarly,
    TooLate,
    nothing_here,
)
from liren_canteen.order_flow import ORDER
from liren_canteen.tables import DinerCard, MealOrder, MenuLine, Site, SubsidyShare, new_id


class PlaceOrder(msgspec.Struct, frozen=True):
    """A wish as the confirm page states it."""

    person: str
    line: str
    site: str
    way: str
    points: int
    own_fen: int
    """Own share as the page showed it, before points."""
    walk_in: bool = False
    """At the counter, after cut-off: eaten now."""


class Placed(msgspec.Struct, frozen=True):
    order: str
    due_fen: int


class EndOrder(msgspec.Struct, frozen=True):
    order: str
    move: str


class Ended(msgspec.Struct, frozen=True):
    order: str
    points: int


def milliseconds(at: datetime) -> int:
    """Unix time."""
    return int(at.timestamp() * 1000)


# --- what it would cost


# --- placing


async def place(ctx: Context, key: str, wish: PlaceOrder) -> Placed:
    """
    :param key: the form's request key; the same wish again gives the same order
    :raises CanteenError: too late, sold out, ordered already, the bill changed, an allergen, not enough points …
    :raises NotFound: no such meal or site
    """

    async def body(tx: Tx) -> Placed:
        return await ordered(ctx, tx, wish)

    return await ctx.once(key, wish, body, Placed)


async def ordered(ctx: Context, tx: Tx, wish: PlaceOrder) -> Placed:
    """:func:`place` inside a transaction that is open."""
    line, site = await menus.line_of(wish.line), await sites.site_of(wish.site)
    card = await diners.card_of(wish.person)
    await _refuse(ctx, wish, line, site, card)
    await _refuse_second(wish.person, line)
    [bill] = (await bills.bills_for(ctx, wish.person, [line], wish.points)).values()
    if bill.own_fen != wish.own_fen:
        raise BillChanged(wish.own_fen, bill.own_fen)
    await _take_portion(line)
    order = await _insert(ctx, tx, wish, line, site, bill)
    title = f"{line.day.month}月{line.day.day}日{words.MEALS[line.meal]} {line.title}"
    await ctx.cases.open(tx, ORDER.name, subject=order, unit=site.unit, title=title, holder=wish.person)
    await tx.audit("ordered", order, person=wish.person, due=bill.due_fen, way=wish.way)
    return Placed(order, bill.due_fen)


async def _refuse(ctx: Context, wish: PlaceOrder, line: MenuLine, site: Site, card: DinerCard) -> None:
    """What can be said before money is looked at.

    :raises CanteenError: the first thing that stands in the way
    """
    person = (await ctx.people.cards([wish.person])).get(wish.person)
    if person is None or not person.active:
        raise NotHereAnyMore
    if not line.listed or line.kitchen != site.kitchen:
        raise LineGone(line.title)
    now = ctx.now()
    hours = (await sites.hours_of(site.id)).get(line.meal)
    if not site.open or hours is None or not sites.serves(hours, line.day):
        raise NotServed(site.name)
    if wish.walk_in and line.day == now.date():
        pass
    elif line.day > now.date() + timedelta(days=ctx.settings.order_days):
        raise TooEarly(ctx.settings.order_days)
    elif now >= (until := sites.ends(hours, line.day, now)):
        raise TooLate(until)
    if wish.way == "deliver" and not site.delivers:
        raise NoDelivery(site.name)
    if wish.way == "deliver" and not card.deliver_to:
        raise NoAddress
    if clash := [code for code in words.split(line.allergens) if code in words.split(card.allergens)]:
        raise AllergenIn(line.title, "、".join(words.ALLERGENS[code] for code in clash), ", ".join(clash))


async def why_not(ctx: Context, wish: PlaceOrder, line: MenuLine, site: Site, card: DinerCard) -> CanteenError | None:
    """What the confirm page says before anybody presses its button."""
    try:
        await _refuse(ctx, wish, line, site, card)
        await _refuse_second(wish.person, line)
    except CanteenError as error:
        return error
    sold_out = bool(line.portions) and line.ordered >= line.portions
    return SoldOut(line.title) if sold_out else None


async def _refuse_second(person: str, line: MenuLine) -> None:
    """One meal a person, wherever: a second one at another site would be subsidised twice."""
    other = await order_of(person, line)
    if other is not None:
        raise OrderedAlready((await sites.site_of(other.site)).name)


async def order_of(person: str, line: MenuLine) -> MealOrder | None:
    """What this person has for the meal of that line already."""
    return (
        await MealOrder.objects()
        .where(
            (MealOrder.person == person)
            & (MealOrder.day == line.day)
            & (MealOrder.meal == line.meal)
            & (MealOrder.state != "cancelled")
        )
        .first()
    )


async def _take_portion(line: MenuLine) -> None:
    """Guarded by the statement itself, whoever else is ordering.

    :raises SoldOut: none is left
    """
    taken = (
        await MenuLine.update({MenuLine.ordered: MenuLine.ordered + 1})
        .where((MenuLine.id == line.id) & ((MenuLine.portions == 0) | (MenuLine.ordered < MenuLine.portions)))
        .returning(MenuLine.id)
    )
    if not taken:
        raise SoldOut(line.title)


async def _insert(ctx: Context, tx: Tx, wish: PlaceOrder, line: MenuLine, site: Site, bill: subsidy.Bill) -> str:
    order = new_id()
    code_try, code_hash = await codes.free_code(ctx, order)
    spend = await _spend(ctx, tx, wish, line, site, bill, order) if bill.points else None
    await MealOrder.insert(
        MealOrder(
            id=order,
            person=wish.person,
            site=site.id,
            line=line.id,
            day=line.day,
            meal=line.meal,
            way=wish.way,
            title=line.title,
            price_fen=bill.price_fen,
            subsidy_fen=bill.subsidy_fen,
            points=bill.points,
            points_fen=bill.points_fen,
            due_fen=bill.due_fen,
            code_try=code_try,
            code_hash=code_hash,
            spend=spend,
            placed_by=ctx.actor,
            placed_ms=milliseconds(ctx.now()),
        )
    )
    month = subsidy.month_of(line.day)
    for share in bill.lines:
        await SubsidyShare.insert(
            SubsidyShare(
                id=new_id(),
                meal_order=order,
                person=wish.person,
                month=month,
                funder=share.rule.funder,
                rule=share.rule.id,
                title=share.rule.title,
                fen=share.fen,
                reason=share.reason,
            )
        )
    return order


async def _spend(
    ctx: Context, tx: Tx, wish: PlaceOrder, line: MenuLine, site: Site, bill: subsidy.Bill, order: str
) -> str:
    """Points into escrow.

    :raises NotEnoughPoints: fewer are there
    """
    subject = Subject("h", wish.person)
    balance = (await tx.balance(subject)).total
    if balance < bill.points:
        raise NotEnoughPoints(bill.points, balance)
    reason = {"title": line.title, "where": site.name, "order": order}
    return (await tx.post(Spend(subject, "canteen.meal", bill.points, reason=reason))).rid


# --- ending unfetched


async def own_order(order: str, person: str) -> MealOrder:
    """:raises NotFound: no such order, or somebody else's"""
    row = await MealOrder.objects().where((MealOrder.id == order) & (MealOrder.person == person)).first()
    if row is None:
        raise nothing_here()
    return row


async def why_not_cancel(ctx: Context, row: MealOrder) -> CannotCancel | None:
    """An order goes back until the kitchen counts, whoever asks."""
    hours = (await sites.hours_of(row.site)).get(row.meal)
    late = hours is not None and ctx.now() >= sites.ends(hours, row.day, ctx.now())
    return CannotCancel(row.state) if late or row.state != "placed" else None


async def cancel(ctx: Context, key: str, person: str, order: str) -> Ended:
    """The person's own order, before cut-off: portion, shares and points go back.

    :raises NotFound: no such order of this person
    :raises CannotCancel: too late, or over
    """

    async def body(tx: Tx) -> Ended:
        row = await own_order(order, person)
        if (why_not := await why_not_cancel(ctx, row)) is not None:
            raise why_not
        return await give_back(ctx, tx, row, "cancel")

    return await ctx.once(key, EndOrder(order, "cancel"), body, Ended)


async def give_back(ctx: Context, tx: Tx, row: MealOrder, move: str) -> Ended:
    """``cancel``, ``miss`` or ``void``, inside a transaction: what was held for the order is free again."""
    case = await case_of(ctx, row.id)
    await ctx.cases.move(tx, case, move)
    if row.spend is not None:
        posted = await tx.post(Void(row.spend, f"canteen.{move}"))
        await MealOrder.update({MealOrder.back: posted.rid}).where(MealOrder.id == row.id)
    await SubsidyShare.update({SubsidyShare.state: "freed"}).where(SubsidyShare.meal_order == row.id)
    if row.state == "placed" and move != "miss":  # not cooked yet: somebody else may have the portion
        await MenuLine.update({MenuLine.ordered: MenuLine.ordered - 1}).where(MenuLine.id == row.line)
    await tx.audit(move, row.id, points=row.points)
    return Ended(row.id, row.points)


async def case_of(ctx: Context, order: str) -> Case:
    """:raises NotFound: no such order"""
    found = await ctx.cases.of(ORDER.name, order)
    if found is None:
        raise nothing_here()
    return found
