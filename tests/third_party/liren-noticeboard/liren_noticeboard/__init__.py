# SPDX-License-Identifier: Apache-2.0
"""公告栏: what a stranger writes from the documentation alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from markupsafe import Markup
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.api import Context, Erased, Figure, NavItem, Permission, PersonalData, Role, _
from liren_noticeboard import commands, pages, verbs
from liren_noticeboard.settings import Settings
from liren_noticeboard.tables import Notice

FOLDER = Path(__file__).parent


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("noticeboard", str(FOLDER / "piccolo_migrations"), table_classes=[Notice])


@hookimpl
def register_routes() -> Sequence[Any]:
    return [pages.notices, pages.notice, pages.write, pages.publish]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [Permission("noticeboard.write", _("发布公告"))]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [Role("noticeboard.editor", _("公告员"), ("noticeboard.write",))]


@hookimpl
def register_settings() -> type[Settings]:
    return Settings


@hookimpl
def register_commands() -> Sequence[click.Command]:
    return [commands.show]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [NavItem(_("公告栏"), "notices", place="board"), NavItem(_("发公告"), "write")]


@hookimpl
async def page_slot(ctx: Context, slot: str) -> Markup | None:
    if slot != "board.main":
        return None
    latest = await verbs.latest(ctx.settings.shown)
    return await ctx.fragment("latest.html", notices=latest) if latest else None


@hookimpl
async def figures(ctx: Context) -> Sequence[Figure]:
    return [Figure("noticeboard.notices", ctx.t("公告"), await verbs.count(), ctx.t("条"))]


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    return [PersonalData(ctx.t("公告"), await verbs.written_by(person))]


@hookimpl
async def erase_person(person: str) -> Erased:
    return Erased(await verbs.forget(person))
