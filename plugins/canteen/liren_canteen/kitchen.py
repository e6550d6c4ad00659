# SPDX-License-Identifier: Apache-2.0
"""What time does to orders: the kitchen counts at cut-off, and who did not come is written down after closing."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from liren.api import Conflict, Context, Health, Tx, UnitCard
from liren_canteen import clocktime, orders, sites, words
from liren_canteen.events import MealMissed
from liren_canteen.order_flow import OPEN
from liren_canteen.queries import day_of
from liren_canteen.tables import DinerCard, Hours, KitchenSheet, MealOrder, MenuLine, Site, new_id

GRACE_MIN = 120
"""After closing, before somebody counts as missed: volunteers come back and enter what they brought."""
AT_ONCE = 500
"""Meals looked at in one run of a job."""
MOST_ORDERS = 5000


class Counted(msgspec.Struct, frozen=True):
    portions: int


class ReadyForm(msgspec.Struct, frozen=True):
    """The kitchen's button."""

    site: str
    day: date
    meal: str


# --- cut-off


async def count_due(ctx: Context) -> None:
    """Every meal whose cut-off has passed: its orders go to the kitchen, once."""
    rows = await MealOrder.raw(
        "SELECT DISTINCT site, day, meal FROM canteen_order WHERE state = 'placed' AND day <= {} LIMIT {}",
        ctx.today() + timedelta(days=2),
        AT_ONCE,
    )
    for row in rows:
        day = day_of(row["day"])
        hours = (await sites.hours_of(row["site"])).get(row["meal"])
        if hours is None or ctx.now() >= sites.ends(hours, day, ctx.now()):
            await close_orders(ctx, row["site"], day, row["meal"])


async def close_orders(ctx: Context, site: str, day: date, meal: str) -> int:
    """:returns: portions that went onto the sheet now"""
    async with ctx.transaction() as tx:
        rows = await _orders(site, day, meal, ("placed",))
        for row in rows:
            await ctx.cases.move(tx, await orders.case_of(ctx, row.id), "cook")
        await _write_sheet(ctx, site, day, meal, len(rows))
        await tx.audit("counted", site, day=day.isoformat(), meal=meal, portions=len(rows))
    return len(rows)


async def _write_sheet(ctx: Context, site: str, day: date, meal: str, more: int) -> None:
    one = (KitchenSheet.site == site) & (KitchenSheet.day == day) & (KitchenSheet.meal == meal)
    if await KitchenSheet.exists().where(one):
        await KitchenSheet.update({KitchenSheet.portions: KitchenSheet.portions + more}).where(one)
        return
    now_ms = orders.milliseconds(ctx.now())
    await KitchenSheet.insert(KitchenSheet(id=new_id(), site=site, day=day, meal=meal, made_ms=now_ms, portions=more))


async def _orders(site: str, day: date, meal: str, states: tuple[str, ...]) -> list[MealOrder]:
    return (
        await MealOrder.objects()
        .where(
            (MealOrder.site == site)
            & (MealOrder.day == day)
            & (MealOrder.meal == meal)
            & MealOrder.state.is_in(list(states))
        )
        .order_by(MealOrder.title, MealOrder.id)
        .limit(MOST_ORDERS)
    )


async def ready(ctx: Context, key: str, form: ReadyForm) -> int:
    """The food is out: what is fetched or eaten here waits at the counter. Deliveries wait for their volunteer.

    :returns: how many meals
    """
    site = await sites.site_of(form.site)
    ctx.require(sites.SERVE, site.unit)

    async def body(tx: Tx) -> Counted:
        rows = await _orders(form.site, form.day, form.meal, ("cooking",))
        waiting = [row for row in rows if row.way != "deliver"]
        for row in waiting:
            await ctx.cases.move(tx, await orders.case_of(ctx, row.id), "serve")
        return Counted(len(waiting))

    return (await ctx.once(key, form, body, Counted)).portions


# --- who did not come


async def mark_missed(ctx: Context) -> None:
    """Two hours after closing, what was not fetched is missed: points and shares are free again."""
    rows = await MealOrder.select(MealOrder.id, MealOrder.site, MealOrder.day, MealOrder.meal).where(
        MealOrder.state.is_in(list(OPEN)) & (MealOrder.day <= ctx.today())
    ).order_by(MealOrder.day).limit(MOST_ORDERS)  # fmt: skip
    known: dict[str, dict[str, Hours]] = {}
    for row in rows:
        if row["site"] not in known:
            known[row["site"]] = await sites.hours_of(row["site"])
        if over(known[row["site"]].get(row["meal"]), row["day"], ctx.now()):
            await _miss(ctx, row["id"])


