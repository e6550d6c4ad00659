# SPDX-License-Identifier: Apache-2.0
"""The auditor's pages: search, take away, check the chain. Taking rows away is itself audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from litestar import Request, Response

from liren.audit import chain
from liren.audit.tables import AuditRow, Head
from liren.identity.at_hand import identity_of
from liren.plugins.context import Context
from liren.web import ask, download, get, post
from liren.web.sheets import Cell, Heading, Page, write_book

Req = Request[Any, Any, Any]
READ: Final = "audit.read"
AT_MOST: Final = 100_000
"""Rows of one file."""
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the auditor looks for; empty: everything."""

    who: str
    """Of whom or about whom: a person's id or an actor such as ``job:credit``."""
    what: str
    """Begins with this: ``credit.`` or ``credit.rules-adopted``."""
    since: date | None
    until: date | None

    @classmethod
    def of(cls, request: Req) -> "Wanted":
        given = request.query_params
        return cls(
            given.get("who", "").strip()[:64],
            given.get("what", "").strip()[:64],
            _day(given.get("since", "")),
            _day(given.get("until", "")),
        )

    def condition(self, ctx: Context) -> Any:
        found: Any = AuditRow.id > 0
        if self.who:
            found &= (AuditRow.actor == self.who) | (AuditRow.subject == self.who)
        if self.what:
            found &= AuditRow.what.like(self.what.replace("%", "").replace("_", "") + "%")
        zone = ctx.now().tzinfo
        if self.since is not None:
            found &= AuditRow.at_ms >= int(datetime.combine(self.since, time(), zone).timestamp() * 1000)
        if self.until is not None:
            end = datetime.combine(self.until + timedelta(days=1), time(), zone)
            found &= AuditRow.at_ms < int(end.timestamp() * 1000)
        return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@get("/", allow=READ)
async def rows(ctx: Context, request: Req) -> Response[Any]:
    """The latest first; people by name where they still have one."""
    wanted, asked = Wanted.of(request), ask(request.query_params.get("page"), size=SHOWN)
    where = wanted.condition(ctx)
    total = await AuditRow.count().where(where)
    found = (
        await AuditRow.objects()
        .where(where)
        .order_by(AuditRow.id, ascending=False)
        .limit(asked.size)
        .offset(asked.offset)
    )
    names = await ctx.people.cards([one for row in found for one in (row.actor, row.subject)])
    latest = await Head.objects().order_by(Head.day, ascending=False).first()
    return await ctx.render("rows.html", page=asked.page(found, total), names=names, wanted=wanted, latest=latest)


@post("/file", allow=READ, name="take_file", step_up=True)
async def take_file(ctx: Context, request: Req) -> Response[Any]:
    """What was looked for, as a workbook with the digest of each row, so that anybody can chain it again."""
    wanted = Wanted.of(request)
    found = await AuditRow.objects().where(wanted.condition(ctx)).order_by(AuditRow.id).limit(AT_MOST)
    async with ctx.transaction() as tx:
        await tx.audit("taken-away", "audit", rows=len(found))
    titles = ("编号", "毫秒时间", "谁", "模块", "做了什么", "对象", "单位", "详情")
    cells: list[list[Cell]] = [
        [row.id, row.at_ms, row.actor, row.plugin, row.what, row.subject, row.unit or "", row.detail] for row in found
    ]
    book = write_book([Page("审计记录", [Heading(title, 18) for title in titles], cells)])
    return download(book, f"审计记录 {ctx.today().isoformat()}.xlsx")


@post("/check", allow=READ, name="check")
async def check(ctx: Context, request: Req) -> Response[Any]:
    """Replay the whole chain now."""
    await chain.extend(ctx)
    breaks = await chain.verify(identity_of(request).store)
    return await ctx.render("checked.html", breaks=breaks, english=_english(ctx), total=await AuditRow.count())


def _english(ctx: Context) -> bool:
    return ctx.visitor is not None and ctx.visitor.language == "en"


ROUTES: Sequence[Any] = (rows, take_file, check)
