# SPDX-License-Identifier: Apache-2.0
"""Who did what, chained so that tampering shows; read by the auditor alone."""

from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.audit import chain, fields, pages
from liren.audit.pages import READ
from liren.audit.tables import TABLES, AuditRow
from liren.plugins.context import Context
from liren.plugins.types import Job, NavItem, Permission, RecordCode, Role, TableFields
from liren.web import N_


@hookimpl
def register_tables() -> AppConfig:
    folder = str(Path(__file__).parent / "piccolo_migrations")
    return AppConfig("audit", folder, table_classes=[*TABLES, AuditRow])


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return list(pages.ROUTES)


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return [Permission(READ, N_("查看审计记录"), N_("谁在什么时候做了什么；只有审计员看得到"), street=True)]


@hookimpl
def register_codes() -> Sequence[RecordCode]:
    return [RecordCode(chain.CODE, N_("每天的审计结果"))]


@hookimpl
def register_roles() -> Sequence[Role]:
    return [Role("audit.auditor", N_("审计员"), (READ, "ledger.audit"))]


async def _extend(ctx: Context) -> None:
    await chain.extend(ctx)


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [
        Job("chain", N_("串起审计记录"), _extend, every=timedelta(minutes=5), limit_s=600),
        Job("seal", N_("把每天的审计结果记进账本"), chain.seal_days, daily=time(0, 10), limit_s=600),
    ]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return [NavItem(N_("审计"), "rows", order=85, icon="shield")]
