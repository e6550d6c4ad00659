# SPDX-License-Identifier: Apache-2.0
"""The auditor's pages: search, take away, check the chain. Taking rows away is itself audited."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response

from liren.audit import chain, proof
from liren.audit.tables import AuditRow, Head
from liren.audit.titles import REFUSED, SHARED, TITLES, title_of
from liren.audit.wanted import SHOWN, Wanted, page
from liren.identity.at_hand import identity_of
from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.web import download, get, post, redirect
from liren.web.sheets import Cell, Heading, Page, write_book

Req = Request[Any, Any, Any]
READ: Final = "audit.read"
AT_MOST: Final = 100_000
"""Rows of one file."""
LINES_AT_MOST: Final = 300_000


@get("/", allow=READ)
async def rows(ctx: Context, request: Req, before: str = "") -> Response[Any]:
    """The latest first; people by name where they still have one."""
    store, wanted = identity_of(request).store, Wanted.of(request.query_params)
    position = int(before) if before.isdecimal() and len(before) < 18 else None
    found = await page(store, wanted, ctx.now().tzinfo, position, SHOWN + 1)
    shown = found[:SHOWN]
    names = await ctx.people.cards([one for row in shown for one in (row.actor, row.subject)])
    units = {unit.code: unit.name for unit in await ctx.units.all()}
    latest = await Head.objects().order_by(Head.day, ascending=False).first()
    kernel: Kernel = request.app.state.kernel
    said = {row.what: _said(ctx, kernel, row.what) for row in shown}
    more = {name: value for name, value in msgspec.structs.asdict(_Query.of(wanted)).items() if value}
    return await ctx.render(
        "rows.html",
        rows=shown,
        said=said,
        details={row.id: _details(row.detail) for row in shown},
        names=names,
        units=units,
        wanted=wanted,
        asked=more,
        codes=sorted((_said(ctx, kernel, code), code) for code in TITLES),
        older=shown[-1].id if len(found) > SHOWN else None,
        latest=latest,
        refused=tuple(each.strip("%") for each in REFUSED),
    )


class _Query(msgspec.Struct, frozen=True):
    """What is looked for, as it stands in an address."""

    who: str
    whom: str
    what: str
    unit: str
    result: str
    since: str
    until: str

    @classmethod
    def of(cls, wanted: Wanted) -> "_Query":
        days = [day.isoformat() if day else "" for day in (wanted.since, wanted.until)]
        return cls(wanted.who, wanted.whom, wanted.what, wanted.unit, wanted.result, *days)


def _said(ctx: Context, kernel: Kernel, code: str) -> str:
    plugin, title = title_of(kernel, code)
    said = ctx.of(plugin).t(title)
    return said if title in TITLES.values() or code in SHARED else f"{said} {code.partition('.')[2]}".strip()


def _details(detail: str) -> str:
    """``{"purpose":"points"}`` as ``purpose: points``; the file keeps the bytes that are chained."""
    told = msgspec.json.decode(detail)
    return " · ".join(f"{name}: {value}" for name, value in told.items()) if isinstance(told, dict) else detail


@post("/file", allow=READ, name="take_file", step_up=True)
async def take_file(ctx: Context, request: Req) -> Response[Any]:
    """What was looked for, as a workbook with each row as it was chained."""
    store, wanted = identity_of(request).store, Wanted.of(request.query_params)
    found = await page(store, wanted, ctx.now().tzinfo, None, AT_MOST)
    async with ctx.transaction() as tx:
        await tx.audit("taken-away", "audit", rows=len(found))
    kernel: Kernel = request.app.state.kernel
    titles = ("编号", "毫秒时间", "谁", "模块", "做了什么", "代码", "对象", "单位", "详情")
    cells: list[list[Cell]] = [
        [row.id, row.at_ms, row.actor, row.plugin, _said(ctx, kernel, row.what), row.what, row.subject, row.unit or "",
         row.detail]
        for row in reversed(found)
    ]  # fmt: skip
    book = write_book([Page("审计记录", [Heading(title, 18) for title in titles], cells)])
    return download(book, f"审计记录 {ctx.today().isoformat()}.xlsx")


@post("/proof", allow=READ, name="take_proof", step_up=True)
async def take_proof(ctx: Context, request: Req) -> Response[Any]:
    """Whole days as JSON Lines with their proof: ``liren audit verify <file>`` chains them again anywhere."""
    store, wanted = identity_of(request).store, Wanted.of(request.query_params)
    await chain.extend(ctx)
    until = wanted.until or ctx.today()
    whole = Wanted(since=wanted.since, until=until)
    where, values = whole.where(ctx.now().tzinfo)
    query = f"SELECT min(id), max(id), count(*) FROM audit WHERE {where}"  # noqa: S608 - own columns, marks
    [(first, last, count)] = await store.read(query, *values)
    if first is None or count > LINES_AT_MOST:
        return redirect(ctx.url("rows"), notice=ctx.t("这几天没有记录，或者太多：请选短一些的日子。"))
    async with ctx.transaction() as tx:
        await tx.audit("taken-away", "audit", rows=count)
    since = whole.since or until
    content = b"".join([line async for line in proof.lines(store, since, until, first, last)])
    return download(content, f"审计记录 {since.isoformat()}–{until.isoformat()}.jsonl")


@post("/check", allow=READ, name="check")
async def check(ctx: Context, request: Req) -> Response[Any]:
    """Replay the whole chain now."""
    await chain.extend(ctx)
    breaks = await chain.verify(identity_of(request).store)
    return await ctx.render("checked.html", breaks=breaks, english=_english(ctx), total=await AuditRow.count())


def _english(ctx: Context) -> bool:
    return ctx.visitor is not None and ctx.visitor.language == "en"


ROUTES: Sequence[Any] = (rows, take_file, take_proof, check)
