# SPDX-License-Identifier: Apache-2.0
"""The tree for people at work: walk it, search it, open a unit below one's own. Outside one's scope: 404."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.services import UnitCard
from liren.plugins.types import Hit
from liren.units import verbs
from liren.units.rules import LEVELS, depth, natural
from liren.units.scope import MANAGE, VIEW, roots, service, within
from liren.units.tables import Dwelling
from liren.units.tree import Tree
from liren.web import N_, Form, get, post, redirect, slice_of

LEVEL_TITLES: Final = {
    "street": N_("街道"),
    "community": N_("社区"),
    "grid": N_("网格"),
    "building": N_("楼栋"),
    "stair": N_("单元"),
}
DWELLINGS_SHOWN: Final = 60


class NewUnit(msgspec.Struct, frozen=True):
    """The form of a new unit."""

    level: Annotated[str, Meta(title=N_("层级"), max_length=20)]
    name: Annotated[str, Meta(title=N_("名称"), max_length=60)]
    party_title: Annotated[str, Meta(title=N_("党组织名称"), max_length=60)] = ""


@get("/", allow=VIEW)
async def tree(ctx: Context, q: str = "") -> Response[Any]:
    """The visitor's part of the tree, or what was searched for in it."""
    whole = await service(ctx).tree()
    tops = roots(ctx, whole)
    if q.strip():
        hits = [card for card in whole.find(q[:60], limit=200) if ctx.can(VIEW, card.code)][:40]
        found = [(card, " · ".join(above.name for above in whole.way(card.code)[:-1])) for card in hits]
        return await ctx.render("found.html", q=q[:60], found=found, levels=LEVEL_TITLES)
    below = [card for top in tops for card in whole.below(top.code)]
    counts = Counter(card.level for card in below)
    groups = [(card, _beneath(whole, card)) for top in tops for card in _branches(whole, top)]
    return await ctx.render(
        "tree.html",
        title=" · ".join(top.name for top in tops),
        counts=[(LEVEL_TITLES[level], counts[level]) for level in LEVELS[1:] if counts[level]],
        groups=groups,
        levels=LEVEL_TITLES,
        can_add=[top for top in tops if ctx.can(MANAGE, top.code)],
    )


def _branches(tree: Tree, top: UnitCard) -> Sequence[UnitCard]:
    """What gets a card of its own on the first page."""
    return tree.children(top.code) if top.level == "street" else [top]


def _beneath(tree: Tree, card: UnitCard) -> tuple[Sequence[UnitCard], list[tuple[str, int]]]:
    """A branch's own children, and how many units of each level are in it."""
    counts = Counter(each.level for each in tree.below(card.code) if each.code != card.code)
    return tree.children(card.code), [(LEVEL_TITLES[level], counts[level]) for level in LEVELS if counts[level]]


@get("/{code:str}", allow=VIEW)
async def unit(ctx: Context, code: str, page: str = "") -> Response[Any]:
    """One unit: what it is, what lies below it, its dwellings."""
    whole = await service(ctx).tree()
    card = within(ctx, whole, code, VIEW)
    dwellings = await Dwelling.select(Dwelling.number).where(Dwelling.unit == code)
    numbers = sorted((row["number"] for row in dwellings), key=natural)
    return await ctx.render(
        "unit.html",
        unit=card,
        level=LEVEL_TITLES[card.level],
        way=[above for above in whole.way(code)[:-1] if ctx.can(VIEW, above.code)],
        children=whole.children(code),
        levels=LEVEL_TITLES,
        dwellings=slice_of(numbers, page, size=DWELLINGS_SHOWN),
        body=await ctx.slot("unit.main", code),
        can_add=card.closed is None and card.level != LEVELS[-1] and ctx.can(MANAGE, code),
    )


def _levels_below(card: UnitCard) -> list[tuple[str, str]]:
    return [(level, LEVEL_TITLES[level]) for level in LEVELS if depth(level) > depth(card.level)]


@get("/{code:str}/add", allow=MANAGE, name="add_form")
async def add_form(ctx: Context, code: str) -> Response[Any]:
    card = within(ctx, await service(ctx).tree(), code, MANAGE)
    levels = _levels_below(card)
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
    return await ctx.render("add.html", status=422, unit=card, form=form, levels=_levels_below(card))


async def hits(ctx: Context, text: str) -> Sequence[Hit]:
    """For the search across plugins: units in the visitor's part of the tree, and what stands above each."""
    if not ctx.can(VIEW):
        return ()
    whole = await service(ctx).tree()
    found = [card for card in whole.find(text, limit=200) if ctx.can(VIEW, card.code)][:10]
    return [
        Hit(
            card.name,
            ctx.url("unit", code=card.code),
            ctx.t(LEVEL_TITLES[card.level]),
            " · ".join(above.name for above in whole.way(card.code)[:-1]),
        )
        for card in found
    ]
