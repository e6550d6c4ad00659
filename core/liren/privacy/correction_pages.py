# SPDX-License-Identifier: Apache-2.0
"""A resident asks for something of theirs to be put right: which field, and what it should say."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.privacy import corrections
from liren.web import N_, SIGNED_IN, Form, get, post, redirect

Req = Request[Any, Any, Any]


class CorrectionForm(msgspec.Struct, frozen=True):
    field: Annotated[Literal["name", "phone", "id_number", "birthday", "address"], Meta(title=N_("哪一项写错了"))]
    value: Annotated[str, Meta(title=N_("应该怎么写"), min_length=2, max_length=120)]


@get("/mine/correct", allow=SIGNED_IN, name="correct_form")
async def correct_form(ctx: Context) -> Response[Any]:
    return await _page(ctx, Form(CorrectionForm))


async def _page(ctx: Context, form: Form[CorrectionForm], status: int = 200) -> Response[Any]:
    choices = [(name, ctx.t(title)) for name, title in corrections.FIELD_TITLES.items()]
    return await ctx.render("correct.html", status=status, form=form, choices=choices)


@post("/mine/correct", allow=SIGNED_IN, name="correct")
async def correct(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, CorrectionForm)
    if form.command is None:
        return await _page(ctx, form, 422)
    try:
        case = await corrections.ask(ctx, form.key, form.command.field, form.command.value)
    except LirenError as error:
        if error.status >= 500:
            raise
        form.refuse_with(error, "value")
        return await _page(ctx, form, 409 if error.status == 409 else 422)
    notice = ctx.t("收到了。社区看过证件就改，十五天内给您答复。")
    return redirect(ctx.url("workflow.case", case=case), notice=notice)


ROUTES = (correct_form, correct)
