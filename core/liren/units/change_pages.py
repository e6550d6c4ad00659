# SPDX-License-Identifier: Apache-2.0
"""Merge, split, move and close a unit: say what, look at what it would do, confirm; then all of it at once."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.services import UnitCard
from liren.plugins.types import UnitChange
from liren.units import changes, preview
from liren.units.errors import BadUnit
from liren.units.preview import Preview
from liren.units.rules import depth
from liren.units.scope import GRANT, MANAGE, level_names, posts_of, service, within
from liren.units.tree import Tree
from liren.web import N_, Form, get, post, redirect

CHOICES: Final = 200


class MergeForm(msgspec.Struct, frozen=True):
    """Into which unit."""

    into: Annotated[str, Meta(title=N_("并入哪个单位"), max_length=48)]
    carry: Annotated[bool, Meta(title=N_("原来的任职和角色转到新单位"))] = False
    seen: Annotated[str, Meta(title=N_("核对"), max_length=16)] = ""


class MoveForm(msgspec.Struct, frozen=True):
    """Below which unit."""

    parent: Annotated[str, Meta(title=N_("改挂到哪个单位下面"), max_length=48)]
    seen: Annotated[str, Meta(title=N_("核对"), max_length=16)] = ""


class CloseForm(msgspec.Struct, frozen=True):
    """Confirmed."""

    seen: Annotated[str, Meta(title=N_("核对"), max_length=16)] = ""


async def unit_of(ctx: Context, code: str) -> tuple[Tree, UnitCard]:
    """An open unit below the street that the visitor manages.

    :raises NotFound: outside their scope
    :raises BadUnit: the street itself, or a closed unit
    """
    tree = await service(ctx).tree()
    card = within(ctx, tree, code, MANAGE)
    if card.parent is None or card.closed is not None:
        raise BadUnit("街道本身和已撤销的单位不能再改动。", "The street itself and closed units cannot be changed.")
    return tree, card


async def tell(ctx: Context, made: Sequence[UnitChange]) -> None:
    """Everybody who keeps something of the unit follows, in the same transaction."""
    for change in made:
        await ctx.every("unit_changed", change=change)


@get("/{code:str}/change", allow=MANAGE, name="change")
async def choose(ctx: Context, code: str) -> Response[Any]:
    """What is to happen to it."""
    _, card = await unit_of(ctx, code)
    return await ctx.render("change.html", unit=card)


def _peers(ctx: Context, tree: Tree, card: UnitCard) -> list[tuple[str, str]]:
    """Open units of the same level in scope: those of the same parent first."""
    found = [
        each
        for each in tree.by_code.values()
        if each.level == card.level and each.closed is None and each.code != card.code and ctx.can(MANAGE, each.code)
    ]
    found.sort(key=lambda each: (each.parent != card.parent, each.path))
    return [(each.code, _placed(tree, each)) for each in found[:CHOICES]]


def _placed(tree: Tree, card: UnitCard) -> str:
    return " ".join(each.name for each in tree.way(card.code)[1:])


@get("/{code:str}/merge", allow=MANAGE, name="merge_form")
async def merge_form(ctx: Context, code: str) -> Response[Any]:
    tree, card = await unit_of(ctx, code)
    return await _merge_page(ctx, tree, card, Form(MergeForm))


async def _merge_page(
    ctx: Context, tree: Tree, card: UnitCard, form: Form[MergeForm], status: int = 200
) -> Response[Any]:
    return await ctx.render("merge.html", status=status, unit=card, form=form, peers=_peers(ctx, tree, card))


@post("/{code:str}/merge", allow=MANAGE, name="merge")
async def merge(ctx: Context, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """First what it would do; confirmed as it was shown, it is done."""
    tree, card = await unit_of(ctx, code)
    form = await Form.read(request, MergeForm)
    sent = form.command
    if sent is None:
        return await _merge_page(ctx, tree, card, form, 422)
    try:
        heir = within(ctx, tree, sent.into, MANAGE)
        if sent.carry:
            ctx.require(GRANT, heir.code)
        if heir.level != card.level or heir.code == card.code or heir.closed is not None:
            raise BadUnit(
                "只能并入另一个同级、没有撤销的单位。", "It can be merged into another open unit of its level."
            )
    except LirenError as error:
        form.refuse_with(error, "into")
        return await _merge_page(ctx, tree, card, form, 422)
    seen = await preview.of(ctx, tree, card, heir)
    if sent.seen != seen.seen:
        fields = {"into": heir.code, "carry": "on" if sent.carry else "", "seen": seen.seen}
        answers = [(ctx.t("并入"), _placed(tree, heir), ctx.url("merge_form", code=code)), carried(ctx, sent.carry)]
        return await confirm(ctx, card, "merge", seen, fields, answers)
    async with service(ctx).store.transaction(ctx.actor) as tx:
        made = await changes.merge(tx, [code], heir.code, ctx.today(), posts=await posts_of(ctx), carry=sent.carry)
        await tell(ctx, made)
    return redirect(
        ctx.url("unit", code=heir.code), notice=ctx.t("{name}已并入{heir}。", name=card.name, heir=heir.name)
    )


def carried(ctx: Context, carry: bool) -> tuple[str, str, str]:
    said = ctx.t("转到新单位，本人的除外") if carry else ctx.t("到今天为止，需要的重新任命、授予")
    return ctx.t("任职和角色"), said, ""


async def confirm(
    ctx: Context,
    card: UnitCard,
    act: str,
    seen: Preview,
    fields: dict[str, str],
    answers: Sequence[tuple[str, str, str]],
) -> Response[Any]:
    return await ctx.render(
        "change_check.html",
        unit=card,
        act=act,
        preview=seen,
        fields=fields,
        answers=answers,
        level=level_names(ctx).admin[card.level],
    )


@get("/{code:str}/move", allow=MANAGE, name="move_form")
async def move_form(ctx: Context, code: str) -> Response[Any]:
    tree, card = await unit_of(ctx, code)
    return await _move_page(ctx, tree, card, Form(MoveForm))


async def _move_page(
    ctx: Context, tree: Tree, card: UnitCard, form: Form[MoveForm], status: int = 200
) -> Response[Any]:
    parents = [
        each
        for each in tree.by_code.values()
        if depth(each.level) < depth(card.level)
        and each.closed is None
        and each.code != card.parent
        and ctx.can(MANAGE, each.code)
    ]
    parents.sort(key=lambda each: (depth(card.level) - depth(each.level), each.path))
    choices = [(each.code, _placed(tree, each) or each.name) for each in parents[:CHOICES]]
    return await ctx.render("move.html", status=status, unit=card, form=form, parents=choices)


@post("/{code:str}/move", allow=MANAGE, name="move")
async def move(ctx: Context, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """Hang it elsewhere, its subtree with it."""
    tree, card = await unit_of(ctx, code)
    form = await Form.read(request, MoveForm)
    sent = form.command
    if sent is None:
        return await _move_page(ctx, tree, card, form, 422)
    try:
        parent = within(ctx, tree, sent.parent, MANAGE)
        seen = await preview.of(ctx, tree, card)
        if sent.seen != seen.seen:
            answers = [(ctx.t("改挂到"), _placed(tree, parent) or parent.name, ctx.url("move_form", code=code))]
            return await confirm(ctx, card, "move", seen, {"parent": parent.code, "seen": seen.seen}, answers)
        async with service(ctx).store.transaction(ctx.actor) as tx:
            await tell(ctx, [await changes.move(tx, code, parent.code, ctx.today())])
    except LirenError as error:
        form.refuse_with(error, "parent")
        return await _move_page(ctx, tree, card, form, 422)
    return redirect(ctx.url("unit", code=code), notice=ctx.t("{name}已改挂。", name=card.name))


@get("/{code:str}/close", allow=MANAGE, name="close_form")
async def close_form(ctx: Context, code: str) -> Response[Any]:
    """What stands in the way, or what ends with it."""
    tree, card = await unit_of(ctx, code)
    seen = await preview.of(ctx, tree, card)
    return await confirm(ctx, card, "close", seen, {"seen": seen.seen}, ())


@post("/{code:str}/close", allow=MANAGE, name="close")
async def close(ctx: Context, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """Close a unit nobody lives in.

    :raises UnitInUse: people live in it, or it has open units below it
    """
    tree, card = await unit_of(ctx, code)
    form = await Form.read(request, CloseForm)
    seen = await preview.of(ctx, tree, card)
    if not seen.residents and not seen.children and (form.command is None or form.command.seen != seen.seen):
        return await confirm(ctx, card, "close", seen, {"seen": seen.seen}, ())
    async with service(ctx).store.transaction(ctx.actor) as tx:
        made = await changes.close(tx, code, ctx.today(), residents=seen.residents, posts=await posts_of(ctx))
        await tell(ctx, [made])
    assert card.parent is not None
    return redirect(ctx.url("unit", code=card.parent), notice=ctx.t("“{name}”已撤销，历史记录都还在。", name=card.name))


ROUTES = (choose, merge_form, merge, move_form, move, close_form, close)
