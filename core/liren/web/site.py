# SPDX-License-Identifier: Apache-2.0
"""A street's site: its look, templates, static files, languages and secrets, put together once at start."""

import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from litestar import MediaType, Response
from markupsafe import Markup

from liren.store.lists import Lists
from liren.web import formats, i18n
from liren.web.assets import Assets
from liren.web.csrf import Signer
from liren.web.drafts import DraftStore
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
        drafts: DraftStore | None = None,
        lists: Lists | None = None,
        look: Look | None = None,
        public_url: str = "http://127.0.0.1:8000",
        tz: ZoneInfo | None = None,
    ) -> None:
        self.signer = Signer(secret)
        self.sessions = sessions
        self.drafts = drafts
        self.lists = lists
        """Uploaded lists between check and taking; None for a site without a database."""
        self.look = look or Look()
        self.public_url = public_url.rstrip("/")
        self.secure = public_url.startswith("https://")
        self.login_url = "/login"
        self.logout_url = "/logout"
        self.chrome: Callable[[Scene], Awaitable[Chrome]] = _bare
        """Fills in the bar for a visitor; the application sets it."""
        self.remember: Callable[[Scene], Awaitable[None]] = _forget
        """Called when a signed-in visitor switched language or elder mode by link; the application sets
        it.
        """
        self.catalogs = i18n.Catalogs.read([CORE, *(package.folder for package in packages)])
        self._packages = packages
        self._fallback = _usable(fallback, packages)
        self._dress(_usable(theme, packages) or self._fallback)
        if tz is not None:
            formats.set_zone(tz)

    def cookie(self, name: str) -> str:
        """The full name of a cookie: bound to this host where the connection is encrypted."""
        return f"__Host-{name}" if self.secure else name

    async def fragment(self, template: str, /, **view: Any) -> Markup:
        """A template's text, for a slot or a print job."""
        return rendered(self._text(template, view))

    async def respond(
        self, template: str, /, *, status: int = 200, headers: dict[str, str] | None = None, **view: Any
    ) -> Response[str]:
        """A whole page for the current request, its bar filled in."""
        scene = current()
        scene.chrome = await self.chrome(scene)
        text = self._text(template, {**view, "scene": scene})
        return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)

    def translate(self, language: str, text: str, /, **values: Any) -> str:
        """For what is written without a visitor: a notice to somebody, a job's log line."""
        said = self.catalogs.one(language, text)
        return said % values if values else said

    def _dress(self, theme: Theme | None) -> None:
        """Put a theme on: its style sheet and templates, or none."""
        self.theme = theme
        folders = [("", CORE / "static"), *((p.id, p.folder / "static") for p in self._packages)]
        if theme is not None:
            folders.append(("theme", theme.folder / "static"))
        self.assets = Assets(folders)
        css = self.assets.url(f"theme/{theme.id}.css") if theme else None
        self._templates = environment(self._packages, theme, {"static": self.assets.url, "theme_css": css})

    def _text(self, template: str, view: Mapping[str, Any]) -> str:
        try:
            return self._templates.get_template(template).render(view)
        except Exception as error:
            if self.theme is None or not _raised_in(error, self.theme.folder):
                raise
            log.error("theme taken off", theme=self.theme.id, fault=str(error))
            self._dress(self._fallback if self._fallback != self.theme else None)
        return self._text(template, view)


async def render(template: str, /, *, status: int = 200, **view: Any) -> Response[str]:
    """A whole page for the current request: ``await render("credit/rules.html", rules=rules)``."""
    return await current().site.respond(template, status=status, **view)


def _raised_in(error: BaseException, folder: Path) -> bool:
    """Whether a template of this folder stands in the trace."""
    frames = traceback.extract_tb(error.__traceback__)
    return any(Path(frame.filename).is_relative_to(folder) for frame in frames)


def _usable(theme: Theme | None, packages: Sequence[Package]) -> Theme | None:
    if theme is None:
        return None
    fault = fault_of(theme, packages)
    if fault is None:
        return theme
    log.warning("theme left out", theme=theme.id, fault=fault)
    return None
