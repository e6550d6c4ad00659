# SPDX-License-Identifier: Apache-2.0
"""Registering one person, and mending what is known of one. Who may be the same person is asked before saving."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.on_paper import POINTS
from liren.identity.register import changes, dossier, twins
from liren.identity.register.changes import Amendment
from liren.identity.register.names import normalise
from liren.identity.register.numbers import SENSITIVE_UNDER, age_on, birthday_in, id_number, mask_phone, phone
from liren.identity.register.people import NewPerson, register
from liren.identity.register.people_pages import REGISTER, in_scope, place_of
from liren.identity.register.twins import Twin
from liren.identity.sealed import Private
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.plugins.services import UnitCard
from liren.units.build import Builder
from liren.units.errors import no_such_unit
from liren.web import N_, Form, get, post, redirect

Req = Request[Any, Any, Any]
Role = Literal["head", "member", "tenant"]
ROLES: Final = (("head", N_("户主")), ("member", N_("家人")), ("tenant", N_("租户")))
SECRET: Final = {"secret": True}
"""Numbers are not kept in drafts."""


class NewResident(msgspec.Struct, frozen=True):
    """The form of a new person."""

    name: Annotated[str, Meta(title=N_("姓名"), min_length=1, max_length=40)]
    id_number: Annotated[str, Meta(title=N_("身份证号"), max_length=24, extra=SECRET)] = ""
    phone: Annotated[str, Meta(title=N_("手机号"), max_length=24, extra=SECRET)] = ""
    birthday: Annotated[date | None, Meta(title=N_("出生日期"), extra=SECRET)] = None
    room: Annotated[str, Meta(title=N_("房号"), max_length=20)] = ""
    role: Annotated[Role, Meta(title=N_("在家里是"))] = "member"
    address: Annotated[str, Meta(title=N_("住址补充"), max_length=120)] = ""
    consent: Annotated[bool, Meta(title=N_("本人已签字，同意参加积分"))] = False
    sure: Annotated[bool, Meta(title=N_("核对过了，不是同一个人"))] = False


class Mending(msgspec.Struct, frozen=True):
    """The form of what is known of a person; what is left empty stays."""

    name: Annotated[str, Meta(title=N_("姓名"), min_length=1, max_length=40)]
    id_number: Annotated[str, Meta(title=N_("身份证号"), max_length=24, extra=SECRET)] = ""
    phone: Annotated[str, Meta(title=N_("手机号"), max_length=24, extra=SECRET)] = ""
    no_phone: Annotated[bool, Meta(title=N_("去掉手机号"))] = False
    birthday: Annotated[date | None, Meta(title=N_("出生日期"), extra=SECRET)] = None
    address: Annotated[str, Meta(title=N_("住址补充"), max_length=120)] = ""
    no_address: Annotated[bool, Meta(title=N_("去掉住址补充"))] = False
    sure: Annotated[bool, Meta(title=N_("核对过了，不是同一个人"))] = False


def private_of(ctx: Context, form: "Form[NewResident] | Form[Mending]", sent: NewResident | Mending) -> Private:
    """The numbers as they are kept; whatever cannot be right is said at its field."""
    number, mobile, born = id_number(sent.id_number), phone(sent.phone), sent.birthday
    if sent.id_number and number is None:
        form.refuse("id_number", ctx.t("身份证号不对，请照证件核对：18 位，最后一位可能是 X"))
    if sent.phone and mobile is None:
        form.refuse("phone", ctx.t("手机号不对：要 11 位，或带区号的座机"))
    if born is not None and (born > ctx.today() or born.year < 1880):
        form.refuse("birthday", ctx.t("出生日期不对"))
    if number is not None:
        in_number = birthday_in(number)
        if born is not None and born != in_number:
            form.refuse("birthday", ctx.t("出生日期和身份证号对不上"))
        born = in_number
    return Private(mobile, number, born, sent.address or None)


async def _unit(ctx: Context, identity: Identity, code: str) -> UnitCard:
    card = await identity.units.get(code)
    if card is None or card.closed is not None or card.parent is None or not ctx.can(REGISTER, code):
        raise no_such_unit()
    return card


@get("/people/of/{unit:str}/new", allow=REGISTER, name="new_form")
async def new_form(ctx: Context, request: Req, unit: str, room: str = "") -> Response[Any]:
    identity = identity_of(request)
    card = await _unit(ctx, identity, unit)
    return await _new_page(ctx, identity, card, Form(NewResident, {"room": room[:20]}))


async def _new_page(
    ctx: Context,
    identity: Identity,
    card: UnitCard,
    form: Form[NewResident],
    like: Sequence[Twin] = (),
    status: int = 200,
) -> Response[Any]:
    tree = await identity.units.tree()
    below = tree.children(card.code)
    return await ctx.render(
        "new_person.html",
        status=status,
        unit=card,
        place=place_of(tree.way(card.code)),
        below=[(each.name, ctx.url("new_form", unit=each.code), False) for each in below],
        form=form,
        roles=ROLES,
        twins=await _shown(ctx, identity, like),
    )


async def _shown(ctx: Context, identity: Identity, like: Sequence[Twin]) -> list[tuple[str, str, str, str]]:
    """(name, place, link, reason) each; of somebody outside the visitor's area only that there is one."""
    tree, rows = await identity.units.tree(), []
    for twin in like:
        home = await identity.people.home_of(twin.person)
        unit = home.unit if home is not None else None
        at = unit or (await identity.units.street()).code
        if ctx.can("identity.people", at):
            rows.append((twin.name, place_of(tree.way(at)), ctx.url("person", person=twin.person), twin.reason))
        else:
            rows.append((ctx.t("另一位居民"), ctx.t("不在您负责的范围内"), "", twin.reason))
    return rows


