# SPDX-License-Identifier: Apache-2.0
"""Dwellings in and out of Excel: place, number, area; every row judged, taken all or nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.services import Progress, UnitCard
from liren.store import Tx
from liren.store.audit import write as audit
from liren.store.parts import in_parts, marks
from liren.units.dwellings import area_text, clean_number, parse_area
from liren.units.ids import new_id
from liren.units.places import Places, way_text
from liren.units.scope import MANAGE, service
from liren.units.tree import Tree
from liren.web import N_, Upload
from liren.web import gettext as _
from liren.web.i18n import both
from liren.web.lists import LIST_KINDS, ListKind, Summary
from liren.web.sheets import CheckedRecords, read_records, write_records

CHUNK: Final = 1000
Read = Callable[..., Awaitable[list[tuple[Any, ...]]]]
"""``store.read`` before, ``tx.sql`` inside the transaction."""


class DwellingRow(msgspec.Struct, frozen=True):
    """One row of the list."""

    place: Annotated[
        str,
        Meta(
            title=N_("所在单位"),
            max_length=200,
            extra={"titles": ("单位", "楼栋", "位置", "所在楼栋", "所属单位", "unit", "building")},
        ),
    ]
    number: Annotated[
        str, Meta(title=N_("房号"), max_length=20, extra={"titles": ("房间号", "门牌号", "室", "户号", "room")})
    ]
    area: Annotated[
        str,
        Meta(
            title=N_("面积（平方米）"),
            max_length=20,
            extra={"titles": ("面积", "建筑面积", "房屋面积", "建筑面积(平方米)", "area")},
        ),
    ] = ""


class DwellingUpload(msgspec.Struct, frozen=True):
    """The upload form."""

    file: Annotated[Upload, Meta(title=N_("房屋名单"), extra=LIST_KINDS)]


@dataclass(frozen=True, slots=True)
class Planned:
    """What a list of good rows would do."""

    new: tuple[tuple[str, str, int | None], ...]
    """(unit, number, area) each"""
    changed: tuple[tuple[str, int | None], ...]
    """(dwelling, new area)"""
    same: int


def judge(ctx: Context, places: Places) -> Callable[[DwellingRow], str | None]:
    """What is wrong with a row, or None."""

    def problem(row: DwellingRow) -> str | None:
        card = places.find(row.place)
        if card is None or not ctx.can(MANAGE, card.code):
            return _("没有这个单位，或者不在您负责的范围内：%(place)s", place=row.place[:60])
        if card.closed is not None:
            return _("%(name)s已经撤销", name=card.name)
        try:
            clean_number(row.number)
            parse_area(row.area)
        except LirenError as error:
            return both(error.zh, error.en)
        return None

    return problem


async def read(ctx: Context, data: bytes) -> tuple[CheckedRecords[DwellingRow], Places]:
    """:raises SheetError: no workbook, or a needed column that is not there"""
    places = Places(await service(ctx).tree())

    def same(row: DwellingRow) -> tuple[str, str]:
        card = places.find(row.place)
        return (card.code if card else row.place, clean_number(row.number))

    return await read_records(data, DwellingRow, judge=judge(ctx, places), same=same), places


async def plan(checked: CheckedRecords[DwellingRow], places: Places, reading: Read) -> Planned:
    """Against what is registered; a row without an area leaves the area as it is."""
    wanted: dict[tuple[str, str], int | None] = {}
    for row in checked.values:
        card = places.find(row.place)
        assert card is not None  # judged
        wanted[card.code, clean_number(row.number)] = parse_area(row.area)
    there: dict[tuple[str, str], tuple[str, int | None]] = {}
    units = list({unit for unit, _number in wanted})
    for part in in_parts(units):
        query = f"SELECT id, unit, number, area_dm2 FROM dwelling WHERE unit IN ({marks(part)})"  # noqa: S608
        for dwelling, unit, number, area_dm2 in await reading(query, *part):
            there[unit, number] = (dwelling, area_dm2)
    new, changed, same = [], [], 0
    for (unit, number), area_dm2 in wanted.items():
        found = there.get((unit, number))
        if found is None:
            new.append((unit, number, area_dm2))
        elif area_dm2 is not None and found[1] != area_dm2:
            changed.append((found[0], area_dm2))
        else:
            same += 1
    return Planned(tuple(new), tuple(changed), same)


async def check(ctx: Context, sent: DwellingUpload) -> Summary:
    checked, places = await read(ctx, sent.file.content)
    planned = await plan(checked, places, service(ctx).store.read)
    return Summary.of(
        ready=len(planned.new) + len(planned.changed),
        same=planned.same,
        skipped=checked.skipped,
        mend=checked.mend,
        ready_note=_("其中 %(n)s 行改面积", n=len(planned.changed)) if planned.changed else "",
    )


async def take(ctx: Context, tx: Tx, sent: DwellingUpload, progress: Progress) -> str:
    checked, places = await read(ctx, sent.file.content)
    planned = await plan(checked, places, tx.sql)
    total, done = len(planned.new) + len(planned.changed), 0
    for part in in_parts(planned.new, CHUNK):
        await tx.many(
            "INSERT INTO dwelling (id, unit, number, area_dm2) VALUES (?, ?, ?, ?)", [(new_id(), *row) for row in part]
        )
        done += len(part)
        progress(done, total)
    if planned.changed:
        await tx.many("UPDATE dwelling SET area_dm2 = ? WHERE id = ?", [(area, each) for each, area in planned.changed])
    progress(total, total)
    detail = {"new": len(planned.new), "changed": len(planned.changed)}
    await audit(tx, "units", "units.dwellings-imported", "import", detail=detail)
    return ctx.t("登记了 {new} 处房屋，改了 {changed} 处的面积。", new=len(planned.new), changed=len(planned.changed))


def template(ctx: Context) -> bytes:
    rows = [DwellingRow("桃园社区/第3网格/7号楼/2单元", "503", "89.54")]
    return write_records(DwellingRow, rows, ctx.t(N_("房屋名单")))


async def export(ctx: Context, tree: Tree, top: UnitCard) -> bytes:
    """The dwellings of a subtree, as :func:`read` takes them again."""
    rows = await service(ctx).store.read(
        "SELECT d.unit, d.number, d.area_dm2 FROM dwelling d JOIN unit u ON u.code = d.unit"
        " WHERE u.path >= ? AND u.path < ? AND d.closed IS NULL AND u.closed IS NULL"
        " ORDER BY u.path, length(d.number), d.number",
        top.path, top.path + "{",
    )  # fmt: skip
    ways: dict[str, str] = {unit: way_text(tree, unit) for unit in {row[0] for row in rows}}
    values: Sequence[DwellingRow] = [DwellingRow(ways[unit], number, area_text(area)) for unit, number, area in rows]
    return write_records(DwellingRow, values, ctx.t(N_("房屋名单")))


KIND: Final = ListKind(
    name="units.dwellings",
    title=N_("房屋名单"),
    path="/lists/dwellings",
    route="dwellings",
    permission=MANAGE,
    form=DwellingUpload,
    check=check,
    take=take,
    template=template,
    back="tree",
    back_title=N_("单位"),
    about=(
        N_("一行一处房屋：所在单位、房号、面积。"),
        N_("所在单位从社区写起，用“/”隔开，比如“桃园社区/第3网格/7号楼/2单元”。"),
    ),
)
