# SPDX-License-Identifier: Apache-2.0
"""代办: acting for somebody by recorded consent, up to a cap, with a slip, a day to undo it, and checks by a call."""

from collections.abc import Sequence
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.acting import duties, review, slip_pages
from liren.acting.rules import ACT, REVIEW
from liren.acting.tables import TABLES
from liren.plugins.context import Context
from liren.plugins.flows import Workflow
from liren.plugins.types import Erased, Permission, PersonalData, Role
from liren.web import N_


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("acting", str(Path(__file__).parent / "piccolo_migrations"), table_classes=list(TABLES))


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [*slip_pages.ROUTES]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(ACT, N_("替居民代办"), N_("在自己负责的范围内，经本人同意；不能替自己家里人办")),
        Permission(REVIEW, N_("回访代办"), N_("打电话向本人核实；不能核实自己办的")),
    ]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [
        Role("acting.helper", N_("代办员"), (ACT, "identity.people")),
        Role("acting.reviewer", N_("代办回访员"), (REVIEW, "identity.people", "identity.phone")),
    ]


@hookimpl
def register_workflows() -> Sequence[Workflow]:
    return [review.FLOW]


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    return await duties.export(ctx, person)


@hookimpl
async def erase_person(ctx: Context, person: str) -> Erased:
    return await duties.erase(ctx, person)


@hookimpl
async def person_merged(ctx: Context, kept: str, gone: str) -> None:
    await duties.merged(ctx, kept, gone)
