# SPDX-License-Identifier: Apache-2.0
"""「再确认一次是您本人」: what is dangerous asks for a proof that is minutes old (``step_up=True`` on a route).

Whoever only wanted to look comes back to the page. Whoever sent a form finds it again: it travels sealed in the page
while its sender proves who they are, and goes out with one press. Files do not travel; they are chosen again.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.errors import BadPassword, LinkSpent
from liren.identity.service import Identity
from liren.identity.signin.accounts import account_of
from liren.identity.signin.entering_pages import onward
from liren.plugins.context import Context
from liren.store.audit import write as audit
from liren.store.vault import VaultError
from liren.web import N_, SIGNED_IN, Form, current, get, local, post, redirect
from liren.web.sessions import digest

Req = Request[Any, Any, Any]
MAX_BYTES: Final = 256 * 1024
"""Of a form that is kept; what is longer is filled in again."""
OUR_OWN: Final = frozenset({"_csrf", "_draft"})


class Proof(msgspec.Struct, frozen=True):
    """The password, or a code; whichever the page asks for."""

    secret: Annotated[str, Meta(title=N_("密码"), min_length=1, max_length=256, extra={"secret": True})]
    next: Annotated[str, Meta(max_length=500)] = ""
    back: Annotated[str, Meta(max_length=500)] = ""
    held: str = ""


class Held(msgspec.Struct, frozen=True):
    """A form on its way: where it goes, and what was typed."""

    account: str
    to: str
    fields: tuple[tuple[str, str], ...]
    files: bool
    """Something was attached, which is not kept."""


def _seal(identity: Identity, held: Held) -> str:
    return urlsafe_b64encode(identity.vault.seal(msgspec.json.encode(held), "held-form")).decode()


def _unseal(identity: Identity, sealed: str, account: str) -> Held | None:
    try:
        held = msgspec.json.decode(identity.vault.unseal(urlsafe_b64decode(sealed.encode()), "held-form"), type=Held)
    except (VaultError, ValueError, msgspec.DecodeError):
        return None
    return held if held.account == account else None


@get("/again", allow=SIGNED_IN, name="again_form")
async def again_form(ctx: Context, request: Req) -> Response[Any]:
    given = request.query_params
    wanted, back = given.get("next", "")[:500], given.get("back", "")[:500]
    if ctx.who.fresh:
        return redirect(onward(ctx, wanted))
    form = Form(Proof, {"next": wanted, "back": back})
    return await _page(ctx, identity_of(request), form)


@post("/again/held", allow=SIGNED_IN, name="hold")
async def hold(ctx: Context, request: Req) -> Response[Any]:
    """A form that came too late for its proof: kept in the page that asks for a new one."""
    identity, visitor = identity_of(request), ctx.visitor
    assert visitor is not None
    to = local(request.query_params.get("to", ""), "")
    data = await request.form()
    typed = [(name, value) for name, value in data.multi_items() if isinstance(value, str) and name not in OUR_OWN]
    files = any(not isinstance(value, str) and getattr(value, "filename", "") for value in data.values())
    held = Held(visitor.account, to, tuple(typed), files)
    if ctx.who.fresh:  # proved meanwhile, in another tab
        return await _go_on(ctx, held)
    sealed = _seal(identity, held) if sum(len(n) + len(v) for n, v in typed) <= MAX_BYTES else ""
    return await _page(ctx, identity, Form(Proof, {"held": sealed, "next": "" if sealed else to}))


@post("/again", allow=SIGNED_IN, name="again")
async def again(ctx: Context, request: Req) -> Response[Any]:
    """The proof: counted like a login; the session goes on under a new id."""
    identity, visitor, session = identity_of(request), ctx.visitor, current().session
    assert visitor is not None
    form = await Form.read(request, Proof)
    if form.command is None:
        return await _page(ctx, identity, form, 422)
    proof = form.command
    try:
        await _prove(identity, visitor.person, visitor.account, proof)
    except LirenError as error:
        form.refuse_with(error, "secret")
        return await _page(ctx, identity, form, error.status)
    await identity.sessions.prove(digest(session.id or ""))
    await session.renew()
    async with identity.store.transaction(ctx.actor) as tx:
        await audit(tx, "identity", "identity.proved-again", visitor.person)
    held = _unseal(identity, proof.held, visitor.account) if proof.held else None
    if proof.held and held is None:
        raise LinkSpent("刚才的内容没能留住，请从原来的页面再做一次。", "What you sent could not be kept. Do it again.")
    return await _go_on(ctx, held) if held is not None else redirect(onward(ctx, proof.next))


async def _prove(identity: Identity, person: str, account: str, proof: Proof) -> None:
    """
    :raises BadCode: not the code, or used already
    :raises BadPassword: not the password
    :raises TooMany: too many tries
    """
    if (await identity.factors.of(account)).confirmed:
        await identity.factors.accept(account, proof.secret)
    elif not await identity.right_password(person, proof.secret):
        raise BadPassword("密码不对，请再试一次。", "That is not your password; please try again.")


async def _go_on(ctx: Context, held: Held) -> Response[Any]:
    """The form as it was, one press away."""
    answer = await ctx.render("again_on.html", held=held)
    answer.headers["cache-control"] = "no-store"
    return answer


async def _page(ctx: Context, identity: Identity, form: Form[Proof], status: int = 200) -> Response[Any]:
    assert ctx.visitor is not None
    account = await account_of(identity.store, ctx.visitor.person)
    has_password = bool(account and account.has_password)
    has_totp = (await identity.factors.of(ctx.visitor.account)).confirmed
    return await ctx.render(
        "again.html",
        status=status,
        form=form,
        by="code" if has_totp else "password" if has_password else "",
        minutes=identity.profile().proof_ms // 60_000,
        back=local(form.value("back"), ""),
        works_here=bool(ctx.who.role),
    )


ROUTES = (again_form, hold, again)
