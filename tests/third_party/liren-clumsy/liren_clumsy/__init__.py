# SPDX-License-Identifier: Apache-2.0
"""冒失鬼: loads well, and then fails wherever it is called."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from litestar import Response

from liren import hookimpl
from liren.api import Context, HealthCheck, Job, NavItem, _
from liren.web import ANYONE, get


def _fail(where: str) -> Any:
    raise RuntimeError(f"clumsy in {where}")


@get("/", allow=ANYONE)
async def page(ctx: Context) -> Response[Any]:
    return Response(_fail("its page"))


async def job(ctx: Context) -> None:
    _fail("its job")


async def health(ctx: Context) -> Any:
    _fail("its health check")


@hookimpl
def register_routes() -> Sequence[Any]:
    return [page]


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [Job("stumble", _("绊一跤"), job, every=timedelta(seconds=1))]


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return [HealthCheck("balance", _("站得稳"), health)]


@hookimpl
def nav_items() -> Sequence[NavItem]:
    return list(_fail("nav_items"))


@hookimpl
async def page_slot(slot: str) -> Any:
    return _fail("page_slot")


@hookimpl
async def todo_items() -> Any:
    return ["not a todo"]


@hookimpl
async def figures() -> Any:
    return _fail("figures")


@hookimpl
async def search(text: str) -> Any:
    return _fail("search")


@hookimpl
async def on_event() -> None:
    _fail("on_event")


@hookimpl
async def notifier() -> Any:
    return _fail("notifier")
