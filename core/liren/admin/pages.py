# SPDX-License-Identifier: Apache-2.0
"""Health and plugins. Installing is left to the command line: a stolen session must not become code execution."""

from base64 import b64encode
from typing import Any

from litestar import Request, Response

from liren.admin.plugin_page import gone
from liren.app.street import Street
from liren.plugins import gather
from liren.plugins.context import Context
from liren.web import get, redirect


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
        root=b64encode(root).decode(),
        database=street.store.kind,
        enabled=len([p for p in street.kernel.plugins.values() if not p.built_in and p.id in street.kernel.enabled]),
        refused=street.kernel.refused,
        faults=list(street.kernel.caller.faults),
        jobs=await street.jobs.runs(),
        titles={(p.id, job.name): job.title for p in street.kernel.plugins.values() for job in p.jobs},
        modules={p.id: p.manifest.title for p in street.kernel.plugins.values() if not p.built_in},
        checks=await gather.health(street.kernel, ctx),
        dead=len(await street.events.dead()),
        english=ctx.visitor is not None and ctx.visitor.language == "en",
    )


@get("/plugins", allow="admin.plugins")
async def plugins(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """What is installed and what is on; what was left out, and why."""
    street = _street(request)
    kernel = street.kernel
    installed = [plugin for plugin in kernel.plugins.values() if not plugin.built_in]
    return await ctx.render(
        "plugins.html",
        installed=installed,
        enabled=kernel.enabled,
        pilots={plugin.id: kernel.states.of(plugin.id).pilot for plugin in installed},
        ailing={fault.plugin for fault in kernel.caller.faults} | set(kernel.unfit),
        refused=kernel.refused,
        gone=await gone(street),
        core=[plugin for plugin in kernel.plugins.values() if plugin.built_in and plugin.settings is not None],
        english=ctx.visitor is not None and ctx.visitor.language == "en",
    )
