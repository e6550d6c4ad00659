# SPDX-License-Identifier: Apache-2.0
"""Lists as workbooks to take away: every verdict, or the rows to mend in the collector's own columns."""

import msgspec
from litestar import Response

from liren.api import Context, Denied, _
from liren.web import download, get
from liren.web.sheets import Heading, Page, letter, write_book
from liren_credit import views, words
from liren_credit.intake import Layout
from liren_credit.tables import AwardList, AwardRow


@get("/lists/{id:str}/rows", allow="credit.see", name="download_rows", step_up=True)
async def download_rows(ctx: Context, id: str, show: str = "fix") -> Response[bytes]:
    """Rows as handed in, with what is wrong beside each; or all of them with their verdicts."""
    entered, _reviewing = await views.any_list(ctx, id)
    own = entered.collector == ctx.actor
    if show == "fix" and not own:
        raise Denied("退回的原始行只给登记人下载。", "Only the collector may download the rows as they were typed.")
    if show == "fix":
        return await _download_faults(ctx, entered)
    found = await views.every_row(ctx, entered, masked=not own)
    headings = [
        *(Heading(ctx.t(_("行")), 6, "number"), Heading(ctx.t(_("姓名")), 10), Heading(ctx.t(_("社区")), 10)),
        *(Heading(ctx.t(_("细则")), 26), Heading(ctx.t(_("数量")), 10), Heading(ctx.t(_("日期")), 12, "day")),
        *(Heading(ctx.t(_("积分")), 8, "number"), Heading(ctx.t(_("情况")), 24), Heading(ctx.t(_("怎么改")), 40)),
    ]
    lines = [
        [
            *(r.number, r.name, r.community, r.rule, r.quantity, r.day or r.day_typed, r.points),
            *(ctx.t(r.words.title), ctx.t(r.words.advice)),
        ]
        for r in found
    ]
    book = write_book([Page(ctx.t(_("核对结果")), headings, lines, [entered.title])])
    return download(book, ctx.t(_("{title} 核对结果.xlsx"), title=entered.title))


async def _download_faults(ctx: Context, entered: AwardList) -> Response[bytes]:
    """The collector's own rows in their own columns: mend them here and hand the file in again."""
    layout = msgspec.json.decode(entered.layout, type=Layout)
    found = (
        await AwardRow.select(AwardRow.verdict, AwardRow.number, AwardRow.cells)
        .where((AwardRow.list == entered.id) & AwardRow.verdict.not_in(list(views.NO_FAULT)))
        .order_by(AwardRow.number)
    )
    width = len(layout.titles)
    headings = [Heading(title or letter(index), 16) for index, title in enumerate(layout.titles)]
    headings += [
        Heading(ctx.t(_("原来第几行")), 10, "number"),
        Heading(ctx.t(_("情况")), 20),
        Heading(ctx.t(_("怎么改")), 44),
    ]
    lines = []
    for row in found:
        cells = msgspec.json.decode(row["cells"], type=list[str])[:width] if row["cells"] else []
        said = words.VERDICTS[row["verdict"]]
        lines.append([*cells, *[""] * (width - len(cells)), row["number"], ctx.t(said.title), ctx.t(said.advice)])
    book = write_book([Page(ctx.t(_("要改的行")), headings, lines)])
    return download(book, ctx.t(_("{title} 要改的行.xlsx"), title=entered.title))


HANDLERS = [download_rows]
