# SPDX-License-Identifier: Apache-2.0
"""Two entries that were one person: found, laid side by side, merged."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.register.people_pages import in_scope, place_of
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.privacy import duties
from liren.privacy.staff_pages import MERGE
from liren.web import N_, Form, get, post, redirect

Req = Request[Any, Any, Any]


class MergeForm(msgspec.Struct, frozen=True):
    other: Annotated[str, Meta(title=N_("和哪一位合并"), min_length=1, max_length=40)]


@get("/people/{person:str}/merge", allow=MERGE, name="merge_form")
async def merge_form(ctx: Context, request: Req, person: str, q: str = "") -> Response[Any]:
    return await _page(ctx, request, person, q[:60].strip(), Form(MergeForm))


async def _page(
    ctx: Context, request: Req, person: str, q: str, form: Form[MergeForm], status: int = 200
) -> Response[Any]:
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, MERGE)
    hits = await identity.people.search(q or found.card.name, ctx.access.units_with(MERGE), limit=10)
    tree = await identity.units.tree()
    others = []
    for hit in hits:
        if hit.card.id != person:
            points = (await ctx.ledger.balance(Subject("h", hit.card.id))).total
            place = place_of(tree.way(hit.unit)) if hit.unit else ""
            others.append((hit.card.id, hit.card.name, ctx.t("{place} · {n} 分", place=place, n=points)))
    points = (await ctx.ledger.balance(Subject("h", person))).total
    place = place_of(tree.way(found.unit)) if found.unit else ""
    view = {"person": found.card, "place": place, "points": points, "others": others, "q": q}
    return await ctx.render("merge.html", status=status, form=form, **view)


@post("/people/{person:str}/merge", allow=MERGE, name="merge", step_up=True)
async def merge(ctx: Context, request: Req, person: str) -> Response[Any]:
    """The chosen entry goes into this one; its history stays, its account is closed."""
    identity = identity_of(request)
    form = await Form.read(request, MergeForm)
    await in_scope(ctx, identity, person, MERGE)
    if form.command is None:
        return await _page(ctx, request, person, "", form, 422)
    gone = form.command.other
    await in_scope(ctx, identity, gone, MERGE)
    try:
        await duties.merge(identity.store, ctx, form.key, kept=person, gone=gone)
    except LirenError as error:
        if error.status >= 500:
            raise
        form.refuse_with(error)
        return await _page(ctx, request, person, "", form, error.status)
    return redirect(ctx.url("identity.person", person=person), notice=ctx.t("已合并，两边的记录都在。"))


ROUTES = (merge_form, merge)
