# SPDX-License-Identifier: Apache-2.0
"""Roles of one person: given and taken by an administrator, inside their own scope, never to themself."""

from datetime import date, timedelta
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.errors import no_such_person
from liren.identity.register.people_pages import GRANT
from liren.identity.roles import grants
from liren.identity.roles.access import Grant
from liren.identity.service import Identity
from liren.identity.signin import accounts
from liren.plugins.context import Context
from liren.plugins.services import PersonCard
from liren.web import N_, Form, get, post, redirect

TERM: Final = timedelta(days=365)
"""Proposed: whoever still needs the role then is asked about again."""


class NewGrant(msgspec.Struct, frozen=True):
    """The form of a new grant."""

    role: Annotated[str, Meta(title=N_("角色"), max_length=60)]
    unit: Annotated[str, Meta(title=N_("在哪里"), max_length=48)]
    until: Annotated[date, Meta(title=N_("到哪天为止"))]
    since: Annotated[date | None, Meta(title=N_("从哪天起"))] = None


async def _person(ctx: Context, identity: Identity, person: str) -> PersonCard:
    """Whom roles may be given to: who lives, or already works, where the visitor may grant; never oneself.

    Staff live wherever they live: who lives elsewhere gets a first role from whoever grants there or above.
    """
    found = await identity.people.home_of(person)
    if found is None or person == ctx.actor or not found.card.active:
        raise no_such_person()
    places = [found.unit or (await identity.units.street()).code]
    places += [grant.unit for grant in await identity.who.grants_of(person)]
    if not any(ctx.can(GRANT, unit) for unit in places):
        raise no_such_person()
    return found.card


@get("/people/{person:str}/roles", allow=GRANT, name="roles_form")
async def roles_form(ctx: Context, request: Request[Any, Any, Any], person: str) -> Response[Any]:
    identity = identity_of(request)
    card = await _person(ctx, identity, person)
    today = ctx.today()
    return await _page(ctx, identity, card, Form(NewGrant, {"since": today, "until": today + TERM}))


async def _page(
    ctx: Context, identity: Identity, card: PersonCard, form: Form[NewGrant], status: int = 200
) -> Response[Any]:
    tree = await identity.units.tree()
    held: list[tuple[Grant, str, str]] = []
    for given in await identity.who.grants_of(card.id):
        unit = tree.get(given.unit)
        if unit is not None and ctx.can(GRANT, given.unit):
            held.append((given, identity.who.titles.get(given.role, given.role), unit.name))
    units = [
        (each.code, each.name)
        for each in await identity.units.all()
        if each.level in ("street", "community", "grid") and ctx.can(GRANT, each.code)
    ]
    roles = sorted(identity.who.titles.items(), key=lambda pair: pair[0])
    return await ctx.render("roles.html", status=status, person=card, held=held, form=form, units=units, roles=roles)


@post("/people/{person:str}/roles", allow=GRANT, name="roles", step_up=True)
async def roles(ctx: Context, request: Request[Any, Any, Any], person: str) -> Response[Any]:
    """Give a role at a unit of one's own scope."""
    identity = identity_of(request)
    card = await _person(ctx, identity, person)
    form = await Form.read(request, NewGrant)
    if form.command is not None:
        new = form.command
        try:
            ctx.require(GRANT, new.unit)
            since = new.since or ctx.today()
            grants.check_term(since, new.until, ctx.today())
            is_street = new.unit == (await identity.units.street()).code
            its = identity.who.roles.get(new.role, ())
            grants.check_reach(its, identity.who.at_street, unit_is_street=is_street)
            async with identity.store.transaction(ctx.actor) as tx:
                await grants.grant(
                    tx,
                    person=person,
                    role=new.role,
                    unit=new.unit,
                    roles=identity.who.titles,
                    since=since,
                    until=new.until,
                    duties_apart=identity.duties_apart(),
                )
                await accounts.open_account(tx, person)
        except LirenError as error:
            form.refuse_with(error)
        else:
            return redirect(ctx.url("roles_form", person=person), notice=ctx.t("已授予。下次打开页面就生效。"))
    return await _page(ctx, identity, card, form, 422)


@post("/people/{person:str}/roles/{grant:str}/end", allow=GRANT, name="end_role", step_up=True)
async def end_role(ctx: Context, request: Request[Any, Any, Any], person: str, grant: str) -> Response[Any]:
    """Take a role away at once."""
    identity = identity_of(request)
    await _person(ctx, identity, person)
    given = next((each for each in await identity.who.grants_of(person) if each.id == grant and not each.post), None)
    if given is None or not ctx.can(GRANT, given.unit):
        raise no_such_person()
    async with identity.store.transaction(ctx.actor) as tx:
        await grants.revoke(tx, grant, ctx.today())
    return redirect(ctx.url("roles_form", person=person), notice=ctx.t("已收回。"))


ROUTES = (roles_form, roles, end_role)
