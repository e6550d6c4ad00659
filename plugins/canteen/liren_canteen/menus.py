# SPDX-License-Identifier: Apache-2.0
"""What a kitchen offers on which day: written by its staff, copied from the week before, taken off when it runs out."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from liren.api import Context, Tx, _
from liren.web import Fen, Upload
from liren_canteen.errors import Orders, nothing_here
from liren_canteen.sites import MANAGE, kitchen_of
from liren_canteen.tables import MenuLine, Photo, new_id

Allergen = Literal["wheat", "egg", "milk", "peanut", "nuts", "soy", "fish", "crustacean"]
Diet = Literal["soft", "low_sugar", "low_salt", "vegetarian", "halal"]
MOST_A_DAY = 60


class LineForm(msgspec.Struct, frozen=True):
    """One meal on the menu."""

    day: Annotated[date, Meta(title=_("哪天"))]
    meal: Annotated[Literal["breakfast", "lunch", "supper"], Meta(title=_("哪一餐"))]
    title: Annotated[str, Meta(title=_("名称"), min_length=1, max_length=40)]
    price_fen: Annotated[Fen, Meta(title=_("价格"), ge=0, le=100_000)]
    detail: Annotated[str, Meta(title=_("有哪些菜"), max_length=200)] = ""
    portions: Annotated[int, Meta(title=_("最多做几份"), ge=0, le=100_000)] = 0
    points_most: Annotated[int, Meta(title=_("最多用几个积分"), ge=0, le=1000)] = 0
    allergens: Annotated[list[Allergen], Meta(title=_("含有"))] = []
    diets: Annotated[list[Diet], Meta(title=_("适合"))] = []
    photo: Annotated[Upload | None, Meta(title=_("照片"), extra={"kinds": ("jpg", "png")})] = None
    listed: Annotated[bool, Meta(title=_("供应，居民看得到"))] = False


class CopyForm(msgspec.Struct, frozen=True):
    """A week's menu again, a week later."""

    monday: Annotated[date, Meta(title=_("哪一周"))]


class Saved(msgspec.Struct, frozen=True):
    id: str


class Copied(msgspec.Struct, frozen=True):
    lines: int


async def add_line(ctx: Context, key: str, kitchen: str, form: LineForm) -> str:
    """:raises NotFound: no such kitchen in the visitor's scope"""
    ctx.require(MANAGE, (await kitchen_of(kitchen)).unit)

    async def body(tx: Tx) -> Saved:
        return await _insert(tx, kitchen, form)

    return (await ctx.once(key, (kitchen, _told(form)), body, Saved)).id


async def fill_menu(ctx: Context, key: str, kitchen: str, forms: Sequence[LineForm]) -> list[str]:
    """Many lines at once, without asking whose kitchen it is (for the plugin's own demo)."""

    async def body(tx: Tx) -> list[Saved]:
        return [await _insert(tx, kitchen, form) for form in forms]

    told = [_told(form) for form in forms]
    return [one.id for one in await ctx.once(key, (kitchen, told), body, list[Saved])]


def _told(form: LineForm) -> dict[str, object]:
    """The command without the picture's bytes: what makes two requests the same."""
    told = {name: getattr(form, name) for name in form.__struct_fields__ if name != "photo"}
    return {**told, "photo": len(form.photo.content) if form.photo else 0}


async def _insert(tx: Tx, kitchen: str, form: LineForm) -> Saved:
    line = MenuLine(id=new_id(), kitchen=kitchen, **_columns(form), photo=await _keep(form.photo))
    await MenuLine.insert(line)
    await tx.audit("menu-added", line.id, price=form.price_fen)
    return Saved(line.id)


def _columns(form: LineForm) -> dict[str, Any]:
    plain = ("day", "meal", "title", "detail", "price_fen", "portions", "points_most", "listed")
    lists = {"allergens": ",".join(form.allergens), "diets": ",".join(form.diets)}
    return {**{name: getattr(form, name) for name in plain}, **lists}


async def _keep(photo: Upload | None) -> str | None:
    if photo is None or photo.kind not in ("jpg", "png"):
        return None
    row = Photo(id=new_id(), kind=photo.kind, content=photo.content)
    await Photo.insert(row)
    return str(row.id)


async def edit_line(ctx: Context, line: str, form: LineForm) -> None:
    """Change what nobody ordered yet; what is ordered can only be taken off, or be given more portions.

    :raises NotFound: no such line in the visitor's scope
    :raises Orders: people ordered it as it stands
    """
    found = await line_of(line)
    ctx.require(MANAGE, (await kitchen_of(found.kitchen)).unit)
    async with ctx.transaction() as tx:
        now = await line_of(line)
        changed: dict[Any, Any] = {name: value for name, value in _columns(form).items() if getattr(now, name) != value}
        if now.ordered and not set(changed) <= {"listed", "portions", "detail"}:
            raise Orders(now.ordered)
        if form.photo is not None:
            changed["photo"] = await _keep(form.photo)
        if changed:
            await MenuLine.update(changed).where(MenuLine.id == line)
        await tx.audit("menu-edited", line, listed=int(form.listed))


async def copy_week(ctx: Context, key: str, kitchen: str, form: CopyForm) -> int:
    """Last week's lines onto the week of ``monday``; a day that has lines already is left alone.

    :returns: how many lines were written
    """
    ctx.require(MANAGE, (await kitchen_of(kitchen)).unit)
    monday = form.monday - timedelta(days=form.monday.weekday())

    async def body(tx: Tx) -> Copied:
        there = {row.day for row in await lines_between(kitchen, monday, 7)}
        before = await lines_between(kitchen, monday - timedelta(days=7), 7)
        written = 0
        for row in before:
            day = row.day + timedelta(days=7)
            if day in there or not row.listed:
                continue
            kept = ("meal", "title", "detail", "price_fen", "portions", "points_most", "allergens", "diets", "photo")
            values = {name: getattr(row, name) for name in kept}
            await MenuLine.insert(MenuLine(id=new_id(), kitchen=kitchen, day=day, listed=True, **values))
            written += 1
        await tx.audit("menu-copied", kitchen, lines=written)
        return Copied(written)

    return (await ctx.once(key, (kitchen, form), body, Copied)).lines


# --- reading


async def line_of(line: str) -> MenuLine:
    """:raises NotFound: no such line"""
    found = await MenuLine.objects().where(MenuLine.id == line).first()
    if found is None:
        raise nothing_here()
    return found


async def lines_between(kitchen: str, first: date, days: int) -> list[MenuLine]:
    """Every line of a kitchen's days, whether listed or not."""
    last = first + timedelta(days=days)
    return (
        await MenuLine.objects()
        .where((MenuLine.kitchen == kitchen) & (MenuLine.day >= first) & (MenuLine.day < last))
        .order_by(MenuLine.day, MenuLine.meal, MenuLine.price_fen, MenuLine.id)
        .limit(MOST_A_DAY * days)
    )


async def offered(kitchen: str, day: date, meal: str) -> list[MenuLine]:
    """What residents may choose from: the listed lines of one meal."""
    return (
        await MenuLine.objects()
        .where(
            (MenuLine.kitchen == kitchen) & (MenuLine.day == day) & (MenuLine.meal == meal) & MenuLine.listed.eq(True)
        )
        .order_by(MenuLine.price_fen, MenuLine.title, MenuLine.id)
        .limit(MOST_A_DAY)
    )


async def photo_of(photo: str) -> Photo:
    """:raises NotFound: no such picture"""
    found = await Photo.objects().where(Photo.id == photo).first()
    if found is None:
        raise nothing_here()
    return found
