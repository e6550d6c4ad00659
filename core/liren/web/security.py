# SPDX-License-Identifier: Apache-2.0
"""The headers every answer carries, whoever made it."""

from collections.abc import Iterable

from litestar.types import Message

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000")
ALWAYS_OURS = frozenset({b"content-security-policy", b"x-content-type-options", b"strict-transport-security"})

RawHeaders = list[tuple[bytes, bytes]]


def secured(message: Message, *, secure: bool, private: bool, cookies: Iterable[bytes]) -> Message:
    """An ``http.response.start`` with our headers.

    A page may loosen the permissions policy (camera) and choose its own caching, but not the content
    security policy.

    :param secure: the site is reached through TLS
    :param private: the answer is for one signed-in person: no copy of it may be kept
    :param cookies: ready ``Set-Cookie`` values
    """
    raw: RawHeaders = list(message.get("headers", []))  # type: ignore[call-overload]
    given = [(name.lower(), value) for name, value in raw]
    headers = [(name, value) for name, value in given if name not in ALWAYS_OURS]
    present = {name for name, _ in headers}
    wanted = [*HEADERS, (b"cache-control", b"no-store" if private else b"private, no-cache")]
    headers += [(name, value) for name, value in wanted if name not in present]
    if secure:
        headers.append(HSTS)
    headers += [(b"set-cookie", cookie) for cookie in cookies]
    return {**message, "headers": headers}  # type: ignore[return-value]
