# SPDX-License-Identifier: Apache-2.0
"""Somebody's account, for staff: let them in again without ever knowing a password, end what should not go on.

Of who works for the street, the account is touched only by somebody who could give them their roles: a link is a key.
Every step is audited and told to its owner; looking tells nobody anything about accounts outside the visitor's scope.
"""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import Denied
from liren.identity.at_hand import identity_of
from liren.identity.errors import no_such_person
from liren.identity.register.directory import Found
from liren.identity.register.own_phone_pages import changed_ms
from liren.identity.register.people_pages import ACCOUNTS, GRANT, in_scope
from liren.identity.service import Identity
from liren.identity.signin import accounts, factors, links
from liren.identity.signin.accounts import no_such_account
from liren.plugins.context import Context
from liren.store.audit import write as audit
from liren.web import N_, Form, current, get, post, redirect

Req = Request[Any, Any, Any]


class NewLink(msgspec.Struct, frozen=True):
    """How staff know whom they hand the link to."""

    recognised: Annotated[Literal["id-card", "known"], Meta(title=N_("怎么认出是本人"))]


async def _theirs(ctx: Context, identity: Identity, person: str) -> Found:
    """
    :raises NotFound: outside the visitor's scope, gone, or the visitor themself
    :raises Denied: they work for the street and the visitor could not give them their roles
    """
    found = await in_scope(ctx, identity, person, ACCOUNTS)
    if person == ctx.actor or not found.card.active:
        raise no_such_person()
    if not all(ctx.can(GRANT, unit) for _, unit in await identity.who.held(person)):
        raise Denied(
            "这位是工作人员，账号要由能授予其角色的管理员来管。",
            "This person works for the street: only who can grant their roles looks after the account.",
        )
    return found


async def _account(identity: Identity, person: str) -> str:
    """:raises NotFound: they have none yet"""
    rows = await identity.store.read("SELECT id FROM login_account WHERE person = ?", person)
    if not rows:
        raise no_such_account()
    return str(rows[0][0])


@get("/people/{person:str}/account", allow=ACCOUNTS, name="account")
async def account(ctx: Context, request: Req, person: str) -> Response[Any]:
    """How it stands: devices, second factor, locked until when."""
    return await _page(ctx, identity_of(request), person, Form(NewLink))


async def _page(
    ctx: Context, identity: Identity, person: str, form: Form[NewLink], *, status: int = 200, link: str = ""
) -> Response[Any]:
    found = await _theirs(ctx, identity, person)
    rows = await identity.store.read(
        "SELECT id, login_name, password_hash IS NOT NULL, disabled_ms FROM login_account WHERE person = ?", person
    )
    own, login_name, has_password, disabled_ms = rows[0] if rows else ("", None, False, None)
    answer = await ctx.render(
        "account.html",
        status=status,
        person=found.card,
        form=form,
        link=link,
        known=bool(own),
        login_name=login_name,
        has_password=bool(has_password),
        disabled=disabled_ms is not None,
        devices=len(await identity.sessions.of(own)) if own else 0,
        factor=await identity.factors.of(own),
        locked_ms=await identity.locked_until_ms(person, own),
        works_here=bool(await identity.who.held(person)),
        phone_changed=await changed_ms(identity, person),
    )
    if link:
        answer.headers["cache-control"] = "no-store"
    return answer


@post("/people/{person:str}/link", allow=ACCOUNTS, name="link", step_up=True)
async def link(ctx: Context, request: Req, person: str) -> Response[Any]:
    """A one-time login for somebody who has no password or forgot it; shown once, to hand over in person."""
    identity = identity_of(request)
    await _theirs(ctx, identity, person)
    form = await Form.read(request, NewLink)
    if form.command is None:
        return await _page(ctx, identity, person, form, status=422)
    async with identity.store.transaction(ctx.actor) as tx:
        own = await accounts.open_account(tx, person)
        token = await links.make(tx, own, recognised=form.command.recognised)
    await _tell(ctx, person, N_("{who}当面给您发了一个登录链接。不是您要的？请告诉社区。"))
    url = f"{current().site.public_url}{ctx.url('once_form', token=token)}"
    return await _page(ctx, identity, person, Form(NewLink), link=url)


