# SPDX-License-Identifier: Apache-2.0
"""The tree for people at work: walk it, search it, open a unit below one's own. Outside one's scope: 404.

A city has thousands of units: pages show one level at a time, a bounded part of it, and unfold the next on demand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.services import UnitCard
from liren.plugins.types import Hit
from liren.units import dwellings, history, serving, teams, verbs
from liren.units.rules import LEVELS, depth
from liren.units.scope import APPOINT, MANAGE, VIEW, level_names, roots, service, within
from liren.units.tree import Tree
from liren.web import N_, Form, Page, get, post, redirect, slice_of

CHILDREN_SHOWN: Final = 40
DWELLINGS_SHOWN: Final = 60
FOUND: Final = 40


class NewUnit(msgspec.Struct, frozen=True):
    """The form of a new unit."""

    level: Annotated[str, Meta(title=N_("层级"), max_length=20)]
    name: Annotated[str, Meta(title=N_("名称"), max_length=60)]
    party_title: Annotated[str, Meta(title=N_("党组织名称"), max_length=60)] = ""


class Titles(msgspec.Struct, frozen=True):
    """What a unit is called."""

    name: Annotated[str, Meta(title=N_("名称"), max_length=60)]
    party_title: Annotated[str, Meta(title=N_("党组织名称"), max_length=60)] = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """One unit in a list, with how much lies below it."""

    card: UnitCard
    counts: Sequence[tuple[str, int]]
    """(what the level is called, how many)"""

    @property
    def unfolds(self) -> bool:
        return bool(self.counts)


def branch_of(tree: Tree, card: UnitCard, names: dict[str, str]) -> Branch:
    counts = tree.counts(card.code)
    return Branch(card, [(names[level], counts[level]) for level in LEVELS if counts.get(level)])


def branches(ctx: Context, tree: Tree, cards: Sequence[UnitCard], page: str) -> Page[Branch]:
    """A part of a list of units."""
    names = dict(level_names(ctx).admin)
    part = slice_of(cards, page, size=CHILDREN_SHOWN)
    return Page([branch_of(tree, card, names) for card in part.items], part.number, part.size, part.total)


@get("/", allow=VIEW)
async def tree(ctx: Context, q: str = "", page: str = "") -> Response[Any]:
    """The visitor's part of the tree, or what was searched for in it."""
    whole = await service(ctx).tree()
    tops = roots(ctx, whole)
    names = level_names(ctx)
    if q.strip():
        hits = [card for card in whole.find(q[:60], limit=400) if ctx.can(VIEW, card.code)]
        found = slice_of(hits, page, size=FOUND)
        above = {card.code: " · ".join(each.name for each in whole.way(card.code)[:-1]) for card in found.items}
        return await ctx.render("found.html", q=q[:60], found=found, above=above, levels=names.admin)
    street = tops[0] if len(tops) == 1 and tops[0].level == "street" else None
    shown = whole.children(street.code) if street else tops
    counts = [(names.admin[level], sum(whole.counts(top.code).get(level, 0) for top in tops)) for level in LEVELS[1:]]
    return await ctx.render(
        "tree.html",
        title=" · ".join(top.name for top in tops),
        counts=[count for count in counts if count[1]],
        branches=branches(ctx, whole, shown, page),
        levels=names.admin,
        street=street,
        can_add=street is not None and ctx.can(MANAGE, street.code),
        manages=ctx.can(MANAGE),
        appoints=ctx.can(APPOINT),
        names_it=ctx.can("admin.plugins"),
    )


@get("/{code:str}/branch", allow=VIEW)
async def branch(ctx: Context, code: str) -> Response[Any]:
    """The units right below one, for unfolding it in place; without a script its link leads to its page."""
    whole = await service(ctx).tree()
    card = within(ctx, whole, code, VIEW)
    part = branches(ctx, whole, whole.children(code), "")
    html = await ctx.fragment("branch.html", branches=part, levels=level_names(ctx).admin, unit=card)
    return Response(html, media_type="text/html")


