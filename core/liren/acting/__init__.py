# SPDX-License-Identifier: Apache-2.0
"""代办: acting for somebody by recorded consent, up to a cap, with a slip, a day to undo it, and checks by a call."""

from collections.abc import Sequence
from datetime import time
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.acting import (
    calls,
    duties,
    fields,
    housekeeping,
    own_pages,
    review,
    review_pages,
    slip_pages,
    slips,
    staff_pages,
)
from liren.acting.demo import fill
from liren.acting.rules import ACT, REVIEW
from liren.acting.settings import Settings
from liren.acting.tables import TABLES
from liren.plugins.context import Context
from liren.plugins.events import Received
from liren.plugins.flows import Workflow
from liren.plugins.types import (
    Demo,
    Erased,
    Fragment,
    HealthCheck,
    Job,
    NavItem,
    Permission,
    PersonalData,
    Role,
    TableFields,
    Todo,
)
from liren.web import N_


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("acting", str(Path(__file__).parent / "piccolo_migrations"), table_classes=list(TABLES))


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    pages = (own_pages, calls, staff_pages, slip_pages, review_pages)
    return [route for each in pages for route in each.ROUTES]


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
    return [review.FLOW, calls.FLOW]


@hookimpl
def register_settings() -> type[Settings]:
    return Settings


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [
        Job("sample", N_("代办每周抽查"), housekeeping.sample, daily=time(2, 20), limit_s=120),
        Job("sweep", N_("清理代办的旧凭据"), housekeeping.sweep, daily=time(3, 50), limit_s=300),
    ]


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return [HealthCheck("sample", N_("代办每周都有抽查"), review.nobody_escaped)]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [
        NavItem(N_("请人帮忙"), "help", place="home", order=60, icon="heart"),
        NavItem(N_("代办"), "desk", place="desk", order=15, icon="heart"),
        NavItem(N_("代办回访"), "review", place="desk", order=55, icon="phone"),
    ]


@hookimpl
async def todo_items(ctx: Context) -> Sequence[Todo]:
    """Somebody asks the visitor to help them: yes or no."""
    if ctx.visitor is None:
        return ()
    acting = slips.own(ctx)
    now_ms = acting.now_ms()
    held = await acting.desk.records.consents_to(ctx.visitor.person, now_ms)
    asked = [each for each in held if each.kind == "family" and each.asked(now_ms)]
    return [Todo(ctx.t("有人请您帮忙办事"), ctx.url("help"), len(asked))] if asked else ()


@hookimpl
async def page_slot(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    """On staff's page of a person: the way to act for them."""
    if slot != "person.main" or subject is None or not ctx.can(ACT) or subject == ctx.actor:
        return None
    return Fragment(await ctx.fragment("on_person.html", person=subject), 30)


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    return await duties.export(ctx, person)


@hookimpl
async def erase_person(ctx: Context, person: str) -> Erased:
    return await duties.erase(ctx, person)


@hookimpl
async def person_merged(ctx: Context, kept: str, gone: str) -> None:
    await duties.merged(ctx, kept, gone)


@hookimpl
async def on_event(ctx: Context, event: Received) -> None:
    if event.name in duties.HEARD:
        await duties.hear(ctx, event)


@hookimpl
async def demo_data(ctx: Context, demo: Demo) -> None:
    await fill(ctx, demo)
