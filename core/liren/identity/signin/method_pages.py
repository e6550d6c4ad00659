# SPDX-License-Identifier: Apache-2.0
"""The pages of a way to sign in that a module brings: type, answer, and choose where a family shares one phone."""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError, NotFound
from liren.identity.at_hand import address_of, identity_of
from liren.identity.errors import BadLogin
from liren.identity.signin import methods
from liren.identity.signin.entering_pages import enter
from liren.identity.signin.methods import PER_ADDRESS, PER_STEP, PER_TYPED, Candidate, Step
from liren.identity.signin.ways import method_of
from liren.plugins.context import Context
from liren.plugins.types import LoginMethod
from liren.store.audit import write as audit
from liren.web import ANYONE, N_, Form, current, get, post, redirect

Leave = Callable[[Context, str, str], Awaitable[str]]
AWAY: Final = "liren-away"
"""Cookie of a visitor who is at the other site."""


class Typed(msgspec.Struct, frozen=True):
    """The first page."""

    typed: Annotated[str, Meta(title=N_("填写"), min_length=1, max_length=64)]
    next: Annotated[str, Meta(max_length=500)] = ""


class Answered(msgspec.Struct, frozen=True):
    """The second."""

    answer: Annotated[str, Meta(title=N_("填写"), min_length=1, max_length=64)]
    step: Annotated[str, Meta(max_length=4000)]
    next: Annotated[str, Meta(max_length=500)] = ""


class Chosen(msgspec.Struct, frozen=True):
    """The third, where one phone is several people's."""

    person: Annotated[str, Meta(title=N_("您是哪一位"), max_length=40)]
    step: Annotated[str, Meta(max_length=4000)]
    next: Annotated[str, Meta(max_length=500)] = ""


@get("/login/by/{way:str}", allow=ANYONE, name="by_form")
async def by_form(ctx: Context, request: Request[Any, Any, Any], way: str) -> Response[Any]:
    method, its = method_of(request, way)
    wanted = request.query_params.get("next", "")[:500]
    if method.leave is not None:
        return await _leave(ctx, its, request, way, method.leave, wanted)
    form = Form(Typed, {"next": wanted})
    return await _type_page(ctx, its, way, method, form)


@post("/login/by/{way:str}", allow=ANYONE, name="by")
async def by(ctx: Context, request: Request[Any, Any, Any], way: str) -> Response[Any]:
    """The method sends its code; the page asks for it, whether anybody is known there or not."""
    method, its = method_of(request, way)
    identity = identity_of(request)
    form = await Form.read(request, Typed)
    if form.command is None:
        return await _type_page(ctx, its, way, method, form, 422)
    typed = form.command.typed.strip()
    try:
        await identity.throttle.count((PER_TYPED, f"{way}/{typed}"), (PER_ADDRESS, address_of(request)))
        state = await method.begin(its, typed)
    except LirenError as error:
        form.refuse_with(error)
        return await _type_page(ctx, its, way, method, form, error.status)
    step = methods.seal(identity.vault, Step(way, state, identity.now_ms() + methods.VALID_MS))
    return await _answer_page(ctx, its, way, method, Form(Answered, {"step": step, "next": form.command.next}))


@post("/login/by/{way:str}/answer", allow=ANYONE, name="by_answer")
async def by_answer(ctx: Context, request: Request[Any, Any, Any], way: str) -> Response[Any]:
    method, its = method_of(request, way)
    identity = identity_of(request)
    form = await Form.read(request, Answered)
    if form.command is None:
        return await _answer_page(ctx, its, way, method, form, 422)
    sent = form.command
    try:
        step = methods.unseal(identity.vault, sent.step, way, identity.now_ms())
        await identity.throttle.count((PER_STEP, sent.step), (PER_ADDRESS, address_of(request)))
        proved = await method.finish(its, step.state, sent.answer.strip())
        found = await methods.candidates(identity.store, identity.vault, proved) if proved else ()
        if not found:
            await _refused(request)
            raise BadLogin(
                "没有对上，请看清楚再填一次。还不行，请找社区工作人员。",
                "That did not match. Please look again; if it fails once more, ask the community's staff.",
            )
    except LirenError as error:
        form.refuse_with(error)
        return await _answer_page(ctx, its, way, method, form, error.status)
    return await _one_of(ctx, request, way, found, sent.next, step.ends_ms)


