# SPDX-License-Identifier: Apache-2.0
"""Moving within the street, moving away, death: what would change is shown before anything does."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.errors import no_such_person
from liren.identity.register import departures, dossier
from liren.identity.register.people import move
from liren.identity.register.people_pages import REGISTER, in_scope, place_of
from liren.identity.register.register_pages import ROLES, Req, Role
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.units.build import Builder
from liren.web import N_, Form, get, post, redirect


class Move(msgspec.Struct, frozen=True):
    """Where somebody lives from a day on."""

    room: Annotated[str, Meta(title=N_("房号"), max_length=20)] = ""
    role: Annotated[Role, Meta(title=N_("在家里是"))] = "member"
    day: Annotated[date, Meta(title=N_("哪天搬的"))] = date.min
    everyone: Annotated[bool, Meta(title=N_("同住的人一起搬"))] = False


class Leave(msgspec.Struct, frozen=True):
    """Moved away, or died."""

    why: Annotated[Literal["left", "died"], Meta(title=N_("办理什么"))]
    day: Annotated[date, Meta(title=N_("日期"))]
    sure: Annotated[bool, Meta(title=N_("核对过了，就是这一位"))] = False


@get("/people/{person:str}/move", allow=REGISTER, name="move_form")
async def move_form(ctx: Context, request: Req, person: str, to: str = "") -> Response[Any]:
    """First the unit, level by level; then room and day."""
    identity = identity_of(request)
    first = {"day": ctx.today(), "role": await _role(identity, person)}
    return await _move_page(ctx, identity, person, to, Form(Move, first))


async def _role(identity: Identity, person: str) -> str:
    rows = await identity.store.read("SELECT role FROM residence WHERE person = ? AND until IS NULL", person)
    return str(rows[0][0]) if rows else "member"


async def _move_page(
    ctx: Context, identity: Identity, person: str, to: str, form: Form[Move], status: int = 200
) -> Response[Any]:
    found = await in_scope(ctx, identity, person, REGISTER)
    if not found.card.active:
        raise no_such_person()
    tree = await identity.units.tree()
    street = await identity.units.street()
    card = tree.get(to) or street
    if card.closed is not None:
        card = street
    here = "move_form"
    return await ctx.render(
        "move_person.html",
        status=status,
        person=found.card,
        now=place_of(tree.way(found.unit)) if found.unit else "",
        room=await dossier.room_of(identity.store, person),
        household=await dossier.household_of(identity.store, person),
        to=card,
        place=place_of(tree.way(card.code)),
        above=card.parent,
        below=[
            (each.name, ctx.url(here, person=person) + f"?to={each.code}", False) for each in tree.children(card.code)
        ],
        form=form,
        roles=ROLES,
        at_home=card.parent is not None,
    )


@post("/people/{person:str}/move", allow=REGISTER, name="move")
async def move_there(ctx: Context, request: Req, person: str, to: str = "") -> Response[Any]:
    """They live there from the day on; the home they had ends then and stays in the history."""
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, REGISTER)
    card = await identity.units.get(to)
    form = await Form.read(request, Move)
    if card is None or card.closed is not None or card.parent is None or not found.card.active:
        return await _move_page(ctx, identity, person, "", form, 422)
    if (sent := form.command) is not None:
        day = ctx.today() if sent.day == date.min else sent.day
        if day > ctx.today():
            form.refuse("day", ctx.t("还没到这一天"))
        else:
            others = [each.id for each in await dossier.household_of(identity.store, person)] if sent.everyone else []
            try:
                await _move(ctx, identity, person, others, card.code, sent, day)
            except LirenError as error:
                form.refuse_with(error, "day")
            else:
                return redirect(ctx.url("person", person=person), notice=ctx.t("住址改好了，原来的住址还在记录里。"))
    return await _move_page(ctx, identity, person, to, form, 422)


async def _move(
    ctx: Context, identity: Identity, person: str, others: list[str], unit: str, sent: Move, day: date
) -> None:
    roles = {each: await _role(identity, each) for each in others} | {person: sent.role}
    async with identity.store.transaction(ctx.actor) as tx:
        dwelling = None
        if sent.room:
            builder = await Builder.load(tx, day, dwellings=False)
            await builder.know_dwellings(tx, [(unit, sent.room)])
            dwelling = builder.dwelling(unit, sent.room)
            await builder.write(tx)
        for each, role in roles.items():
            await move(tx, each, unit=unit, dwelling=dwelling, role=role, day=day)


@get("/people/{person:str}/leave", allow=REGISTER, name="leave_form")
async def leave_form(ctx: Context, request: Req, person: str) -> Response[Any]:
    identity = identity_of(request)
    return await _leave_page(ctx, identity, person, Form(Leave, {"day": ctx.today()}))


async def _leave_page(
    ctx: Context, identity: Identity, person: str, form: Form[Leave], status: int = 200
) -> Response[Any]:
    found = await in_scope(ctx, identity, person, REGISTER)
    if not found.card.active or person == ctx.actor:
        raise no_such_person()
    tree = await identity.units.tree()
    ends = await departures.ends(identity.store, person, ctx.today())
    roles = [(identity.who.titles.get(role, role), card.name) for role, unit in ends.roles if (card := tree.get(unit))]
    return await ctx.render(
        "leave.html",
        status=status,
        person=found.card,
        place=place_of(tree.way(ends.residence)) if ends.residence else "",
        ends=ends,
        roles=roles,
        form=form,
    )


@post("/people/{person:str}/leave", allow=REGISTER, name="leave")
async def leave(ctx: Context, request: Req, person: str) -> Response[Any]:
    """Close everything that holds, on the day given; for 24 hours it can be taken back."""
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, REGISTER)
    form = await Form.read(request, Leave)
    if (sent := form.command) is not None:
        if sent.day > ctx.today() or sent.day < ctx.today() - timedelta(days=3660):
            form.refuse("day", ctx.t("日期不对：不能晚于今天，也不能早于十年前"))
        if not sent.sure:
            form.refuse("sure", ctx.t("请先核对上面要结束的各项，再打勾"))
        if form.valid and found.card.active and person != ctx.actor:
            try:
                async with identity.store.transaction(ctx.actor) as tx:
                    await departures.leave(tx, ctx, person, sent.day, died=sent.why == "died")
            except LirenError as error:
                form.refuse_with(error, "day")
            else:
                said = ctx.t("已办理。要是弄错了人，24 小时内可以在这里撤回。")
                return redirect(ctx.url("person", person=person), notice=said)
    return await _leave_page(ctx, identity, person, form, 422)


@post("/people/{person:str}/return", allow=REGISTER, name="come_back")
async def come_back(ctx: Context, request: Request[Any, Any, Any], person: str) -> Response[Any]:
    """The departure was a mistake: exactly what it closed is open again."""
    identity = identity_of(request)
    await in_scope(ctx, identity, person, REGISTER)
    now_ms = identity.now_ms()
    departure = await departures.last(identity.store, person, now_ms)
    if departure is None:
        raise no_such_person()
    posts = (await identity.units.posts()).by_key
    single = {key for key, post in posts.items() if post.single}
    async with identity.store.transaction(ctx.actor) as tx:
        await departures.undo(tx, departure.id, person, single=single)
    return redirect(ctx.url("person", person=person), notice=ctx.t("已撤回，一切和原来一样。"))


ROUTES = (move_form, move_there, leave_form, leave, come_back)
