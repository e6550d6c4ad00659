# SPDX-License-Identifier: Apache-2.0
"""What credit shows on other pages: the latest three entries, rules in force, work that waits, figures."""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from liren.api import Context, Figure, Fragment, Subject, Todo, _
from liren_credit import words
from liren_credit.public_pages import coming, whys
from liren_credit.rulemaking import catalogue
from liren_credit.tables import AwardList, AwardRow, Proposal, shown_on

LATEST = 3


async def fill(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    if slot == "home.main" and subject:
        return Fragment(await _home(ctx, subject), 10)
    if slot == "board.main":
        return Fragment(await _board(ctx), 20)
    if slot == "desk.main" and (ctx.can("credit.collect") or ctx.can("credit.review")):
        return Fragment(await _desk(ctx), 20)
    return None


async def _home(ctx: Context, subject: str) -> Markup:
    rules = await catalogue()
    entries = await ctx.ledger.entries(Subject("h", subject), limit=LATEST)
    return await ctx.fragment(
        "slot_home.html", entries=await whys(ctx, entries, rules), coming=(await coming(ctx, rules))[:LATEST]
    )


async def _board(ctx: Context) -> Markup:
    under_way = (AwardList.state == "publicity") & shown_on(ctx.today())
    open_ones = await AwardList.objects().where(under_way).order_by(AwardList.posts_on).limit(5)
    return await ctx.fragment(
        "slot_board.html",
        rules=(await catalogue()).current(ctx.today()),
        lists=open_ones,
        behaviours=words.BEHAVIOURS,
    )


async def _desk(ctx: Context) -> Markup:
    where = AwardList.state.not_in(["posted", "dropped", "columns"])
    found = await AwardList.objects().where(where).order_by(AwardList.number, ascending=False).limit(20)
    shown = [
        each
        for each in found
        if each.collector == ctx.actor or (each.state != "checked" and ctx.can("credit.review", each.unit))
    ]
    return await ctx.fragment(
        "slot_desk.html", lists=shown[:5], words=words.LIST_STATES, may_collect=ctx.can("credit.collect")
    )


async def todos(ctx: Context) -> Sequence[Todo]:
    """Rows people stopped, rules to adopt. What waits for whom of the lists is told by their cases."""
    found: list[Todo] = []
    if ctx.can("credit.review"):
        stopped = await AwardRow.count().where(AwardRow.state == "frozen")
        if stopped:
            found.append(Todo(ctx.t(_("居民要求暂停的，等您核实")), ctx.url("lists"), stopped))
    if ctx.can("credit.adopt"):
        drafts = await Proposal.objects().where(Proposal.state == "proposed").limit(20)
        for each in drafts:
            if each.entered_by != ctx.actor:
                found.append(Todo(ctx.t(_("细则等您审定")), ctx.url("proposal", id=each.id)))
    return found


async def figures(ctx: Context) -> Sequence[Figure]:
    """How many people were awarded points this month; the points of all kinds are the ledger's own figure."""
    first = ctx.today().replace(day=1)
    found = await AwardList.select(AwardList.id).where(
        (AwardList.state == "posted") & (AwardList.posted_ms >= _ms(ctx, first))
    )
    points = people = 0
    if found:
        ids = [each["id"] for each in found]
        places = ", ".join("{}" for _id in ids)
        (row,) = await AwardRow.raw(
            "SELECT CAST(coalesce(sum(points), 0) AS BIGINT) AS points, count(DISTINCT person) AS people"  # noqa: S608
            f" FROM credit_row WHERE state = 'credited' AND list IN ({places})",
            *ids,
        )
        points, people = int(row["points"]), int(row["people"])
    return [
        Figure(
            "credit.awarded",
            ctx.t(_("本月得了分的居民")),
            people,
            ctx.t(_("人")),
            n=points,
            of=ctx.t(_("分")),
            url=ctx.url("rules"),
        )
    ]


def _ms(ctx: Context, day: date) -> int:
    start = ctx.now().replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0)
    return int(start.timestamp() * 1000)
