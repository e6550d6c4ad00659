# SPDX-License-Identifier: Apache-2.0
"""The published catalogue, and how rules get into it: from Excel or one by form, adopted by a second person."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Context, LirenError, RuleTemplate, _
from liren.web import ANYONE, SIGNED_IN, Form, Upload, get, post, redirect
from liren.web.sheets import read_book
from liren_credit import errors, rulebook, rulemaking, words
from liren_credit.catalogue import Catalogue, Rule
from liren_credit.tables import Proposal

Req = Request[Any, Any, Any]
DRAFT = "credit.rules"
ADOPT = "credit.adopt"


class RuleFile(msgspec.Struct, frozen=True):
    file: Annotated[Upload, Meta(title=_("细则文件"))]
    valid_from: Annotated[date, Meta(title=_("从哪天起用"))]
    source: Annotated[str, Meta(title=_("已在纸上公布的出处"), max_length=120)] = ""
    expiry: Annotated[Literal["next-year-end", "year-end", "never"], Meta(title=_("积分有效期"))] = "next-year-end"


CODE = r"^[A-Za-z0-9-]*[0-9][A-Za-z0-9-]*$"


class OneRule(msgspec.Struct, frozen=True):
    code: Annotated[
        str, Meta(title=_("编号"), min_length=2, max_length=20, pattern=r"^[A-Za-z0-9-]*[0-9][A-Za-z0-9-]*$")
    ]
    title: Annotated[str, Meta(title=_("名称"), min_length=2, max_length=40)]
    behaviour: Annotated[Literal["dedication", "good_faith"], Meta(title=_("行为类别"))]
    unit: Annotated[str, Meta(title=_("计量单位"), min_length=1, max_length=6)]
    points: Annotated[int, Meta(title=_("每单位积分"), ge=1, le=rulebook.MAX_POINTS)]
    daily_cap: Annotated[int, Meta(title=_("每天最多几个单位"), ge=1, le=rulebook.MAX_CAP)]
    evidence: Annotated[str, Meta(title=_("凭什么证明"), min_length=2, max_length=40)]
    valid_from: Annotated[date, Meta(title=_("从哪天起用"))]
    source: Annotated[str, Meta(title=_("已在纸上公布的出处"), max_length=120)] = ""
    expiry: Annotated[Literal["next-year-end", "year-end", "never"], Meta(title=_("积分有效期"))] = "next-year-end"
    template: Annotated[str, Meta(max_length=64)] = ""
    """What it is adopted from; empty for the street's own."""


class NoFields(msgspec.Struct, frozen=True):
    """A button: only the request key is sent."""


@get("/rules", allow=ANYONE, name="rules")
async def rules(ctx: Context) -> Response[Any]:
    """What brings points, for everybody to read."""
    known = await rulemaking.catalogue()
    today = ctx.today()
    may = bool(ctx.visitor) and (ctx.can(DRAFT) or ctx.can(ADOPT))
    open_ones = await Proposal.objects().where(Proposal.state == "proposed").limit(50) if may else []
    return await ctx.render(
        "rules.html",
        in_force=known.current(today),
        announced=known.announced(today),
        behaviours=words.BEHAVIOURS,
        expiries=words.EXPIRIES,
        proposals=open_ones,
        may_draft=bool(ctx.visitor) and ctx.can(DRAFT),
        templates=_not_adopted(ctx, known) if ctx.can(DRAFT) else [],
    )


def _not_adopted(ctx: Context, known: Catalogue) -> list[RuleTemplate]:
    """What modules propose and the street has no rule for yet."""
    adopted = {rule.template for rule in known.rules}
    return [each for each in ctx.rule_templates() if each.name not in adopted and each.behaviour != "breach_of_faith"]


@get("/rules/{code:str}", allow=ANYONE, name="rule")
async def rule(ctx: Context, code: str) -> Response[Any]:
    """One rule with all its versions."""
    versions = [each for each in (await rulemaking.catalogue()).rules if each.code == code.upper()]
    if not versions:
        raise errors.no_such_rule()
    return await ctx.render(
        "rule.html", versions=versions, today=ctx.today(), behaviours=words.BEHAVIOURS, expiries=words.EXPIRIES
    )


@get("/drafts/excel", allow=DRAFT, name="rule_file")
async def rule_file(ctx: Context) -> Response[Any]:
    return await _rule_file(ctx, Form(RuleFile, {"valid_from": _earliest(ctx)}))


def _earliest(ctx: Context) -> str:
    return (ctx.today() + timedelta(days=ctx.settings.announce_days)).isoformat()


async def _rule_file(
    ctx: Context, form: Form[RuleFile], faults: tuple[rulebook.RuleFault, ...] = (), status: int = 200
) -> Response[Any]:
    return await ctx.render("rule_file.html", status=status, form=form, faults=faults, expiries=words.EXPIRIES)


