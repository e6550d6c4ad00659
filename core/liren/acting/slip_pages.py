# SPDX-License-Identifier: Apache-2.0
"""The slip: for both of them and for who reviews; on paper; undone from there."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.acting import errors, review, rules, slips
from liren.errors import LirenError
from liren.plugins.acting import Slip
from liren.plugins.context import Context
from liren.web import N_, SIGNED_IN, Form, Nothing, current, get, gettext, post, qr, redirect
from liren.web.i18n import both

Req = Request[Any, Any, Any]


async def seen(ctx: Context, slip: str) -> Slip:
    """:raises NotFound: none, or not the visitor's to see"""
    found = await slips.own(ctx).slip(slip)
    if found is None or not slips.theirs(ctx, found):
        raise errors.nothing_here()
    return found


class Doubted(msgspec.Struct, frozen=True):
    """What a reviewer writes down where the person says no."""

    note: Annotated[str, Meta(title=N_("本人怎么说的"), min_length=2, max_length=2000)]


async def view_of(ctx: Context, slip: Slip, *, doubting: Form[Any] | None = None) -> dict[str, Any]:
    """What page and paper show.

    :param doubting: the reviewer's form as it was sent
    """
    acting = slips.own(ctx)
    deed = acting.desk.deed(slip.deed)
    names = {each.id: each.name for each in (await ctx.people.cards([slip.person, slip.actor])).values()}
    module = ctx.of(slip.deed.partition(".")[0]) if deed is not None else ctx
    shown = ""
    if deed is not None and deed.shown is not None and ctx.actor == slip.actor and slip.undone_ms is None:
        shown = deed.shown(module, slip)
    link = None
    if slip.record is not None:
        link = f"{current().site.public_url}/r/{await ctx.ledger.receipt_token(slip.record)}"
    refused = slips.why_not(acting, slip)
    return {
        "slip": slip,
        "number": rules.in_groups(slip.number),
        "deed": module.t(deed.title) if deed is not None else gettext("已停用的模块"),
        "name": names.get(slip.person, gettext("（已注销）")),
        "actor": names.get(slip.actor, gettext("（已注销）")),
        "mine": ctx.actor == slip.person,
        "staff": ctx.can(rules.ACT) or ctx.can(rules.REVIEW),
        "link": link,
        "picture": qr(link, label=gettext("扫码看这笔积分")) if link else None,
        "may_undo": refused is None,
        "shown": shown,
        "again": ctx.url("mandate", mandate=slip.mandate) if ctx.actor == slip.actor else "",
        "why_not": both(refused.zh, refused.en) if refused is not None else "",
        **await _review(ctx, slip, doubting),
    }


async def _review(ctx: Context, slip: Slip, doubting: Form[Any] | None) -> dict[str, Any]:
    """For who reviews there and is neither of the two: the case, and its two answers."""
    if ctx.actor in (slip.actor, slip.person) or not ctx.can(rules.REVIEW, slip.unit):
        return {"case": None}
    case = await ctx.cases.of(review.NAME, slip.id)
    if case is None:
        return {"case": None}
    evidence = await slips.own(ctx).desk.records.consent(slip.mandate)
    return {
        "case": case,
        "panel": await ctx.cases.panel(case),
        "form": doubting or Form(Doubted),
        "evidence": ctx.url("evidence", mandate=slip.mandate) if evidence is not None and evidence.paper else "",
        "phone_page": ctx.url("identity.person", person=slip.person) if ctx.can("identity.people", slip.unit) else "",
    }


@get("/slips/{slip:str}", allow=SIGNED_IN, name="slip")
async def slip_page(ctx: Context, slip: str) -> Response[Any]:
    return await ctx.render("slip.html", **await view_of(ctx, await seen(ctx, slip)))


@get("/slips/{slip:str}/paper", allow=SIGNED_IN, name="paper")
async def paper(ctx: Context, slip: str) -> Response[Any]:
    """Large, on A6 or A4: stays with the person."""
    return await ctx.render("slip_paper.html", **await view_of(ctx, await seen(ctx, slip)))


@post("/slips/{slip:str}/undo", allow=SIGNED_IN, name="undo")
async def undo(ctx: Context, request: Req, slip: str) -> Response[Any]:
    form = await Form.read(request, Nothing)
    found = await seen(ctx, slip)
    try:
        await slips.undo(ctx, form.key, found)
    except LirenError as error:
        if error.status not in (409, 422):
            raise
        view = await view_of(ctx, await seen(ctx, slip))
        return await ctx.render("slip.html", status=error.status, **view, error=both(error.zh, error.en))
    return redirect(ctx.url("slip", slip=slip), notice=gettext("已经撤销，都退回来了。"))


@post("/slips/{slip:str}/object", allow=SIGNED_IN, name="object_to")
async def object_to(ctx: Context, request: Req, slip: str) -> Response[Any]:
    """This was not my wish: also after its time."""
    await Form.read(request, Nothing)
    await slips.object_to(ctx, await seen(ctx, slip))
    return redirect(ctx.url("slip", slip=slip), notice=gettext("已经告诉社区，会有另一位工作人员来核实。"))


ROUTES = (slip_page, paper, undo, object_to)
