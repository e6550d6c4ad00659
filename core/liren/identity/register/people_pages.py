# SPDX-License-Identifier: Apache-2.0
"""Looking people up, for staff: always inside their scope; a person outside it answers 404."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, Response
from markupsafe import Markup

from liren.identity.at_hand import identity_of
from liren.identity.errors import no_such_person
from liren.identity.labels.label_sight import LABELS, plain_labels
from liren.identity.register import departures, dossier, history, ownership
from liren.identity.register.directory import Directory, Found
from liren.identity.register.history import Relation
from liren.identity.register.names import normalise
from liren.identity.register.numbers import mask_phone
from liren.identity.service import Identity
from liren.identity.signin.accounts import account_of
from liren.plugins.context import Context
from liren.plugins.services import UnitCard
from liren.plugins.types import Hit
from liren.store.audit import write as audit
from liren.units.tree import Tree
from liren.web import get, post

NUMBER: Final = "identity.number-tail"
PEOPLE, PHONE, ACCOUNTS, GRANT = "identity.people", "identity.phone", "identity.accounts", "identity.grant"
REGISTER: Final = "identity.register"
ORGANISATIONS: Final = "identity.organisations"
SHOWN: Final = 30


def place_of(way: Sequence[UnitCard]) -> str:
    """``桃园社区 第3网格 7号楼``: without the street, everybody lives in it."""
    return " ".join(unit.name for unit in way if unit.level != "street")


async def in_scope(ctx: Context, identity: Identity, person: str, permission: str = PEOPLE) -> Found:
    """The person, where the visitor holds the permission at their home (at the street for who lives elsewhere).

    :raises NotFound: otherwise; they do not exist for this visitor
    """
    found = await identity.people.home_of(person)
    if found is None:
        raise no_such_person()
    if not ctx.can(permission, await place_for_scope(identity, found)):
        raise no_such_person()
    return found


async def place_for_scope(identity: Identity, found: Found) -> str:
    """Where somebody counts as living: today's home, the last one of who has left, the street for who never had one."""
    unit = found.unit or await dossier.last_home(identity.store, found.card.id)
    return unit or (await identity.units.street()).code


@get("/people", allow=PEOPLE)
async def people(ctx: Context, request: Request[Any, Any, Any], q: str = "") -> Response[Any]:
    """By name, pinyin, initials, phone or its last four digits."""
    identity, text = identity_of(request), q[:60].strip()
    tree = await identity.units.tree()
    scope = ctx.access.units_with(PEOPLE)
    found = await identity.people.search(text, scope, limit=SHOWN + 1) if text else []
    by_number = await _by_number(ctx, identity, text, {hit.card.id for hit in found})
    phones = await dossier.phones(identity.store, identity.vault, [hit.card.id for hit in found])
    rows = [
        (hit.card, place_of(tree.way(hit.unit) if hit.unit else ()), _masked(phones.get(hit.card.id)))
        for hit in found[:SHOWN]
    ]
    tops = [card.name for prefix in scope if (card := tree.get(prefix.rstrip("/").rpartition("/")[2]))]
    more, where = len(found) > SHOWN, "、".join(tops)
    may_import = ctx.can("identity.import", (await identity.units.street()).code)
    return await ctx.render(
        "people.html",
        q=text,
        rows=rows,
        more=more,
        by_number=[(hit.card, place_of(tree.way(hit.unit) if hit.unit else ())) for hit in by_number],
        may_number=ctx.can(NUMBER),
        scope=where,
        may_import=may_import,
        may_register=ctx.can(REGISTER),
        areas=[(card.name, ctx.url("of_unit", unit=card.code), False) for card in areas_of(tree, scope)],
    )


async def _by_number(ctx: Context, identity: Identity, text: str, but: set[str]) -> list[Found]:
    """By the last four of the ID number, for who may: names stay masked, and each of them reads of the search."""
    wanted = normalise(text)
    hits = await identity.people.by_number_tail(wanted, ctx.access.units_with(NUMBER), limit=SHOWN)
    found = [hit for hit in hits if hit.card.id not in but]
    if found:
        async with identity.store.transaction(ctx.actor) as tx:
            for hit in found:
                await audit(tx, "identity", "identity.number-looked-up", hit.card.id, unit=hit.unit)
    return found


def areas_of(tree: Tree, scope: Sequence[str]) -> list[UnitCard]:
    """Where leafing begins: the communities of a street, or whatever the visitor is responsible for."""
    found: list[UnitCard] = []
    for prefix in scope:
        card = tree.get(prefix.rstrip("/").rpartition("/")[2])
        if card is not None and card.closed is None:
            found += tree.children(card.code) if card.level == "street" else [card]
    return found


