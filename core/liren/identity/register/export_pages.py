# SPDX-License-Identifier: Apache-2.0
"""People of an area as Excel: masked unless somebody may and says what for; made in the background, kept for its
maker alone, sealed, for a day.

Rows stream from the database into the workbook, so memory does not grow with the area.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Response
from msgspec import Meta

from liren.identity.at_hand import identity_of
from liren.identity.labels import labels
from liren.identity.labels.label_sight import LABELS, roles_at, visible
from liren.identity.register.directory import Directory
from liren.identity.register.lookup import AFTER_PATH
from liren.identity.register.names import mask
from liren.identity.register.numbers import mask_phone
from liren.identity.register.pending import VISIBLE
from liren.identity.register.people_pages import PEOPLE, place_of
from liren.identity.register.register_pages import ROLES, Req
from liren.identity.sealed import FIELDS, unseal
from liren.identity.service import Identity
from liren.plugins.context import Context
from liren.plugins.services import Progress, UnitCard
from liren.store.audit import write as audit
from liren.units.errors import no_such_unit
from liren.units.tree import Tree
from liren.web import N_, Form, current, download, get, post, redirect

EXPORT: Final = "identity.export"
KIND: Final = "identity.people-out"
LIMIT_S: Final = 3600.0
_HEADINGS: Final = (
    N_("姓名"), N_("身份证号"), N_("手机号"), N_("出生日期"), N_("住在"), N_("房号"), N_("在家里是"),
)  # fmt: skip
_ROWS: Final = (
    "SELECT p.id, p.name, r.role, r.unit, d.number, p.phone_sealed, p.id_number_sealed, p.birthday_sealed,"  # noqa: S608
    " p.address_sealed FROM unit u JOIN residence r ON r.unit = u.code AND r.until IS NULL"
    " JOIN person p ON p.id = r.person LEFT JOIN dwelling d ON d.id = r.dwelling"
    f" WHERE u.path >= ? AND u.path < ? AND {VISIBLE}"
)


class Asked(msgspec.Struct, frozen=True):
    """What the export is for."""

    purpose: Annotated[str, Meta(title=N_("用来做什么"), min_length=4, max_length=120)]


async def _unit(ctx: Context, identity: Identity, code: str, permission: str) -> UnitCard:
    card = await identity.units.get(code)
    if card is None or not ctx.can(permission, code):
        raise no_such_unit()
    return card


@get("/people/of/{unit:str}/export", allow=PEOPLE, name="export_form")
async def export_form(ctx: Context, request: Req, unit: str) -> Response[Any]:
    identity = identity_of(request)
    return await _form_page(ctx, identity, await _unit(ctx, identity, unit, PEOPLE), Form(Asked))


async def _form_page(
    ctx: Context, identity: Identity, card: UnitCard, form: Form[Asked], status: int = 200
) -> Response[Any]:
    return await ctx.render(
        "export.html",
        status=status,
        unit=card,
        count=await identity.people.residents_in(card.path),
        form=form,
        may_export=ctx.can(EXPORT, card.code),
    )


@post("/people/of/{unit:str}/export", allow=PEOPLE, name="export_masked", step_up=True)
async def export_masked(ctx: Context, request: Req, unit: str) -> Response[Any]:
    """Names and phones masked, no ID number, no birthday."""
    identity = identity_of(request)
    return await _start(ctx, identity, await _unit(ctx, identity, unit, PEOPLE), "")


@post("/people/of/{unit:str}/export/whole", allow=EXPORT, name="export_whole", step_up=True)
async def export_whole(ctx: Context, request: Req, unit: str) -> Response[Any]:
    """With everything; whoever asks says what for, and that stands in the audit."""
    identity = identity_of(request)
    card = await _unit(ctx, identity, unit, EXPORT)
    form = await Form.read(request, Asked)
    if form.command is None:
        return await _form_page(ctx, identity, card, form, 422)
    return await _start(ctx, identity, card, form.command.purpose)


async def _start(ctx: Context, identity: Identity, card: UnitCard, purpose: str) -> Response[Any]:
    lists = current().site.lists
    assert lists is not None
    name = f"{card.name} {ctx.today().isoformat()}.xlsx"
    kept = await lists.keep(ctx.actor, kind=KIND, file_name=name, content=b"", options=b"{}", summary=b"")
    detail: dict[str, str | int] = {"whole": int(bool(purpose)), "purpose": purpose}

    labelled = purpose != "" and ctx.can(LABELS, card.code)

    async def work(ctx: Context, progress: Progress) -> str:
        async with identity.store.transaction(ctx.actor) as tx:
            await audit(tx, "identity", "identity.exported", card.code, unit=card.code, detail=detail)
        tree = await identity.units.tree()
        content, count = await workbook(ctx, identity, tree, card, bool(purpose), progress, labelled=labelled)
        await lists.filled(ctx.actor, kept, content)
        return ctx.t("{n} 人，可以下载了。", n=count)

    task = await ctx.start(f"export/{kept}", ctx.t("导出居民"), work, limit_s=LIMIT_S)
    await lists.started(ctx.actor, kept, task)
    return redirect(ctx.url("export", list=kept))


@get("/people/exports/{list:str}", allow=PEOPLE, name="export")
async def export(ctx: Context, request: Req) -> Response[Any]:
    """How far it is, then the way to the file; its maker's alone."""
    lists = current().site.lists
    assert lists is not None
    found = await lists.find(ctx.actor, KIND, request.path_params["list"])
    return await ctx.render("export_progress.html", list=found, task=await ctx.task(found.task) if found.task else None)


