# SPDX-License-Identifier: Apache-2.0
"""People, organisations, accounts, sessions and roles: who somebody is, and what they may do where."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from markupsafe import Markup
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.identity import duties, fields, health, housekeeping, me_pages, unit_changes
from liren.identity.events import EVENTS
from liren.identity.labels import guardian_pages, label_kind_pages, label_pages, own_label_pages
from liren.identity.lists import import_pages, owner_list
from liren.identity.organisations import own_pages as own_organisation_pages
from liren.identity.organisations import pages as organisation_pages
from liren.identity.register import (
    belonging,
    export_pages,
    merging,
    moving_pages,
    own_phone_pages,
    ownership_pages,
    people_pages,
    register_pages,
    roll_pages,
)
from liren.identity.register.directory import Directory
from liren.identity.roles import holder_pages, role_pages
from liren.identity.settings import AccountSettings
from liren.identity.signin import (
    account_pages,
    again_pages,
    entering_pages,
    login_pages,
    method_pages,
    reminders,
    totp_pages,
)
from liren.identity.tables import TABLES
from liren.plugins.context import Context
from liren.plugins.events import Event
from liren.plugins.types import (
    Erased,
    Fragment,
    HealthCheck,
    Hit,
    Holding,
    Job,
    NavItem,
    Permission,
    PersonalData,
    Role,
    TableFields,
    Todo,
    UnitChange,
)
from liren.store import Tx
from liren.web import N_, drafts


@hookimpl
def register_tables() -> AppConfig:
    return AppConfig("identity", str(Path(__file__).parent / "piccolo_migrations"), table_classes=list(TABLES))


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    signing_in = (login_pages, entering_pages, method_pages, again_pages)
    own = (me_pages, totp_pages, own_organisation_pages, own_label_pages, own_phone_pages)
    counter = (people_pages, roll_pages, register_pages, moving_pages, import_pages, export_pages, organisation_pages)
    closer = (label_pages, label_kind_pages, guardian_pages, ownership_pages, owner_list)
    access = (account_pages, role_pages, holder_pages)
    pages = (*signing_in, *own, *counter, *closer, *access, belonging)
    return [*[route for each in pages for route in each.ROUTES], *drafts.ROUTES]


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [
        Permission("identity.people", N_("查找居民"), N_("看到姓名、住址和打码的手机号")),
        Permission("identity.phone", N_("查看手机号"), N_("每次查看都会记录")),
        Permission("identity.number-tail", N_("按身份证末四位查找"), N_("每次查找本人都能看到")),
        Permission("identity.register", N_("登记和修改居民"), N_("登记、改资料、搬迁、迁出、去世，都会记录")),
        Permission("identity.organisations", N_("登记组织"), N_("商户、物业、共建伙伴和谁代表它们")),
        Permission("identity.accounts", N_("管账号"), N_("当面发登录链接，让设备退出，解锁，停用")),
        Permission("identity.export", N_("导出完整名单"), N_("带身份证号和手机号；要写明用途，都会记录")),
        Permission("identity.import", N_("导入居民名单")),
        Permission("identity.labels", N_("看和登记标签"), N_("健康、困难等敏感标签；每次查看本人都能看到")),
        Permission("identity.label-kinds", N_("定有哪些标签"), N_("名称、说明、给谁看"), street=True),
        Permission("identity.grant", N_("授予角色"), N_("在自己负责的范围内授予和收回角色")),
    ]


@hookimpl
def register_roles() -> Sequence[Role]:
    clerk = (
        "identity.people",
        "identity.phone",
        "identity.number-tail",
        "identity.register",
        "identity.accounts",
        "units.view",
    )
    return [
        Role("identity.clerk", N_("社区工作人员"), clerk),
        Role(
            "identity.registrar",
            N_("人员管理员"),
            (
                *clerk,
                "identity.import",
                "identity.export",
                "identity.organisations",
                "identity.label-kinds",
                "units.manage",
                "units.appoint",
            ),
        ),
        Role("identity.carer", N_("标签专员"), ("identity.people", "identity.labels", "units.view")),
        Role(
            "identity.security",
            N_("权限管理员"),
            ("identity.people", "identity.accounts", "identity.grant", "units.view", "units.appoint"),
        ),
    ]


@hookimpl
def register_settings() -> type[AccountSettings]:
    return AccountSettings


@hookimpl
def register_events() -> Sequence[type[Event]]:
    return EVENTS


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [Job("sweep", N_("清理过期的登录"), housekeeping.sweep_ended, every=timedelta(hours=1))]


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return [
        HealthCheck("duties", N_("三员分立"), health.duties),
        HealthCheck("administrators", N_("管理员"), health.administrators),
    ]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [
        NavItem(N_("居民"), "people", place="desk", order=60, icon="people"),
        NavItem(N_("组织"), "organisations", place="desk", order=62, icon="people"),
        NavItem(N_("居民标签"), "label_kinds", place="desk", order=64, icon="shield"),
        NavItem(N_("角色"), "role_list", place="desk", order=79, icon="key"),
    ]


@hookimpl
async def todo_items(ctx: Context) -> Sequence[Todo]:
    """Staff whose password alone opens the street's data: a code beside it is two minutes' work."""
    return await reminders.second_factor(ctx)


@hookimpl
async def search(ctx: Context, text: str) -> Sequence[Hit]:
    return await people_pages.hits(ctx, text)


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    return await duties.export(ctx, person)


@hookimpl
async def erase_person(ctx: Context, person: str) -> Erased:
    return await duties.erase(person)


@hookimpl
async def person_merged(ctx: Context, kept: str, gone: str) -> None:
    directory = ctx.people
    assert isinstance(directory, Directory)
    tx = directory.store.engine.current_transaction.get()
    assert isinstance(tx, Tx)
    await merging.follow(tx, directory.vault, kept, gone, ctx.today())


@hookimpl
async def page_slot(ctx: Context, slot: str, subject: str | None) -> Markup | Fragment | None:
    """How many people live in a unit, on the unit's page; who lives in a dwelling, on the dwelling's."""
    if subject is None:
        return None
    if slot == "dwelling.main":
        parts = (
            await unit_changes.residents_of_dwelling(ctx, subject),
            await ownership_pages.owners_of_dwelling(ctx, subject),
        )
        return await ctx.fragment("on_dwelling.html", parts=[part for part in parts if part]) if any(parts) else None
    return await people_pages.residents_of_unit(ctx, subject) if slot == "unit.main" else None


@hookimpl
async def unit_holds(ctx: Context, unit: str) -> Sequence[Holding]:
    return await unit_changes.holds(ctx, unit)


@hookimpl
async def dwelling_holds(dwelling: str) -> Sequence[Holding]:
    return await unit_changes.dwelling_holds(dwelling)


@hookimpl
async def unit_changed(ctx: Context, change: UnitChange) -> None:
    await unit_changes.follow(ctx, change)
