# SPDX-License-Identifier: Apache-2.0
"""The unit tree of a street: street, communities, grids, buildings, stairs, and the dwellings in them."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.plugins.context import Context
from liren.plugins.types import Erased, Fragment, Hit, Holding, Job, NavItem, Permission, PersonalData, TableFields
from liren.units import (
    appointment_list,
    appointment_pages,
    appointments,
    change_pages,
    duties,
    dwelling_list,
    dwelling_pages,
    fields,
    housekeeping,
    pages,
    post_pages,
    serving,
    split_pages,
    team_pages,
    unit_list,
)
from liren.units.names import Naming
from liren.units.tables import TABLES
from liren.web import N_
from liren.web.lists import list_routes


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("units", str(Path(__file__).parent / "piccolo_migrations"), table_classes=list(TABLES))


_LISTS = [route for kind in (dwelling_list.KIND, appointment_list.KIND) for route in list_routes(kind)]


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    parts = (
        pages, serving, appointment_pages, post_pages, dwelling_pages, team_pages, change_pages, split_pages, unit_list
    )  # fmt: skip
    return [*(route for part in parts for route in part.ROUTES), *_LISTS]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission("units.view", N_("查看单位")),
        Permission("units.manage", N_("管理单位"), N_("在自己负责的范围内增设、改名、合并、拆分、撤销单位，登记房屋")),
        Permission("units.appoint", N_("任命岗位"), N_("在自己负责的范围内任命；带角色的岗位还要有授予角色的权限")),
    ]


@hookimpl
def register_settings() -> type[msgspec.Struct]:
    return Naming


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    return await duties.export(ctx, person)


@hookimpl
async def erase_person(person: str) -> Erased:
    return await duties.erase(person)


@hookimpl
async def person_merged(ctx: Context, kept: str, gone: str) -> None:
    await appointments.merged(duties.transaction_of(ctx), kept=kept, gone=gone, day=ctx.today())


@hookimpl
async def unit_holds(ctx: Context, unit: str) -> Sequence[Holding]:
    return await duties.holds(ctx, unit)


@hookimpl
async def search(ctx: Context, text: str) -> Sequence[Hit]:
    return await pages.hits(ctx, text)


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [
        NavItem(N_("单位"), "tree", place="desk", order=70, icon="building"),
        NavItem(serving.NAV, "mine", place="home", order=70, icon="people"),
    ]


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [Job("sweep", N_("清理旧名单和照片"), housekeeping.sweep_old, every=timedelta(hours=6))]


@hookimpl
async def page_slot(ctx: Context, slot: str) -> Fragment | None:
    """Who serves the resident's building, on their own page."""
    return await serving.at_home(ctx, slot)
