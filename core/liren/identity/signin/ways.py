# SPDX-License-Identifier: Apache-2.0
"""The ways to sign in that modules bring, as far as their modules are on."""

from dataclasses import dataclass
from typing import Any

from litestar import Request

from liren.errors import NotFound
from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.plugins.services import Who
from liren.plugins.types import LoginMethod


@dataclass(frozen=True, slots=True)
class Offered:
    """One way on the login page."""

    name: str
    title: str


def offered(ctx: Context, request: Request[Any, Any, Any]) -> list[Offered]:
    """The ways of the plugins that are on."""
    kernel: Kernel = request.app.state.kernel
    return [
        Offered(f"{plugin.id}.{plugin.login_method.name}", ctx.of(plugin.id).t(plugin.login_method.title))
        for plugin in kernel.plugins.values()
        if plugin.login_method is not None and plugin.id in kernel.enabled
    ]


def method_of(request: Request[Any, Any, Any], name: str) -> tuple[LoginMethod, Context]:
    """:raises NotFound: no such way, or its plugin is off"""
    kernel: Kernel = request.app.state.kernel
    plugin = kernel.plugins.get(name.partition(".")[0])
    if plugin is None or plugin.id not in kernel.enabled or plugin.login_method is None:
        raise _no_such_way()
    if name != f"{plugin.id}.{plugin.login_method.name}":
        raise _no_such_way()
    return plugin.login_method, kernel.context(plugin.id, Who())


def _no_such_way() -> NotFound:
    return NotFound("没有这种登录方式了，请回到登录页。", "There is no such way to sign in. Go back to sign in.")
