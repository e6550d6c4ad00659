# SPDX-License-Identifier: Apache-2.0
"""Whose a dwelling is (业主): recorded, passed on and ended at the counter, shown on the dwelling's page."""

from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import Response
from markupsafe import Markup
from msgspec import Meta

from liren.errors import LirenError
from liren.identity.at_hand import identity_of
from liren.identity.organisations import register as organisation_register
from liren.identity.register import ownership
from liren.identity.register.directory import Directory
from liren.identity.register.ownership import Owner, parse_share
from liren.identity.register.people_pages import ORGANISATIONS, PEOPLE, REGISTER, in_scope, place_for_scope, place_of
from liren.identity.register.register_pages import Req
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.store import Tx
from liren.units import dwellings
from liren.units.dwellings import DwellingCard, no_such_dwelling
from liren.web import N_, Form, ask, get, post, redirect

FOUND: Final = 10
PERSON, ORGANISATION = "person", "organisation"


class NewOwner(msgspec.Struct, frozen=True):
    """Who owns how much since when."""

    owner: Annotated[str, Meta(title=N_("业主"), max_length=60)]
    share: Annotated[str, Meta(title=N_("份额"), max_length=20)]
    day: Annotated[date, Meta(title=N_("从哪天起"))]
    former: Annotated[str, Meta(title=N_("从谁那里过户"), max_length=40)] = ""


class Ending(msgspec.Struct, frozen=True):
    """When a share ended."""

    day: Annotated[date, Meta(title=N_("从哪天起不再是业主"))]


async def _mine(ctx: Context, identity: Identity, dwelling: str) -> DwellingCard:
    """:raises NotFound: none, or outside the visitor's scope"""
    card = await dwellings.find(identity.store, dwelling)
    if not ctx.can(REGISTER, card.unit):
        raise no_such_dwelling()
    return card


@get("/ownership/{dwelling:str}", allow=REGISTER, name="owners")
async def show(ctx: Context, request: Req, dwelling: str, q: str = "") -> Response[Any]:
    """Who owns it and who did; looking for the next owner among people and organisations."""
    identity = identity_of(request)
    card = await _mine(ctx, identity, dwelling)
    return await _page(ctx, identity, card, Form(NewOwner, {"share": "1", "day": ctx.today()}), q)


async def _page(
    ctx: Context, identity: Identity, card: DwellingCard, form: Form[NewOwner], q: str = "", status: int = 200
) -> Response[Any]:
    tree = await identity.units.tree()
    everybody = await ownership.owners(identity.store, card.id)
    today = ctx.today()
    now = [each for each in everybody if each.until is None or each.until > today]
    text = q[:60].strip()
    return await ctx.render(
        "owners.html",
        status=status,
        dwelling=card,
        place=place_of(tree.way(card.unit)),
        now=await _linked(ctx, identity, now),
        before=[each for each in everybody if each not in now],
        former=[(each.id, f"{each.name} {ownership.share_text(each.share)}".strip()) for each in now],
        found=await _found(ctx, identity, text) if text else [],
        q=text,
        form=form,
        ending=Form(Ending, {"day": today}, prefix="e"),
        whole=ownership.share_text,
    )


async def _linked(ctx: Context, identity: Identity, owners: list[Owner]) -> list[tuple[Owner, str]]:
    """Each with the way to them, where the visitor may see them."""
    rows = []
    for each in owners:
        link = ""
        if each.person is not None:
            found = await identity.people.home_of(each.person)
            if found is not None and ctx.can(PEOPLE, await place_for_scope(identity, found)):
                link = ctx.url("person", person=each.person)
        elif ctx.can(ORGANISATIONS):
            link = ctx.url("organisation", organisation=each.organisation)
        rows.append((each, link))
    return rows


async def _found(ctx: Context, identity: Identity, text: str) -> list[tuple[str, str]]:
    """People in the visitor's area, then organisations of the street by the beginning of their name."""
    tree, scope = await identity.units.tree(), ctx.access.units_with(PEOPLE)
    rows = [
        (f"{PERSON}:{hit.card.id}", f"{hit.card.name} {place_of(tree.way(hit.unit)) if hit.unit else ''}".strip())
        for hit in await identity.people.search(text, scope, limit=FOUND)
        if hit.card.active
    ]
    prefixes = ctx.access.units_with(REGISTER)
    firms = await organisation_register.page(
        identity.store, prefixes, whole=True, kind="", text=text, closed=False, ask=ask("1", size=FOUND)
    )
    return rows + [(f"{ORGANISATION}:{firm.id}", firm.name) for firm in firms.items]


