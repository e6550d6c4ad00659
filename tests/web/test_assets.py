# SPDX-License-Identifier: Apache-2.0
"""Static files: kept for ever by browsers, small enough for a phone, and the vendored one unchanged."""

import gzip
import hashlib
import re

import httpx
import pytest

from liren.web.site import Site
from liren.web.templates import CORE
from liren.web.themes import choose

from .conftest import NOTICES, SECRET

HTMX_SHA256 = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"
"""Of dist/htmx.min.js in the package htmx.org 2.0.10; its licence (0BSD) stands beside it."""
BUDGET_BYTES = 60 * 1024


def test_the_vendored_htmx_is_the_published_one_with_its_licence() -> None:
    vendor = CORE / "static/vendor"
    assert hashlib.sha256((vendor / "htmx.min.js").read_bytes()).hexdigest() == HTMX_SHA256
    assert "Zero-Clause BSD" in (vendor / "htmx.LICENSE").read_text()


@pytest.mark.parametrize("path", ["/notices", "/notices/new", "/styleguide/resident", "/styleguide/case"])
async def test_all_style_and_script_of_a_page_fit_into_60_kb(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    urls = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js))"', page.text)
    assert len(urls) == 4
    sizes = [len(gzip.compress((await client.get(url)).content, 9)) for url in urls]
    assert sum(sizes) <= BUDGET_BYTES
    assert sum(sizes) + len(gzip.compress(page.content)) <= 100 * 1024


async def test_a_hashed_address_is_kept_for_ever_and_an_old_one_is_asked_again(client: httpx.AsyncClient) -> None:
    theme, _ = choose(None)
    site = Site(secret=SECRET, packages=[NOTICES], theme=theme)
    url = site.assets.url("liren.css")
    assert re.fullmatch(r"/static/[0-9a-f]{12}/liren\.css", url)
    answer = await client.get(url)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    old = await client.get("/static/000000000000/liren.css")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    assert old.content == answer.content


async def test_text_is_sent_compressed_to_those_who_take_it(client: httpx.AsyncClient) -> None:
    packed = await client.get("/static/x/liren.css")
    plain = await client.get("/static/x/liren.css", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content


async def test_a_plugins_files_stand_under_its_own_name_and_nothing_else_is_served(client: httpx.AsyncClient) -> None:
    assert (await client.get("/static/x/notices/note.txt")).status_code == 200
    for path in ("/static/x/../app.py", "/static/x/%2e%2e/app.py", "/static/x/notices/../../conftest.py", "/static/"):
        assert (await client.get(path)).status_code == 404
