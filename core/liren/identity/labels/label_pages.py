# SPDX-License-Identifier: Apache-2.0
"""A person's labels, for staff who may: opening the page is a look, on record, and the person reads of it."""

from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.errors import no_such_label
from liren.identity.labels import kinds, labels
from liren.identity.labels.agreeing import HOW, guardians_who_agree
from liren.identity.labels.guardians import GROWN_UP
from liren.identity.labels.kinds import Kind
from liren.identity.labels.label_sight import LABELS, roles_at, visible
from liren.identity.register.numbers import SENSITIVE_UNDER
from liren.identity.register.people_pages import in_scope, place_for_scope, place_of
from liren.identity.register.register_pages import Req
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.units.errors import no_such_unit
from liren.web import N_, Form, ask, get, post, redirect

HOW_ALL: Final = dict(HOW) | {"page": N_("网上同意")}
SHOWN: Final = 20


class NewLabel(msgspec.Struct, frozen=True):
    """A label with the consent it rests on."""

    kind: Annotated[str, Meta(title=N_("哪种标签"), max_length=40)]
    how: Annotated[Literal["paper", "on-site"], Meta(title=N_("怎么同意的"))]
    by: Annotated[str, Meta(title=N_("谁同意的"), max_length=40)] = ""
    agreed: Annotated[bool, Meta(title=N_("已经把说明念给对方听，对方单独同意了这一项"))] = False


@get("/people/{person:str}/labels", allow=LABELS, name="labels")
async def show(ctx: Context, request: Req, person: str) -> Response[Any]:
    return await _page(ctx, identity_of(request), person, Form(NewLabel))


async def _page(
    ctx: Context, identity: Identity, person: str, form: Form[NewLabel], status: int = 200
) -> Response[Any]:
    found = await in_scope(ctx, identity, person, LABELS)
    at = await place_for_scope(identity, found)
    roles = await roles_at(ctx, identity, at)
    held = visible(await labels.of(identity.store, [person]), roles)
    age = (await identity.people.ages([person], ctx.today())).get(person)
    agree = await guardians_who_agree(ctx, person)
    async with identity.store.transaction(ctx.actor) as tx:
        await labels.looked(tx, [person], unit=at)
    cards = await identity.people.cards([*(agree or ()), *(each.given_by for each in held if each.given_by)])
    offered = await _offered(identity, roles, {each.kind for each in held})
    return await ctx.render(
        "labels.html",
        status=status,
        person=found.card,
        labels=held,
        names={card.id: card.name for card in cards.values()},
        computed=N_("不满十四周岁") if age is not None and age < SENSITIVE_UNDER
        else N_("未成年人") if age is not None and age < GROWN_UP else "",
        child=age is not None and age < SENSITIVE_UNDER,
        unknown_age=age is None,
        agree=agree,
        kinds=offered,
        how=HOW,
        said=HOW_ALL,
        form=form,
        may=found.card.active and person != ctx.actor,
    )  # fmt: skip


async def _offered(identity: Identity, roles: frozenset[str], but: set[str]) -> list[Kind]:
    return [
        each
        for each in await kinds.every(identity.store)
        if each.closed is None and each.id not in but and (not each.seen_by or each.seen_by in roles)
    ]


@post("/people/{person:str}/labels", allow=LABELS, name="add_label")
async def add(ctx: Context, request: Req, person: str) -> Response[Any]:
    """With a consent of its own: for this one purpose, by whoever has to give it."""
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, LABELS)
    form = await Form.read(request, NewLabel)
    if (sent := form.command) is not None:
        at = await place_for_scope(identity, found)
        offered = await _offered(identity, await roles_at(ctx, identity, at), set())
        kind = next((each for each in offered if each.id == sent.kind), None)
        if kind is None:
            form.refuse("kind", ctx.t("请从列出的里面选择"))
        if not sent.agreed:
            form.refuse("agreed", ctx.t("没有单独同意，就不能登记"))
        if kind is not None and form.valid:
            try:
                await _give(ctx, identity, person, kind, sent, form.key, at)
            except LirenError as error:
                form.refuse_with(error, "by" if error.code == "no-guardian" else "kind")
            else:
                return redirect(ctx.url("labels", person=person), notice=ctx.t("已登记。本人随时可以撤回。"))
    return await _page(ctx, identity, person, form, 422)


async def _give(ctx: Context, identity: Identity, person: str, kind: Kind, sent: NewLabel, key: str, unit: str) -> None:
    agree = await guardians_who_agree(ctx, person)

    async def body(tx: Any) -> str:
        return await labels.give(
            tx, person, kind, day=ctx.today(), how=sent.how, given_by=sent.by or None, counts=agree, unit=unit
        )

    await identity.store.once(ctx.actor, key, ["label", person, kind.id, sent.by], body, returns=str)


@post("/people/{person:str}/labels/{label:str}/end", allow=LABELS, name="end_label")
async def end(ctx: Context, request: Req, person: str, label: str) -> Response[Any]:
    """It no longer applies."""
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, LABELS)
    at = await place_for_scope(identity, found)
    seen = visible(await labels.of(identity.store, [person]), await roles_at(ctx, identity, at))
    if label not in {each.id for each in seen} or person == ctx.actor:
        raise no_such_label()
    async with identity.store.transaction(ctx.actor) as tx:
        await labels.end(tx, label, person, ctx.today(), what="unlabelled", unit=at)
    return redirect(ctx.url("labels", person=person), notice=ctx.t("从今天起没有这个标签了。"))


@get("/people/of/{unit:str}/labelled", allow=LABELS, name="labelled")
async def labelled(ctx: Context, request: Req, unit: str, kind: str = "", page: str = "") -> Response[Any]:
    """Who in an area has a label; each person shown reads that somebody looked."""
    identity = identity_of(request)
    card = await identity.units.get(unit)
    if card is None or not ctx.can(LABELS, unit):
        raise no_such_unit()
    offered = await _offered(identity, await roles_at(ctx, identity, unit), set())
    chosen = next((each for each in offered if each.id == kind), None)
    asked = ask(page, size=SHOWN)
    rows: list[tuple[str, str, str, date]] = []
    total = 0
    if chosen is not None:
        rows, total = await labels.in_area(identity.store, card.path, chosen.id, limit=asked.size, offset=asked.offset)
        async with identity.store.transaction(ctx.actor) as tx:
            await labels.looked(tx, [person for person, *_ in rows], unit=unit)
    tree = await identity.units.tree()
    shown = [(person, name, place_of(tree.way(at)), since) for person, name, at, since in rows]
    return await ctx.render(
        "labelled.html",
        unit=card,
        chosen=chosen,
        kinds=[(each.title, ctx.url("labelled", unit=unit) + f"?kind={each.id}", each == chosen) for each in offered],
        page=asked.page(shown, total),
    )


ROUTES = (show, add, end, labelled)
