# SPDX-License-Identifier: Apache-2.0
"""Kitchens, sites and when each serves: what the street's staff set up once and mend now and then."""

from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from liren.api import Context, Tx, _
from liren_canteen import clocktime
from liren_canteen.errors import NameTaken, WrongTimes, nothing_here
from liren_canteen.tables import Hours, Kitchen, Site, new_id
from liren_canteen.words import marks_of

MANAGE: Final = "canteen.manage"
SERVE: Final = "canteen.serve"
MOST_SITES: Final = 300


class KitchenForm(msgspec.Struct, frozen=True):
    name: Annotated[str, Meta(title=_("厨房名称"), min_length=2, max_length=60)]
    unit: Annotated[str, Meta(title=_("归哪里管"), min_length=1, max_length=32)]
    phone: Annotated[str, Meta(title=_("电话"), max_length=30)] = ""


class SiteForm(msgspec.Struct, frozen=True):
    name: Annotated[str, Meta(title=_("食堂名称"), min_length=2, max_length=60)]
    kind: Annotated[Literal["canteen", "point"], Meta(title=_("是什么"))]
    kitchen: Annotated[str, Meta(title=_("哪个厨房做饭"), min_length=1, max_length=12)]
    unit: Annotated[str, Meta(title=_("所在社区"), min_length=1, max_length=32)]
    address: Annotated[str, Meta(title=_("地址"), min_length=2, max_length=120)]
    phone: Annotated[str, Meta(title=_("电话"), max_length=30)] = ""
    seats: Annotated[int, Meta(title=_("座位"), ge=0, le=2000)] = 0
    delivers: Annotated[bool, Meta(title=_("送餐到家"))] = False
    open: Annotated[bool, Meta(title=_("开着，接受订餐"))] = False


class HoursForm(msgspec.Struct, frozen=True):
    """When one meal is served; times on the 24-hour clock."""

    meal: Annotated[Literal["breakfast", "lunch", "supper"], Meta(title=_("哪一餐"))]
    weekdays: Annotated[list[Literal["0", "1", "2", "3", "4", "5", "6"]], Meta(title=_("星期几"), min_length=1)]
    opens: Annotated[time, Meta(title=_("几点开餐"))]
    closes: Annotated[time, Meta(title=_("几点收餐"))]
    cutoff: Annotated[time, Meta(title=_("几点截止订餐"))]
    cutoff_days: Annotated[Literal["0", "1", "2"], Meta(title=_("哪天截止"))] = "0"


class Saved(msgspec.Struct, frozen=True):
    id: str


async def add_kitchen(ctx: Context, key: str, form: KitchenForm) -> str:
    """:raises NotFound: outside what the visitor looks after
    :raises NameTaken: another kitchen has this name
    """
    ctx.require(MANAGE, form.unit)
    return await insert_kitchen(ctx, key, form)


async def insert_kitchen(ctx: Context, key: str, form: KitchenForm) -> str:
    """:func:`add_kitchen` without asking whose unit it is (for the plugin's own demo)."""

    async def body(tx: Tx) -> Saved:
        if await Kitchen.exists().where(Kitchen.name == form.name):
            raise NameTaken(form.name)
        made = Kitchen(id=new_id(), name=form.name, unit=form.unit, phone=form.phone)
        await Kitchen.insert(made)
        await tx.audit("kitchen-added", made.id, unit=form.unit)
        return Saved(made.id)

    return (await ctx.once(key, form, body, Saved)).id


async def add_site(ctx: Context, key: str, form: SiteForm) -> str:
    """:raises NotFound: the unit or the kitchen is outside what the visitor looks after
    :raises NameTaken: another site has this name
    """
    ctx.require(MANAGE, form.unit)
    kitchen = await Kitchen.objects().where(Kitchen.id == form.kitchen).first()
    if kitchen is None:
        raise nothing_here()
    return await insert_site(ctx, key, form)


async def insert_site(ctx: Context, key: str, form: SiteForm) -> str:
    async def body(tx: Tx) -> Saved:
        await _refuse_namesake(form.name)
        made = Site(id=new_id(), **msgspec.structs.asdict(form))
        await Site.insert(made)
        await tx.audit("site-added", made.id, unit=form.unit)
        return Saved(made.id)

    return (await ctx.once(key, form, body, Saved)).id


