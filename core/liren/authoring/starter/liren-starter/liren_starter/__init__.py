# SPDX-License-Identifier: Apache-2.0
"""样板间: the hooks, and nothing else."""

from collections.abc import Sequence
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from markupsafe import Markup
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.api import Context, Erased, Event, NavItem, Permission, PersonalData, Role, RuleTemplate, _
from liren_starter import pages, verbs
from liren_starter.events import EntryAdded
from liren_starter.settings import Settings
from liren_starter.tables import Entry

FOLDER = Path(__file__).parent


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("starter", str(FOLDER / "piccolo_migrations"), table_classes=[Entry])


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [pages.entries, pages.entry, pages.write, pages.add]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [Permission("starter.write", _("写内容"))]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [Role("starter.editor", _("编辑员"), ("starter.write",))]


@hookimpl
def register_settings() -> type[Settings]:
    return Settings


@hookimpl
def register_events() -> Sequence[type[Event]]:
    return [EntryAdded]


@hookimpl
def register_point_rules() -> Sequence[RuleTemplate]:
    return [RuleTemplate("starter.entry", _("写一条内容"), "dedication", _("条"), 1, event=EntryAdded.name)]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [NavItem(_("样板间"), "entries", place="board"), NavItem(_("写一条"), "write")]


@hookimpl
async def page_slot(ctx: Context, slot: str) -> Markup | None:
    if slot != "board.main":
        return None
    latest = await verbs.latest(ctx.settings.shown)
    return await ctx.fragment("latest.html", entries=latest) if latest else None


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    return [PersonalData(ctx.t("写过的内容"), await verbs.written_by(person))]


@hookimpl
async def erase_person(person: str) -> Erased:
    return Erased(await verbs.forget(person))


@hookimpl
async def person_merged(kept: str, gone: str) -> None:
    await verbs.hand_over(gone, kept)
