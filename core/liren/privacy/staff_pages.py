# SPDX-License-Identifier: Apache-2.0
"""Requests for erasure: seen by the privacy officer, refused with a reason or carried out, never alone."""

from datetime import timedelta
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.register.directory import Found
from liren.identity.register.people_pages import in_scope
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.plugins.services import PersonCard
from liren.privacy import duties
from liren.privacy.archive import archive
from liren.privacy.journal import Journal
from liren.privacy.tables import ErasureRequest
from liren.store.audit import write as audit
from liren.web import N_, Form, download, get, post, redirect

Req = Request[Any, Any, Any]
HANDLE: Final = "privacy.handle"
MERGE: Final = "privacy.merge"
SHOWN: Final = 50
AT_MOST: Final = 5000
"""Requests of the whole street that wait at once; more than that is a street in trouble."""
TERM: Final = timedelta(days=15)
"""Within which a request is answered (《个人信息保护法》第五十条: in time, with a reason where it is refused)."""


class EraseForm(msgspec.Struct, frozen=True):
    """Typing the name is the second thought."""

    name: Annotated[str, Meta(title=N_("再写一遍这位居民的姓名"), max_length=60)]


class RefuseForm(msgspec.Struct, frozen=True):
    reason: Annotated[str, Meta(title=N_("为什么不能删"), min_length=4, max_length=200)]


@get("/requests", allow=HANDLE)
async def requests(ctx: Context) -> Response[Any]:
    """Who asked to be deleted, the oldest first, inside the visitor's scope."""
    over = int((ctx.now() - TERM).timestamp() * 1000)
    return await ctx.render("requests.html", requests=(await waiting(ctx))[:SHOWN], over=over)


async def waiting(ctx: Context) -> list[tuple[PersonCard, int]]:
    """(who asked to be deleted, when in Unix ms), the oldest first, inside the visitor's scope."""
    rows = await ErasureRequest.objects().order_by(ErasureRequest.at_ms).limit(AT_MOST)
    cards = await ctx.people.cards([row.person for row in rows])
    street = (await ctx.units.street()).code
    return [
        (cards[row.person], row.at_ms)
        for row in rows
        if row.person in cards and ctx.can(HANDLE, cards[row.person].community or street)
    ]


@get("/people/{person:str}", allow=HANDLE, name="person")
async def person(ctx: Context, request: Req, person: str) -> Response[Any]:
    """What is held of somebody, before it is taken out or deleted; the look is audited."""
    found = await in_scope(ctx, identity_of(request), person, HANDLE)
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        await audit(tx, "privacy", "privacy.looked", person)
    return await _page(ctx, found, Form(EraseForm), Form(RefuseForm, prefix="r"))


async def _page(
    ctx: Context, found: Found, erase: Form[EraseForm], refuse: Form[RefuseForm], status: int = 200
) -> Response[Any]:
    card = found.card
    asked = await ErasureRequest.objects().where(ErasureRequest.person == card.id).first()
    return await ctx.render(
        "person.html",
        status=status,
        person=card,
        tables=await duties.held(ctx, card.id),
        points=(await ctx.ledger.balance(Subject("h", card.id))).total,
        asked=asked.at_ms if asked else None,
        own=card.id == ctx.actor,
        erase=erase,
        refuse=refuse,
    )


@post("/people/{person:str}/download", allow=HANDLE, name="hand_out", step_up=True)
async def hand_out(ctx: Context, request: Req, person: str) -> Response[Any]:
    """For somebody who asked at the window; audited, and shown to the person."""
    found = await in_scope(ctx, identity_of(request), person, HANDLE)
    tables = await duties.held(ctx, person)
    async with identity_of(request).store.transaction(ctx.actor) as tx:
        await audit(tx, "privacy", "privacy.handed-out", person)
    return download(archive(found.card.name, ctx.today(), tables), "个人信息.zip")


@post("/people/{person:str}/erase", allow=HANDLE, name="erase", step_up=True)
async def erase(ctx: Context, request: Req, person: str) -> Response[Any]:
    identity = identity_of(request)
    form = await Form.read(request, EraseForm)
    found = await in_scope(ctx, identity, person, HANDLE)
    if form.command is not None and form.command.name.strip() != found.card.name:
        form.refuse("name", ctx.t("和这位居民的姓名不一样，没有删除。"))
    if form.command is None:
        return await _page(ctx, found, form, Form(RefuseForm, prefix="r"), 422)
    try:
        state = request.app.state
        done = await duties.erase(
            identity.store,
            identity.vault,
            ctx,
            form.key,
            person,
            loaded=state.kernel.plugins,
            journal=Journal(state.street.settings.erased),
        )
    except LirenError as error:
        if error.status >= 500:
            raise
        form.refuse_with(error)
        return await _page(ctx, found, form, Form(RefuseForm, prefix="r"), error.status)
    kept = ctx.t("依法暂时保留：{what}。", what="；".join(done.retained)) if done.retained else ""
    said = ctx.t("已删除 {rows} 条信息，账本记了 {records} 笔删除。", rows=done.rows, records=done.records)
    return redirect(ctx.url("requests"), notice=f"{said}{kept}")


@post("/people/{person:str}/refuse", allow=HANDLE, name="refuse")
async def refuse(ctx: Context, request: Req, person: str) -> Response[Any]:
    """Not now, and why: told to the person."""
    identity = identity_of(request)
    form = await Form.read(request, RefuseForm, prefix="r")
    found = await in_scope(ctx, identity, person, HANDLE)
    if form.command is None:
        return await _page(ctx, found, Form(EraseForm), form, 422)
    text = ctx.t("您要求删除个人信息的事，这次没有办成：{reason}", reason=form.command.reason)
    async with identity.store.transaction(ctx.actor) as tx:
        await ErasureRequest.delete().where(ErasureRequest.person == person)
        await ctx.notify(person, text, ctx.url("mine"))
        await audit(tx, "privacy", "privacy.erasure-refused", person)
    return redirect(ctx.url("requests"), notice=ctx.t("已把原因告诉本人。"))


ROUTES = (requests, person, hand_out, erase, refuse)
