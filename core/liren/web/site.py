# SPDX-License-Identifier: Apache-2.0
"""A street's site: its look, templates, static files, languages and secrets, put together once at start."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from litestar import MediaType, Response
from markupsafe import Markup

from liren.web import formats, i18n
from liren.web.assets import Assets
from liren.web.csrf import Signer
from liren.web.html import rendered
from liren.web.scene import Chrome, Scene, current
from liren.web.sessions import SessionStore
from liren.web.templates import CORE, Package, Theme, environment, fault_of

log = structlog.get_logger("liren.web")


@dataclass(frozen=True, slots=True)
class Look:
    """What a street sets without forking anything."""

    street: str = "里仁街道"
    seal: str = "里仁"
    """Two characters, written one above the other."""


async def _bare(scene: Scene) -> Chrome:
    return Chrome()


async def _forget(scene: Scene) -> None:
    return None


class Site:
    """Everything the pages of one street share.

    :param secret: at least 32 bytes, kept with the keys: CSRF tokens and signed cookies depend on it
    :param packages: whoever has templates, static files or a catalog, in loading order
    :param theme: the chosen theme; one that is broken is left out and said so in the log
    :param fallback: the theme to fall back to
    :param sessions: None for a site nobody signs in to (tests, a static board)
    """

    def __init__(
        self,
        *,
        secret: bytes,
        packages: Sequence[Package] = (),
        theme: Theme | None = None,
        fallback: Theme | None = None,
        sessions: SessionStore | None = None,
        look: Look | None = None,
        public_url: str = "http://127.0.0.1:8000",
        tz: ZoneInfo | None = None,
    ) -> None:
        self.signer = Signer(secret)
        self.sessions = sessions
        self.look = look or Look()
        self.public_url = public_url.rstrip("/")
        self.secure = public_url.startswith("https://")
        self.login_url = "/login"
        self.logout_url = "/logout"
        self.theme = _usable(theme, packages) or _usable(fallback, packages)
        self.chrome: Callable[[Scene], Awaitable[Chrome]] = _bare
        """Fills in the bar for a visitor; the application sets it."""
        self.remember: Callable[[Scene], Awaitable[None]] = _forget
        """Called when a signed-in visitor switched language or elder mode by link; the application sets
        it.
        """
        self.catalogs = i18n.Catalogs.read([CORE, *(package.folder for package in packages)])
        self.assets = Assets(
            [
                ("", CORE / "static"),
                *((package.id, package.folder / "static") for package in packages),
                *([("theme", self.theme.folder / "static")] if self.theme else []),
            ]
        )
        self._templates = environment(packages, self.theme, {"static": self.assets.url, "theme_css": self._theme_css()})
        if tz is not None:
            formats.set_zone(tz)

    def cookie(self, name: str) -> str:
        """The full name of a cookie: bound to this host where the connection is encrypted."""
        return f"__Host-{name}" if self.secure else name

    async def fragment(self, template: str, /, **view: Any) -> Markup:
        """A template's text, for a slot or a print job."""
        return rendered(await self._templates.get_template(template).render_async(view))

    async def respond(
        self, template: str, /, *, status: int = 200, headers: dict[str, str] | None = None, **view: Any
    ) -> Response[str]:
        """A whole page for the current request, its bar filled in."""
        scene = current()
        scene.chrome = await self.chrome(scene)
        text = await self._templates.get_template(template).render_async({**view, "scene": scene})
        return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)

    def translate(self, language: str, text: str, /, **values: Any) -> str:
        """For what is written without a visitor: a notice to somebody, a job's log line."""
        said = self.catalogs.one(language, text)
        return said % values if values else said

    def _theme_css(self) -> str | None:
        return self.assets.url(f"theme/{self.theme.id}.css") if self.theme else None


async def render(template: str, /, *, status: int = 200, **view: Any) -> Response[str]:
    """A whole page for the current request: ``await render("credit/rules.html", rules=rules)``."""
    return await current().site.respond(template, status=status, **view)


def _usable(theme: Theme | None, packages: Sequence[Package]) -> Theme | None:
    if theme is None:
        return None
    fault = fault_of(theme, packages)
    if fault is None:
        return theme
    log.warning("theme left out", theme=theme.id, fault=fault)
    return None