@post("/people/{person:str}/account/out", allow=ACCOUNTS, name="sign_out_all", step_up=True)
async def sign_out_all(ctx: Context, request: Req, person: str) -> Response[Any]:
    """End every session: a lost phone, a device left somewhere."""
    identity = identity_of(request)
    await _theirs(ctx, identity, person)
    async with identity.store.transaction(ctx.actor) as tx:
        await accounts.end_sessions(tx, await _account(identity, person), of=person)
    await _tell(ctx, person, N_("{who}让您的所有设备退出了登录。"))
    return _back(ctx, person, ctx.t("所有设备都已退出登录。"))


@post("/people/{person:str}/account/unlock", allow=ACCOUNTS, name="unlock", step_up=True)
async def unlock(ctx: Context, request: Req, person: str) -> Response[Any]:
    """Forget the failed tries."""
    identity = identity_of(request)
    await _theirs(ctx, identity, person)
    await identity.unlock(person, await _account(identity, person))
    async with identity.store.transaction(ctx.actor) as tx:
        await audit(tx, "identity", "identity.unlocked", person)
    return _back(ctx, person, ctx.t("已解锁，现在可以再试。"))


@post("/people/{person:str}/account/code", allow=ACCOUNTS, name="reset_code", step_up=True)
async def reset_code(ctx: Context, request: Req, person: str) -> Response[Any]:
    """The phone is lost: without its code, and without papers; both are told."""
    identity = identity_of(request)
    found = await _theirs(ctx, identity, person)
    async with identity.store.transaction(ctx.actor) as tx:
        await factors.reset(tx, await _account(identity, person))
    await _tell(ctx, person, N_("{who}重置了您的动态码。不是您要的？请马上告诉社区。"))
    assert ctx.visitor is not None
    said = ctx.t("您重置了{who}的动态码。不是您做的？请马上改密码。", who=found.card.name)
    await ctx.notify(ctx.visitor.person, said, ctx.url("device_list"))
    return _back(ctx, person, ctx.t("动态码已重置，所有设备都已退出。要用的，下次登录时重新设置。"))


@post("/people/{person:str}/account/off", allow=ACCOUNTS, name="disable_account", step_up=True)
async def disable_account(ctx: Context, request: Req, person: str) -> Response[Any]:
    """Nobody signs in with it any more.

    :raises LastAdministrator: nobody else could give roles or run the system
    """
    identity = identity_of(request)
    await _theirs(ctx, identity, person)
    async with identity.store.transaction(ctx.actor) as tx:
        await accounts.disable(tx, await _account(identity, person))
    return _back(ctx, person, ctx.t("账号已停用。"))


@post("/people/{person:str}/account/on", allow=ACCOUNTS, name="enable_account", step_up=True)
async def enable_account(ctx: Context, request: Req, person: str) -> Response[Any]:
    identity = identity_of(request)
    await _theirs(ctx, identity, person)
    async with identity.store.transaction(ctx.actor) as tx:
        await accounts.enable(tx, await _account(identity, person))
    await _tell(ctx, person, N_("{who}恢复了您的账号。"))
    return _back(ctx, person, ctx.t("账号已恢复。"))


async def _tell(ctx: Context, person: str, text: str) -> None:
    assert ctx.visitor is not None
    await ctx.notify(person, ctx.t(text, who=ctx.visitor.name), ctx.url("device_list"))


def _back(ctx: Context, person: str, notice: str) -> Response[Any]:
    return redirect(ctx.url("account", person=person), notice=notice)


ROUTES = (account, link, sign_out_all, unlock, reset_code, disable_account, enable_account)
