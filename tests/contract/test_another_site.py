# SPDX-License-Identifier: Apache-2.0
"""Signing in through another site and back: bound to the browser that left, once, and no way around anything."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from liren.testing.site import Site
from liren.testing.street import Running, Visitor, small_street

PLUGINS = Path(__file__).parent / "plugins"
WAY = "/login/by/gate.site"


@pytest.fixture
async def running(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    site = Site(tmp_path / "site")
    site.install(PLUGINS / "liren-gate")
    monkeypatch.syspath_prepend(site.path)
    async with small_street(tmp_path / "home", database) as street:
        yield street
    sys.modules.pop("liren_gate", None)


async def leaving(visitor: Visitor, wanted: str = "") -> str:
    """:returns: the state the other site is given"""
    answer = await visitor.get(WAY, params={"next": wanted})
    away = urlsplit(answer.headers["location"])
    assert (answer.status_code, away.netloc) == (303, "gate.example")
    query = parse_qs(away.query)
    assert query["redirect_uri"][0].endswith(f"{WAY}/back")
    return query["state"][0]


async def back(visitor: Visitor, state: str, code: str = "ticket-1") -> httpx.Response:
    return await visitor.get(f"{WAY}/back", params={"state": state, "code": code})


async def test_a_resident_goes_there_and_comes_back_to_the_page_they_wanted(running: Running) -> None:
    await running.person("王秀兰", phone="13800138000")
    async with running.visitor() as visitor:
        assert "用大门登录" in (await visitor.get("/login")).text
        state = await leaving(visitor, "/me/devices")
        done = await back(visitor, state)
        assert (done.status_code, done.headers["location"]) == (303, "/me/devices")
        assert (await visitor.get("/me")).status_code == 200
        assert (await back(visitor, state)).status_code == 410, "that way back is used up"
    async with running.visitor() as victim, running.visitor() as attacker:
        foreign = await leaving(attacker)
        assert (await back(victim, foreign)).status_code == 410, "who never left is not signed in to another's account"
        own = await leaving(victim)
        assert (await back(victim, foreign)).status_code == 410
        assert (await back(victim, own)).status_code == 410, "one wrong return ends it"
        unknown = await leaving(victim)
        assert (await back(victim, unknown, "made-up")).headers["location"] == "/login"
        assert (await victim.get("/me")).status_code == 303


async def test_a_family_is_asked_and_staff_show_their_second_factor(running: Running) -> None:
    await running.person("王秀兰", phone="13800138000")
    chief = await running.person("周大海", "identity.security", phone="13800138000")
    async with running.visitor() as visitor:
        page = (await back(visitor, await leaving(visitor))).text
        assert "您是哪一位" in page
        hidden = {
            name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("_csrf", "_key", "step")
        }
        asked = await visitor.post(f"{WAY}/choice", data={**hidden, "person": chief})
        assert "先设置动态码" in asked.text
        assert (await visitor.get("/desk")).status_code == 303
