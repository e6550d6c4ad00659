# SPDX-License-Identifier: Apache-2.0
"""Filling a post at a unit: find the person, choose post and term; end it; its published phone and photo."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import Denied, LirenError, NotFound
from liren.plugins.context import Context
from liren.plugins.services import PersonCard, UnitCard
from liren.units import appointment_list, appointments, serving
from liren.units.appointments import Appointment, Term
from liren.units.errors import BadAppointment, no_such_appointment, no_such_unit
from liren.units.posts import PostCard
from liren.units.scope import APPOINT, GRANT, VIEW, posts_of, roots, service, within
from liren.web import N_, Form, Upload, download, get, post, redirect

PEOPLE: Final = "identity.people"
HITS: Final = 20
_PHONE: Final = re.compile(r"[0-9+][0-9 -]{2,19}")
_WHOLE_NUMBER: Final = re.compile(r"1\d{10}")


class NewAppointment(msgspec.Struct, frozen=True):
    """The form of an appointment."""

    post: Annotated[str, Meta(title=N_("岗位"), max_length=40)]
    since: Annotated[date, Meta(title=N_("从哪天起"))]
    until: Annotated[date | None, Meta(title=N_("到哪天止"))] = None
    phone: Annotated[str, Meta(title=N_("工作电话"), max_length=20)] = ""


class Contact(msgspec.Struct, frozen=True):
    """What residents see of somebody in a post."""

    phone: Annotated[str, Meta(title=N_("工作电话"), max_length=20)] = ""
    photo: Annotated[Upload | None, Meta(title=N_("照片"), extra={"kinds": ("jpg", "png")})] = None
    without_photo: Annotated[bool, Meta(title=N_("不再放照片"))] = False


def clean_phone(text: str) -> str:
    """Half-width; :raises BadAppointment: not a number people can call"""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain and not _PHONE.fullmatch(plain):
        raise BadAppointment("电话只写数字，例如 0533-8201234。", "A phone number is digits, e.g. 0533-8201234.")
    return plain


def check_right(ctx: Context, post_card: PostCard, unit: str) -> None:
    """A post that carries roles is filled by who may grant them there.

    :raises Denied: the visitor may not
    """
    if post_card.roles and not ctx.can(GRANT, unit):
        raise Denied(
            f"“{post_card.title}”带有系统角色，要由能在这里授予角色的管理员来任命。",
            "This post carries roles: only an administrator who may grant roles here can fill it.",
        )


async def found_people(ctx: Context, text: str) -> list[PersonCard]:
    """Inside the visitor's scope by any part of the name; by a whole phone number anywhere, for who lives elsewhere."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return []
    if _WHOLE_NUMBER.fullmatch(plain):
        return list(await ctx.people.lookup(plain, limit=HITS))
    found: dict[str, PersonCard] = {}
    for top in roots(ctx, await service(ctx).tree(), PEOPLE):
        for card in await ctx.people.lookup(plain, unit=top.code, limit=HITS - len(found)):
            found.setdefault(card.id, card)
        if len(found) >= HITS:
            break
    return list(found.values())


async def places_of(ctx: Context, cards: list[PersonCard]) -> dict[str, str]:
    """Person → the name of the community they live in, to tell namesakes apart."""
    tree = await service(ctx).tree()
    named = {card.id: tree.get(card.community) for card in cards if card.community}
    return {person: unit.name for person, unit in named.items() if unit is not None}


@get("/{code:str}/appoint", allow=APPOINT, name="appoint_form")
async def appoint_form(ctx: Context, code: str, q: str = "", person: str = "") -> Response[Any]:
    """First whom, then to what."""
    unit = within(ctx, await service(ctx).tree(), code, APPOINT)
    if not person:
        found = [card for card in await found_people(ctx, q[:60]) if card.active and card.id != ctx.actor]
        places = await places_of(ctx, found)
        return await ctx.render("appoint_whom.html", unit=unit, q=q[:60], found=found, places=places)
    card = await _person(ctx, person)
    return await _page(ctx, unit, card, Form(NewAppointment, {"since": ctx.today()}))


async def _person(ctx: Context, person: str) -> PersonCard:
    card = (await ctx.people.cards([person])).get(person)
    if card is None or not card.active:
        raise NotFound("没有找到这个人。", "There is no such person.")
    return card


async def _page(
    ctx: Context, unit: UnitCard, person: PersonCard, form: Form[NewAppointment], status: int = 200
) -> Response[Any]:
    posts = [
        (each.key, ctx.t(each.title)) for each in (await posts_of(ctx)).open(unit.level)
        if not each.roles or ctx.can(GRANT, unit.code)
    ]  # fmt: skip
    return await ctx.render("appoint.html", status=status, unit=unit, person=person, form=form, posts=posts)


