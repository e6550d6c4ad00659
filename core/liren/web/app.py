# SPDX-License-Identifier: Apache-2.0
"""The Litestar application with a scene around every request.

A subclass rather than a middleware: Litestar answers an unknown address outside of its middleware stack,
and those answers need the headers, the language and the visitor's bar as well.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from copy import copy
from typing import Any, cast
from urllib.parse import parse_qs

import structlog
from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from litestar.events import SimpleEventEmitter
from litestar.exceptions import NotFoundException
from litestar.middleware import AbstractMiddleware
from litestar.types import ControllerRouterHandler, HTTPScope, Message, Receive, Scope, Send

from liren.errors import LirenError
from liren.plugins.guard import WHO
from liren.web import csrf, i18n, scene
from liren.web.assets import IMMUTABLE
from liren.web.drafts import sent_well
from liren.web.errors import answer_error
from liren.web.forms import PageRequest, submitted
from liren.web.routes import ANYONE
from liren.web.security import secured
from liren.web.sessions import Session
from liren.web.site import Site

MAX_BODY_BYTES = 11 * 1024 * 1024
"""A 10 MB upload and the form around it."""
YEAR_S = 365 * 24 * 3600
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


class PageApp(Litestar):
    """A Litestar application that serves one :class:`Site`; everything else is Litestar's."""

    def __init__(self, handlers: Sequence[ControllerRouterHandler], site: Site, **options: Any) -> None:
        """:param options: Litestar's own, e.g. ``dependencies``, ``guards``, ``lifespan``"""
        self.site = site
        handled = {Exception: answer_error, **options.pop("exception_handlers", {})}
        super().__init__(
            [static_file, *handlers],
            exception_handlers=handled,
            middleware=[CsrfMiddleware, *options.pop("middleware", [])],
            request_class=PageRequest,
            request_max_body_size=MAX_BODY_BYTES,
            openapi_config=options.pop("openapi_config", None),
            logging_config=None,
            **options,
        )

    def of(self, site: Site, state: State, lifespan: Sequence[Lifespan]) -> "PageApp":
        """The same pages for another site: the routes, which take most of an application's time to build, are shared.

        :param lifespan: as Litestar's own
        """
        other = copy(self)
        other.site, other.state = site, state
        other._lifespan_managers = list(lifespan)
        other.event_emitter = SimpleEventEmitter([])
        other.asgi_router = copy(self.asgi_router)
        other.asgi_router.app = other
        other.asgi_handler = other._create_asgi_handler()
        return other

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        without_nul(scope)
        here, sent = open_scene(self.site, scope)
        with structlog.contextvars.bound_contextvars(reference=here.reference):

            async def send_secured(message: Message) -> None:
                if message["type"] == "http.response.start":
                    if message["status"] == 303:
                        await sent_well(here)
                        if here.cookies.get("liren-notice") == "":  # nobody has read it on the way
                            del here.cookies["liren-notice"]
                    private = here.visitor is not None or here.session.cookie is not None
                    message = secured(
                        message,
                        secure=self.site.secure,
                        private=private,
                        cookies=list(_cookies(here)),
                    )
                await send(message)

            try:
                await recognise(here, scope, sent)
            except LirenError as error:  # the database cannot be asked who this is
                read_look(here, sent)
                answer = answer_error(Request(scope, receive), error)
                await answer.to_asgi_response(self, Request(scope, receive))(scope, receive, cast(Send, send_secured))
                return
            await super().__call__(scope, receive, cast(Send, send_secured))


def without_nul(scope: HTTPScope) -> None:
    """Nothing of ours holds U+0000, and PostgreSQL refuses to compare with one: such an address finds nothing."""
    scope["path"] = scope["path"].replace("\0", "\ufffd")
    scope["query_string"] = scope["query_string"].replace(b"%00", b"").replace(b"\0", b"")


