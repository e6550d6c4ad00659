# SPDX-License-Identifier: Apache-2.0
"""What no page may leave out: headers, cookies, and the proof that a form was given to this visitor."""

from collections.abc import Callable

import httpx
import pytest
from litestar._parsers import parse_url_encoded_form_data

from liren.web.app import PageApp, read_cookies
from liren.web.csrf import Signer, comes_from_here
from liren.web.security import CSP

from .conftest import KEPT, browser_of, send, token_in

GOOD = {"title": "停水通知", "days": "3"}


@pytest.mark.parametrize("path", ["/notices", "/nowhere", "/fails/bug", "/fails/denied", "/api/fails", "/static/x"])
async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["content-security-policy"] == CSP
    assert "unsafe" not in CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["permissions-policy"].startswith("camera=()")
    assert "strict-transport-security" not in headers


async def test_behind_tls_cookies_are_bound_to_the_host_and_hsts_is_sent(build: Callable[..., PageApp]) -> None:
    async with browser_of(build(public_url="https://liren.example"), "https://liren.example") as client:
        page = await client.get("/notices/new")
        assert page.headers["strict-transport-security"] == "max-age=31536000"
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("__Host-liren-visit=")
        assert all(part in cookie for part in ("Path=/", "HttpOnly", "SameSite=Lax", "Secure"))
        assert "Domain" not in cookie


async def test_a_form_without_its_token_is_refused_in_words(client: httpx.AsyncClient) -> None:
    before = len(KEPT)
    answer = await client.post("/notices/new", data=GOOD)
    assert answer.status_code == 403
    assert "刷新后再交一次" in answer.text
    assert len(KEPT) == before


async def test_a_form_with_its_token_is_accepted_without_any_script(client: httpx.AsyncClient) -> None:
    answer = await send(client, "/notices/new", GOOD)
    assert answer.status_code == 303
    assert KEPT[-1].title == "停水通知"


async def test_a_token_of_another_visitor_is_refused(app: PageApp) -> None:
    async with browser_of(app) as mine, browser_of(app) as theirs:
        await mine.get("/notices/new")
        token = token_in(await theirs.get("/notices/new"))
        assert (await mine.post("/notices/new", data={**GOOD, "_csrf": token})).status_code == 403


async def test_a_token_from_before_signing_in_is_refused_after_it(client: httpx.AsyncClient) -> None:
    token = token_in(await client.get("/notices/new"))
    await client.post("/sign-in", data={"_csrf": token})
    assert (await client.post("/notices/new", data={**GOOD, "_csrf": token})).status_code == 403
    assert (await send(client, "/notices/new", GOOD)).status_code == 303


async def test_a_cookie_under_a_changed_secret_is_replaced_and_locks_nobody_out(build: Callable[..., PageApp]) -> None:
    async with browser_of(build(secret=b"the old secret, 32 bytes or more.")) as old:
        await old.get("/notices/new")
        cookies = dict(old.cookies)
    async with browser_of(build()) as client:
        client.cookies.set("liren-visit", cookies["liren-visit"], domain="127.0.0.1")
        assert (await client.get("/notices/new")).status_code == 200
        assert client.cookies["liren-visit"] != cookies["liren-visit"]
        assert (await send(client, "/notices/new", GOOD)).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://["},
    ],
)
async def test_a_form_sent_from_another_site_is_refused_even_with_a_token(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await send(client, "/notices/new", GOOD, headers=headers)).status_code == 403


def test_a_browser_that_says_nothing_is_left_to_the_token() -> None:
    assert comes_from_here({"host": "liren.example"}, "https://liren.example")
    assert comes_from_here({"host": "10.0.0.5:8000", "origin": "http://10.0.0.5:8000"}, "https://liren.example")
    assert comes_from_here({"host": "inner:1", "origin": "https://liren.example"}, "https://liren.example")


def test_signed_values_cannot_be_forged_or_moved_to_another_purpose() -> None:
    signer = Signer(b"x" * 32)
    sealed = signer.seal("notice", "good:abc")
    assert signer.unseal("notice", sealed) == "good:abc"
    assert signer.unseal("visit", sealed) is None
    assert signer.unseal("notice", sealed.replace("abc", "abd")) is None
    assert signer.unseal("notice", "") is None
    assert signer.unseal("notice", "好.坏") is None
    assert not signer.token_fits("坏" * 80, "visit:1")
    with pytest.raises(ValueError, match="32 bytes"):
        Signer(b"short")


async def test_words_for_the_next_page_cannot_be_planted_by_a_forged_cookie(client: httpx.AsyncClient) -> None:
    client.cookies.set("liren-notice", f"good:{'请转账'.encode().hex()}.{'0' * 64}")
    page = await client.get("/notices")
    assert "请转账" not in page.text
    assert "liren-notice=;" in page.headers["set-cookie"]


async def test_what_visitors_send_is_escaped(client: httpx.AsyncClient) -> None:
    page = await client.get("/notices", params={"said": "<script>alert(1)</script>\"'&"})
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def test_one_malformed_cookie_does_not_hide_the_others() -> None:
    assert read_cookies('a=1; bad; =x; b="2"; a=3; c={"j":1}') == {"a": "1", "": "x", "b": "2", "c": '{"j":1}'}


async def test_links_of_a_page_never_lead_to_another_host(client: httpx.AsyncClient) -> None:
    page = await client.get("http://127.0.0.1:8000//evil.example/notices")
    assert page.status_code == 404
    assert 'href="//' not in page.text


async def test_pages_of_a_signed_in_visitor_are_not_stored_anywhere(client: httpx.AsyncClient) -> None:
    assert (await client.get("/notices")).headers["cache-control"] == "private, no-cache"
    await send(client, "/sign-in", {})
    assert (await client.get("/notices")).headers["cache-control"] == "no-store"


async def test_what_was_typed_is_forgotten_with_its_request(client: httpx.AsyncClient) -> None:
    """A password sits in a form's body: nothing may keep the bodies that were parsed."""
    before = parse_url_encoded_form_data.cache_info().currsize
    assert (await send(client, "/notices/new", GOOD)).status_code == 303
    assert (await send(client, "/notices/new", {**GOOD, "days": "x"})).status_code == 422
    assert parse_url_encoded_form_data.cache_info().currsize == before
