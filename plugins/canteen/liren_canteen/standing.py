# SPDX-License-Identifier: Apache-2.0
"""每周一三五: a wish that orders by itself, until the diner says stop."""

from datetime import date, timedelta
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from liren.api import Context, LirenError, Tx, _
from liren_canteen import bills, diners, menus, orders, sites, words
from liren_canteen.errors import nothing_here
from liren_canteen.tables import MealOrder, MenuLine, Standing, new_id

MOST: Final = 20
"""Of one person."""
AT_ONCE: Final = 20_000


class StandingForm(msgspec.Struct, frozen=True):
    site: Annotated[str, Meta(title=_("哪家食堂"), min_length=1, max_length=12)]
    meal: Annotated[Literal["breakfast", "lunch", "supper"], Meta(title=_("哪一餐"))]
    weekdays: Annotated[list[Literal["0", "1", "2", "3", "4", "5", "6"]], Meta(title=_("星期几"), min_length=1)]
    way: Annotated[Literal["dine", "pick", "deliver"], Meta(title=_("怎么取"))] = "dine"


class Begin(msgspec.Struct, frozen=True):
    person: str
    form: StandingForm


class Saved(msgspec.Struct, frozen=True):
    id: str


async def begin(ctx: Context, key: str, person: str, form: StandingForm) -> str:
    """From tomorrow on; one wish a meal: a new one ends the one before.

    :raises NotFound: no such site
    """

    async def body(tx: Tx) -> Saved:
        await sites.site_of(form.site)
        today = ctx.today()
        live = (Standing.person == person) & (Standing.meal == form.meal) & Standing.until.is_null()
        await Standing.update({Standing.until: today}).where(live)
        row = Standing(
            id=new_id(),
            person=person,
            site=form.site,
            meal=form.meal,
            weekdays=words.marks_of(list(form.weekdays)),
            way=form.way,
            since=today,
            placed_by=ctx.actor,
        )
        await Standing.insert(row)
        await tx.audit("standing-begun", row.id, person=person)
        return Saved(row.id)

    return (await ctx.once(key, Begin(person, form), body, Saved)).id


async def end(ctx: Context, person: str, standing: str) -> None:
    """Nothing more is ordered; what is ordered already can be cancelled by itself.

    :raises NotFound: no such wish of this person
    """
    async with ctx.transaction() as tx:
        row = await Standing.objects().where((Standing.id == standing) & (Standing.person == person)).first()
        if row is None:
            raise nothing_here()
        await Standing.update({Standing.until: ctx.today()}).where(Standing.id == standing)
        await tx.audit("standing-ended", standing, person=person)


async def live_of(person: str) -> list[Standing]:
    return (
        await Standing.objects()
        .where((Standing.person == person) & Standing.until.is_null())
        .order_by(Standing.meal)
        .limit(MOST)
    )


# --- by itself


async def order_ahead(ctx: Context) -> None:
    """Tomorrow's and today's meals of everybody who asked for it, as long as they can be ordered. The same wish and day
    order once, however often this runs: a cancelled meal stays cancelled.
    """
    rows = await Standing.objects().where(Standing.until.is_null()).order_by(Standing.id).limit(AT_ONCE)
    for day in (ctx.today(), ctx.today() + timedelta(days=1)):
        for row in rows:
            if row.weekdays[day.weekday()] == "1" and row.since < day:
                await _order(ctx, row, day)


async def _order(ctx: Context, row: Standing, day: date) -> None:
    """One meal; where it cannot be had the person is told why, once."""
    asked = (MealOrder.person == row.person) & (MealOrder.day == day) & (MealOrder.meal == row.meal)
    if await MealOrder.exists().where(asked):
        return
    hours = (await sites.hours_of(row.site)).get(row.meal)
    if hours is None or not sites.serves(hours, day) or ctx.now() >= sites.ends(hours, day, ctx.now()):
        return
    site = await sites.site_of(row.site)
    line = await _choose(row.person, await menus.offered(site.kitchen, day, row.meal))
    if line is None:
        return
    [bill] = (await bills.bills_for(ctx, row.person, [line])).values()
    wish = orders.PlaceOrder(row.person, line.id, site.id, row.way, 0, bill.own_fen)
    try:
        await orders.place(ctx, f"standing/{row.id}/{day}", wish)
    except LirenError as why:
        await _tell_once(ctx, row, day, why)


async def _choose(person: str, offered: list[MenuLine]) -> MenuLine | None:
    """The first meal left that suits the card: nothing they must not eat, and their diet where there is one."""
    card = await diners.card_of(person)
    bad, wanted = set(words.split(card.allergens)), set(words.split(card.diets))
    left = [
        line
        for line in offered
        if not bad & set(words.split(line.allergens)) and (not line.portions or line.ordered < line.portions)
    ]
    fitting = [line for line in left if wanted <= set(words.split(line.diets))]
    return next(iter(fitting or ([] if "halal" in wanted else left)), None)


async def _tell_once(ctx: Context, row: Standing, day: date, why: LirenError) -> None:
    """Guarded by the statement itself: two runs at once tell one time."""
    untold = Standing.told_on.is_null() | (Standing.told_on != day)
    async with ctx.transaction() as tx:
        first = (
            await Standing.update({Standing.told_on: day})
            .where((Standing.id == row.id) & untold)
            .returning(Standing.id)
        )
        if first:
            await tx.audit("standing-refused", row.id, day=day.isoformat())
    if not first:
        return
    text = ctx.t(
        _("{day}的{meal}没有自动订上：{why}"), day=f"{day.month}-{day.day}", meal=words.MEALS[row.meal], why=why.zh
    )
    await ctx.notify(row.person, text, ctx.url("home"))


def told(row: Standing) -> str:
    """周一 周三 周五."""
    return " ".join(words.weekdays_of(row.weekdays))
