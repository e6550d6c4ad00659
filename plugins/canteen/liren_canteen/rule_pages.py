# SPDX-License-Identifier: Apache-2.0
"""Subsidy rules for those who decide them: versions, drafting, trying out, publishing."""

from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Context, _
from liren.web import Fen, Form, choices, get, gettext, post, redirect
from liren_canteen import rulebook, subsidy, words
from liren_canteen.errors import CanteenError
from liren_canteen.resident import rule_words
from liren_canteen.rulebook import SUBSIDY, PublishForm, RuleForm, VersionForm
from liren_canteen.tables import RuleVersion

Req = Request[Any, Any, Any]


class TryForm(msgspec.Struct, frozen=True):
    """Somebody invented, to see what a draft would give them."""

    price_fen: Annotated[Fen, Meta(title=_("价格"), ge=0, le=100_000)] = 1500
    age: Annotated[int | None, Meta(title=_("年龄"), ge=0, le=150)] = 80
    meal: Annotated[Literal["breakfast", "lunch", "supper"], Meta(title=_("哪一餐"))] = "lunch"
    registration: Annotated[Literal["", "local", "other"], Meta(title=_("户籍"))] = "local"
    categories: Annotated[
        list[Literal["support", "disabled", "alone", "honoured", "bereft"]], Meta(title=_("属于哪类"))
    ] = []
    used_fen: Annotated[Fen, Meta(title=_("每家出资方本月已补"), ge=0, le=10_000_000)] = 0


@get("/desk/rules", allow=SUBSIDY, name="rules")
async def rules(ctx: Context) -> Response[Any]:
    """Every version, drafts first."""
    return await _rules(ctx, Form(VersionForm))


async def _rules(ctx: Context, form: Form[VersionForm], status: int = 200) -> Response[Any]:
    now = await rulebook.in_force(ctx.today())
    return await ctx.render(
        "rules.html",
        status=status,
        form=form,
        versions=await rulebook.versions(),
        now=now.id if now else "",
        today=ctx.today(),
    )


@post("/desk/rules", allow=SUBSIDY, name="draft_rules")
async def draft_rules(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, VersionForm)
    if form.command is None:
        return await _rules(ctx, form, 422)
    made = await rulebook.draft(ctx, form.key, form.command)
    return redirect(ctx.url("version", version=made), notice=gettext("起草好了，照现行的抄了一份。改好再公布。"))


@get("/desk/rules/{version:str}", allow=SUBSIDY, name="version")
async def version_page(ctx: Context, request: Req, version: str) -> Response[Any]:
    """One version with its rules; what a person would get under it."""
    return await _version(ctx, await rulebook.version_of(version), request)


async def _version(
    ctx: Context, version: RuleVersion, request: Req, form: Form[PublishForm] | None = None, status: int = 200
) -> Response[Any]:
    rows = await rulebook.rows_of(version.id)
    tried, bill = await _tried(request, [rulebook.as_rule(row) for row in rows])
    return await ctx.render(
        "version.html",
        status=status,
        version=version,
        rules=rows,
        form=form or Form(PublishForm, {"starts": ctx.today() + timedelta(days=1)}),
        tried=tried,
        bill=bill,
        today=ctx.today(),
        **rule_words(),
        meal_choices=choices(words.MEALS),
        registration_choices=choices(words.REGISTRATIONS),
        category_choices=choices(words.CATEGORIES),
    )


async def _tried(request: Req, rules: list[subsidy.Rule]) -> tuple[Form[TryForm], subsidy.Bill]:
    """The invented person of the address, or the usual one."""
    asked = request.query_params
    form: Form[TryForm] = Form(TryForm)
    wish = TryForm()
    if "price_fen" in asked:
        names = TryForm.__struct_fields__
        form = Form.of(TryForm, {name: asked.getall(name, []) for name in names})
        wish = form.command or wish
    who = subsidy.Diner(wish.age, tuple(wish.categories), wish.registration)
    used = {rule.funder: wish.used_fen for rule in rules}
    return form, subsidy.bill(wish.price_fen, wish.meal, who, rules, used)


@get("/desk/rules/{version:str}/new", allow=SUBSIDY, name="new_rule")
async def new_rule(ctx: Context, version: str) -> Response[Any]:
    return await _new_rule(ctx, await rulebook.version_of(version), Form(RuleForm, {"kind": "off"}))


async def _new_rule(ctx: Context, version: RuleVersion, form: Form[RuleForm], status: int = 200) -> Response[Any]:
    return await ctx.render(
        "new_rule.html",
        status=status,
        version=version,
        form=form,
        kinds=[("off", gettext("每餐补这么多")), ("pays", gettext("老人只付这么多，其余都补"))],
        meals=choices(words.MEALS),
        categories=choices(words.CATEGORIES),
        registrations=choices(words.REGISTRATIONS),
    )


@post("/desk/rules/{version:str}/new", allow=SUBSIDY, name="add_rule")
async def add_rule(ctx: Context, request: Req, version: str) -> Response[Any]:
    found = await rulebook.version_of(version)
    form = await Form.read(request, RuleForm)
    wish = form.command
    if wish is not None and wish.age_to is not None and wish.age_to < wish.age_from:
        form.refuse("age_to", gettext("“到几岁”不能小于“满几岁”"))
    if wish is None or form.errors:
        return await _new_rule(ctx, found, form, 422)
    try:
        await rulebook.add_rule(ctx, form.key, version, wish)
    except CanteenError as error:
        form.refuse_with(error)
        return await _new_rule(ctx, found, form, error.status)
    return redirect(ctx.url("version", version=version), notice=gettext("加上了。"))


@post("/desk/rules/{version:str}/drop/{rule:str}", allow=SUBSIDY, name="drop_rule")
async def drop_rule(ctx: Context, request: Req, version: str, rule: str) -> Response[Any]:
    try:
        await rulebook.drop_rule(ctx, version, rule)
    except CanteenError as error:
        form: Form[PublishForm] = Form(PublishForm)
        form.refuse_with(error)
        return await _version(ctx, await rulebook.version_of(version), request, form, error.status)
    return redirect(ctx.url("version", version=version), notice=gettext("去掉了。"))


@post("/desk/rules/{version:str}/publish", allow=SUBSIDY, name="publish_rules")
async def publish_rules(ctx: Context, request: Req, version: str) -> Response[Any]:
    found = await rulebook.version_of(version)
    form = await Form.read(request, PublishForm)
    if form.command is None:
        return await _version(ctx, found, request, form, 422)
    try:
        await rulebook.publish(ctx, form.key, version, form.command)
    except CanteenError as error:
        form.refuse_with(error, "starts")
        return await _version(ctx, found, request, form, error.status)
    return redirect(ctx.url("version", version=version), notice=gettext("公布了，居民在“补贴规则”里看得到。"))


HANDLERS = [rules, draft_rules, version_page, new_rule, add_rule, drop_rule, publish_rules]