@get("/{code:str}", allow=VIEW)
async def unit(ctx: Context, code: str, page: str = "", rooms: str = "") -> Response[Any]:
    """One unit: who serves it, what lies below it, its dwellings, what became of it."""
    whole = await service(ctx).tree()
    card = within(ctx, whole, code, VIEW)
    names = level_names(ctx)
    asked, total = await dwellings.shown(service(ctx).store, code, rooms, size=DWELLINGS_SHOWN)
    may_manage, may_appoint = ctx.can(MANAGE, code), ctx.can(APPOINT, code)
    is_open = card.closed is None
    return await ctx.render(
        "unit.html",
        unit=card,
        level=names.admin[card.level],
        party_level=names.party[card.level],
        levels=names.admin,
        way=[above for above in whole.way(code)[:-1] if ctx.can(VIEW, above.code)],
        branches=branches(ctx, whole, whole.children(code), page),
        dwellings=asked,
        dwellings_total=total,
        holders=await serving.holders(ctx, [code]),
        teams=await teams.shown(ctx, code),
        history=await history.of_unit(ctx, whole, code),
        body=await ctx.slot("unit.main", code),
        can_add=is_open and may_manage and card.level != LEVELS[-1],
        can_manage=is_open and may_manage,
        can_appoint=is_open and may_appoint,
        can_close=is_open and may_manage and card.parent is not None,
    )


def _levels_below(ctx: Context, card: UnitCard) -> list[tuple[str, str]]:
    names = level_names(ctx).admin
    return [(level, names[level]) for level in LEVELS if depth(level) > depth(card.level)]


@get("/{code:str}/add", allow=MANAGE, name="add_form")
async def add_form(ctx: Context, code: str) -> Response[Any]:
    card = within(ctx, await service(ctx).tree(), code, MANAGE)
    levels = _levels_below(ctx, card)
    form = Form(NewUnit, {"level": levels[0][0]} if levels else None)
    return await ctx.render("add.html", unit=card, form=form, levels=levels)


@post("/{code:str}/add", allow=MANAGE, name="add")
async def add(ctx: Context, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """Open a unit below this one."""
    card = within(ctx, await service(ctx).tree(), code, MANAGE)
    form = await Form.read(request, NewUnit)
    if form.command is not None:
        new = form.command
        try:
            async with service(ctx).store.transaction(ctx.actor) as tx:
                made = await verbs.add(
                    tx,
                    level=new.level,
                    name=new.name,
                    parent=code,
                    opened=ctx.today(),
                    party_title=new.party_title or None,
                )
        except LirenError as error:
            form.refuse_with(error, "name")
        else:
            return redirect(ctx.url("unit", code=made.code), notice=ctx.t("已增设“{name}”。", name=made.name))
    return await ctx.render("add.html", status=422, unit=card, form=form, levels=_levels_below(ctx, card))


@get("/{code:str}/titles", allow=MANAGE, name="titles_form")
async def titles_form(ctx: Context, code: str) -> Response[Any]:
    card = within(ctx, await service(ctx).tree(), code, MANAGE)
    form = Form(Titles, {"name": card.name, "party_title": card.party_name or ""})
    return await ctx.render("titles.html", unit=card, form=form)


@post("/{code:str}/titles", allow=MANAGE, name="titles")
async def titles(ctx: Context, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """Call it something else; the code stays, the old name stays known."""
    card = within(ctx, await service(ctx).tree(), code, MANAGE)
    form = await Form.read(request, Titles)
    if form.command is not None:
        try:
            async with service(ctx).store.transaction(ctx.actor) as tx:
                await verbs.rename(
                    tx, code, name=form.command.name, party_title=form.command.party_title or None, day=ctx.today()
                )
        except LirenError as error:
            form.refuse_with(error, "name")
        else:
            return redirect(ctx.url("unit", code=code), notice=ctx.t("名称已改好。"))
    return await ctx.render("titles.html", status=422, unit=card, form=form)


async def hits(ctx: Context, text: str) -> Sequence[Hit]:
    """For the search across plugins: units in the visitor's part of the tree, and what stands above each."""
    if not ctx.can(VIEW):
        return ()
    whole = await service(ctx).tree()
    names = level_names(ctx).admin
    found = [card for card in whole.find(text, limit=200) if ctx.can(VIEW, card.code)][:10]
    return [
        Hit(
            card.name,
            ctx.url("unit", code=card.code),
            names[card.level],
            " · ".join(above.name for above in whole.way(card.code)[:-1]),
        )
        for card in found
    ]


ROUTES = (tree, branch, unit, add_form, add, titles_form, titles)