def open_scene(site: Site, scope: HTTPScope) -> tuple[scene.Scene, Mapping[str, str]]:
    """(headers, query and an empty session as they came, the cookies); whose they are is not known yet."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    cookies = read_cookies(headers.get("cookie", ""))
    client = scope.get("client")
    session = Session(site.sessions, address=client[0] if client else "", device=headers.get("user-agent", ""))
    here = scene.Scene(
        site=site,
        session=session,
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        htmx=headers.get("hx-request") == "true",
        visit=site.signer.unseal("visit", cookies.get(site.cookie("liren-visit"))),
    )
    scene.enter(here)
    i18n.speak(i18n.SOURCE, site.catalogs)
    return here, cookies


async def recognise(here: scene.Scene, scope: HTTPScope, cookies: Mapping[str, str]) -> None:
    """Take up the session; start to speak the visitor's language.

    :raises LirenError: the database cannot be asked
    """
    if here.path.startswith("/static/"):
        return
    await here.session.resume(cookies.get(here.site.cookie("liren")), reading=here.method == "GET")
    scope.setdefault("state", {})[WHO] = here.session.who
    _read_notice(here, cookies)
    if read_look(here, cookies) and here.visitor:
        await here.site.remember(here)


def _read_notice(here: scene.Scene, cookies: Mapping[str, str]) -> None:
    sealed = cookies.get(here.site.cookie("liren-notice"))
    if sealed is not None:
        here.said = scene.read_notice(sealed, here.site)
        here.cookies["liren-notice"] = ""


def read_look(here: scene.Scene, cookies: Mapping[str, str]) -> bool:
    """Language and size: by link first, then what this browser remembers, then what the account does.

    :returns: whether a link chose them
    """
    site, visitor = here.site, here.visitor
    asked = parse_qs(here.query)
    language, elder = asked.get("lang", [""])[-1], asked.get("elder", [""])[-1]
    language = language if language in i18n.LANGUAGES else ""
    elder = elder if elder in {"0", "1"} else ""
    kept = cookies.get(site.cookie("liren-look"), "").partition(".")
    here.language = language or (kept[0] if kept[0] in i18n.LANGUAGES else "")
    here.language = here.language or (visitor.language if visitor else i18n.SOURCE)
    chosen_elder = elder or (kept[2] if kept[2] in {"0", "1"} else "")
    here.elder = chosen_elder == "1" if chosen_elder else bool(visitor and visitor.elder)
    i18n.speak(here.language, site.catalogs)
    if language or elder:
        here.cookies["liren-look"] = f"{here.language}.{int(here.elder)}"
    return bool(language or elder)


def read_cookies(header: str) -> dict[str, str]:
    """Name → value; one malformed cookie does not hide the others, and the first of a name counts."""
    found: dict[str, str] = {}
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.setdefault(name, value.strip('"'))
    return found


def _cookies(here: scene.Scene) -> list[bytes]:
    wanted = dict(here.cookies)
    if here.session.cookie is not None:
        wanted["liren"] = here.session.cookie
    return [_cookie(here.site, name, value) for name, value in wanted.items()]


def _cookie(site: Site, name: str, value: str) -> bytes:
    age = 0 if not value else YEAR_S if name == "liren-look" else None
    parts = [f"{site.cookie(name)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if age is not None:
        parts.append(f"Max-Age={age}")
    if site.secure:
        parts.append("Secure")
    return "; ".join(parts).encode("latin-1")


class CsrfMiddleware(AbstractMiddleware):
    """Refuses a form that was not given to this visitor; runs where no handler can replace it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = PageRequest(scope, receive)
        if request.method not in csrf.SAFE_METHODS:
            here = scene.current()
            if not csrf.comes_from_here(request.headers, here.site.public_url):
                raise csrf.StalePage
            token = request.headers.get(csrf.HEADER) or str((await submitted(request)).get(csrf.FIELD) or "")
            bound_to = here.bound_to(create=True)
            if not token or not here.site.signer.token_fits(token, bound_to):
                raise csrf.StalePage
        await self.app(scope, receive, send)


@get("/static/{path:path}", opt={"allow": ANYONE}, include_in_schema=False, name="static")
async def static_file(request: Request[Any, Any, Any], path: str) -> Response[bytes]:
    found = scene.current().site.assets.find(path.lstrip("/"))
    if found is None:
        raise NotFoundException
    asset, today = found
    headers = {"cache-control": IMMUTABLE if today else "no-cache", "vary": "accept-encoding"}
    content = asset.content
    if asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        content = asset.compressed
    return Response(content, media_type=asset.media_type, headers=headers)
