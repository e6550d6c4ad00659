# SPDX-License-Identifier: Apache-2.0
"""A list of residents from Excel: upload, look at the verdicts, register. The three steps are ``liren.web.lists``'s.

A street's list is checked within the request; a city's in the background, where it is read in a process of its own.
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from liren.identity.lists import importer
from liren.identity.lists.import_columns import COLUMNS
from liren.identity.lists.import_rules import TEXTS, Judged
from liren.identity.lists.importer import Report
from liren.identity.lists.list_reading import SHORT
from liren.identity.on_paper import POINTS
from liren.identity.register import pending
from liren.identity.register.directory import Directory
from liren.plugins.context import Context
from liren.plugins.services import Progress
from liren.units.service import UnitsService
from liren.web import N_, Upload
from liren.web.lists import KEPT, AtTheEnd, ListKind, Long, Summary, list_routes
from liren.web.sheets import FaultyRow, Heading, Mend, Page, write_book

IMPORT: Final = "identity.import"
LIMIT_S: Final = 3600.0
MEGABYTES: Final = 40
EXTRA: Final = {"kinds": ("xlsx", "xls", "csv"), "megabytes": MEGABYTES}
_ways = msgspec.msgpack.Decoder(importer.Ways).decode


class NewList(msgspec.Struct, frozen=True):
    """The upload form."""

    file: Annotated[Upload, Meta(title=N_("居民名单"), extra=EXTRA)]
    consent: Annotated[bool, Meta(title=N_("名单上的人都已签字，同意参加积分"))] = False


def _parts(ctx: Context) -> tuple[Directory, UnitsService]:
    assert isinstance(ctx.people, Directory)
    assert isinstance(ctx.units, UnitsService)
    return ctx.people, ctx.units


async def allowed(ctx: Context) -> None:
    """A list names people of the whole street, so its uploader must be trusted with all of it."""
    ctx.require(IMPORT, (await ctx.units.street()).code)


async def check(ctx: Context, sent: NewList) -> Summary:
    return await check_long(ctx, sent, lambda done, total: None)


async def check_long(ctx: Context, sent: NewList, progress: Progress) -> Summary:
    directory, units = _parts(ctx)
    report = await importer.check(
        sent.file.content, directory, units, progress=lambda _, done, total: progress(done, total)
    )
    return summary_of(ctx, report, consent=sent.consent)


def summary_of(ctx: Context, report: Report, *, consent: bool) -> Summary:
    """:param consent: the list says that everybody on it agreed"""
    count = report.counts.get
    shared, known, children = count("phone-shared", 0), count("known", 0), count("child", 0)
    note = ctx.t(
        "新登记 {new} 人，已登记 {known} 人（住址变了的会更新），{shared} 人的手机号也在别人名下",
        new=report.new,
        known=known,
        shared=shared,
    )
    if consent and children:
        note += ctx.t(
            "；{children} 人不满十四周岁，不记同意：请先登记监护人，再到孩子的“同意的事”里记监护人的同意",
            children=children,
        )
    return Summary(
        ready=report.new + known,
        wrong=report.wrong_rows,
        skipped=count("ignored", 0),
        mend=Mend(report.titles, tuple(_faulty(ctx, row) for row in report.wrong[:KEPT])),
        ready_note=note,
        notes=msgspec.msgpack.encode(report.ways),
    )


def _faulty(ctx: Context, row: Judged) -> FaultyRow:
    return FaultyRow(row.row, row.cells, (ctx.t(TEXTS[row.code]),))


async def take(
    ctx: Context, list_id: str, sent: NewList, notes: bytes, progress: Progress, at_the_end: AtTheEnd
) -> str:
    directory, units = _parts(ctx)
    today = ctx.today()
    done = await importer.register_list(
        directory.store,
        directory.vault,
        directory,
        sent.file.content,
        import_id=list_id,
        bounds=await importer.bounds_of(directory, units, new_communities=False),
        ways=_ways(notes),
        actor=ctx.actor,
        street=(await units.street()).name,
        day=today,
        consent=POINTS if sent.consent else None,
        progress=lambda _, done, total: progress(done, total),
        at_the_end=at_the_end,
    )
    return ctx.t("登记了 {new} 人，更新住址 {moved} 人。", new=done.registered, moved=done.moved)


async def halfway(ctx: Context, list_id: str) -> bool:
    store = _parts(ctx)[0].store
    return await pending.is_pending(store, list_id) or await pending.moves_left(store, list_id)


async def give_up(ctx: Context, list_id: str) -> None:
    await pending.give_up(_parts(ctx)[0].store, list_id, ctx.actor)


def template(ctx: Context) -> bytes:
    """The workbook to fill in; numbers are text from the first row on."""
    headings = [Heading(column.words[0], 22 if column.key in ("id_number", "address") else 14) for column in COLUMNS]
    example: dict[str, Any] = {
        "name": "王秀兰", "id_number": "379901196411220003", "phone": "19900000001", "birthday": "1964-11-22",
        "community": "桃园社区", "grid": "第3网格", "building": "7号楼", "stair": "2单元", "room": "503",
        "role": "户主", "address": "",
    }  # fmt: skip
    return write_book([Page(ctx.t("居民名单"), headings, [[example[column.key] for column in COLUMNS]])])


KIND: Final = ListKind(
    name="identity.people",
    title=N_("居民名单"),
    path="/people/lists",
    route="people",
    permission=IMPORT,
    form=NewList,
    check=check,
    take=None,
    template=template,
    back="people",
    back_title=N_("找居民"),
    about=(
        N_(
            "要有“姓名”和“社区”，再加“身份证号”或“手机号”。网格、楼栋、单元、房号、出生日期、与户主关系，有就一起写上。"
        ),
        N_("新的网格、楼栋、单元会自动建好；社区要先在“单位”里设立。"),
    ),
    hints={"consent": N_("没有签字的，先不要勾；以后本人可以再同意。不满十四周岁的不跟着勾选走，要监护人另外同意。")},
    allowed=allowed,
    limit_s=LIMIT_S,
    megabytes=MEGABYTES,
    most=N_("Excel 或 CSV，最多 400 000 行、40 MB"),
    long=Long(SHORT, check_long, take, halfway, give_up),
)
ROUTES = list_routes(KIND)
