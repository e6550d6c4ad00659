# SPDX-License-Identifier: Apache-2.0
"""What every page of a request knows: who looks, in which language and size, what was just said to them.

One object a request, reached through :func:`current`; templates see it as ``scene``.
"""

import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, quote, urlencode

from liren.plugins.services import Visitor
from liren.web.sessions import Session

if TYPE_CHECKING:
    from liren.web.site import Site

NoticeKind = Literal["good", "wait", "bad"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence at the top of the next page."""

    text: str
    kind: NoticeKind = "good"


@dataclass(frozen=True, slots=True)
class NavLink:
    """One entry of the bar's navigation."""

    title: str
    url: str
    count: int = 0
    """Work waiting there; 0 shows nothing."""


@dataclass(frozen=True, slots=True)
class Chrome:
    """What surrounds a page: the application fills it in for each visitor."""

    nav: tuple[NavLink, ...] = ()
    account: tuple[NavLink, ...] = ()
    """Links under the visitor's own name."""
    role: str = ""
    """审核员, 商户 …: shown beside the visitor's name on staff pages."""
    home: str = "/"


@dataclass(slots=True)
class Scene:
    """The state of one request as pages see it."""

    site: "Site"
    session: Session
    method: str = "GET"
    path: str = "/"
    query: str = ""
    language: str = "zh"
    elder: bool = False
    htmx: bool = False
    """The request came from htmx, not from the browser itself."""
    reference: str = field(default_factory=lambda: new_reference())
    """Number of this request: on the error page and in the log."""
    said: Notice | None = None
    """What the previous page left to say."""
    visit: str | None = None
    """Random id of a visitor without a session, as far as their cookie was ours."""
    cookies: dict[str, str] = field(default_factory=dict)
    """Cookies to send with the answer: name (without prefix) → value, empty to end it."""
    chrome: Chrome = field(default_factory=Chrome)
    draft: tuple[str, str] | None = None
    """(name, request key) of the draft-keeping form that was sent: ended when the answer leads on."""

    @property
    def visitor(self) -> Visitor | None:
        return self.session.visitor

    @property
    def csrf(self) -> str:
        """The token for a form on this page; gives a visitor without a session something to bind it to."""
        return self.site.signer.token(self.bound_to(create=True))

    def bound_to(self, *, create: bool = False) -> str:
        """What this visitor's tokens are bound to; empty when they have nothing yet."""
        if self.session.id is not None:
            return f"session:{self.session.bound}"
        if self.visit is None and create:
            self.visit = secrets.token_urlsafe(16)
            self.cookies["liren-visit"] = self.site.signer.seal("visit", self.visit)
        return f"visit:{self.visit}" if self.visit else ""

    def say(self, text: str, kind: NoticeKind = "good") -> None:
        """Leave a sentence for the next page (a redirect's, usually); signed, so nobody else can put
        words there.
        """
        plain = text[:300].encode().hex()
        self.cookies["liren-notice"] = self.site.signer.seal("notice", f"{kind}:{plain}")

    def here(self, **changes: str | int) -> str:
        """The address of this page with some query values changed; an empty value leaves one out.

        After a form that came back with errors there is no such page to return to: then the site's front.
        """
        if self.method not in {"GET", "HEAD"}:
            return "/?" + urlencode(changes)
        kept = [(k, v) for k, v in parse_qsl(self.query) if k not in changes]
        query = urlencode(kept + [(k, str(v)) for k, v in changes.items() if v != ""])
        # Never two slashes in front: that would be another host.
        path = quote("/" + self.path.lstrip("/"))
        return f"{path}?{query}" if query else path


def read_notice(sealed: str | None, site: "Site") -> Notice | None:
    """The sentence a cookie of ours carries."""
    value = site.signer.unseal("notice", sealed)
    if value is None:
        return None
    kind, _, plain = value.partition(":")
    text = bytes.fromhex(plain).decode()
    return Notice(text, "wait" if kind == "wait" else "bad" if kind == "bad" else "good")


SAYABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_reference() -> str:
    """Eight characters that are easy to say on the telephone (no 0/O, 1/I/L)."""
    number, said = secrets.randbelow(len(SAYABLE) ** 8), ""
    for _ in range(8):
        number, at = divmod(number, len(SAYABLE))
        said += SAYABLE[at]
    return said


_current: ContextVar[Scene] = ContextVar("liren_scene")


def current() -> Scene:
    """The scene of the request being answered; LookupError outside of one."""
    return _current.get()


def enter(scene: Scene) -> None:
    _current.set(scene)