@post("/people/of/{unit:str}/new", allow=REGISTER, name="new")
async def new(ctx: Context, request: Req, unit: str) -> Response[Any]:
    """Register one person in this unit."""
    identity = identity_of(request)
    card = await _unit(ctx, identity, unit)
    form, like = await Form.read(request, NewResident), list[Twin]()
    if (sent := form.command) is not None:
        private = private_of(ctx, form, sent)
        if not private.id_number and not private.phone:
            form.refuse("phone", ctx.t("身份证号和手机号至少填一项"))
        age = age_on(private.birthday, ctx.today()) if private.birthday is not None else None
        if sent.consent and age is not None and age < SENSITIVE_UNDER:
            form.refuse("consent", ctx.t("不满十四周岁要监护人同意：先登记，再登记监护人，然后到“同意的事”里记"))
        like = await _refused_for_twins(ctx, identity, form, normalise(sent.name), private, sure=sent.sure)
        if form.valid:
            try:
                person = await _register(ctx, identity, card, sent, private, form.key)
            except LirenError as error:
                form.refuse_with(error)
            else:
                said = ctx.t("已登记{name}。", name=normalise(sent.name))
                return redirect(ctx.url("person", person=person), notice=said)
    return await _new_page(ctx, identity, card, form, like, 422)


async def _refused_for_twins(
    ctx: Context,
    identity: Identity,
    form: "Form[NewResident] | Form[Mending]",
    name: str,
    private: Private,
    *,
    sure: bool,
    but: str = "",
) -> list[Twin]:
    """The same ID number refuses; the same name with phone or birthday asks."""
    if not form.valid:
        return []
    like = await twins.of(identity.people, name, private, but=but)
    if any(twin.reason == "number" for twin in like):
        form.refuse("id_number", ctx.t("这个身份证号已经登记过了，请打开下面那一条核对"))
    elif like and not sure:
        form.refuse("sure", ctx.t("下面这些人可能就是同一位，请先核对"))
    return like


async def _register(
    ctx: Context, identity: Identity, card: UnitCard, sent: NewResident, private: Private, key: str
) -> str:
    today = ctx.today()
    consent = POINTS if sent.consent else None

    async def body(tx: Any) -> str:
        dwelling = None
        if sent.room:
            builder = await Builder.load(tx, today, dwellings=False)
            await builder.know_dwellings(tx, [(card.code, sent.room)])
            dwelling = builder.dwelling(card.code, sent.room)
            await builder.write(tx)
        person = NewPerson(sent.name, private, card.code, dwelling, sent.role)
        (made,) = await register(tx, identity.vault, [person], today, consent=consent)
        return made

    return await identity.store.once(ctx.actor, key, ["new-person", card.code, normalise(sent.name)], body, returns=str)


@get("/people/{person:str}/edit", allow=REGISTER, name="edit_form")
async def edit_form(ctx: Context, request: Req, person: str) -> Response[Any]:
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, REGISTER)
    return await _edit_page(ctx, identity, person, Form(Mending, {"name": found.card.name}))


async def _edit_page(
    ctx: Context, identity: Identity, person: str, form: Form[Mending], like: Sequence[Twin] = (), status: int = 200
) -> Response[Any]:
    cards = await identity.people.cards([person])
    phones = await dossier.phones(identity.store, identity.vault, [person])
    return await ctx.render(
        "edit_person.html",
        status=status,
        person=cards[person],
        form=form,
        phone=mask_phone(phones[person]) if person in phones else "",
        twins=await _shown(ctx, identity, like),
    )


@post("/people/{person:str}/edit", allow=REGISTER, name="edit")
async def edit(ctx: Context, request: Req, person: str) -> Response[Any]:
    """Mend name, numbers, birthday, address; what is left empty stays as it is."""
    identity = identity_of(request)
    await in_scope(ctx, identity, person, REGISTER)
    form, like = await Form.read(request, Mending), list[Twin]()
    if (sent := form.command) is not None:
        private = private_of(ctx, form, sent)
        like = await _refused_for_twins(
            ctx, identity, form, normalise(sent.name), replace(private, address=None), sure=sent.sure, but=person
        )
        if form.valid:
            cleared = ("phone",) * sent.no_phone + ("address",) * sent.no_address
            try:
                async with identity.store.transaction(ctx.actor) as tx:
                    await changes.amend(tx, identity.vault, person, Amendment(sent.name, private, cleared))
            except LirenError as error:
                form.refuse_with(error)
            else:
                return redirect(ctx.url("person", person=person), notice=ctx.t("改好了。"))
    return await _edit_page(ctx, identity, person, form, like, 422)


ROUTES = (new_form, new, edit_form, edit)
