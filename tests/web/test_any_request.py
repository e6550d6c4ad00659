# SPDX-License-Identifier: Apache-2.0
"""Whatever arrives, bytes and all: an answer below 500, with its headers, and never a trace."""

import asyncio
from typing import Any
from urllib.parse import unquote_to_bytes

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liren.web.app import PageApp
from liren.web.security import CSP
from liren.web.site import Site

from .conftest import NOTICES, ROUTES, SECRET, Sessions

APP = PageApp(ROUTES, Site(secret=SECRET, packages=[NOTICES], sessions=Sessions()))
PATHS = ["/notices", "/notices/new", "/notices/7", "/styleguide", "/static/x/liren.css", "/api/x", "/sign-in", "/"]
NAMES = [b"cookie", b"accept", b"accept-encoding", b"content-type", b"origin", b"sec-fetch-site", b"hx-request"]

raw = st.binary(max_size=30)
paths = st.tuples(st.sampled_from(PATHS), st.text(max_size=12)).map("".join)
queries = st.one_of(raw, st.sampled_from([b"page=%ff", b"lang=%00&elder=1", b"said=%ed%a0%80", b"size=%F0%9F"]))
cookies = st.sampled_from(
    [b"liren=x; liren-visit=a.b", b"liren-notice=good:zz.0", b"liren-look=.", b'a="', b"=;;=\xff"]
)
headers = st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(raw, cookies)), max_size=4)
methods = st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])


async def ask(method: str, path: str, query: bytes, sent: list[tuple[bytes, bytes]], body: bytes) -> list[Any]:
    """One request as a server hands it over; what the application answered."""
    answered: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        answered.append(message)

    raw_path = path.encode("utf-8", "surrogatepass")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(raw_path).decode("utf-8", "replace"),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), *sent],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 8000),
    }
    await APP(scope, receive, send)
    return answered


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(methods, paths, queries, headers, raw)
def test_no_request_whatsoever_gets_a_5xx(
    method: str, path: str, query: bytes, sent: list[tuple[bytes, bytes]], body: bytes
) -> None:
    start, *_ = asyncio.run(ask(method, path, query, sent, body))
    assert 200 <= start["status"] < 500
    assert dict(start["headers"])[b"content-security-policy"] == CSP.encode()
