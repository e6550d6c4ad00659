# SPDX-License-Identifier: Apache-2.0
"""My second factor: set up, moved to another phone, new recovery codes, and taken off where the rules allow it."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import Denied, LirenError
from liren.identity.at_hand import identity_of
from liren.identity.roles.access import held_permissions
from liren.identity.signin import accounts, factors
from liren.identity.signin.entering import PASSWORD, strength
from liren.identity.signin.entering_pages import codes_page, enrolment
from liren.plugins.context import Context
from liren.web import N_, SIGNED_IN, Form, current, get, post, redirect
from liren.web.sessions import digest

Req = Request[Any, Any, Any]


class FirstCode(msgspec.Struct, frozen=True):
    """The code the phone shows after scanning."""

    code: Annotated[str, Meta(title=N_("动态码"), min_length=1, max_length=40, extra={"secret": True})]


@get("/me/code", allow=SIGNED_IN, name="totp")
async def totp(ctx: Context, request: Req) -> Response[Any]:
    """Whether there is one, and what can be done with it."""
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    factor = await identity.factors.of(visitor.account)
    demanded = identity.profile().demands_totp(held_permissions(ctx.access))
    return await ctx.render("totp.html", factor=factor, demanded=demanded)


@get("/me/code/new", allow=SIGNED_IN, name="totp_form", step_up=True)
async def totp_form(ctx: Context, request: Req) -> Response[Any]:
    """A new secret to scan, until its first code comes."""
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    await identity.factors.begin(visitor.account)
    return await _page(ctx, request, Form(FirstCode))


@post("/me/code/new", allow=SIGNED_IN, name="totp_confirm", step_up=True)
async def totp_confirm(ctx: Context, request: Req) -> Response[Any]:
    """The phone has it: every other device is signed out, the codes for a lost phone are shown once."""
    identity, visitor, session = identity_of(request), ctx.visitor, current().session
    assert visitor is not None
    form = await Form.read(request, FirstCode)
    if form.command is None:
        return await _page(ctx, request, form, 422)
    try:
        codes = await identity.factors.confirm(visitor.account, form.command.code)
    except LirenError as error:
        form.refuse_with(error, "code")
        return await _page(ctx, request, form, error.status)
    here = digest(session.id or "")
    async with identity.store.transaction(ctx.actor) as tx:
        await accounts.end_sessions(tx, visitor.account, but=here)
    await identity.sessions.prove(here, way=strength(session.way or PASSWORD, second=True))
    await session.renew()
    return await codes_page(ctx, codes, ctx.url("totp"))


@post("/me/code/papers", allow=SIGNED_IN, name="totp_codes", step_up=True)
async def totp_codes(ctx: Context, request: Req) -> Response[Any]:
    """Ten new recovery codes."""
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    if not (await identity.factors.of(visitor.account)).confirmed:
        return redirect(ctx.url("totp"))
    return await codes_page(ctx, await identity.factors.new_codes(visitor.account), ctx.url("totp"))


@post("/me/code/off", allow=SIGNED_IN, name="totp_off", step_up=True)
async def totp_off(ctx: Context, request: Req) -> Response[Any]:
    """
    :raises Denied: the rules ask for it
    """
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    if identity.profile().demands_totp(held_permissions(ctx.access)):
        raise Denied(
            "您的工作要求用动态码，不能关。换手机请用“换一部手机”。",
            "Your work needs the one-time code, so it cannot be switched off. For a new phone, set it up again.",
        )
    async with identity.store.transaction(ctx.actor) as tx:
        await factors.reset(tx, visitor.account, but=digest(current().session.id or ""))
    return redirect(ctx.url("totp"), notice=ctx.t("动态码已关闭。"))


async def _page(ctx: Context, request: Req, form: Form[FirstCode], status: int = 200) -> Response[Any]:
    assert ctx.visitor is not None
    its = await enrolment(identity_of(request), ctx.visitor.account)
    answer = await ctx.render("totp_new.html", status=status, form=form, enrolment=its)
    answer.headers["cache-control"] = "no-store"
    return answer


ROUTES = (totp, totp_form, totp_confirm, totp_codes, totp_off)