def _masked(phone: str | None) -> str:
    return mask_phone(phone) if phone else ""


@get("/people/{person:str}", allow=PEOPLE)
async def person(ctx: Context, request: Request[Any, Any, Any], person: str) -> Response[Any]:
    """One person, with what every module knows about them (slot ``person.main``)."""
    return await _person_page(ctx, identity_of(request), person)


async def _person_page(ctx: Context, identity: Identity, person: str, **shown: str) -> Response[Any]:
    found = await in_scope(ctx, identity, person)
    tree = await identity.units.tree()
    way = tree.way(found.unit) if found.unit else ()
    phones = await dossier.phones(identity.store, identity.vault, [person])
    roles = [
        (identity.who.titles.get(role, role), unit.name)
        for role, code in await identity.who.held(person)
        if (unit := tree.get(code))
    ]
    account = await account_of(identity.store, person)
    at = await place_for_scope(identity, found)
    departure = await departures.last(identity.store, person, identity.now_ms())
    may_register = ctx.can(REGISTER, at)
    return await ctx.render(
        "person.html",
        person=found.card,
        place=place_of(way),
        room=await dossier.room_of(identity.store, person),
        household=await dossier.household_of(identity.store, person),
        phone=shown.get("phone") or _masked(phones.get(person)),
        phone_open="phone" in shown,
        organisations=await identity.people.organisations_of(person),
        roles=roles,
        account=account,
        may_phone=person in phones and ctx.can(PHONE, at),
        owned=[
            (f"{place_of(tree.way(each.unit))} {each.number}".strip(), ownership.share_text(each.share))
            for each in await ownership.of_person(identity.store, person)
        ],
        labels=await plain_labels(ctx, identity, person, at),
        may_labels=ctx.can(LABELS, at),
        may_account=ctx.can(ACCOUNTS, at) and found.card.active and person != ctx.actor,
        may_grant=ctx.can(GRANT) and person != ctx.actor,
        may_register=may_register and found.card.active,
        departure=departure if may_register else None,
        history=await history_of(ctx, identity, person),
        body=await ctx.slot("person.main", person),
    )


async def history_of(ctx: Context, identity: Identity, person: str) -> list[tuple[str, str, str, Relation]]:
    """(kind, what, link, relation) of everything dated, the latest first."""
    tree, rows = await identity.units.tree(), []
    for each in await history.relations_of(identity.store, person):
        place = place_of(tree.way(each.unit)) if each.unit else ""
        if each.kind == "role":
            what, link = f"{ctx.t(identity.who.titles.get(each.what, each.what))} {place}", ""
        elif each.kind == "organisation":
            what, link = each.what, ctx.url("organisation", organisation=each.target) if ctx.can(ORGANISATIONS) else ""
        else:
            what, link = f"{place} {each.what}".strip(), ""
        rows.append((each.kind, what, link, each))
    return rows


@post("/people/{person:str}/phone", allow=PHONE, name="phone")
async def phone(ctx: Context, request: Request[Any, Any, Any], person: str) -> Response[Any]:
    """Show the whole number: a look at sealed data, so it stands in the audit."""
    identity = identity_of(request)
    await in_scope(ctx, identity, person, PHONE)
    numbers = await dossier.phones(identity.store, identity.vault, [person])
    async with identity.store.transaction(ctx.actor) as tx:
        await audit(tx, "identity", "identity.phone-seen", person, unit=ctx.unit)
    return await _person_page(ctx, identity, person, phone=numbers.get(person, ""))


async def residents_of_unit(ctx: Context, code: str) -> Markup | None:
    """For the unit's page: how many people live there, and the way to find them."""
    card = await ctx.units.get(code)
    if card is None or not ctx.can(PEOPLE, code):
        return None
    assert isinstance(ctx.people, Directory)
    count = await ctx.people.residents_in(card.path)
    return await ctx.fragment("residents.html", count=count, code=code)


async def hits(ctx: Context, text: str) -> Sequence[Hit]:
    """For the search across plugins: people in scope, with where they live to tell namesakes apart."""
    scope = ctx.access.units_with(PEOPLE)
    if not scope:
        return ()
    assert isinstance(ctx.people, Directory)
    found = await ctx.people.search(text, scope, limit=10)
    where = {hit.unit: place_of(await ctx.units.path(hit.unit)) for hit in found if hit.unit}
    kind = ctx.t("居民")
    return [
        Hit(hit.card.name, ctx.url("person", person=hit.card.id), kind, where.get(hit.unit or "", "")) for hit in found
    ]


ROUTES = (people, person, phone)
