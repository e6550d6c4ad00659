# SPDX-License-Identifier: Apache-2.0
"""My account: who the street thinks I am, how I like my pages, my password, my devices."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.register import dossier, ownership
from liren.identity.register.numbers import mask_phone
from liren.identity.register.own_phone_pages import changed_ms
from liren.identity.register.people_pages import place_of
from liren.identity.roles.access import held_permissions
from liren.identity.service import Identity
from liren.identity.signin import accounts
from liren.identity.signin.accounts import account_of
from liren.identity.signin.devices import device_name
from liren.identity.signin.entering import forgot, with_password
from liren.plugins.context import Context
from liren.web import N_, SIGNED_IN, Form, current, get, post, redirect
from liren.web.sessions import digest


class NewPassword(msgspec.Struct, frozen=True):
    """The form of a new password."""

    new: Annotated[str, Meta(title=N_("新密码"), max_length=256)]
    again: Annotated[str, Meta(title=N_("再输一次新密码"), max_length=256)]
    old: Annotated[str, Meta(title=N_("现在的密码"), max_length=256)] = ""


@get("/me", allow=SIGNED_IN)
async def me(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """What the street knows about me, in my own words, and what modules put beside it (slot ``me.main``)."""
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    private = await dossier.private(identity.store, identity.vault, visitor.person)
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
        owned=[
            (
                f"{place_of(await ctx.units.path(each.unit))} {each.number}".strip(),
                ownership.share_text(each.share),
                each.since,
            )
            for each in await ownership.of_person(identity.store, visitor.person)
        ],
        organisations=await identity.people.organisations_of(visitor.person),
        roles=[(title, unit.name) for title, code in roles if (unit := await ctx.units.get(code))],
        body=await ctx.slot("me.main", visitor.person),
        account=await account_of(identity.store, visitor.person),
        factor=await identity.factors.of(visitor.account),
        works_here=bool(held_permissions(ctx.access)),
        phone_changed=await changed_ms(identity, visitor.person),
    )


async def _needs_old(ctx: Context, identity: Identity) -> bool:
    """Whoever has just signed in without a password may have forgotten it: a new one then needs no old one."""
    assert ctx.visitor is not None
    account = await account_of(identity.store, ctx.visitor.person)
    return bool(account and account.has_password) and not (ctx.who.fresh and forgot(current().session.way))


@get("/me/password", allow=SIGNED_IN, name="password_form")
async def password_form(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    identity = identity_of(request)
    return await _password_page(ctx, identity, Form(NewPassword), await _needs_old(ctx, identity))


@post("/me/password", allow=SIGNED_IN, name="password")
async def password(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """A new password; every other device is signed out."""
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    needs_old = await _needs_old(ctx, identity)
    staff = bool(held_permissions(ctx.access))
    form = await Form.read(request, NewPassword)
    if form.command is not None and form.command.new != form.command.again:
        form.refuse("again", ctx.t("两次输入的新密码不一样，请再输一次"))
    if form.command is not None and needs_old and not await identity.right_password(visitor.person, form.command.old):
        form.refuse("old", ctx.t("现在的密码不对"))
    if form.command is not None:
        try:
            about = (visitor.name, await identity.name_of(visitor.account))
            stored = await identity.hashed(visitor.account, form.command.new, staff=staff, about=about)
        except LirenError as error:
            form.refuse_with(error, "new")
        else:
            session = current().session
            here = digest(session.id or "")
            await identity.set_password(visitor.person, visitor.account, stored, keep_session=here)
            await identity.sessions.prove(here, way=with_password(session.way))
            await session.renew()
            return redirect(ctx.url("me"), notice=ctx.t("新密码已经生效，其他设备都已退出登录。"))
    return await _password_page(ctx, identity, form, needs_old, 422)


async def _password_page(
    ctx: Context, identity: Identity, form: Form[NewPassword], needs_old: bool, status: int = 200
) -> Response[Any]:
    assert ctx.visitor is not None
    profile, staff = identity.profile(), bool(held_permissions(ctx.access))
    name = await identity.name_of(ctx.visitor.account)
    view = {"needs_old": needs_old, "login_name": name, "profile": profile, "shortest": profile.length(staff=staff)}
    return await ctx.render("password.html", status=status, form=form, **view)


@get("/me/devices", allow=SIGNED_IN)
async def device_list(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """Where I am signed in: with what, since when, from where."""
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    here = digest(current().session.id or "")
    found = await identity.sessions.of(visitor.account, here)
    rows = [(one, device_name(one.device)) for one in found]
    return await ctx.render("devices.html", rows=rows)


@post("/me/devices/{session:str}/end", allow=SIGNED_IN)
async def end_device(ctx: Context, request: Request[Any, Any, Any], session: str) -> Response[Any]:
    """Sign out one of my devices.

    :raises NotFound: it is signed out already, or not mine
    """
    assert ctx.visitor is not None
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        await accounts.end_session(tx, ctx.visitor.account, session)
    return redirect(ctx.url("device_list"), notice=ctx.t("那台设备已退出登录。"))


@post("/me/devices", allow=SIGNED_IN, name="devices")
async def devices(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """Sign out everywhere but here."""
    assert ctx.visitor is not None
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        await accounts.end_sessions(tx, ctx.visitor.account, but=digest(current().session.id or ""))
    return redirect(ctx.url("device_list"), notice=ctx.t("其他设备都已退出登录。"))


ROUTES = (me, password_form, password, device_list, end_device, devices)
