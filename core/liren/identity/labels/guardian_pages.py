# SPDX-License-Identifier: Apache-2.0
"""Who answers for a child, or for an adult without capacity: recorded by staff who saw the paper."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.errors import no_such_guardianship
from liren.identity.labels import guardians
from liren.identity.labels.guardians import EVIDENCE, GROWN_UP, KINDS, Tie
from liren.identity.register.people_pages import PEOPLE, REGISTER, in_scope, place_for_scope, place_of
from liren.identity.register.register_pages import Req
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.store.audit import write as audit
from liren.web import N_, Form, get, post, redirect

Evidence = Literal["household", "birth", "court", "committee", "agreement"]


class NewGuardian(msgspec.Struct, frozen=True):
    """Who answers for this person, and what staff saw."""

    guardian: Annotated[str, Meta(title=N_("监护人"), max_length=40)]
    kind: Annotated[Literal["minor", "adult"], Meta(title=N_("为什么要监护人"))]
    evidence: Annotated[Evidence, Meta(title=N_("看了什么凭据"))]
    basis: Annotated[str, Meta(title=N_("凭据编号或说明"), max_length=120, extra={"secret": True})] = ""
    day: Annotated[date, Meta(title=N_("从哪天起"))] = date.min


@get("/people/{person:str}/guardians", allow=REGISTER, name="guardians")
async def show(ctx: Context, request: Req, person: str, q: str = "") -> Response[Any]:
    """Both sides: who answers for them, and for whom they answer; the look is on record."""
    identity = identity_of(request)
    ages = await identity.people.ages([person], ctx.today())
    first = {"day": ctx.today(), "kind": "minor" if ages.get(person, GROWN_UP) < GROWN_UP else ""}
    return await _page(ctx, identity, person, Form(NewGuardian, first), q)


async def _page(
    ctx: Context, identity: Identity, person: str, form: Form[NewGuardian], q: str = "", status: int = 200
) -> Response[Any]:
    found = await in_scope(ctx, identity, person, REGISTER)
    above = await guardians.ties(identity.store, identity.vault, person, as_guardian=False)
    below = await guardians.ties(identity.store, identity.vault, person, as_guardian=True)
    ages = await identity.people.ages([person, *(each.person for each in below)], ctx.today())
    seen = [person] * bool(above) + [each.person for each in below]
    if seen:
        async with identity.store.transaction(ctx.actor) as tx:
            for each in seen:
                await audit(tx, "identity", "identity.guardians-seen", each)
    text = q[:60].strip()
    hits = await identity.people.search(text, ctx.access.units_with(PEOPLE), limit=10) if text else []
    tree = await identity.units.tree()
    return await ctx.render(
        "guardians.html",
        status=status,
        person=found.card,
        above=[(tie, guardians.holds(tie.kind, ages.get(person))) for tie in above],
        below=[
            (tie, guardians.holds(tie.kind, ages.get(tie.person)), await _sees(ctx, identity, tie)) for tie in below
        ],
        q=text,
        people=[
            (hit.card.id, f"{hit.card.name} {place_of(tree.way(hit.unit)) if hit.unit else ''}".strip())
            for hit in hits
            if hit.card.active and hit.card.id != person
        ],
        form=form,
        kinds=KINDS,
        evidence=EVIDENCE,
        titles=dict(KINDS) | dict(EVIDENCE),
        may=found.card.active and person != ctx.actor,
    )


async def _sees(ctx: Context, identity: Identity, tie: Tie) -> bool:
    """Whether the visitor may see the other one too."""
    found = await identity.people.home_of(tie.person)
    return found is not None and ctx.can(PEOPLE, await place_for_scope(identity, found))


@post("/people/{person:str}/guardians", allow=REGISTER, name="add_guardian")
async def add(ctx: Context, request: Req, person: str, q: str = "") -> Response[Any]:
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, REGISTER)
    form = await Form.read(request, NewGuardian)
    if (sent := form.command) is not None:
        day = ctx.today() if sent.day == date.min else sent.day
        if day > ctx.today() or day < ctx.today() - timedelta(days=40_000):
            form.refuse("day", ctx.t("日期不对：不能晚于今天"))
        other = await in_scope(ctx, identity, sent.guardian, PEOPLE)
        if form.valid and found.card.active and other.card.active:
            try:
                await _appoint(ctx, identity, person, sent, day, form.key, await place_for_scope(identity, found))
            except LirenError as error:
                form.refuse_with(error, "kind")
            else:
                return redirect(ctx.url("guardians", person=person), notice=ctx.t("监护人登记好了。"))
    return await _page(ctx, identity, person, form, q, 422)


async def _appoint(
    ctx: Context, identity: Identity, person: str, sent: NewGuardian, day: date, key: str, unit: str
) -> None:
    ages = await identity.people.ages([person, sent.guardian], ctx.today())

    async def body(tx: Any) -> str:
        return await guardians.appoint(
            tx, identity.vault, guardian=sent.guardian, ward=person, kind=sent.kind, evidence=sent.evidence,
            basis=sent.basis.strip(), since=day, ages=ages, unit=unit,
        )  # fmt: skip

    await identity.store.once(ctx.actor, key, ["guardian", person, sent.guardian, sent.kind], body, returns=str)


@post("/people/{person:str}/guardians/{guardianship:str}/end", allow=REGISTER, name="end_guardian")
async def end(ctx: Context, request: Req, person: str, guardianship: str) -> Response[Any]:
    identity = identity_of(request)
    found = await in_scope(ctx, identity, person, REGISTER)
    if person == ctx.actor:
        raise no_such_guardianship()
    at = await place_for_scope(identity, found)
    async with identity.store.transaction(ctx.actor) as tx:
        await guardians.end(tx, guardianship, person, ctx.today(), unit=at)
    return redirect(ctx.url("guardians", person=person), notice=ctx.t("从今天起不再是监护人，记录还在。"))


ROUTES = (show, add, end)
