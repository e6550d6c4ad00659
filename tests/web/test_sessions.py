# SPDX-License-Identifier: Apache-2.0
"""Signing in and out: an id the visitor made up is never adopted, and nothing is written without need."""

import httpx

from .conftest import Sessions, send


async def test_signing_in_gives_a_new_id_and_shows_who_it_is(client: httpx.AsyncClient, sessions: Sessions) -> None:
    assert (await send(client, "/sign-in", {})).status_code == 303
    first = client.cookies["liren"]
    assert "王秀兰" in (await client.get("/notices")).text
    await send(client, "/sign-in", {})
    assert client.cookies["liren"] != first
    assert len(sessions.rows) == 1, "the session before it has ended"


async def test_an_id_chosen_by_the_client_is_refused_and_its_cookie_ended(client: httpx.AsyncClient) -> None:
    client.cookies.set("liren", "chosen-by-an-attacker")
    page = await client.get("/notices")
    assert "王秀兰" not in page.text
    assert "liren=; " in page.headers["set-cookie"]
    client.cookies.clear()
    client.cookies.set("liren", "chosen-by-an-attacker", domain="127.0.0.1")
    await send(client, "/sign-in", {})
    assert client.cookies.get("liren", domain="127.0.0.1") != "chosen-by-an-attacker"


async def test_the_store_never_sees_what_the_cookie_holds(client: httpx.AsyncClient, sessions: Sessions) -> None:
    await send(client, "/sign-in", {})
    assert client.cookies["liren"] not in sessions.rows
    assert all(len(key) == 64 for key in sessions.rows)


async def test_reading_pages_writes_nothing_and_an_equal_value_writes_nothing(
    client: httpx.AsyncClient, sessions: Sessions
) -> None:
    await send(client, "/sign-in", {})
    before = sessions.writes
    await client.get("/notices")
    await client.get("/notices")
    assert sessions.writes == before
    await send(client, "/remember", {"person": "p-1"})
    await send(client, "/remember", {"person": "p-1"})
    assert sessions.writes == before + 1


async def test_after_signing_out_the_old_cookie_opens_nothing(client: httpx.AsyncClient) -> None:
    await send(client, "/sign-in", {})
    old = client.cookies["liren"]
    await send(client, "/sign-out", {})
    assert "liren" not in client.cookies
    client.cookies.set("liren", old)
    assert "王秀兰" not in (await client.get("/notices")).text
