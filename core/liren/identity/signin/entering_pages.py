# SPDX-License-Identifier: Apache-2.0
"""The steps between a right password (or link, or text message) and a session: code, enrolment, a new password.

Every way to sign in ends in :func:`enter`, so that none of them leads around a second factor.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.service import Identity
from liren.identity.signin import entering, totp
from liren.identity.signin.entering import Pending, Step, strength
from liren.plugins.context import Context
from liren.web import ANYONE, N_, Form, current, gettext, local, post, qr, redirect
from liren.web.formats import moment

Req = Request[Any, Any, Any]


class Code(msgspec.Struct, frozen=True):
    """The form of a code: six digits, or one of the recovery codes."""

    code: Annotated[str, Meta(title=N_("动态码"), min_length=1, max_length=40, extra={"secret": True})]
    pending: Annotated[str, Meta(max_length=100)]


class Renewed(msgspec.Struct, frozen=True):
    """The form of a password that has to be changed."""

    new: Annotated[str, Meta(title=N_("新密码"), max_length=256)]
    again: Annotated[str, Meta(title=N_("再输一次新密码"), max_length=256)]
    pending: Annotated[str, Meta(max_length=100)]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the page of an enrolment shows."""

    qr: Any
    secret: str


def start_of(ctx: Context) -> str:
    """Where people begin after login."""
    try:
        return ctx.url("portal.start")
    except LookupError:
        return "/"


def onward(ctx: Context, wanted: str) -> str:
    """``next``, when it is a page of this site that login may lead to."""
    begin = start_of(ctx)
    url = local(wanted, begin)
    return begin if url.partition("?")[0].rstrip("/") in ("/login", "/logout", "/again", "") else url


async def enter(ctx: Context, request: Req, account: str, way: str, wanted: str = "") -> Response[Any]:
    """After the first proof: the session, or the page of what is still missing."""
    identity = identity_of(request)
    step = await _missing(identity, account, way, second=False)
    if step is None:
        await _begin(ctx, identity, account, way)
        return redirect(onward(ctx, wanted))
    async with identity.store.transaction("job:identity.login") as tx:
        token = await entering.open_pending(tx, account, way, wanted)
    return await _page(ctx, identity, step, account, token)


async def _missing(identity: Identity, account: str, way: str, *, second: bool) -> Step | None:
    standing = await identity.standing(account)
    return entering.next_step(identity.profile(), standing, way, second=second)


async def _begin(ctx: Context, identity: Identity, account: str, way: str) -> None:
    """The session, under a new id."""
    last = await identity.last_sign_in(account) if identity.profile().says_last_login else None
    await current().session.sign_in(account, way=way)
    if last is not None:
        said = ctx.t("上次登录：{at}，来自 {address}。不是您本人？请马上改密码。", at=moment(last[0]), address=last[1])
        current().say(said, "wait")


async def _page(
    ctx: Context,
    identity: Identity,
    step: Step,
    account: str,
    token: str,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response[Any]:
    struct: type[msgspec.Struct] = Renewed if step == "renew" else Code
    form = form or Form(struct, {"pending": token})
    view: dict[str, Any] = {"form": form, "pending": token}
    if step == "enrol":
        view["enrolment"] = await enrolment(identity, account)
    answer = await ctx.render(f"{step}.html", status=status, profile=identity.profile(), **view)
    answer.headers["cache-control"] = "no-store"
    return answer


async def enrolment(identity: Identity, account: str) -> Enrolment:
    """The secret that waits for its first code, to scan and to type."""
    secret = await identity.factors.waiting(account)
    address = totp.address(secret, await identity.name_of(account), current().site.look.street)
    return Enrolment(qr(address, label=gettext("给验证器扫的码")), totp.as_text(secret))


@post("/login/code", allow=ANYONE, name="login_code")
async def login_code(ctx: Context, request: Req) -> Response[Any]:
    """The second step of whoever has a second factor."""
    form = await Form.read(request, Code)
    identity, token = identity_of(request), form.value("pending")
    pending = await entering.read_pending(identity.store, token, identity.now_ms())
    status = 422
    if form.command is not None:
        try:
            by_recovery = await identity.factors.accept(pending.account, form.command.code)
        except LirenError as error:
            form.refuse_with(error, "code")
            status = error.status
        else:
            if by_recovery:
                left = (await identity.factors.of(pending.account)).codes_left
                current().say(ctx.t("用掉了一个备用码，还剩 {n} 个。手机找不到了，请尽快换绑。", n=left), "wait")
            return await _on(ctx, identity, pending, token)
    return await _page(ctx, identity, "code", pending.account, token, form, status)


@post("/login/enrol", allow=ANYONE, name="login_enrol")
async def login_enrol(ctx: Context, request: Req) -> Response[Any]:
    """The second step of whoever must have a second factor and has none yet."""
    form = await Form.read(request, Code)
    identity, token = identity_of(request), form.value("pending")
    pending = await entering.read_pending(identity.store, token, identity.now_ms())
    status = 422
    if await _missing(identity, pending.account, pending.way, second=pending.second) != "enrol":
        return await _on(ctx, identity, pending, token, second=False)
    if form.command is not None:
        try:
            codes = await identity.factors.confirm(pending.account, form.command.code)
        except LirenError as error:
            form.refuse_with(error, "code")
            status = error.status
        else:
            await _on(ctx, identity, pending, token)
            return await codes_page(ctx, codes, onward(ctx, pending.wanted))
    return await _page(ctx, identity, "enrol", pending.account, token, form, status)


@post("/login/renew", allow=ANYONE, name="login_renew")
async def login_renew(ctx: Context, request: Req) -> Response[Any]:
    """The last step of whoever has a password that is too old."""
    form = await Form.read(request, Renewed)
    identity, token = identity_of(request), form.value("pending")
    pending = await entering.read_pending(identity.store, token, identity.now_ms())
    if await _missing(identity, pending.account, pending.way, second=pending.second) != "renew":
        return await _on(ctx, identity, pending, token, second=pending.second)
    if form.command is not None and form.command.new != form.command.again:
        form.refuse("again", ctx.t("两次输入的新密码不一样，请再输一次"))
    if form.command is not None:
        try:
            name = await identity.name_of(pending.account)
            stored = await identity.hashed(pending.account, form.command.new, staff=True, about=(name,))
        except LirenError as error:
            form.refuse_with(error, "new")
        else:
            await identity.set_password("job:identity.login", pending.account, stored)
            return await _on(ctx, identity, pending, token, second=pending.second)
    return await _page(ctx, identity, "renew", pending.account, token, form, 422)


async def _on(ctx: Context, identity: Identity, pending: Pending, token: str, *, second: bool = True) -> Response[Any]:
    """One step was right: the next one, or the session."""
    step = await _missing(identity, pending.account, pending.way, second=second)
    async with identity.store.transaction("job:identity.login") as tx:
        if step is not None:
            if second:
                await entering.second_was_right(tx, token)
        elif not await entering.close_pending(tx, token):
            raise entering.over()
    if step is not None:
        return await _page(ctx, identity, step, pending.account, token)
    await _begin(ctx, identity, pending.account, strength(pending.way, second=second))
    return redirect(onward(ctx, pending.wanted))


async def codes_page(ctx: Context, codes: list[str], onward_to: str) -> Response[Any]:
    """Ten recovery codes, shown this once."""
    answer = await ctx.render("codes.html", codes=codes, onward=onward_to)
    answer.headers["cache-control"] = "no-store"
    return answer


ROUTES = (login_code, login_enrol, login_renew)
