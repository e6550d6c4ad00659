# SPDX-License-Identifier: Apache-2.0
"""Notices to a person: one sentence each, where it leads, read or not."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from piccolo.conf.apps import AppConfig

from liren import hookimpl
from liren.inbox import forward, pages
from liren.inbox.tables import Notice
from liren.plugins.context import Context
from liren.plugins.types import Job, Todo, _


@hookimpl
def register_tables() -> AppConfig:
    folder = str(Path(__file__).parent / "piccolo_migrations")
    return AppConfig("inbox", folder, table_classes=[Notice])


@hookimpl
def register_routes() -> Sequence[HTTPRouteHandler]:
    return [pages.inbox, pages.read]


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [Job("forward", _("转发通知"), forward.forward, every=timedelta(minutes=1), limit_s=300)]


@hookimpl
async def todo_items(ctx: Context) -> Sequence[Todo]:
    """Unread notices are work waiting for the reader."""
    if ctx.visitor is None:
        return ()
    unread = await Notice.count().where(Notice.person == ctx.visitor.person, Notice.read_ms.is_null())
    return [Todo(ctx.t("没看的通知"), ctx.url("inbox"), unread)] if unread else ()
