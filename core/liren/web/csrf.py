# SPDX-License-Identifier: Apache-2.0
"""A form is accepted only from a page this visitor was given.

The token is an HMAC of the session's id under a persisted secret; a visitor without a session gets a
signed random cookie to bind it to. An invalid cookie is simply replaced, so a changed secret locks
nobody out. Before the token, the browser's own word counts: ``Sec-Fetch-Site``, else ``Origin``.
"""

import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from liren.errors import LirenError

FIELD = "_csrf"
HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class StalePage(LirenError):
    """The form came from a page of another session, or from another site."""

    status = 403
    code = "stale-page"

    def __init__(self) -> None:
        super().__init__(
            "这个页面放得太久，或者您换了账号，所以没有提交。请返回上一页，刷新后再交一次。",
            "This page is too old or belongs to another sign-in, so nothing was sent. "
            "Go back, reload, and send it again.",
        )


class Signer:
    """Keyed hashes for cookies and tokens, each purpose apart from the others."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the site secret needs at least 32 bytes")
        self._secret = secret

    def mac(self, purpose: str, value: str) -> str:
        return hmac.digest(self._secret, f"{purpose}\0{value}".encode(), "sha256").hex()

    def seal(self, purpose: str, value: str) -> str:
        """``value.mac``: readable, not forgeable."""
        return f"{value}.{self.mac(purpose, value)}"

    def unseal(self, purpose: str, sealed: str | None) -> str | None:
        """The value again, or None when anybody else wrote it."""
        value, dot, mac = (sealed or "").rpartition(".")
        if not dot or not hmac.compare_digest(mac.encode(), self.mac(purpose, value).encode()):
            return None
        return value

    def token(self, bound_to: str) -> str:
        """A CSRF token; salted, so that compressed pages do not leak it."""
        salt = secrets.token_hex(8)
        return f"{salt}{self.mac('csrf', salt + bound_to)}"

    def token_fits(self, token: str, bound_to: str) -> bool:
        salt, mac = token[:16], token[16:]
        return hmac.compare_digest(mac.encode(), self.mac("csrf", salt + bound_to).encode())


def comes_from_here(headers: Mapping[str, str], public_url: str) -> bool:
    """What the browser says about the page a request came from; silence leaves it to the token."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        sender = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    return sender in {headers.get("host", "").lower(), urlsplit(public_url).netloc.lower()}
