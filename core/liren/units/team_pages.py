# SPDX-License-Identifier: Apache-2.0
"""Teams of a unit: found one, bring people and organisations in, let them go, dissolve it."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.units import teams
from liren.units.appointment_pages import found_people, places_of
from liren.units.scope import MANAGE, service, within
from liren.units.teams import Team
from liren.web import N_, Form, get, post, redirect

KINDS = ("partner", "property", "department", "merchant")


class NewTeam(msgspec.Struct, frozen=True):
    """The form of a new team."""

    name: Annotated[str, Meta(title=N_("队伍名称"), max_length=30)]
    pattern: Annotated[str, Meta(title=N_("人员构成"), max_length=30)] = ""


class NewMember(msgspec.Struct, frozen=True):
    """Somebody joins."""

    part: Annotated[str, Meta(title=N_("在队里的分工"), max_length=20)] = ""


@get("/{code:str}/team", allow=MANAGE, name="team_form")
async def form_page(ctx: Context, code: str) -> Response[Any]:
    unit = within(ctx, await service(ctx).tree(), code, MANAGE)
    return await ctx.render("team_add.html", unit=unit, form=Form(NewTeam))


@post("/{code:str}/team", allow=MANAGE, name="found_team")
async def found(ctx: Context, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
    unit = within(ctx, await service(ctx).tree(), code, MANAGE)
    form = await Form.read(request, NewTeam)
    if form.command is not None:
        new = form.command
        try:
            async with service(ctx).store.transaction(ctx.actor) as tx:
                made = await teams.found(tx, unit=code, name=new.name, pattern=new.pattern, since=ctx.today())
        except LirenError as error:
            form.refuse_with(error, "name")
        else:
            return redirect(ctx.url("team", team=made), notice=ctx.t("队伍建好了，请添加队员。"))
    return await ctx.render("team_add.html", status=422, unit=unit, form=form)


async def _mine(ctx: Context, identity: str) -> Team:
    """:raises NotFound: none, or outside the visitor's scope"""
    team = await teams.find(ctx, identity)
    if not ctx.can(MANAGE, team.unit):
        raise teams.no_such_team()
    whole = next((each for each in await teams.shown(ctx, team.unit) if each.id == team.id), team)
    return whole


@get("/teams/{team:str}", allow=MANAGE, name="team")
async def show(ctx: Context, team: str, q: str = "") -> Response[Any]:
    """The team, and whom to bring in: people by name, organisations by name."""
    mine = await _mine(ctx, team)
    unit = within(ctx, await service(ctx).tree(), mine.unit, MANAGE)
    people, bodies, text = [], [], q[:60].strip()
    if text:
        people = [card for card in await found_people(ctx, text) if card.active]
        for kind in KINDS:
            bodies += [card for card in await ctx.people.organisations_by_kind(kind) if text in card.name]
    return await ctx.render(
        "team.html",
        team=mine,
        unit=unit,
        q=text,
        people=people,
        places=await places_of(ctx, people),
        bodies=bodies[:20],
    )


@post("/teams/{team:str}/join", allow=MANAGE, name="join_team")
async def join(
    ctx: Context, request: Request[Any, Any, Any], team: str, person: str = "", organisation: str = ""
) -> Response[Any]:
    """One of the people or organisations that were found."""
    mine = await _mine(ctx, team)
    form = await Form.read(request, NewMember)
    part = form.command.part if form.command else ""
    known = person in await ctx.people.cards([person]) if person else (
        organisation in await ctx.people.organisations([organisation])
    )  # fmt: skip
    if not known:
        raise teams.no_such_team()
    async with service(ctx).store.transaction(ctx.actor) as tx:
        await teams.join(
            tx, mine, person=person or None, organisation=organisation or None, part=part, since=ctx.today()
        )
    return redirect(ctx.url("team", team=team), notice=ctx.t("已加入。"))


@post("/teams/{team:str}/leave/{member:str}", allow=MANAGE, name="leave_team")
async def leave(ctx: Context, team: str, member: str) -> Response[Any]:
    mine = await _mine(ctx, team)
    async with service(ctx).store.transaction(ctx.actor) as tx:
        await teams.leave(tx, mine, member, ctx.today())
    return redirect(ctx.url("team", team=team), notice=ctx.t("已退出队伍。"))


@post("/teams/{team:str}/dissolve", allow=MANAGE, name="dissolve_team")
async def dissolve(ctx: Context, team: str) -> Response[Any]:
    mine = await _mine(ctx, team)
    async with service(ctx).store.transaction(ctx.actor) as tx:
        await teams.dissolve(tx, mine, ctx.today())
    return redirect(ctx.url("unit", code=mine.unit), notice=ctx.t("队伍已解散。"))


ROUTES = (form_page, found, show, join, leave, dissolve)