@post("/drafts/excel", allow=DRAFT, name="read_rule_file")
async def read_rule_file(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, RuleFile)
    command = form.command
    if command is None:
        return await _rule_file(ctx, form, status=422)
    try:
        book = rulebook.read_rules(
            read_book(command.file.content),
            valid_from=command.valid_from,
            source=command.source.strip(),
            expiry=command.expiry,
        )
        if book.faults:
            return await _rule_file(ctx, form, book.faults, 422)
        title = command.file.name.rpartition(".")[0][:60] or ctx.t("积分细则")
        proposal = await rulemaking.propose(ctx, form.key, title, book.rules)
    except LirenError as error:
        if error.status >= 500 or error.status in (403, 404):
            raise
        form.refuse_with(error, "valid_from" if error.code in ("not-announced", "retroactive") else "file")
        return await _rule_file(ctx, form, status=error.status)
    return redirect(ctx.url("proposal", id=proposal))


@get("/drafts/new", allow=DRAFT, name="new_rule")
async def new_rule(ctx: Context, code: str = "", template: str = "") -> Response[Any]:
    """An empty form; a module's template; or a rule in force to be changed: a new version of it."""
    first: dict[str, Any] = {"valid_from": _earliest(ctx)}
    if old := (await rulemaking.catalogue()).newest().get(code.upper()):
        keep = ("code", "title", "behaviour", "unit", "points", "daily_cap", "evidence", "expiry", "template")
        first |= {name: getattr(old, name) for name in keep}
    elif proposed := next((each for each in ctx.rule_templates() if each.name == template), None):
        offered = ("title", "behaviour", "unit", "points", "daily_cap", "evidence")
        first |= {name: getattr(proposed, name) for name in offered} | {"template": proposed.name}
    about = old.code.lower() if old else template
    return await _new_rule(ctx, await Form.resume(OneRule, f"credit.rule.{about}" if about else "credit.rule", first))


async def _new_rule(ctx: Context, form: Form[OneRule], status: int = 200) -> Response[Any]:
    return await ctx.render(
        "new_rule.html", status=status, form=form, behaviours=words.BEHAVIOURS, expiries=words.EXPIRIES
    )


@post("/drafts/new", allow=DRAFT, name="propose_rule")
async def propose_rule(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, OneRule)
    if form.command is None:
        return await _new_rule(ctx, form, 422)
    fields = msgspec.structs.asdict(form.command)
    if form.command.template and all(each.name != form.command.template for each in ctx.rule_templates()):
        raise errors.no_such_template()
    drafted = Rule(**(fields | {"code": form.command.code.upper(), "version": 1, "valid_to": None}))
    try:
        proposal = await rulemaking.propose(ctx, form.key, f"{drafted.code} {drafted.title}", [drafted])
    except LirenError as error:
        if error.status != 422:
            raise
        form.refuse_with(error, "valid_from")
        return await _new_rule(ctx, form, 422)
    return redirect(ctx.url("proposal", id=proposal))


@get("/drafts/{id:str}", allow=SIGNED_IN, name="proposal")
async def proposal(ctx: Context, id: str) -> Response[Any]:
    """Rules put forward: what changes, and the second person's decision."""
    if not ctx.can(ADOPT):
        ctx.require(DRAFT)
    found = await Proposal.objects().where(Proposal.id == id).first()
    if found is None:
        raise errors.no_such_rule()
    people = await ctx.people.cards([each for each in (found.entered_by, found.decided_by) if each])
    before = (await rulemaking.catalogue()).newest()
    return await ctx.render(
        "proposal.html",
        proposal=found,
        rules=await rulemaking.proposed(id),
        before=before,
        people=people,
        may_adopt=ctx.can(ADOPT) and found.entered_by != ctx.actor,
        own=found.entered_by == ctx.actor,
        behaviours=words.BEHAVIOURS,
        expiries=words.EXPIRIES,
    )


@post("/drafts/{id:str}/adopt", allow=ADOPT, name="adopt_rules", step_up=True)
async def adopt_rules(ctx: Context, request: Req, id: str) -> Response[Any]:
    form = Form.of(NoFields, {"_key": (await request.form()).get("_key", "")})
    await rulemaking.adopt(ctx, form.key, id)
    return redirect(ctx.url("rules"), notice=ctx.t(_("细则已审定并签名，人人可查。")))


@post("/drafts/{id:str}/withdraw", allow=SIGNED_IN, name="withdraw_rules")
async def withdraw_rules(ctx: Context, request: Req, id: str) -> Response[Any]:
    form = Form.of(NoFields, {"_key": (await request.form()).get("_key", "")})
    await rulemaking.withdraw(ctx, form.key, id)
    return redirect(ctx.url("rules"), notice=ctx.t(_("已撤回，没有施行。")))


HANDLERS = [rules, rule, rule_file, read_rule_file, new_rule, propose_rule, proposal, adopt_rules, withdraw_rules]
