# SPDX-License-Identifier: Apache-2.0
"""The one gate before every page: is the plugin on, is somebody signed in, may they?

Also gives handlers their ``ctx``. Scope of objects is the handler's own question (``ctx.require``).
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Scope

from liren import clock
from liren.errors import Denied, LirenError, NotFound
from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.plugins.plugin import Plugin
from liren.plugins.routes import Pages
from liren.plugins.services import Connection, Who
from liren.plugins.types import Gate

LOGIN, AGAIN = "/login", "/again"
WHO = "liren_who"
_KNOCKED: dict[str, int] = {}
"""Person → the minute their last refusal was written down in."""


class SignInFirst(LirenError):
    """Answered with a redirect to the login page, never shown."""

    status = 303
    code = "sign-in-first"

    def __init__(self, back_to: str) -> None:
        super().__init__("请先登录。", "Please sign in first.")
        self.location = f"{LOGIN}?next={quote(back_to, safe='')}"


class ProveFirst(LirenError):
    """Answered with a redirect to where the visitor proves again who they are, never shown."""

    code = "prove-first"

    def __init__(self, connection: Connection) -> None:
        super().__init__("请再确认一次是您本人。", "Please prove once more that it is you.")
        where = connection.url.path + _query(connection)
        if connection.scope.get("method") in ("GET", "HEAD"):
            self.status = 303
            self.location = f"{AGAIN}?next={quote(where, safe='')}&back={quote(_referer(connection), safe='')}"
        elif connection.headers.get("hx-request"):
            self.status = 303
            self.location = f"{AGAIN}?next={quote(_referer(connection), safe='')}"
        else:
            # 307: the browser sends the same form to the page that keeps it while its sender proves who they are.
            self.status = 307
            self.location = f"{AGAIN}/held?to={quote(where, safe='')}"


def routers(plugins: Iterable[Plugin]) -> list[Pages]:
    """Every plugin's pages behind the gate, for ``Litestar(route_handlers=…)``, whose ``state.kernel`` is asked."""
    return [_router(plugin) for plugin in plugins if plugin.routes]


def _router(plugin: Plugin) -> Pages:
    # Nothing here holds the kernel: a street that is opened again takes the application that was built before.
    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        kernel: Kernel = connection.app.state.kernel
        await admit(kernel, plugin.id, handler.opt["allow"], connection)
        if handler.opt["step_up"] and not (await who_of(kernel, connection)).fresh:
            raise ProveFirst(connection)

    async def ctx(request: Request[Any, Any, Any]) -> Context:
        kernel: Kernel = request.app.state.kernel
        return kernel.context(plugin.id, await who_of(kernel, request))

    # Copies: the author's handlers may serve in several applications of one process (tests).
    handlers = {id(route.handler): (route, deepcopy(route.handler)) for route in plugin.routes}
    for route, handler in handlers.values():
        handler.name = route.name
        handler.opt["allow"] = route.allow
        handler.opt["step_up"] = route.step_up
    return Pages(
        path=plugin.mount,
        route_handlers=[handler for _, handler in handlers.values()],
        guards=[guard],
        dependencies={"ctx": Provide(ctx)},
        exception_handlers={SignInFirst: elsewhere, ProveFirst: elsewhere},
    )


async def who_of(kernel: Kernel, connection: Connection) -> Who:
    """Asked of identity once per request."""
    known = connection.state.get(WHO)
    if known is None:
        known = connection.state[WHO] = await kernel.services.sessions.who(connection)
    assert isinstance(known, Who)
    return known


async def admit(kernel: Kernel, plugin: str, allow: str | Gate, connection: Connection) -> None:
    """
    :raises NotFound: the plugin is not on, or not for this visitor
    :raises SignInFirst: nobody is signed in
    :raises Denied: the permission is missing
    """
    who = await who_of(kernel, connection) if plugin in kernel.enabled else None
    if who is None or not kernel.visible(who, plugin):
        raise NotFound("没有这个页面。请从首页重新进入。", "There is no such page. Start again from the home page.")
    if allow is Gate.ANYONE:
        return
    if who.visitor is None:
        raise SignInFirst(_back_to(connection))
    if allow is not Gate.SIGNED_IN and not who.access.can(str(allow)):
        await _write_down(kernel, who, str(connection.route_handler.name))
        raise Denied(
            "您没有打开这个页面的权限。需要的话，请联系街道管理员。",
            "You do not have permission to open this page. If you need it, ask the street's administrator.",
        )


async def write_refusal(error: Exception, scope: Scope) -> None:
    """For ``Litestar(after_exception=…)``: what a handler itself refuses is written down as the gate does."""
    who, handler = scope["state"].get(WHO), scope.get("route_handler")
    if isinstance(error, Denied) and isinstance(who, Who) and who.visitor is not None and handler is not None:
        await _write_down(Litestar.from_scope(scope).state.kernel, who, str(handler.name))


async def _write_down(kernel: Kernel, who: Who, route: str) -> None:
    """Who knocked where they may not: once a minute and person, so that knocking fills no disk."""
    assert who.visitor is not None
    person, minute = who.visitor.person, clock.now_ms() // 60_000
    if _KNOCKED.get(person) == minute:
        return
    if len(_KNOCKED) > 1000:
        _KNOCKED.clear()
    _KNOCKED[person] = minute
    async with kernel.services.writing.transaction("portal", person) as tx:
        await tx.audit("page-refused", person, route=route)


def _back_to(connection: Connection) -> str:
    """Where to go after login: this page, or the page whose form was sent."""
    if connection.scope.get("method") in ("GET", "HEAD"):
        return connection.url.path + _query(connection)
    return _referer(connection)


def _query(connection: Connection) -> str:
    query = connection.scope["query_string"].decode("latin-1")
    return f"?{query}" if query else ""


def _referer(connection: Connection) -> str:
    """The page of ours the visitor came from."""
    referer = urlsplit(connection.headers.get("referer", ""))
    return referer.path if referer.path and referer.netloc == connection.url.netloc else "/"


def elsewhere(request: Request[Any, Any, Any], error: SignInFirst | ProveFirst) -> Response[Any]:
    if request.headers.get("hx-request"):  # a fragment: the whole page has to move
        return Response(None, status_code=204, headers={"HX-Redirect": error.location})
    return Response(None, status_code=error.status, headers={"Location": error.location})
