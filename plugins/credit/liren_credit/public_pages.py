# SPDX-License-Identifier: Apache-2.0
"""公示 for everybody, and a resident's own page that answers 为什么 for every point."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Context, EntryView, NotFound, Subject, Titles, _
from liren.web import ANYONE, SIGNED_IN, Form, ask, get, post, redirect
from liren_credit import errors, objections, views, words
from liren_credit.catalogue import Catalogue, Rule, rule_id
from liren_credit.rulemaking import catalogue
from liren_credit.tables import AwardList, AwardRow, shown_on

Req = Request[Any, Any, Any]
A_PAGE = 30
ENTRIES = 30


class FreezeForm(msgspec.Struct, frozen=True):
    reason: Annotated[str, Meta(title=_("哪里不对"), min_length=2, max_length=200)]


class DecideForm(msgspec.Struct, frozen=True):
    stands: Annotated[bool, Meta(title=_("照常入账"))] = False


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One award as everybody sees it: no number, no name but a masked one where the street may show it."""

    claim: str
    rule: str
    quantity: str
    day: date
    points: int
    community: str
    name: str


@dataclass(frozen=True, slots=True)
class Why:
    """One record of the visitor's ledger, in words."""

    rid: str
    title: str
    amount: int
    eff: date
    admitted_ms: int
    rule: Rule | None
    quantity: str
    evidence: str
    version: int | None
    claim: str
    award: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """An award of the visitor's that is on its way."""

    id: str
    title: str
    points: int
    day: date
    state: words.Words
    frozen: bool
    may_freeze: bool
    posts_on: date | None


@get("/publicity", allow=ANYONE, name="publicity")
async def publicity(ctx: Context) -> Response[Any]:
    """Lists in publicity, and those posted of late."""
    under_way = AwardList.state.is_in(["publicity", "posting"]) & shown_on(ctx.today())
    open_ones = await AwardList.objects().where(under_way).limit(50)
    done = (
        await AwardList.objects()
        .where(AwardList.state == "posted")
        .order_by(AwardList.posted_ms, ascending=False)
        .limit(10)
    )
    return await ctx.render("publicity.html", lists=open_ones, done=done)


@get("/publicity/{id:str}", allow=ANYONE, name="published")
async def published(ctx: Context, id: str, page: str = "", community: str = "") -> Response[Any]:
    """The rows of one list; they leave this page when its days are over, whether anybody has posted it or not."""
    found = await AwardList.objects().where((AwardList.id == id) & shown_on(ctx.today())).first()
    if found is None or found.state not in ("publicity", "posting"):
        raise NotFound(
            "这份名单不在公示。公示结束后就不再显示个人的行。",
            "This list is not in publicity. When publicity ends, single rows are no longer shown.",
        )
    where = (AwardRow.list == id) & AwardRow.state.is_in(["waiting", "frozen"])
    if community:
        where = where & (AwardRow.unit == community)
    asked = ask(page, size=A_PAGE)
    total = await AwardRow.count().where(where)
    rows = await AwardRow.objects().where(where).order_by(AwardRow.number).limit(asked.size).offset(asked.offset)
    return await ctx.render(
        "published.html",
        entered=found,
        page=asked.page(await _public(ctx, rows), total),
        units=await views.units_of(ctx, id, with_budgets=False),
        show_names=ctx.settings.show_names,
        today=ctx.today(),
    )


async def _public(ctx: Context, rows: Sequence[AwardRow]) -> list[PublicRow]:
    rules = await catalogue()
    names = {unit.code: views.short_name(unit.name) for unit in await ctx.units.all("community")}
    everybody = [row.person for row in rows if row.person] if ctx.settings.show_names else []
    cards = await ctx.people.cards(list(await ctx.people.agreed("show_name", everybody)))
    found = []
    for row in rows:
        rule = rules.version(row.rule)
        card = cards.get(row.person)
        found.append(
            PublicRow(
                claim=row.id,
                rule=f"{rule.code} {rule.title}" if rule else row.rule,
                quantity=f"{row.quantity} {rule.unit}" if rule else str(row.quantity),
                day=row.day,
                points=row.points,
                community=names.get(row.unit, ""),
                name=card.masked if card else "–",
            )
        )
    return found


@get("/mine", allow=SIGNED_IN, name="mine")
async def mine(ctx: Context, before: str = "") -> Response[Any]:
    """Every point of one's own, each with its reason and its proof."""
    subject = Subject("h", ctx.actor)
    start = int(before) if before.isdecimal() and len(before) < 18 else None
    entries = await ctx.ledger.entries(subject, limit=ENTRIES + 1, before=start)
    rules = await catalogue()
    return await ctx.render(
        "mine.html",
        balance=await ctx.ledger.balance(subject),
        entries=await whys(ctx, entries[:ENTRIES], rules),
        more=entries[ENTRIES - 1].pos if len(entries) > ENTRIES else None,
        coming=await coming(ctx, rules),
    )


async def whys(ctx: Context, entries: Sequence[EntryView], rules: Catalogue) -> list[Why]:
    """Records in words, whoever posted them."""
    titles = await ctx.titles([entry.code for entry in entries])
    return [why(entry, rules, titles) for entry in entries]


