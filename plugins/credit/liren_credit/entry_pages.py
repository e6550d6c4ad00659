# SPDX-License-Identifier: Apache-2.0
"""记一笔: one person, one rule, by form; the same checks, review and publicity as a whole list."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.api import Context, LirenError, _
from liren.web import Form, get, post, redirect
from liren_credit import single, words
from liren_credit.rulemaking import catalogue

Req = Request[Any, Any, Any]
COLLECT = "credit.collect"

FIELD_OF = {
    **dict.fromkeys(("name-missing", "unknown-person", "ambiguous-person", "own-award", "consent-taken-back"), "name"),
    **dict.fromkeys(("outside-area", "no-community", "closed-unit"), "name"),
    **dict.fromkeys(("phone-and-name-differ", "id-number-wrong"), "number"),
    **dict.fromkeys(("unknown-rule",), "rule"),
    **dict.fromkeys(("date-unreadable", "date-in-future", "rule-not-valid-on-day", "duplicate"), "day"),
    **dict.fromkeys(("quantity-unreadable", "quantity-not-positive", "over-daily-cap"), "quantity"),
}
"""Beside which field a verdict is said."""


class OneAward(msgspec.Struct, frozen=True):
    name: Annotated[str, Meta(title=_("姓名"), min_length=2, max_length=40)]
    number: Annotated[str, Meta(title=_("手机号或身份证号"), min_length=11, max_length=24)]
    rule: Annotated[str, Meta(title=_("做了什么"), min_length=1, max_length=20)]
    quantity: Annotated[int, Meta(title=_("数量"), ge=1, le=1000)]
    day: Annotated[date, Meta(title=_("哪一天"))]
    evidence: Annotated[str, Meta(title=_("凭什么"), min_length=2, max_length=100)]


@get("/lists/one", allow=COLLECT, name="one_award")
async def one_award(ctx: Context) -> Response[Any]:
    form = await Form.resume(OneAward, "credit.award", {"day": ctx.today().isoformat()})
    return await _one_award(ctx, form)


async def _one_award(ctx: Context, form: Form[OneAward], status: int = 200) -> Response[Any]:
    rules = (await catalogue()).current(ctx.today())
    choices = [
        (rule.code, f"{rule.code} {rule.title}", ctx.t(_("每{unit} {n} 分"), unit=rule.unit, n=rule.points))
        for rule in rules
    ]
    return await ctx.render("one_award.html", status=status, form=form, rules=choices)


@post("/lists/one", allow=COLLECT, name="enter_one")
async def enter_one(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, OneAward)
    command = form.command
    if command is None:
        return await _one_award(ctx, form, 422)
    number = "".join(command.number.split())
    award = single.OneAward(
        name=command.name,
        phone=number if len(number) < 15 else "",
        id_number=number if len(number) >= 15 else "",
        rule=command.rule,
        quantity=command.quantity,
        day=command.day,
        evidence=command.evidence,
    )
    try:
        entered = await single.enter_one(ctx, form.key, award)
    except single.NotGood as error:
        said = words.VERDICTS[error.verdict]
        form.refuse(FIELD_OF.get(error.verdict, ""), f"{ctx.t(said.title)}：{ctx.t(said.advice)}")
        return await _one_award(ctx, form, 422)
    except LirenError as error:
        if error.status != 422:
            raise
        form.refuse_with(error)
        return await _one_award(ctx, form, 422)
    return redirect(ctx.url("show_list", id=entered), notice=ctx.t(_("已提交，等审核员来审。")))


HANDLERS = [one_award, enter_one]
