# SPDX-License-Identifier: Apache-2.0
"""Organisations (法人和非法人组织) for staff: list, register, mend, close, and who acts for them."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.errors import no_such_organisation
from liren.identity.organisations import register as organisation_register
from liren.identity.organisations import verbs as organisations
from liren.identity.organisations.register import Organisation
from liren.identity.register.numbers import credit_code
from liren.identity.register.people_pages import ORGANISATIONS, PEOPLE, in_scope, place_of
from liren.identity.register.register_pages import Req
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.web import N_, Form, ask, get, post, redirect

KINDS: Final = (
    ("partner", N_("共建伙伴")),
    ("merchant", N_("商户")),
    ("property", N_("物业公司")),
    ("department", N_("部门")),
)
SIZE: Final = 50


class OrganisationForm(msgspec.Struct, frozen=True):
    """Registering and mending."""

    name: Annotated[str, Meta(title=N_("名称"), min_length=1, max_length=60)]
    kind: Annotated[Literal["partner", "merchant", "property", "department"], Meta(title=N_("类型"))]
    unit: Annotated[str, Meta(title=N_("在哪里"), min_length=1, max_length=48)]
    credit_code: Annotated[str, Meta(title=N_("统一社会信用代码"), max_length=24)] = ""
    contact: Annotated[str, Meta(title=N_("联系人"), max_length=40)] = ""
    phone: Annotated[str, Meta(title=N_("联系电话"), max_length=24)] = ""


class Joining(msgspec.Struct, frozen=True):
    """Somebody begins to act for it."""

    person: Annotated[str, Meta(title=N_("哪一位"), min_length=1, max_length=40)]
    role: Annotated[str, Meta(title=N_("身份"), min_length=1, max_length=20)]


async def _found(ctx: Context, identity: Identity, organisation: str) -> Organisation:
    """:raises NotFound: none, or outside the visitor's area"""
    found = await organisation_register.find(identity.store, organisation)
    if found is None or not ctx.can(ORGANISATIONS, found.unit or (await identity.units.street()).code):
        raise no_such_organisation()
    return found


@get("/organisations", allow=ORGANISATIONS, name="organisations")
async def organisation_list(
    ctx: Context, request: Req, q: str = "", kind: str = "", closed: str = "", page: str = ""
) -> Response[Any]:
    """By name, pinyin or initials; narrowed to a kind."""
    identity = identity_of(request)
    tree, scope = await identity.units.tree(), ctx.access.units_with(ORGANISATIONS)
    kind = kind if kind in dict(KINDS) else ""
    whole = ctx.can(ORGANISATIONS, (await identity.units.street()).code)
    found = await organisation_register.page(
        identity.store, scope, whole=whole, kind=kind, text=q[:60], closed=bool(closed), ask=ask(page, size=SIZE)
    )
    here = ctx.url("organisations")
    filters = [(ctx.t("全部"), here, not kind and not closed)]
    filters += [(ctx.t(title), f"{here}?kind={name}", kind == name) for name, title in KINDS]
    filters.append((ctx.t("已注销"), f"{here}?closed=1", bool(closed)))
    return await ctx.render(
        "organisations.html",
        q=q[:60],
        page=found,
        rows=[(each, place_of(tree.way(each.unit)) if each.unit else "") for each in found.items],
        kinds=dict(KINDS),
        filters=filters,
    )


async def _choices(ctx: Context, identity: Identity) -> list[tuple[str, str]]:
    """Units an organisation may belong to: street, communities and grids of the visitor's area."""
    tree = await identity.units.tree()
    return [
        (each.code, place_of(tree.way(each.code)) or each.name)
        for each in await identity.units.all()
        if each.level in ("street", "community", "grid") and ctx.can(ORGANISATIONS, each.code)
    ]


async def _form_page(
    ctx: Context, identity: Identity, form: Form[OrganisationForm], found: Organisation | None, status: int = 200
) -> Response[Any]:
    units = await _choices(ctx, identity)
    return await ctx.render(
        "organisation_form.html", status=status, form=form, organisation=found, kinds=KINDS, units=units
    )


def _values(ctx: Context, form: Form[OrganisationForm]) -> dict[str, Any] | None:
    """What was sent, as the verbs take it; None where something was refused."""
    sent = form.command
    if sent is None:
        return None
    code = credit_code(sent.credit_code)
    if sent.credit_code and code is None:
        form.refuse("credit_code", ctx.t("统一社会信用代码不对：18 位，请照执照核对"))
    if not ctx.can(ORGANISATIONS, sent.unit):
        form.refuse("unit", ctx.t("请从列出的里面选择"))
    if not form.valid:
        return None
    return {
        "name": sent.name, "kind": sent.kind, "unit": sent.unit, "credit_code": code,
        "contact": sent.contact or None, "phone": sent.phone or None,
    }  # fmt: skip


@get("/organisations/new", allow=ORGANISATIONS, name="new_organisation_form")
async def new_organisation_form(ctx: Context, request: Req) -> Response[Any]:
    return await _form_page(ctx, identity_of(request), Form(OrganisationForm), None)