def why(entry: EntryView, rules: Catalogue, titles: Titles) -> Why:
    """A record in words; works without the personal part, when that has been erased."""
    rule = rules.version(rule_id(entry.code))
    reason = entry.reason
    title = str(reason.get("title") or titles.code(entry.code))
    quantity = f"{reason['quantity']} {reason.get('unit', '')}".strip() if "quantity" in reason else ""
    return Why(
        rid=entry.rid,
        title=title,
        amount=entry.amount,
        eff=entry.eff,
        admitted_ms=entry.admitted_ms,
        rule=rule,
        quantity=quantity,
        evidence=str(reason.get("evidence", "")),
        version=int(reason["version"]) if "version" in reason else (rule.version if rule else None),
        claim=str(reason.get("claim", "")),
        award=rule is not None,
    )


async def coming(ctx: Context, rules: Catalogue) -> list[Coming]:
    found = await AwardRow.objects().where((AwardRow.person == ctx.actor) & AwardRow.state.is_in(["waiting", "frozen"]))
    lists = (
        {each.id: each for each in await AwardList.objects().where(AwardList.id.is_in([r.list for r in found]))}
        if found
        else {}
    )
    shown = []
    for row in found:
        rule, entered = rules.version(row.rule), lists[row.list]
        said = words.ROW_STATES["frozen"] if row.state == "frozen" else words.LIST_STATES[entered.state]
        shown.append(
            Coming(
                id=row.id,
                title=f"{rule.title} {row.quantity} {rule.unit}" if rule else row.rule,
                points=row.points,
                day=row.day,
                state=said,
                frozen=row.state == "frozen",
                may_freeze=row.state == "waiting" and entered.state in ("review", "publicity"),
                posts_on=entered.posts_on,
            )
        )
    return shown


@get("/mine/{rid:str}", allow=SIGNED_IN, name="why")
async def why_page(ctx: Context, rid: str) -> Response[Any]:
    """为什么: which rule, how much, which day, what evidence, who entered and who approved it."""
    entry = await _own_entry(ctx, rid)
    row = await AwardRow.objects().where(AwardRow.rid == rid).first()
    entered = await AwardList.objects().where(AwardList.id == row.list).first() if row else None
    card = await ctx.units.get(entry.unit)
    return await ctx.render(
        "why.html",
        entry=entry,
        why=(await whys(ctx, [entry], await catalogue()))[0],
        entered=entered,
        community=card.name if card else entry.unit,
        behaviours=words.BEHAVIOURS,
        expiries=words.EXPIRIES,
        receipt=await _receipt(ctx, rid),
    )


async def _own_entry(ctx: Context, rid: str) -> EntryView:
    """:raises NotFound: no such record, or another person's"""
    subject = Subject("h", ctx.actor)
    before: int | None = None
    while entries := await ctx.ledger.entries(subject, limit=200, before=before):
        for entry in entries:
            if entry.rid == rid:
                return entry
        before = entries[-1].pos
    raise NotFound("没有找到这一笔。", "There is no such entry.")


async def _receipt(ctx: Context, rid: str) -> str:
    return f"/r/{await ctx.ledger.receipt_token(rid)}"


@get("/mine/{rid:str}/receipt", allow=SIGNED_IN, name="receipt")
async def receipt(ctx: Context, rid: str) -> Response[Any]:
    """验真: on to the page anyone can check, by its own token."""
    await _own_entry(ctx, rid)
    return redirect(await _receipt(ctx, rid))


@get("/coming/{id:str}", allow=SIGNED_IN, name="stop")
async def stop(ctx: Context, id: str) -> Response[Any]:
    return await _stop(ctx, id, Form(FreezeForm))


async def _stop(ctx: Context, id: str, form: Form[FreezeForm], status: int = 200) -> Response[Any]:
    own = {each.id: each for each in await coming(ctx, await catalogue())}
    if id not in own:
        raise NotFound("没有找到这一笔。", "There is no such entry.")
    return await ctx.render("stop.html", status=status, entry=own[id], form=form)


@post("/coming/{id:str}", allow=SIGNED_IN, name="freeze")
async def freeze(ctx: Context, request: Req, id: str) -> Response[Any]:
    form = await Form.read(request, FreezeForm)
    if form.command is None:
        return await _stop(ctx, id, form, 422)
    await objections.freeze(ctx, form.key, id, form.command.reason.strip())
    return redirect(ctx.url("mine"), notice=ctx.t(_("已经暂停，等审核员核实后再定。")))


@post("/rows/{id:str}/decide", allow="credit.review", name="decide", step_up=True)
async def decide(ctx: Context, request: Req, id: str) -> Response[Any]:
    """The reviewer's answer to a stopped entry."""
    form = await Form.read(request, DecideForm)
    if form.command is None:
        raise errors.moved_on()
    await objections.decide(ctx, form.key, id, stands=form.command.stands)
    row = await AwardRow.objects().where(AwardRow.id == id).first()
    return redirect(ctx.url("show_list", id=row.list if row else ""), notice=ctx.t(_("已经记下决定，并告诉了本人。")))


HANDLERS = [publicity, published, mine, why_page, receipt, stop, freeze, decide]