@post("/{code:str}/appoint", allow=APPOINT, name="appoint")
async def appoint(ctx: Context, code: str, request: Request[Any, Any, Any], person: str = "") -> Response[Any]:
    """Fill the post; the roles it carries hold for its term."""
    unit = within(ctx, await service(ctx).tree(), code, APPOINT)
    card = await _person(ctx, person)
    form = await Form.read(request, NewAppointment)
    if form.command is not None:
        new = form.command
        try:
            wanted = (await posts_of(ctx)).get(new.post)
            if wanted is None:
                raise BadAppointment("没有这个岗位。", "There is no such post.")
            check_right(ctx, wanted, code)
            term = Term(wanted, code, person, new.since, new.until, clean_phone(new.phone))
            async with service(ctx).store.transaction(ctx.actor) as tx:
                await appointments.appoint(tx, term, today=ctx.today())
        except LirenError as error:
            form.refuse_with(error)
        else:
            title = ctx.t(wanted.title)
            return redirect(
                ctx.url("unit", code=code), notice=ctx.t("{name}已任{title}。", name=card.name, title=title)
            )
    return await _page(ctx, unit, card, form, 422)


async def _mine(ctx: Context, identity: str) -> tuple[Appointment, UnitCard, PostCard]:
    """:raises NotFound: outside the visitor's scope"""
    found = await appointments.find(service(ctx).store, identity)
    if not ctx.can(APPOINT, found.unit):
        raise no_such_appointment()
    unit = (await service(ctx).tree()).get(found.unit)
    post_card = (await posts_of(ctx)).get(found.post)
    if unit is None or post_card is None:
        raise no_such_unit()
    return found, unit, post_card


@get("/appointments/{appointment:str}", allow=APPOINT, name="appointment")
async def appointment(ctx: Context, appointment: str) -> Response[Any]:
    found, unit, post_card = await _mine(ctx, appointment)
    return await _contact(ctx, found, unit, post_card, Form(Contact, {"phone": found.phone}))


async def _contact(
    ctx: Context, found: Appointment, unit: UnitCard, post_card: PostCard, form: Form[Contact], status: int = 200
) -> Response[Any]:
    card = (await ctx.people.cards([found.person])).get(found.person)
    return await ctx.render(
        "appointment.html",
        status=status,
        appointment=found,
        unit=unit,
        title=ctx.t(post_card.title),
        published=post_card.published,
        name=card.name if card else "",
        form=form,
        over=found.until is not None and found.until <= ctx.today(),
        own=found.person == ctx.actor,
    )


@post("/appointments/{appointment:str}", allow=APPOINT, name="set_contact")
async def set_contact(ctx: Context, request: Request[Any, Any, Any], appointment: str) -> Response[Any]:
    """The work phone and the photo that residents see: given to be published."""
    found, unit, post_card = await _mine(ctx, appointment)
    form = await Form.read(request, Contact)
    if form.command is not None:
        sent, photos = form.command, service(ctx).photos
        try:
            phone = clean_phone(sent.phone)
            async with service(ctx).store.transaction(ctx.actor) as tx:
                photo = None if sent.without_photo else found.photo
                if sent.photo is not None and photos is not None:
                    photo = await photos.keep(tx, found.person, sent.photo)
                await appointments.set_contact(tx, found, phone=phone, photo=photo)
        except LirenError as error:
            form.refuse_with(error)
        else:
            return redirect(ctx.url("unit", code=found.unit), notice=ctx.t("已保存。"))
    return await _contact(ctx, found, unit, post_card, form, 422)


@post("/appointments/{appointment:str}/end", allow=APPOINT, name="end_appointment")
async def end_appointment(ctx: Context, appointment: str) -> Response[Any]:
    """From today on somebody else."""
    found, _, post_card = await _mine(ctx, appointment)
    check_right(ctx, post_card, found.unit)
    async with service(ctx).store.transaction(ctx.actor) as tx:
        await appointments.end(tx, found.id, ctx.today())
    return redirect(ctx.url("unit", code=found.unit), notice=ctx.t("任期已办结。"))


@get("/{code:str}/served", allow=VIEW, name="served")
async def served(ctx: Context, code: str) -> Response[Any]:
    """Everybody who ever held a post at this unit."""
    tree = await service(ctx).tree()
    unit = within(ctx, tree, code, VIEW)
    today, posts = ctx.today(), await posts_of(ctx)
    past = await appointments.at(service(ctx).store, [code], today, ended=True)
    people = await ctx.people.cards([each.person for each in past]) if past else {}
    rows = [
        (ctx.t(p.title) if (p := posts.get(each.post)) else each.post, people[each.person].name, each)
        for each in sorted(past, key=lambda one: one.since, reverse=True)
        if each.person in people
    ]
    return await ctx.render("served.html", unit=unit, rows=rows, now=await serving.holders(ctx, [code]))


@get("/{code:str}/appointments.xlsx", allow=VIEW, name="appointments_file", step_up=True)
async def appointments_file(ctx: Context, code: str) -> Response[Any]:
    """The appointments of a subtree as a workbook that can be uploaded again."""
    tree = await service(ctx).tree()
    unit = within(ctx, tree, code, VIEW)
    return download(await appointment_list.export(ctx, tree, unit), f"{unit.name}{ctx.t('任职名单')}.xlsx")


ROUTES = (appoint_form, appoint, appointment, set_contact, end_appointment, served, appointments_file)