async def edit_site(ctx: Context, site: str, form: SiteForm) -> None:
    """:raises NotFound: no such site in the visitor's scope, or moved to where it is not theirs"""
    found = await site_of(site)
    ctx.require(MANAGE, found.unit)
    ctx.require(MANAGE, form.unit)
    async with ctx.transaction() as tx:
        await _refuse_namesake(form.name, but=site)
        values: dict[Any, Any] = msgspec.structs.asdict(form)
        await Site.update(values).where(Site.id == site)
        await tx.audit("site-edited", site, open=int(form.open))


async def set_hours(ctx: Context, site: str, form: HoursForm) -> None:
    """One meal's times; what is ordered already stays as it was ordered.

    :raises WrongTimes: not cut-off, then opening, then closing
    :raises NotFound: no such site in the visitor's scope
    """
    found = await site_of(site)
    ctx.require(MANAGE, found.unit)
    async with ctx.transaction() as tx:
        await write_hours(site, form)
        await tx.audit("hours-set", site, meal=form.meal)


async def write_hours(site: str, form: HoursForm) -> None:
    """Inside a transaction; replaces what the meal had.

    :raises WrongTimes: not cut-off, then opening, then closing
    """
    opens, closes, cutoff = (clocktime.minutes(at) for at in (form.opens, form.closes, form.cutoff))
    days = int(form.cutoff_days)
    if not opens < closes or (days == 0 and cutoff > opens):
        raise WrongTimes
    await Hours.delete().where((Hours.site == site) & (Hours.meal == form.meal))
    await Hours.insert(
        Hours(
            id=new_id(),
            site=site,
            meal=form.meal,
            weekdays=marks_of(list(form.weekdays)),
            opens_min=opens,
            closes_min=closes,
            cutoff_min=cutoff,
            cutoff_days=days,
        )
    )


async def end_hours(ctx: Context, site: str, meal: str) -> None:
    """This meal is not served any more."""
    found = await site_of(site)
    ctx.require(MANAGE, found.unit)
    async with ctx.transaction() as tx:
        await Hours.delete().where((Hours.site == site) & (Hours.meal == meal))
        await tx.audit("hours-ended", site, meal=meal)


async def _refuse_namesake(name: str, but: str = "") -> None:
    if await Site.exists().where((Site.name == name) & (Site.id != but)):
        raise NameTaken(name)


# --- reading


async def site_of(site: str) -> Site:
    """:raises NotFound: no such site"""
    found = await Site.objects().where(Site.id == site).first()
    if found is None:
        raise nothing_here()
    return found


async def kitchen_of(kitchen: str) -> Kitchen:
    """:raises NotFound: no such kitchen"""
    found = await Kitchen.objects().where(Kitchen.id == kitchen).first()
    if found is None:
        raise nothing_here()
    return found


async def all_sites(*, only_open: bool = False) -> list[Site]:
    """By name; the street's few."""
    query = Site.objects().order_by(Site.name).limit(MOST_SITES)
    return await query.where(Site.open.eq(True)) if only_open else await query


async def all_kitchens() -> list[Kitchen]:
    return await Kitchen.objects().order_by(Kitchen.name).limit(MOST_SITES)


async def hours_of(site: str) -> dict[str, Hours]:
    """Meal → its times; a meal that is not served is left out."""
    rows = await Hours.objects().where(Hours.site == site)
    found = {row.meal: row for row in rows}
    return {meal: found[meal] for meal in ("breakfast", "lunch", "supper") if meal in found}


def serves(hours: Hours, day: date) -> bool:
    """Whether the site is open for this meal on that weekday."""
    return hours.weekdays[day.weekday()] == "1"


def ends(hours: Hours, day: date, now: datetime) -> datetime:
    """Until when the meal of ``day`` is ordered, in the zone of ``now``."""
    return clocktime.cut_off(day, hours.cutoff_min, hours.cutoff_days, now.tzinfo)
