# SPDX-License-Identifier: Apache-2.0
"""Splitting a unit in three pages: the new names, what comes to which, and what it would do."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.services import UnitCard
from liren.units import changes, preview
from liren.units.change_pages import carried, confirm, tell, unit_of
from liren.units.changes import PARTS_MOST, Part
from liren.units.errors import BadUnit
from liren.units.rules import clean_name, name_key
from liren.units.scope import GRANT, MANAGE, posts_of, service
from liren.units.tree import Tree
from liren.web import N_, Form, get, post, redirect
from liren.web.forms import submitted

MOST: Final = 400
"""Units and dwellings that are given out on one page; more are moved one by one, or split at a lower level."""


class SplitForm(msgspec.Struct, frozen=True):
    """Into what."""

    names: Annotated[str, Meta(title=N_("拆成哪几个单位"), max_length=800)]
    carry: Annotated[bool, Meta(title=N_("原来的任职和角色转到第一个新单位"))] = False


def names_in(text: str, level: str) -> list[str]:
    """One a line; :raises BadUnit: fewer than two, too many, or one twice"""
    names = [clean_name(line) for line in text.splitlines() if line.strip()]
    if not 2 <= len(names) <= PARTS_MOST:
        raise BadUnit(f"一行写一个，2 到 {PARTS_MOST} 个。", f"One a line, 2 to {PARTS_MOST} of them.")
    if len({name_key(level, name) for name in names}) != len(names):
        raise BadUnit("名称不能重复。", "Each name once.")
    return names


@get("/{code:str}/split", allow=MANAGE, name="split_form")
async def split_form(ctx: Context, code: str) -> Response[Any]:
    _, card = await unit_of(ctx, code)
    return await ctx.render("split.html", unit=card, form=Form(SplitForm))


@post("/{code:str}/split", allow=MANAGE, name="split_parts")
async def split_parts(ctx: Context, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """The names are there: what comes to which."""
    tree, card = await unit_of(ctx, code)
    form = await Form.read(request, SplitForm)
    if form.command is not None:
        try:
            names = names_in(form.command.names, card.level)
            if form.command.carry:
                ctx.require(GRANT, code)
            things = await _things(ctx, tree, card)
        except LirenError as error:
            form.refuse_with(error, "names")
        else:
            return await ctx.render("split_parts.html", unit=card, names=names, things=things, carry=form.command.carry)
    return await ctx.render("split.html", status=422, unit=card, form=form)


async def _things(ctx: Context, tree: Tree, card: UnitCard) -> list[tuple[str, str]]:
    """(field, title) of everything that is given out."""
    rooms = await service(ctx).store.read(
        "SELECT id, number FROM dwelling WHERE unit = ? AND closed IS NULL ORDER BY length(number), number LIMIT ?",
        card.code, MOST + 1,
    )  # fmt: skip
    things = [(f"unit.{child.code}", child.name) for child in tree.children(card.code)]
    things += [(f"room.{identity}", number) for identity, number in rooms]
    if len(things) > MOST:
        raise BadUnit(
            f"下级和房屋超过 {MOST} 项，请先按下一级分别拆分。",
            f"There are more than {MOST} units and dwellings in it: split it level by level.",
        )
    return things


@post("/{code:str}/split/do", allow=MANAGE, name="split")
async def split(ctx: Context, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """First what it would do; confirmed as it was shown, it is done."""
    tree, card = await unit_of(ctx, code)
    form = await submitted(request)
    sent = {name: str(form.get(name, "")) for name in form}
    names = names_in(sent.get("names", ""), card.level)
    carry = sent.get("carry") == "on"
    if carry:
        ctx.require(GRANT, code)
    parts = _parts(names, sent, await _things(ctx, tree, card))
    seen = await preview.of(ctx, tree, card)
    if sent.get("seen") != seen.seen:
        fields = {name: value for name, value in sent.items() if not name.startswith("_")} | {"seen": seen.seen}
        answers = [
            (
                part.name,
                ctx.t("{units} 个下级，{rooms} 处房屋", units=len(part.children), rooms=len(part.dwellings)),
                "",
            )
            for part in parts
        ]
        return await confirm(ctx, card, "split", seen, fields, [*answers, carried(ctx, carry)])
    async with service(ctx).store.transaction(ctx.actor) as tx:
        made, codes = await changes.split(tx, code, parts, ctx.today(), posts=await posts_of(ctx), carry=carry)
        await tell(ctx, [made])
    return redirect(
        ctx.url("unit", code=codes[0]), notice=ctx.t("{name}已拆成 {n} 个单位。", name=card.name, n=len(codes))
    )


def _parts(names: list[str], sent: Mapping[str, str], things: list[tuple[str, str]]) -> list[Part]:
    """What each new unit gets; what was not given out comes to the first."""
    children: list[list[str]] = [[] for _ in names]
    rooms: list[list[str]] = [[] for _ in names]
    for field, _title in things:
        said = sent.get(field, "0")
        index = int(said) if said.isdecimal() and len(said) < 3 and int(said) < len(names) else 0
        kind, _, identity = field.partition(".")
        (children if kind == "unit" else rooms)[index].append(identity)
    return [Part(name, tuple(children[n]), tuple(rooms[n])) for n, name in enumerate(names)]


ROUTES = (split_form, split_parts, split)
