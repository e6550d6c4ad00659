# SPDX-License-Identifier: Apache-2.0
"""信用超市: residents exchange points for goods and services of the street's merchants. Hooks only."""

from collections.abc import Sequence
from datetime import time
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren.api import (
    Context,
    Deed,
    Demo,
    Erased,
    Event,
    Figure,
    Fragment,
    HealthCheck,
    Holding,
    Job,
    NavItem,
    Permission,
    PersonalData,
    RecordCode,
    Retain,
    Role,
    TableFields,
    Titled,
    UnitChange,
    Workflow,
    _,
    hookimpl,
)
from liren_market import (
    clerk,
    fields,
    for_someone,
    orders,
    personal,
    resident,
    slip_pages,
    slots,
    staff,
    unit_duties,
    words,
)
from liren_market.demo import fill
from liren_market.events import EVENTS
from liren_market.merchant_flow import MERCHANT
from liren_market.settings import Settings
from liren_market.tables import TABLES, Merchant

HERE = Path(__file__).parent


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("market", str(HERE / "piccolo_migrations"), table_classes=list(TABLES))


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [*resident.HANDLERS, *clerk.HANDLERS, *staff.HANDLERS, *slip_pages.HANDLERS]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission("market.redeem", _("核销和退货"), _("只在自己当店员的商户。")),
        Permission("market.manage", _("管理商户和商品"), _("在自己负责的社区。")),
    ]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [
        Role("market.clerk", _("商户店员"), ("market.redeem",)),
        Role("market.manager", _("信用超市管理员"), ("market.manage",)),
    ]


@hookimpl
def register_workflows() -> Sequence[Workflow]:
    return [MERCHANT]


@hookimpl
def register_events() -> Sequence[type[Event]]:
    return EVENTS


@hookimpl
def register_codes() -> Sequence[RecordCode]:
    return words.CODES


@hookimpl
def register_deeds() -> Sequence[Deed]:
    return for_someone.DEEDS


@hookimpl
def register_settings() -> type[Settings]:
    return Settings


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [Job("expire", _("过期未取的退回积分"), orders.expire_overdue, daily=time(0, 30), limit_s=300)]


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return [HealthCheck("expire", _("过期的单都退了"), orders.nothing_overdue)]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [
        NavItem(_("兑换"), "shelves", place="home", order=20, icon="bag"),
        NavItem(_("扫码核销"), "counter", place="desk", order=10, icon="qr"),
        NavItem(_("商户和商品"), "desk", place="desk", order=60, icon="shop"),
    ]


@hookimpl
async def page_slot(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    return await slots.fill(ctx, slot, subject)


@hookimpl
async def record_titles(accounts: Sequence[str]) -> Sequence[Titled]:
    found = await Merchant.select(Merchant.id, Merchant.name).where(Merchant.id.is_in(list(accounts)))
    return [Titled(row["id"], row["name"]) for row in found]


@hookimpl
async def figures(ctx: Context) -> Sequence[Figure]:
    return await slots.figures(ctx)


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    return await personal.export(ctx, person)


@hookimpl
async def erase_person(ctx: Context, person: str) -> Erased | Retain:
    return await personal.erase(ctx, person)


@hookimpl
async def person_merged(kept: str, gone: str) -> None:
    await personal.merged(kept, gone)


@hookimpl
async def unit_holds(unit: str) -> Sequence[Holding]:
    return await unit_duties.holds(unit)


@hookimpl
async def unit_changed(change: UnitChange) -> None:
    await unit_duties.follow(change)


@hookimpl
async def demo_data(ctx: Context, demo: Demo) -> None:
    await fill(ctx, demo)