@post("/login/by/{way:str}/choice", allow=ANYONE, name="by_choice")
async def by_choice(ctx: Context, request: Request[Any, Any, Any], way: str) -> Response[Any]:
    """Of the people one proof stands for, this one."""
    identity = identity_of(request)
    method_of(request, way)
    form = await Form.read(request, Chosen)
    if form.command is None:
        return redirect(ctx.url("login_form"))
    step = methods.unseal(identity.vault, form.command.step, way, identity.now_ms())
    if form.command.person not in step.persons:
        raise NotFound("没有这位居民，请从登录页重新来一次。", "No such person. Start again from the sign-in page.")
    return await _signed_in(ctx, request, way, form.command.person, form.command.next)


async def _leave(
    ctx: Context, its: Context, request: Request[Any, Any, Any], way: str, leave: Leave, wanted: str
) -> Response[Any]:
    """Off to the other site; a signed cookie remembers in which browser, so that nobody is signed in to another's."""
    identity, scene = identity_of(request), current()
    await identity.throttle.count((PER_ADDRESS, address_of(request)))
    state = secrets.token_urlsafe(24)
    url = await leave(its, state, f"{scene.site.public_url}{ctx.url('by_back', way=way)}")
    if not url.startswith("https://"):
        raise ValueError(f"{way}: leave() must return an https:// address, not {url!r:.40}")
    ends_ms = identity.now_ms() + methods.VALID_MS
    scene.cookies[AWAY] = scene.site.signer.seal("away", f"{way}|{state}|{ends_ms}|{wanted.encode().hex()}")
    return Response(b"", status_code=303, headers={"location": url})


@get("/login/by/{way:str}/back", allow=ANYONE, name="by_back")
async def by_back(ctx: Context, request: Request[Any, Any, Any], way: str) -> Response[Any]:
    """Back from the other site, in the browser that left."""
    method, its = method_of(request, way)
    identity, scene = identity_of(request), current()
    kept = scene.site.signer.unseal("away", request.cookies.get(scene.site.cookie(AWAY))) or "|||"
    scene.cookies[AWAY] = ""
    whose, state, ends, wanted = kept.split("|")
    same = hmac.compare_digest(request.query_params.get("state", "").encode(), state.encode())
    if method.leave is None or whose != way or not same or int(ends or 0) <= identity.now_ms():
        raise methods.over()
    await identity.throttle.count((PER_ADDRESS, address_of(request)))
    proved = await method.finish(its, state, scene.query)
    found = await methods.candidates(identity.store, identity.vault, proved) if proved else ()
    if not found:
        await _refused(request)
        said = ctx.t("没有认出您是谁，请换一种方式登录，或者找社区工作人员。")
        return redirect(ctx.url("login_form"), notice=said, kind="bad")
    return await _one_of(ctx, request, way, found, bytes.fromhex(wanted).decode(), int(ends))


async def _one_of(
    ctx: Context,
    request: Request[Any, Any, Any],
    way: str,
    found: Sequence[Candidate],
    wanted: str,
    ends_ms: int,
) -> Response[Any]:
    """The one the proof stands for; where it is several, they are asked."""
    if len(found) == 1:
        return await _signed_in(ctx, request, way, found[0].person, wanted)
    done = methods.seal(identity_of(request).vault, Step(way, "", ends_ms, tuple(one.person for one in found)))
    people = [(one.person, one.name) for one in found]
    return await ctx.render("by_choice.html", form=Form(Chosen, {"step": done, "next": wanted}), people=people, way=way)


async def _signed_in(
    ctx: Context, request: Request[Any, Any, Any], way: str, person: str, wanted: str
) -> Response[Any]:
    async with identity_of(request).store.transaction("job:identity.login") as tx:
        account = await methods.account_of(tx, person)
        await audit(tx, "identity", "identity.proved-by", person, detail={"way": way})
    return await enter(ctx, request, account, way, wanted)


async def _refused(request: Request[Any, Any, Any]) -> None:
    async with identity_of(request).store.transaction("job:identity.login") as tx:
        await audit(tx, "identity", "identity.login-refused", "unknown")


async def _type_page(
    ctx: Context, its: Context, way: str, method: LoginMethod, form: Form[Typed], status: int = 200
) -> Response[Any]:
    view = {"way": way, "title": its.t(method.title), "label": its.t(method.label)}
    return await ctx.render("by_type.html", status=status, form=form, **view)


async def _answer_page(
    ctx: Context, its: Context, way: str, method: LoginMethod, form: Form[Answered], status: int = 200
) -> Response[Any]:
    view = {"way": way, "title": its.t(method.title), "label": its.t(method.answer)}
    return await ctx.render("by_answer.html", status=status, form=form, **view)


ROUTES = (by_form, by, by_back, by_answer, by_choice)