@post("/ownership/{dwelling:str}", allow=REGISTER, name="record_owner")
async def record(ctx: Context, request: Req, dwelling: str, q: str = "") -> Response[Any]:
    """A first owner, or one to whom a share passes."""
    identity = identity_of(request)
    card = await _mine(ctx, identity, dwelling)
    form = await Form.read(request, NewOwner)
    if (sent := form.command) is not None:
        share = parse_share(sent.share)
        if share is None:
            form.refuse("share", ctx.t("份额写成 1/2、50% 或 1"))
        if sent.day > ctx.today() or sent.day.year < 1950:
            form.refuse("day", ctx.t("日期不对：不能晚于今天"))
        owner = await _owner(ctx, identity, sent.owner)
        if owner is None:
            form.refuse("owner", ctx.t("请从列出的里面选择"))
        elif owner.get(PERSON) == ctx.actor:
            form.refuse("owner", ctx.t("自己名下的房屋请另一位同事来登记"))
        if form.valid and share is not None and owner is not None:

            async def body(tx: Tx) -> str:
                if sent.former:
                    return await ownership.transfer(
                        tx, sent.former, dwelling=card.id, share=share, day=sent.day, **owner
                    )
                return await ownership.own(tx, dwelling=card.id, share=share, since=sent.day, **owner)

            said = ["owner", card.id, sent.owner, str(share), sent.day.isoformat(), sent.former]
            try:
                await identity.store.once(ctx.actor, form.key, said, body, returns=str)
            except LirenError as error:
                form.refuse_with(error, "share")
            else:
                return redirect(ctx.url("owners", dwelling=card.id), notice=ctx.t("业主登记好了。"))
    return await _page(ctx, identity, card, form, q, 422)


async def _owner(ctx: Context, identity: Identity, text: str) -> dict[str, str] | None:
    """``person:<id>`` of somebody in scope, ``organisation:<id>`` of an open one; None for anything else.

    :raises NotFound: somebody outside the visitor's area
    """
    kind, _, key = text.partition(":")
    if kind == PERSON:
        found = await in_scope(ctx, identity, key, PEOPLE)
        return {PERSON: key} if found.card.active else None
    firm = (await identity.people.organisations([key])).get(key) if kind == ORGANISATION else None
    return {ORGANISATION: key} if firm is not None and firm.active else None


@post("/ownership/{dwelling:str}/{share:str}/end", allow=REGISTER, name="end_owner")
async def end(ctx: Context, request: Req, dwelling: str, share: str) -> Response[Any]:
    """Sold or passed on to nobody the street knows: the share ends."""
    identity = identity_of(request)
    card = await _mine(ctx, identity, dwelling)
    form = await Form.read(request, Ending, prefix="e")
    if form.command is not None and form.command.day > ctx.today():
        form.refuse("day", ctx.t("日期不对：不能晚于今天"))
    if form.valid and form.command is not None:
        if share not in {each.id for each in await ownership.owners(identity.store, card.id)}:
            raise no_such_dwelling()
        async with identity.store.transaction(ctx.actor) as tx:
            await ownership.end(tx, share, form.command.day)
        return redirect(ctx.url("owners", dwelling=card.id), notice=ctx.t("已结束，记录还在。"))
    return redirect(ctx.url("owners", dwelling=card.id), notice=ctx.t("日期不对：不能晚于今天"))


async def owners_of_dwelling(ctx: Context, dwelling: str) -> Markup | None:
    """For the dwelling's page: whose it is; only where the visitor may look people up."""
    directory = ctx.people
    assert isinstance(directory, Directory)
    rows = await directory.store.read("SELECT unit FROM dwelling WHERE id = ?", dwelling)
    if not rows or not ctx.can(PEOPLE, rows[0][0]):
        return None
    now = await ownership.owners(directory.store, dwelling, ctx.today())
    return await ctx.fragment(
        "owned_by.html", owners=now, dwelling=dwelling, whole=ownership.share_text, may=ctx.can(REGISTER, rows[0][0])
    )


ROUTES = (show, record, end)
