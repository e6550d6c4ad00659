# SPDX-License-Identifier: Apache-2.0
"""Consents as staff record them, for who has no phone: on paper or at the window, given and taken back alike.

Below fourteen, or without capacity, it is a guardian who agrees (《个人信息保护法》第三十一条); anybody may take back.
"""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError, NotFound
from liren.identity.at_hand import identity_of
from liren.identity.errors import BadPerson
from liren.identity.labels.agreeing import HOW, guardians_who_agree
from liren.identity.register.directory import Found
from liren.identity.register.people_pages import REGISTER, in_scope
from liren.plugins.context import Context
from liren.privacy import consents
from liren.web import N_, Form, get, post, redirect

Req = Request[Any, Any, Any]


class NewConsent(msgspec.Struct, frozen=True):
    """One purpose somebody agreed to, and how."""

    purpose: Annotated[str, Meta(title=N_("同意哪一件"), max_length=40)]
    how: Annotated[Literal["paper", "on-site"], Meta(title=N_("怎么同意的"))]
    by: Annotated[str, Meta(title=N_("哪位监护人同意的"), max_length=40)] = ""
    agreed: Annotated[bool, Meta(title=N_("已经把说明念给对方听，对方同意了"))] = False


@get("/people/{person:str}/consents", allow=REGISTER, name="their_consents")
async def show(ctx: Context, request: Req, person: str) -> Response[Any]:
    found = await in_scope(ctx, identity_of(request), person, REGISTER)
    return await _page(ctx, found, Form(NewConsent))


async def _page(ctx: Context, found: Found, form: Form[NewConsent], status: int = 200) -> Response[Any]:
    lines = await consents.of(found.card.id)
    agree = await guardians_who_agree(ctx, found.card.id)
    names = await ctx.people.cards(sorted(agree)) if agree else {}
    return await ctx.render(
        "their_consents.html",
        status=status,
        person=found.card,
        lines=lines,
        open=[line for line in lines if line.given is None or line.outdated],
        agree=None if agree is None else [(each, names[each].name) for each in sorted(agree) if each in names],
        how=HOW,
        form=form,
        may=found.card.active and found.card.id != ctx.actor,
    )


@post("/people/{person:str}/consents", allow=REGISTER, name="add_consent")
async def add(ctx: Context, request: Req, person: str) -> Response[Any]:
    """Somebody agreed, at the window or on paper."""
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, REGISTER)
    form = await Form.read(request, NewConsent)
    if (sent := form.command) is not None:
        if sent.purpose not in consents.PURPOSES:
            form.refuse("purpose", ctx.t("请从列出的里面选择"))
        if not sent.agreed:
            form.refuse("agreed", ctx.t("对方没有同意，就不能记"))
        if form.valid:
            try:
                await _give(ctx, identity.store, found, sent)
            except LirenError as error:
                form.refuse_with(error, "by" if error.code == "no-guardian" else "purpose")
            else:
                return redirect(ctx.url("their_consents", person=person), notice=ctx.t("已记下，随时可以撤回。"))
    return await _page(ctx, found, form, 422)


async def _give(ctx: Context, store: Any, found: Found, sent: NewConsent) -> None:
    _of_somebody_else(ctx, found)
    counts = await guardians_who_agree(ctx, found.card.id)
    async with store.transaction(ctx.actor) as tx:
        await consents.give(
            tx, found.card.id, sent.purpose, ctx.today(), how=sent.how, given_by=sent.by or None, counts=counts
        )


def _of_somebody_else(ctx: Context, found: Found) -> None:
    """:raises BadPerson: it is the visitor's own, or of somebody who is not here any more"""
    if found.card.id == ctx.actor:
        raise BadPerson("自己的同意在“我的信息”里办。", "Your own consents are under “My data”.")
    if not found.card.active:
        raise BadPerson("这位居民已经不在这里了。", "This resident is not here any more.")


@post("/people/{person:str}/consents/{purpose:str}/end", allow=REGISTER, name="end_consent")
async def end(ctx: Context, request: Req, person: str, purpose: str) -> Response[Any]:
    """Taken back at the window: no reason asked."""
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, REGISTER)
    if purpose not in consents.PURPOSES:
        raise NotFound("没有这一项同意。", "There is no such consent.")
    _of_somebody_else(ctx, found)
    async with identity.store.transaction(ctx.actor) as tx:
        await consents.withdraw(tx, person, purpose, ctx.today())
    return redirect(ctx.url("their_consents", person=person), notice=ctx.t("已撤回，服务一样也不少。"))


ROUTES = (show, add, end)