def over(hours: Hours | None, day: date, now: datetime) -> bool:
    """Whether nobody will come any more."""
    if day < now.date() or hours is None:
        return day < now.date()
    return now >= clocktime.moment(day, hours.closes_min, now.tzinfo) + timedelta(minutes=GRACE_MIN)


async def _miss(ctx: Context, order: str) -> None:
    async def body(tx: Tx) -> orders.Ended:
        row = await MealOrder.objects().where(MealOrder.id == order).first()
        assert row is not None
        if row.state not in OPEN:
            raise Conflict("已经取了。", "Taken meanwhile.")
        ended = await orders.give_back(ctx, tx, row, "miss")
        site = await sites.site_of(row.site)
        if row.person:
            await tx.emit(MealMissed(row.person, row.day.isoformat(), site.unit, row.meal, row.id))
        return ended

    try:
        await ctx.once(f"miss/{order}", orders.EndOrder(order, "miss"), body, orders.Ended)
    except Conflict:  # fetched or cancelled since the list was read
        return


async def nothing_forgotten(ctx: Context) -> Health:
    """Whether the jobs did their work: no order of yesterday may still be open."""
    count = await MealOrder.count().where(MealOrder.state.is_in(list(OPEN)) & (MealOrder.day < ctx.today()))
    if not count:
        return Health(True, ctx.t("昨天以前的订单都有着落。"))
    text = ctx.t("有 {count} 单过了日子还没有着落。请在“任务”里看看“没来的记下来”为什么没有运行。", count=count)
    return Health(False, text)


# --- the sheet


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One dish on a kitchen's sheet."""

    title: str
    detail: str
    total: int
    ways: tuple[int, int, int]
    """Dine in, pick up, deliver."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one site needs of one meal."""

    site: Site
    day: date
    meal: str
    rows: tuple[SheetRow, ...]
    warnings: tuple[tuple[str, int], ...]
    """(allergen's title, how many who eat here must not have it)."""
    made_ms: int | None
    until: datetime | None
    closed: bool = False
    """Cut-off has passed."""

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)


async def sheet_of(ctx: Context, site: Site, day: date, meal: str) -> Sheet:
    """Counted from the orders themselves, so that the paper and the counter cannot differ."""
    rows = await _orders(site.id, day, meal, (*OPEN, "taken", "settled"))
    lines = {row.id: row for row in await MenuLine.objects().where(MenuLine.id.is_in([r.line for r in rows] or [""]))}
    by_line: dict[str, Counter[str]] = {}
    for row in rows:
        by_line.setdefault(row.line, Counter())[row.way] += 1
    made = (
        await KitchenSheet.objects()
        .where((KitchenSheet.site == site.id) & (KitchenSheet.day == day) & (KitchenSheet.meal == meal))
        .first()
    )
    hours = (await sites.hours_of(site.id)).get(meal)
    until = sites.ends(hours, day, ctx.now()) if hours else None
    return Sheet(
        site,
        day,
        meal,
        tuple(
            SheetRow(lines[line].title, lines[line].detail, ways.total(), (ways["dine"], ways["pick"], ways["deliver"]))
            for line, ways in by_line.items()
        ),
        await _warnings(rows),
        made.made_ms if made else None,
        until,
        closed=made is not None or (until is not None and ctx.now() >= until),
    )


async def _warnings(rows: list[MealOrder]) -> tuple[tuple[str, int], ...]:
    people = list({row.person for row in rows if row.person})
    counts: Counter[str] = Counter()
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        for card in await DinerCard.objects().where(DinerCard.person.is_in(part) & (DinerCard.allergens != "")):
            counts.update(words.split(card.allergens))
    return tuple((words.ALLERGENS[code], count) for code, count in sorted(counts.items()) if code in words.ALLERGENS)


def community(units: list[UnitCard], code: str) -> str:
    """The unit's name; its code where it is not known any more."""
    return next((unit.name for unit in units if unit.code == code), code)
