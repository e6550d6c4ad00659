# SPDX-License-Identifier: Apache-2.0
"""Signing in and out. The same words for a wrong name and a wrong password; nothing is used up by looking."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import address_of, identity_of
from liren.identity.errors import LinkSpent
from liren.identity.signin import links
from liren.identity.signin.entering import CONSOLE, LINK, PASSWORD
from liren.identity.signin.entering_pages import enter, onward
from liren.identity.signin.ways import offered
from liren.plugins.context import Context
from liren.web import ANYONE, N_, Form, current, get, post, redirect


class Login(msgspec.Struct, frozen=True):
    """The login form."""

    name: Annotated[str, Meta(title=N_("手机号或登录名"), max_length=64)]
    password: Annotated[str, Meta(title=N_("密码"), max_length=256)]
    next: Annotated[str, Meta(max_length=500)] = ""


@get("/login", allow=ANYONE, name="login_form")
async def login_form(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    wanted = request.query_params.get("next", "")[:500]
    if ctx.visitor is not None:
        return redirect(onward(ctx, wanted))
    return await ctx.render("login.html", form=Form(Login, {"next": wanted}), ways=offered(ctx, request))


@post("/login", allow=ANYONE, name="login")
async def login(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """Check, start a session under a new id, go on."""
    form = await Form.read(request, Login)
    status = 422
    if form.command is not None:
        sent = form.command
        try:
            logins = identity_of(request).logins
            account = await logins.by_password(sent.name, sent.password, address=address_of(request))
            return await enter(ctx, request, account, PASSWORD, sent.next)
        except LirenError as error:
            form.refuse_with(error)
            status = error.status
    return await ctx.render("login.html", status=status, form=form, ways=offered(ctx, request))


@get("/login/once/{token:str}", allow=ANYONE, name="once_form")
async def once_form(ctx: Context, request: Request[Any, Any, Any], token: str) -> Response[Any]:
    """Whom the link is for, and the button that uses it: messengers that fetch the page use nothing up."""
    identity = identity_of(request)
    try:
        waiting = await links.look(identity.store, token, identity.now_ms())
    except LinkSpent as error:
        return await _spent(ctx, error)
    return _unstored(await ctx.render("once.html", token=token, name=waiting.name))


@post("/login/once/{token:str}", allow=ANYONE, name="once")
async def once(ctx: Context, request: Request[Any, Any, Any], token: str) -> Response[Any]:
    identity = identity_of(request)
    try:
        used = await identity.logins.by_link(token, address=address_of(request))
    except LinkSpent as error:
        return await _spent(ctx, error)
    return await enter(ctx, request, used.account, CONSOLE if used.from_console else LINK)


async def _spent(ctx: Context, error: LinkSpent) -> Response[Any]:
    return _unstored(await ctx.render("spent.html", status=error.status, said=error))


def _unstored(response: Response[Any]) -> Response[Any]:
    """The address is a secret: no cache keeps the page."""
    response.headers["cache-control"] = "no-store"
    return response


@post("/logout", allow=ANYONE, name="logout")
async def logout(ctx: Context) -> Response[Any]:
    """Ends the session here; saying it twice is harmless."""
    await current().session.sign_out()
    return redirect("/", notice=ctx.t("您已退出登录。"))


ROUTES = (login_form, login, once_form, once, logout)
