# SPDX-License-Identifier: Apache-2.0
"""The pages of all plugins in one table: checked for collisions, and the source of every address."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from liren.plugins.manifest import PluginRefused
from liren.plugins.plugin import Route
from liren.plugins.types import Allow, Gate

PLACE = re.compile(r"\{([^}:]+)(?::([^}]+))?\}")


def made(plugin: str, mount: str, handlers: Sequence[HTTPRouteHandler]) -> list[Route]:
    """The routes of a plugin under its prefix.

    :raises PluginRefused: a handler does not say whom it lets in
    """
    routes = []
    for handler in handlers:
        name = str(handler.opt.get("name") or handler.name or handler.handler_name)
        for path in sorted(handler.paths):
            routes.append(
                Route(
                    name=f"{plugin}.{name}",
                    plugin=plugin,
                    path=_join(mount, path),
                    methods=frozenset(str(method) for method in handler.http_methods),
                    allow=_allow(plugin, name, handler.opt.get("allow")),
                    handler=handler,
                    step_up=bool(handler.opt.get("step_up")),
                )
            )
    return routes


def _join(mount: str, path: str) -> str:
    return "/" + "/".join(part for part in f"{mount}/{path}".split("/") if part)


def _allow(plugin: str, name: str, allow: object) -> Allow:
    if isinstance(allow, Gate):
        return allow
    if isinstance(allow, str) and "." in allow:
        return allow
    raise PluginRefused(
        f"模块 {plugin} 的页面 {name} 没有写明谁可以打开（allow=），没有启用。请模块作者补上。",
        f"Page {name} of plugin {plugin} does not say who may open it (allow=). Its author has to add it.",
    )


def check(plugin: str, mine: Sequence[Route], others: Iterable[Route]) -> None:
    """:raises PluginRefused: two pages share an address, or a name, or differ only in a parameter's name or type

    Litestar merges ``/x/{a:int}`` and ``/x/{b:str}`` silently.
    """
    by_shape: dict[str, list[Route]] = {}
    names: dict[str, Route] = {}
    for route in others:
        by_shape.setdefault(PLACE.sub("{}", route.path), []).append(route)
    for route in mine:
        twin = names.setdefault(route.name, route)
        if twin.handler is not route.handler:
            raise _refused(plugin, f"{route.path} 与 {twin.path} 同名 {route.name}", f"name {route.name} used twice")
        for other in by_shape.setdefault(PLACE.sub("{}", route.path), []):
            if other.path != route.path or other.methods & route.methods:
                raise _refused(
                    plugin,
                    f"地址 {route.path} 与 {other.plugin} 的 {other.path} 冲突",
                    f"{route.path} collides with {other.path} of {other.plugin}",
                )
        by_shape[PLACE.sub("{}", route.path)].append(route)


class Pages(Router):
    """The pages of one plugin, made for one application."""

    def __deepcopy__(self, memo: object) -> "Pages":
        """Itself: Litestar copies what it is given; these are copies already, and copying takes half a start."""
        return self


_passed: dict[tuple[str, str], tuple[HTTPRouteHandler, ...]] = {}
"""What was tried out in this process: a street that is opened again (in tests: a thousand times) need not wait."""


def try_out(plugin: str, mount: str, routes: Sequence[Route]) -> None:
    """Build an application of these pages alone: a handler Litestar cannot take would stop the whole street later.

    :raises PluginRefused: an argument without type, a type that cannot be resolved, a reserved name …
    """

    passed = _passed.get((plugin, mount), ())
    if len(passed) == len(routes) and all(
        route.handler is handler for route, handler in zip(routes, passed, strict=True)
    ):
        return

    async def ctx() -> object:
        return None

    handlers = {id(route.handler): deepcopy(route.handler) for route in routes}
    try:
        router = Pages(path=mount, route_handlers=list(handlers.values()), dependencies={"ctx": Provide(ctx)})
        Litestar([router], openapi_config=None)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"[:300]
        raise PluginRefused(
            f"模块 {plugin} 的页面函数写得不对（{what}），没有启用。请模块作者改正。",
            f"A page of plugin {plugin} cannot be served ({what}). Its author has to mend it.",
        ) from error
    _passed[plugin, mount] = tuple(route.handler for route in routes)


def _refused(plugin: str, zh: str, en: str) -> PluginRefused:
    return PluginRefused(
        f"模块 {plugin} 的页面有冲突：{zh}。请模块作者改正。",
        f"Pages of plugin {plugin} collide: {en}. Its author has to change one of them.",
    )


class Addresses:
    """Turns a route's name into an address."""

    def __init__(self, routes: Iterable[Route]) -> None:
        # A page may stand under several paths: the first is the one links use.
        self._paths: dict[str, str] = {}
        self._allow: dict[str, Allow] = {}
        for route in routes:
            self._paths.setdefault(route.name, route.path)
            self._allow.setdefault(route.name, route.allow)

    def url(self, plugin: str, name: str, params: Mapping[str, Any]) -> str:
        """:raises LookupError: no such route, or a parameter of its path is missing: the author's slip"""
        full = self.full(plugin, name)
        used: set[str] = set()

        def fill(match: re.Match[str]) -> str:
            used.add(match[1])
            if params.get(match[1]) is None:
                raise LookupError(f"route {full} needs {match[1]}")
            return quote(str(params[match[1]]), safe="/" if match[2] == "path" else "")

        path = PLACE.sub(fill, self._paths[full])
        query = {key: value for key, value in params.items() if key not in used and value is not None}
        return f"{path}?{urlencode(query, doseq=True)}" if query else path

    def full(self, plugin: str, name: str) -> str:
        full = name if "." in name else f"{plugin}.{name}"
        if full not in self._paths:
            raise LookupError(f"no route called {full}")
        return full

    def allow(self, plugin: str, name: str) -> Allow:
        return self._allow[self.full(plugin, name)]
