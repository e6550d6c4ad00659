# SPDX-License-Identifier: Apache-2.0
"""Health and plugins. Installing is left to the command line: a stolen session must not become code execution."""

from typing import Any

from litestar import Request, Response

from liren.app.street import Street
from liren.plugins import gather
from liren.plugins.context import Context
from liren.web import get, post, redirect


def _street(request: Request[Any, Any, Any]) -> Street:
    street: Street = request.app.state.street
    return street


@get("/", allow="admin.health", name="console")
async def console(ctx: Context) -> Response[Any]:
    """The console's front door."""
    return redirect(ctx.url("health"))


@get("/health", allow="admin.health")
async def health(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """Ledger, database, jobs, faults: what street IT looks at in the morning."""
    street = _street(request)
    size, root = await ctx.ledger.head()
    return await ctx.render(
        "health.html",
        size=size,
        root=root.hex(),
        database=street.store.kind,
        enabled=len([p for p in street.kernel.plugins.values() if not p.built_in and p.id in street.kernel.enabled]),
        refused=street.kernel.refused,
        faults=list(street.kernel.caller.faults),
        jobs=await street.jobs.runs(),
        checks=await gather.health(street.kernel, ctx),
        dead=len(await street.events.dead()),
        english=ctx.visitor is not None and ctx.visitor.language == "en",
    )


@get("/plugins", allow="admin.plugins")
async def plugins(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """What is installed and what is on; what was left out, and why."""
    kernel = _street(request).kernel
    installed = [plugin for plugin in kernel.plugins.values() if not plugin.built_in]
    return await ctx.render(
        "plugins.html",
        installed=installed,
        enabled=kernel.enabled,
        refused=kernel.refused,
        english=ctx.visitor is not None and ctx.visitor.language == "en",
    )


@post("/plugins/{plugin:str}/{wish:str}", allow="admin.plugins")
async def switch(ctx: Context, request: Request[Any, Any, Any], plugin: str, wish: str) -> Response[Any]:
    """Switch one on or off: its data stays as it is."""
    street = _street(request)
    if wish == "on":
        await street.kernel.enable(street.store, ctx.actor, plugin)
        said = ctx.t("已经启用。")
    else:
        await street.kernel.disable(street.store, ctx.actor, plugin)
        said = ctx.t("已经停用，数据都还在。")
    return redirect(ctx.url("plugins"), notice=said)
