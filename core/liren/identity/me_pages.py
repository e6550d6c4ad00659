# SPDX-License-Identifier: Apache-2.0
"""My account: who the street thinks I am, how I like my pages, my password, my devices."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity import accounts
from liren.identity.at_hand import identity_of
from liren.identity.login_pages import FRESH
from liren.identity.numbers import mask_phone
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.web import N_, SIGNED_IN, Form, current, get, post, redirect
from liren.web.sessions import digest

FRESH_FOR_MS: Final = 30 * 60_000


class NewPassword(msgspec.Struct, frozen=True):
    """The form of a new password."""

    new: Annotated[str, Meta(title=N_("新密码"), max_length=256)]
    again: Annotated[str, Meta(title=N_("再输一次新密码"), max_length=256)]
    old: Annotated[str, Meta(title=N_("现在的密码"), max_length=256)] = ""


@get("/me", allow=SIGNED_IN)
async def me(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """What the street knows about me, in my own words."""
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    private = await identity.people.private(visitor.person)
    home = await identity.people.home_of(visitor.person)
    way = await ctx.units.path(home.unit) if home and home.unit else ()
    roles = [(identity.who.titles.get(role, role), unit) for role, unit in await identity.who.held(visitor.person)]
    return await ctx.render(
        "me.html",
        name=visitor.name,
        place=" ".join(unit.name for unit in way[1:]),
        phone=mask_phone(private.phone) if private.phone else "",
        id_tail=private.id_number[-4:] if private.id_number else "",
        born=private.birthday,
        organisations=await identity.people.organisations_of(visitor.person),
        roles=[(title, unit.name) for title, code in roles if (unit := await ctx.units.get(code))],
        consents=await identity.people.consents_of(visitor.person),
        account=await identity.people.account_of(visitor.person),
    )


def _fresh(identity: Identity) -> bool:
    """Whether a one-time link signed in a moment ago: whoever forgot the old password may set a new one."""
    since = current().session.get(FRESH)
    return since is not None and identity.now_ms() - int(since) < FRESH_FOR_MS


async def _needs_old(identity: Identity, person: str) -> bool:
    account = await identity.people.account_of(person)
    return bool(account and account.has_password) and not _fresh(identity)


@get("/me/password", allow=SIGNED_IN, name="password_form")
async def password_form(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    assert ctx.visitor is not None
    needs_old = await _needs_old(identity_of(request), ctx.visitor.person)
    return await ctx.render("password.html", form=Form(NewPassword), needs_old=needs_old, login_name=ctx.visitor.name)


@post("/me/password", allow=SIGNED_IN, name="password")
async def password(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """A new password; every other device is signed out."""
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    needs_old = await _needs_old(identity, visitor.person)
    form = await Form.read(request, NewPassword)
    if form.command is not None and form.command.new != form.command.again:
        form.refuse("again", ctx.t("两次输入的新密码不一样，请再输一次"))
    if form.command is not None and needs_old and not await identity.right_password(visitor.person, form.command.old):
        form.refuse("old", ctx.t("现在的密码不对"))
    if form.command is not None:
        try:
            stored = await identity.passwords.hash(form.command.new, about=(visitor.name,))
        except LirenError as error:
            form.refuse_with(error, "new")
        else:
            session = current().session
            async with identity.store.transaction(visitor.person) as tx:
                await accounts.set_password(tx, visitor.account, stored, keep_session=digest(session.id or ""))
            await session.put(FRESH, None)
            return redirect(ctx.url("me"), notice=ctx.t("新密码已经生效，其他设备都已退出登录。"))
    return await ctx.render("password.html", status=422, form=form, needs_old=needs_old, login_name=visitor.name)


@post("/me/devices", allow=SIGNED_IN, name="devices")
async def devices(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """Sign out everywhere but here."""
    assert ctx.visitor is not None
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        await accounts.end_sessions(tx, ctx.visitor.account, but=digest(current().session.id or ""))
    return redirect(ctx.url("me"), notice=ctx.t("其他设备都已退出登录。"))


ROUTES = (me, password_form, password, devices)
