# SPDX-License-Identifier: Apache-2.0
"""信用积分: the rules, lists, review and publicity every award goes through. Hooks only."""

from collections.abc import Sequence
from datetime import time
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren.api import (
    Context,
    Demo,
    Erased,
    Event,
    Figure,
    Fragment,
    Holding,
    Job,
    NavItem,
    Permission,
    PersonalData,
    Received,
    Retain,
    Role,
    TableFields,
    Titled,
    Todo,
    UnitChange,
    Workflow,
    _,
    hookimpl,
)
from liren_credit import (
    automatic,
    entry_pages,
    fields,
    list_files,
    list_pages,
    personal,
    public_pages,
    rule_pages,
    rulemaking,
    slots,
    unit_duties,
)
from liren_credit import demo as demo_street
from liren_credit.events import EVENTS
from liren_credit.list_flow import LIST
from liren_credit.settings import Settings
from liren_credit.tables import TABLES

HERE = Path(__file__).parent


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("credit", str(HERE / "piccolo_migrations"), table_classes=list(TABLES))


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [
        *rule_pages.HANDLERS,
        *entry_pages.HANDLERS,
        *list_pages.HANDLERS,
        *list_files.HANDLERS,
        *public_pages.HANDLERS,
    ]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission("credit.see", _("查看积分名单"), _("自己登记的，和自己能审核的。")),
        Permission("credit.collect", _("登记积分"), _("上传自己辖区的名单，改正后提交。")),
        Permission("credit.review", _("审核积分"), _("抽查、通过、退回、入账；不能审自己登记的。")),
        Permission("credit.rules", _("拟定细则"), street=True),
        Permission("credit.adopt", _("审定细则"), _("不能审定自己拟的。"), street=True),
    ]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [
        Role("credit.collector", _("采集员"), ("credit.see", "credit.collect", "credit.rules")),
        Role("credit.reviewer", _("审核员"), ("credit.see", "credit.review", "credit.adopt", "ledger.review")),
    ]


@hookimpl
def register_workflows() -> Sequence[Workflow]:
    return [LIST]


@hookimpl
def register_events() -> Sequence[type[Event]]:
    return EVENTS


@hookimpl
def register_settings() -> type[Settings]:
    return Settings


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [
        Job("gather", _("把自动登记的积分交去审核"), automatic.gather, daily=time(0, 40), limit_s=600),
        Job("tidy", _("清除已办结名单里的原始信息"), personal.tidy, daily=time(2, 30), limit_s=300),
    ]


@hookimpl
async def on_event(ctx: Context, event: Received) -> None:
    await automatic.hear(ctx, event)


@hookimpl
def nav_items(ctx: Context) -> Sequence[NavItem]:
    # Collectors and reviewers share one page, so its route asks for login only: the menu asks who works with it.
    works = ctx.can("credit.collect") or ctx.can("credit.review")
    return [
        NavItem(_("我的积分"), "mine", place="home", order=10, icon="coin"),
        *([NavItem(_("积分名单"), "lists", place="desk", order=10, icon="list")] if works else []),
        NavItem(_("积分细则"), "rules", place="board", order=10, icon="book"),
        NavItem(_("积分公示"), "publicity", place="board", order=20, icon="document"),
    ]


@hookimpl
async def page_slot(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    return await slots.fill(ctx, slot, subject)


@hookimpl
async def todo_items(ctx: Context) -> Sequence[Todo]:
    return await slots.todos(ctx)


@hookimpl
async def record_titles(codes: Sequence[str]) -> Sequence[Titled]:
    return await rulemaking.titles(codes)


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
    await demo_street.fill(ctx, demo)
