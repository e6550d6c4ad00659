# SPDX-License-Identifier: Apache-2.0
"""Privacy: see, take home, correct, be forgotten; and two entries that were one person. Asks every plugin."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.identity.register.people_pages import REGISTER
from liren.plugins.context import Context
from liren.plugins.flows import Workflow
from liren.plugins.types import Erased, Fragment, Job, NavItem, Permission, PersonalData, Role, TableFields, Todo
from liren.privacy import (
    consent_pages,
    consents,
    correction_pages,
    corrections,
    duties,
    fields,
    housekeeping,
    merge_pages,
    own_pages,
    staff_pages,
    taking_back,
)
from liren.privacy.staff_pages import HANDLE, MERGE
from liren.privacy.tables import TABLES, Correction, ErasureRequest
from liren.web import N_


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("privacy", str(Path(__file__).parent / "piccolo_migrations"), table_classes=list(TABLES))


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return [*fields.OWN, *fields.BENEATH]


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    pages = (own_pages, consent_pages, correction_pages, staff_pages, merge_pages)
    return [route for each in pages for route in each.ROUTES]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(HANDLE, N_("办理个人信息请求"), N_("替居民下载、按请求删除，每一步都有记录")),
        Permission(MERGE, N_("合并重复的居民")),
    ]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [Role("privacy.officer", N_("个人信息保护专员"), (HANDLE, MERGE, "identity.people"))]


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [
        Job("retained", N_("删除到期的个人信息"), duties.let_go_of_retained, daily=time(3, 10), limit_s=600),
        Job("journal", N_("记下撤回的同意"), taking_back.keep_journal, every=timedelta(minutes=5), limit_s=60),
        Job("sweep", N_("清理旧的请求和后台任务"), housekeeping.sweep, daily=time(3, 30), limit_s=600),
    ]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [
        NavItem(N_("我的信息"), "mine", place="home", order=90, icon="shield"),
        NavItem(N_("个人信息"), "requests", place="desk", order=75, icon="shield"),
        NavItem(N_("收集了哪些信息"), "fields", place="board", order=95, icon="shield"),
    ]


@hookimpl
async def page_slot(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    """One's own account says what one agreed to; staff's page of a person leads to their data, and to merging them."""
    if slot == "me.main" and subject is not None:
        return Fragment(await ctx.fragment("on_me.html", consents=await consents.of(subject)), 50)
    if slot != "person.main" or subject is None or not (ctx.can(HANDLE) or ctx.can(MERGE) or ctx.can(REGISTER)):
        return None
    other = subject != ctx.actor
    view = {"person": subject, "may_handle": ctx.can(HANDLE) and other, "may_merge": ctx.can(MERGE)}
    view["may_register"] = ctx.can(REGISTER) and other
    return Fragment(await ctx.fragment("on_person.html", **view), 90)


@hookimpl
async def todo_items(ctx: Context) -> Sequence[Todo]:
    if not ctx.can(HANDLE):
        return ()
    waiting = await staff_pages.waiting(ctx)
    if not waiting:
        return ()
    oldest = datetime.fromtimestamp(min(at for _, at in waiting) / 1000, ctx.now().tzinfo)
    return [Todo(ctx.t("要求删除个人信息"), ctx.url("requests"), len(waiting), due=oldest + staff_pages.TERM)]


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    rows = await Correction.objects().where(Correction.person == person).order_by(Correction.at_ms)
    zone = ctx.now().tzinfo
    found = [
        {
            "项目": ctx.t(corrections.FIELD_TITLES[row.field]),
            "提出": datetime.fromtimestamp(row.at_ms / 1000, zone).isoformat(" ", "minutes"),
            "情况": ctx.t(N_("待核实")) if row.value is not None else ctx.t(N_("已有结果")),
        }
        for row in rows
    ]
    return [PersonalData(N_("更正请求"), found)] if found else []


@hookimpl
def register_workflows() -> Sequence[Workflow]:
    return [corrections.FLOW]


@hookimpl
async def erase_person(person: str) -> Erased:
    """The request itself goes with what it asked for."""
    count = await ErasureRequest.count().where(ErasureRequest.person == person)
    await ErasureRequest.delete().where(ErasureRequest.person == person)
    count += await Correction.count().where(Correction.person == person)
    await Correction.delete().where(Correction.person == person)
    return Erased(count)


@hookimpl
async def person_merged(kept: str, gone: str) -> None:
    await ErasureRequest.delete().where(ErasureRequest.person == gone)
    # Sealed under the other entry's key, and about what that entry said: asked anew where it still matters.
    moved: dict[Any, Any] = {Correction.person: kept, Correction.value: None}
    await Correction.update(moved).where(Correction.person == gone)
