# SPDX-License-Identifier: Apache-2.0
"""A dwelling's page: who lives there and whose it is (slot ``dwelling.main``); register, change, give up one."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.units import dwelling_list, dwellings
from liren.units.dwellings import DwellingCard, area_text, no_such_dwelling, parse_area
from liren.units.scope import MANAGE, VIEW, service, within
from liren.web import N_, Form, download, get, post, redirect


class DwellingForm(msgspec.Struct, frozen=True):
    """The form of a dwelling."""

    number: Annotated[str, Meta(title=N_("房号"), max_length=20)]
    area: Annotated[str, Meta(title=N_("面积（平方米）"), max_length=20)] = ""


async def _mine(ctx: Context, identity: str, permission: str) -> DwellingCard:
    """:raises NotFound: none, or outside the visitor's scope"""
    card = await dwellings.find(service(ctx).store, identity)
    if not ctx.can(permission, card.unit):
        raise no_such_dwelling()
    return card


@get("/dwellings/{dwelling:str}", allow=VIEW, name="dwelling")
async def show(ctx: Context, dwelling: str) -> Response[Any]:
    card = await _mine(ctx, dwelling, VIEW)
    form = Form(DwellingForm, {"number": card.number, "area": area_text(card.area_dm2)})
    return await _page(ctx, card, form)


async def _page(ctx: Context, card: DwellingCard, form: Form[DwellingForm], status: int = 200) -> Response[Any]:
    way = (await service(ctx).tree()).way(card.unit)
    return await ctx.render(
        "dwelling.html",
        status=status,
        dwelling=card,
        area=area_text(card.area_dm2),
        unit=way[-1],
        place=" ".join(each.name for each in way if each.level != "street"),
        form=form,
        body=await ctx.slot("dwelling.main", card.id),
        may=ctx.can(MANAGE, card.unit),
    )


@post("/dwellings/{dwelling:str}", allow=MANAGE, name="change_dwelling")
async def change(ctx: Context, request: Request[Any, Any, Any], dwelling: str) -> Response[Any]:
    """Another number or area."""
    card = await _mine(ctx, dwelling, MANAGE)
    form = await Form.read(request, DwellingForm)
    if form.command is not None:
        try:
            area_dm2 = parse_area(form.command.area)
        except LirenError as error:
            form.refuse_with(error, "area")
            return await _page(ctx, card, form, 422)
        try:
            async with service(ctx).store.transaction(ctx.actor) as tx:
                await dwellings.change(tx, card, number=form.command.number, area_dm2=area_dm2)
        except LirenError as error:
            form.refuse_with(error, "number")
        else:
            return redirect(ctx.url("dwelling", dwelling=card.id), notice=ctx.t("已保存。"))
    return await _page(ctx, card, form, 422)


@post("/dwellings/{dwelling:str}/close", allow=MANAGE, name="close_dwelling")
async def close(ctx: Context, dwelling: str) -> Response[Any]:
    """Given up: torn down, or joined with another; only when nobody lives in it."""
    card = await _mine(ctx, dwelling, MANAGE)
    async with service(ctx).store.transaction(ctx.actor) as tx:
        held = await ctx.every("dwelling_holds", dwelling=card.id)
        residents = sum(each.count for _, found in held for each in found if each.blocks)
        await dwellings.close(tx, card, ctx.today(), residents=residents)
    return redirect(ctx.url("dwelling", dwelling=card.id), notice=ctx.t("{number} 已停用。", number=card.number))


@post("/dwellings/{dwelling:str}/reopen", allow=MANAGE, name="reopen_dwelling")
async def reopen(ctx: Context, dwelling: str) -> Response[Any]:
    card = await _mine(ctx, dwelling, MANAGE)
    async with service(ctx).store.transaction(ctx.actor) as tx:
        await dwellings.reopen(tx, card)
    return redirect(ctx.url("dwelling", dwelling=card.id), notice=ctx.t("{number} 已重新启用。", number=card.number))


@get("/{code:str}/dwelling", allow=MANAGE, name="add_dwelling_form")
async def add_form(ctx: Context, code: str) -> Response[Any]:
    unit = within(ctx, await service(ctx).tree(), code, MANAGE)
    return await ctx.render("dwelling_add.html", unit=unit, form=Form(DwellingForm))


@post("/{code:str}/dwelling", allow=MANAGE, name="add_dwelling")
async def add(ctx: Context, code: str, request: Request[Any, Any, Any]) -> Response[Any]:
    """One dwelling; many come from Excel."""
    unit = within(ctx, await service(ctx).tree(), code, MANAGE)
    form = await Form.read(request, DwellingForm)
    if form.command is not None:
        try:
            area_dm2 = parse_area(form.command.area)
            async with service(ctx).store.transaction(ctx.actor) as tx:
                made = await dwellings.add(tx, unit=code, number=form.command.number, area_dm2=area_dm2)
        except LirenError as error:
            form.refuse_with(error)
        else:
            return redirect(ctx.url("dwelling", dwelling=made), notice=ctx.t("已登记。"))
    return await ctx.render("dwelling_add.html", status=422, unit=unit, form=form)


@get("/{code:str}/dwellings.xlsx", allow=VIEW, name="dwellings_file")
async def file(ctx: Context, code: str) -> Response[Any]:
    """The dwellings of a subtree as a workbook that can be uploaded again."""
    tree = await service(ctx).tree()
    unit = within(ctx, tree, code, VIEW)
    return download(await dwelling_list.export(ctx, tree, unit), f"{unit.name}{ctx.t('房屋名单')}.xlsx")


ROUTES = (show, change, close, reopen, add_form, add, file)
