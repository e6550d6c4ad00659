# SPDX-License-Identifier: Apache-2.0
"""A menu from Excel: a week typed by the kitchen in its own workbook, judged row by row, taken as a whole."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from liren.api import Context, Outbox, Progress, _
from liren.web import Fen, Upload, gettext
from liren.web.lists import LIST_KINDS, ListKind, Summary
from liren.web.sheets import CheckedRecords, read_records, write_records
from liren_canteen import menus, sites, words
from liren_canteen.menus import Allergen, Diet
from liren_canteen.sites import MANAGE
from liren_canteen.tables import Kitchen, MenuLine, new_id

AHEAD: Final = timedelta(days=400)
MOST_LINES: Final = 50_000
CHUNK: Final = 200
CONTENT: Final = ("detail", "price_fen", "portions", "points_most", "allergens", "diets")
"""What a row says of a meal beside its name."""


class DishRow(msgspec.Struct, frozen=True):
    """One row of the list."""

    day: Annotated[date, Meta(title=_("哪天"), extra={"titles": ("日期", "供餐日期", "day")})]
    meal: Annotated[
        Literal["breakfast", "lunch", "supper"],
        Meta(title=_("哪一餐"), extra={"titles": ("餐次", "餐别", "meal"), "names": words.MEALS}),
    ]
    title: Annotated[
        str, Meta(title=_("名称"), min_length=1, max_length=40, extra={"titles": ("套餐", "菜名", "套餐名称", "dish")})
    ]
    price_fen: Annotated[Fen, Meta(title=_("价格"), ge=0, le=100_000, extra={"titles": ("单价", "价格（元）")})]
    detail: Annotated[str, Meta(title=_("有哪些菜"), max_length=200, extra={"titles": ("菜品", "内容", "detail")})] = ""
    portions: Annotated[int, Meta(title=_("最多做几份"), ge=0, le=100_000, extra={"titles": ("份数", "限量")})] = 0
    points_most: Annotated[int, Meta(title=_("最多用几个积分"), ge=0, le=1000, extra={"titles": ("积分",)})] = 0
    allergens: Annotated[
        list[Allergen],
        Meta(title=_("含有"), extra={"titles": ("过敏原", "致敏物质", "allergens"), "names": words.ALLERGENS}),
    ] = []
    diets: Annotated[list[Diet], Meta(title=_("适合"), extra={"titles": ("饮食", "diets"), "names": words.DIETS})] = []
    kitchen: Annotated[str, Meta(title=_("哪个厨房做饭"), max_length=60, extra={"titles": ("厨房", "kitchen")})] = ""


class MenuUpload(msgspec.Struct, frozen=True):
    """The upload form."""

    file: Annotated[Upload, Meta(title=_("菜单表"), extra=LIST_KINDS)]


Where = tuple[str, date, str, str]
"""(kitchen, day, meal, title): what one kitchen offers once."""


@dataclass(slots=True)
class Judging:
    """The rows of one list against what stands on the menu."""

    today: date
    kitchens: dict[str, Kitchen]
    """By name: those the visitor manages."""
    there: dict[Where, MenuLine]
    new: list[tuple[Where, DishRow]] = field(default_factory=list)
    changed: list[tuple[str, DishRow]] = field(default_factory=list)
    """(line, what it is to be)"""
    same: int = 0
    seen: set[Where] = field(default_factory=set)

    def judge(self, row: DishRow) -> str | None:
        """What is wrong with a row, or None."""
        kitchen = self._kitchen(row.kitchen)
        if kitchen is None:
            return gettext("请写明哪个厨房，并且是您管的：%(typed)s", typed=row.kitchen[:40] or gettext("（没有写）"))
        if not self.today <= row.day <= self.today + AHEAD:
            return gettext("日子已经过去了，或者太远，请核对")
        where = (kitchen.id, row.day, row.meal, row.title)
        if where in self.seen:
            return gettext("这张表前面已经有这一样了")
        self.seen.add(where)
        line = self.there.get(where)
        if line is None:
            self.new.append((where, row))
        elif columns(row) == {name: getattr(line, name) for name in CONTENT}:
            self.same += 1
        elif line.ordered:
            return gettext("已经有 %(n)s 人订了这一样，不能改价、改菜", n=line.ordered)
        else:
            self.changed.append((line.id, row))
        return None

    def _kitchen(self, typed: str) -> Kitchen | None:
        if not typed.strip() and len(self.kitchens) == 1:
            return next(iter(self.kitchens.values()))
        return self.kitchens.get(typed.strip())


def columns(row: DishRow) -> dict[str, Any]:
    """As they stand in the table."""
    plain = {name: getattr(row, name) for name in CONTENT}
    return {**plain, "allergens": ",".join(row.allergens), "diets": ",".join(row.diets)}


async def read(ctx: Context, sent: MenuUpload) -> tuple[CheckedRecords[DishRow], Judging]:
    """:raises SheetError: no workbook, or a needed column that is not there"""
    own = [kitchen for kitchen in await sites.all_kitchens() if ctx.can(MANAGE, kitchen.unit)]
    rows = (
        await MenuLine.objects()
        .where(MenuLine.kitchen.is_in([kitchen.id for kitchen in own] or [""]) & (MenuLine.day >= ctx.today()))
        .limit(MOST_LINES)
    )
    there = {(row.kitchen, row.day, row.meal, row.title): row for row in rows}
    judging = Judging(ctx.today(), {kitchen.name: kitchen for kitchen in own}, there)

    return await read_records(sent.file.content, DishRow, judge=judging.judge), judging


async def check(ctx: Context, sent: MenuUpload) -> Summary:
    checked, found = await read(ctx, sent)
    return Summary.of(
        ready=len(found.new) + len(found.changed),
        same=found.same,
        skipped=checked.skipped,
        mend=checked.mend,
        ready_note=gettext("其中 %(n)s 行改原来的", n=len(found.changed)) if found.changed else "",
    )


async def write(ctx: Context, tx: Outbox, sent: MenuUpload, progress: Progress) -> str:
    _checked, found = await read(ctx, sent)
    total = len(found.new) + len(found.changed)
    lines = [
        MenuLine(id=new_id(), kitchen=kitchen, day=day, meal=meal, title=title, listed=True, **columns(row))
        for (kitchen, day, meal, title), row in found.new
    ]
    for start in range(0, len(lines), CHUNK):
        await MenuLine.insert(*lines[start : start + CHUNK])
        progress(start, total)
    for line, row in found.changed:
        values: dict[Any, Any] = columns(row)
        await MenuLine.update(values).where((MenuLine.id == line) & (MenuLine.ordered == 0))
    progress(total, total)
    await tx.audit("menu-listed", "list", new=len(found.new), changed=len(found.changed))
    return ctx.t(_("写上了 {new} 样，改了 {changed} 样。"), new=len(found.new), changed=len(found.changed))


def template(ctx: Context) -> bytes:
    sample = DishRow(
        ctx.today() + timedelta(days=7), "lunch", "红烧鱼块套餐", 1500, "红烧鱼块、清炒时蔬、米饭", 200, 2,
        ["fish", "soy"], ["soft"],
    )  # fmt: skip
    return write_records(DishRow, [sample], ctx.t(_("菜单表")))


async def export(kitchen: Kitchen, monday: date) -> bytes:
    """A kitchen's week, as :func:`read` takes it again."""
    rows = [
        DishRow(
            line.day,
            line.meal,  # type: ignore[arg-type]  # as it was chosen
            line.title,
            line.price_fen,
            line.detail,
            line.portions,
            line.points_most,
            list(words.split(line.allergens)),  # type: ignore[arg-type]  # as they were chosen
            list(words.split(line.diets)),  # type: ignore[arg-type]
            kitchen.name,
        )
        for line in await menus.lines_between(kitchen.id, monday, 7)
        if line.listed
    ]
    return write_records(DishRow, rows, kitchen.name[:30])


KIND: Final = ListKind(
    name="canteen.menus",
    title=_("菜单表"),
    path="/desk/lists/menus",
    route="menus",
    permission=MANAGE,
    form=MenuUpload,
    check=check,
    write=write,
    template=template,
    back="desk",
    back_title=_("食堂和菜单"),
    about=(
        _("一行一样：哪天、哪一餐、名称、价格；有哪些菜、份数、含有什么写了更好。"),
        _("只有一个厨房时，“哪个厨房做饭”可以不写。几样之间用“、”隔开，比如“鱼、大豆”。"),
        _("同一天同一餐同一个名称，是改原来那一样；已经有人订了的不能改。"),
    ),
)
