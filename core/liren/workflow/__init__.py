# SPDX-License-Identifier: Apache-2.0
"""Cases that follow the workflows modules declare: stored, guarded, timed, shown on one kind of page."""

from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.plugins.context import Context
from liren.plugins.events import Event
from liren.plugins.types import (
    Erased,
    Figure,
    Fragment,
    Health,
    HealthCheck,
    Hit,
    Job,
    NavItem,
    PersonalData,
    TableFields,
    Todo,
    UnitChange,
)
from liren.web import N_
from liren.workflow import alarms, duties, fields, list_pages, numbers, pages, scope
from liren.workflow.events import CaseMoved
from liren.workflow.tables import TABLES


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("workflow", str(Path(__file__).parent / "piccolo_migrations"), table_classes=list(TABLES))


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [list_pages.cases, *pages.ROUTES]


async def ring(ctx: Context) -> None:
    await alarms.ring(list_pages.desk_of(ctx), ctx)


async def sweep(ctx: Context) -> None:
    await list_pages.desk_of(ctx).files.sweep()


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [
        Job("deadlines", N_("提醒到期和超期的事项"), ring, every=timedelta(minutes=5), limit_s=120),
        Job("sweep", N_("清理没有登记的附件"), sweep, daily=time(3, 40), limit_s=300),
    ]


async def none_is_lost(ctx: Context) -> Health:
    return await numbers.none_is_lost(list_pages.desk_of(ctx), ctx)


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return [HealthCheck("states", N_("每件事都在流程里"), none_is_lost)]


@hookimpl
def register_events() -> Sequence[type[Event]]:
    return [CaseMoved]


@hookimpl
async def search(ctx: Context, text: str) -> Sequence[Hit]:
    return await list_pages.hits(ctx, text)


@hookimpl
def nav_items(ctx: Context) -> Sequence[NavItem]:
    """For people who handle cases; residents find theirs on their own page."""
    if not scope.works_with(list_pages.desk_of(ctx).flows(ctx), ctx.access):
        return ()
    return [NavItem(N_("事项"), "cases", place="desk", order=20, icon="list")]


@hookimpl
async def page_slot(ctx: Context, slot: str) -> Fragment | None:
    if slot != "home.main" or ctx.visitor is None:
        return None
    html = await list_pages.own_cases(ctx)
    return Fragment(html, 40) if html is not None else None


@hookimpl
async def todo_items(ctx: Context) -> Sequence[Todo]:
    return await numbers.todos(list_pages.desk_of(ctx), ctx)


@hookimpl
async def figures(ctx: Context) -> Sequence[Figure]:
    return await numbers.figures(list_pages.desk_of(ctx), ctx)


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    return await duties.export(list_pages.desk_of(ctx), ctx, person)


@hookimpl
async def erase_person(ctx: Context, person: str) -> Erased:
    return await duties.erase(list_pages.desk_of(ctx), person)


@hookimpl
async def person_merged(ctx: Context, kept: str, gone: str) -> None:
    await duties.merged(list_pages.desk_of(ctx), kept, gone)


@hookimpl
async def unit_changed(ctx: Context, change: UnitChange) -> None:
    await duties.unit_changed(list_pages.desk_of(ctx), change)
