# SPDX-License-Identifier: Apache-2.0
"""Notices to a person: one sentence each, where it leads, read or not."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.inbox import fields, forward, housekeeping, pages
from liren.inbox.tables import Notice
from liren.plugins.context import Context
from liren.plugins.types import Erased, Job, PersonalData, TableFields, Todo, _


@hookimpl
def register_tables() -> AppConfig:
    folder = str(Path(__file__).parent / "piccolo_migrations")
    return AppConfig("inbox", folder, table_classes=[Notice])


@hookimpl
def register_fields() -> Sequence[TableFields]:
    return fields.FIELDS


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [pages.inbox, pages.read]


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [
        Job("forward", _("转发通知"), forward.forward, every=timedelta(minutes=1), limit_s=300),
        Job("sweep", _("清理一年前的通知"), housekeeping.sweep, daily=time(3, 20), limit_s=300),
    ]


@hookimpl
async def todo_items(ctx: Context) -> Sequence[Todo]:
    """Unread notices are work waiting for the reader."""
    if ctx.visitor is None:
        return ()
    unread = await Notice.count().where(Notice.person == ctx.visitor.person, Notice.read_ms.is_null())
    return [Todo(ctx.t("没看的通知"), ctx.url("inbox"), unread)] if unread else ()


@hookimpl
async def export_person(ctx: Context, person: str) -> Sequence[PersonalData]:
    zone = ctx.now().tzinfo
    rows = await Notice.objects().where(Notice.person == person).order_by(Notice.id)
    found = [
        {"时间": datetime.fromtimestamp(row.at_ms / 1000, zone).isoformat(" ", "minutes"), "内容": row.text}
        for row in rows
    ]
    return [PersonalData(_("通知"), found)]


@hookimpl
async def erase_person(person: str) -> Erased:
    count = await Notice.count().where(Notice.person == person)
    await Notice.delete().where(Notice.person == person)
    return Erased(count)


@hookimpl
async def person_merged(kept: str, gone: str) -> None:
    await Notice.update({Notice.person: kept}).where(Notice.person == gone)