@get("/people/exports/{list:str}/file", allow=PEOPLE, name="export_file", step_up=True)
async def export_file(ctx: Context, request: Req) -> Response[Any]:
    lists = current().site.lists
    assert lists is not None
    found = await lists.find(ctx.actor, KIND, request.path_params["list"])
    return download(await lists.content(found.id), found.file_name)


async def workbook(
    ctx: Context,
    identity: Identity,
    tree: Tree,
    card: UnitCard,
    whole: bool,
    progress: Progress,
    *,
    labelled: bool = False,
) -> tuple[bytes, int]:
    """:returns: the .xlsx and how many people are in it; every value text, nothing a formula

    :param labelled: with the labels the visitor may see; whoever has one reads that somebody took it along
    """
    directory, headings = identity.people, (*_HEADINGS, *((N_("标签"),) if labelled else ()))
    total, count = await directory.residents_in(card.path), 0
    roles = {name: ctx.t(title) for name, title in ROLES}
    with tempfile.TemporaryFile() as file:
        import xlsxwriter

        book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
        sheet, text = book.add_worksheet(), book.add_format({"num_format": "@"})
        for column, title in enumerate(headings):
            sheet.set_column(column, column, 22 if column in (1, 4) else 14, text)
            sheet.write_string(0, column, ctx.t(title))
        async for people, rows in _parts(directory, tree, card, whole, roles):
            titles = await _titles(ctx, identity, people, card.code) if labelled else {}
            for person, line in zip(people, rows, strict=True):
                values = (*line, titles.get(person, ""))
                count += 1
                for column, value in enumerate(values):
                    if value:
                        sheet.write_string(count, column, value, text)
            progress(count, max(total, count))
            await asyncio.sleep(0)  # let pages through
        await asyncio.to_thread(book.close)
        file.seek(0)
        return file.read(), count


async def _parts(
    directory: Directory, tree: Tree, card: UnitCard, whole: bool, roles: dict[str, str]
) -> AsyncIterator[tuple[list[str], list[tuple[str, ...]]]]:
    async for rows in directory.store.stream(_ROWS, card.path, card.path + AFTER_PATH, size=200):
        keys = await directory.vault.keys(directory.store, [row[0] for row in rows])
        yield [row[0] for row in rows], [_line(row, keys.get(row[0]), tree, whole, roles) for row in rows]


async def _titles(ctx: Context, identity: Identity, people: list[str], unit: str) -> dict[str, str]:
    """Person → labels, as one text; each look is on that person's record."""
    seen = visible(await labels.of(identity.store, people), await roles_at(ctx, identity, unit))
    found: dict[str, list[str]] = {}
    for each in seen:
        found.setdefault(each.person, []).append(each.title)
    if found:
        async with identity.store.transaction(ctx.actor) as tx:
            await labels.looked(tx, list(found), unit=unit)
    return {person: "、".join(titles) for person, titles in found.items()}


def _line(row: Sequence[Any], key: Any, tree: Tree, whole: bool, roles: dict[str, str]) -> tuple[str, ...]:
    _, name, role, unit, room, *sealed = row
    place = place_of(tree.way(unit))
    if whole:
        own = unseal(key, dict(zip(FIELDS, sealed, strict=True)))
        born = own.birthday.isoformat() if own.birthday else ""
        return name, own.id_number or "", own.phone or "", born, place, room or "", roles.get(role, role)
    phone = unseal(key, {"phone": sealed[0]}).phone
    return mask(name), "", mask_phone(phone) if phone else "", "", place, room or "", roles.get(role, role)


ROUTES = (export_form, export_masked, export_whole, export, export_file)
