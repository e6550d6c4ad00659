# SPDX-License-Identifier: Apache-2.0
"""What pages ask of all plugins at once: slots, menus, to-dos, figures. Awaited before the template renders."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from liren.plugins.caller import Fault
from liren.plugins.context import Context
from liren.plugins.types import Figure, Fragment, Gate, Health, Link, NavItem, Place, Todo

if TYPE_CHECKING:
    from liren.plugins.kernel import Kernel

CHECK_LIMIT_S = 10.0
SEES_FAULTS = "admin.plugins"
"""Who may look after plugins also sees where one of them failed on a page."""


async def slot(kernel: "Kernel", ctx: Context, name: str, subject: str | None) -> Markup:
    """Fragments of all enabled plugins in order; a broken one leaves a small notice for administrators only."""
    faults: list[Fault] = []
    answers = await kernel.caller.each("page_slot", ctx, faults, slot=name, subject=subject)
    pieces = [a.value if isinstance(a.value, Fragment) else Fragment(a.value) for a in answers if a.value is not None]
    pieces.sort(key=lambda piece: piece.order)
    html = [piece.html for piece in pieces]
    if faults and ctx.can(SEES_FAULTS):
        html += [await kernel.services.pages.fault(ctx, fault.plugin, fault.what) for fault in faults]
    return escape("").join(html)


async def navigation(kernel: "Kernel", ctx: Context, place: Place) -> Sequence[Link]:
    """The menu of one place: entries whose page the visitor may open."""
    items: list[tuple[int, Link]] = []
    for answer in await kernel.caller.each("nav_items", ctx):
        for item in answer.value:
            if item.place == place and (link := _link(kernel, ctx.of(answer.plugin), item)) is not None:
                items.append((item.order, link))
    return [link for _, link in sorted(items, key=lambda pair: pair[0])]


def _link(kernel: "Kernel", ctx: Context, item: NavItem) -> Link | None:
    try:
        allow = kernel.addresses.allow(ctx.plugin, item.route)
        url = ctx.url(item.route)
        title = ctx.t(item.title)
    except (LookupError, ValueError) as error:
        kernel.caller.complain(ctx.plugin, "nav_items", error)
        return None
    if not admitted(ctx, allow):
        return None
    return Link(title, url, ctx.plugin, kernel.addresses.full(ctx.plugin, item.route), item.icon)


def admitted(ctx: Context, allow: str | Gate) -> bool:
    """Whether the visitor may open a page with this ``allow``."""
    if allow is Gate.ANYONE:
        return True
    if ctx.visitor is None:
        return False
    return allow is Gate.SIGNED_IN or ctx.can(str(allow))


async def todos(kernel: "Kernel", ctx: Context) -> Sequence[Todo]:
    """Work waiting for the visitor, the most urgent first."""
    answers = await kernel.caller.each("todo_items", ctx)
    found = [todo for answer in answers for todo in answer.value]
    return sorted(found, key=lambda todo: (todo.due is None, str(todo.due)))


@dataclass(frozen=True, slots=True)
class Checked:
    """What one health check of one plugin found."""

    plugin: str
    title: str
    health: Health


async def health(kernel: "Kernel", ctx: Context, only: str | None = None) -> Sequence[Checked]:
    """Run every enabled plugin's health checks, or those of one plugin; one that fails is itself a finding."""
    found = []
    for plugin in kernel.plugins.values():
        asked = plugin.id in kernel.enabled and only in (None, plugin.id)
        for check in plugin.health_checks if asked else ():
            own = ctx.of(plugin.id)
            try:
                async with asyncio.timeout(CHECK_LIMIT_S):
                    result = await check.run(own)
                if not isinstance(result, Health):
                    raise TypeError(f"returned {result!r:.80}, not Health")
            except (Exception, SystemExit) as error:
                fault = kernel.caller.complain(plugin.id, f"health check {check.name}", error)
                result = Health(False, fault.what)
            found.append(Checked(plugin.id, own.t(check.title), result))
    return found


async def figures(kernel: "Kernel", ctx: Context) -> Sequence[Figure]:
    """Every plugin's figures, in load order."""
    answers = await kernel.caller.each("figures", ctx)
    return [figure for answer in answers for figure in answer.value]