@post("/organisations/new", allow=ORGANISATIONS, name="new_organisation")
async def new_organisation(ctx: Context, request: Req) -> Response[Any]:
    identity = identity_of(request)
    form = await Form.read(request, OrganisationForm)
    values = _values(ctx, form)
    if values is not None:

        async def body(tx: Any) -> str:
            return await organisations.add(tx, opened=ctx.today(), **values)

        try:
            made = await identity.store.once(ctx.actor, form.key, ["new-organisation", values], body, returns=str)
        except LirenError as error:
            form.refuse_with(error, "credit_code")
        else:
            return redirect(ctx.url("organisation", organisation=made), notice=ctx.t("已登记。"))
    return await _form_page(ctx, identity, form, None, 422)


@get("/organisations/{organisation:str}", allow=ORGANISATIONS, name="organisation")
async def organisation_page(ctx: Context, request: Req, organisation: str, q: str = "") -> Response[Any]:
    """One organisation, its people, and what modules know of it (slot ``organisation.main``)."""
    identity = identity_of(request)
    return await _page(ctx, identity, await _found(ctx, identity, organisation), Form(Joining), q)


async def _page(
    ctx: Context, identity: Identity, found: Organisation, form: Form[Joining], q: str = "", status: int = 200
) -> Response[Any]:
    tree = await identity.units.tree()
    text = q[:60].strip()
    hits = await identity.people.search(text, ctx.access.units_with(PEOPLE), limit=10) if text else []
    people = [
        (hit.card.id, f"{hit.card.name} {place_of(tree.way(hit.unit)) if hit.unit else ''}".strip())
        for hit in hits
        if hit.card.active
    ]
    return await ctx.render(
        "organisation.html",
        status=status,
        organisation=found,
        place=place_of(tree.way(found.unit)) if found.unit else "",
        kinds=dict(KINDS),
        acting=await organisation_register.acting(identity.store, found.id),
        form=form,
        people=people,
        q=text,
        body=await ctx.slot("organisation.main", found.id),
    )


@get("/organisations/{organisation:str}/edit", allow=ORGANISATIONS, name="edit_organisation_form")
async def edit_organisation_form(ctx: Context, request: Req, organisation: str) -> Response[Any]:
    identity = identity_of(request)
    found = await _found(ctx, identity, organisation)
    first = {name: getattr(found, name) or "" for name in OrganisationForm.__struct_fields__}
    return await _form_page(ctx, identity, Form(OrganisationForm, first), found)


@post("/organisations/{organisation:str}/edit", allow=ORGANISATIONS, name="edit_organisation")
async def edit_organisation(ctx: Context, request: Req, organisation: str) -> Response[Any]:
    identity = identity_of(request)
    found = await _found(ctx, identity, organisation)
    form = await Form.read(request, OrganisationForm)
    values = _values(ctx, form)
    if values is not None:
        try:
            async with identity.store.transaction(ctx.actor) as tx:
                await organisations.change(tx, organisation, **values)
        except LirenError as error:
            form.refuse_with(error, "credit_code")
        else:
            return redirect(ctx.url("organisation", organisation=organisation), notice=ctx.t("改好了。"))
    return await _form_page(ctx, identity, form, found, 422)


@post("/organisations/{organisation:str}/join", allow=ORGANISATIONS, name="join_organisation")
async def join_organisation(ctx: Context, request: Req, organisation: str) -> Response[Any]:
    """From today on this person acts for it."""
    identity = identity_of(request)
    found = await _found(ctx, identity, organisation)
    form = await Form.read(request, Joining)
    if (sent := form.command) is not None and found.closed is None:
        await in_scope(ctx, identity, sent.person, PEOPLE)
        async with identity.store.transaction(ctx.actor) as tx:
            await organisations.join(
                tx, organisation=organisation, person=sent.person, role=sent.role, since=ctx.today()
            )
        return redirect(ctx.url("organisation", organisation=organisation), notice=ctx.t("加上了。"))
    return await _page(ctx, identity, found, form, status=422)


@post("/organisations/{organisation:str}/leave/{person:str}", allow=ORGANISATIONS, name="leave_organisation")
async def leave_organisation(ctx: Context, request: Req, organisation: str, person: str) -> Response[Any]:
    """From today on this person no longer acts for it."""
    identity = identity_of(request)
    found = await _found(ctx, identity, organisation)
    if person not in {each.person for each in await organisation_register.acting(identity.store, found.id)}:
        raise no_such_organisation()
    async with identity.store.transaction(ctx.actor) as tx:
        await organisations.leave(tx, organisation=organisation, person=person, day=ctx.today())
    return redirect(ctx.url("organisation", organisation=organisation), notice=ctx.t("从今天起不再代表。"))


@post("/organisations/{organisation:str}/close", allow=ORGANISATIONS, name="close_organisation")
async def close_organisation(ctx: Context, request: Req, organisation: str) -> Response[Any]:
    """The organisation ends; its history and its points stay readable."""
    identity = identity_of(request)
    await _found(ctx, identity, organisation)
    async with identity.store.transaction(ctx.actor) as tx:
        await organisations.close(tx, organisation, ctx.today())
    return redirect(ctx.url("organisation", organisation=organisation), notice=ctx.t("已注销，记录都还在。"))


ROUTES = (
    organisation_list, new_organisation_form, new_organisation, organisation_page, edit_organisation_form,
    edit_organisation, join_organisation, leave_organisation, close_organisation,
)  # fmt: skip
