# SPDX-License-Identifier: Apache-2.0
"""Every page of core and plugins, asked by everybody, with sense and without: never a 5xx, a trace, a naked answer."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.prove import PROVING

from liren.plugins.plugin import Route
from liren.plugins.types import Gate
from liren.testing.street import CSRF, Running, Visitor, small_street

PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")
HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy")
NONSENSE = (
    "",
    "0",
    "-1",
    "１２",
    "张三",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "9" * 400,
    "../../etc/passwd",
    "\u202e",
    "9999-12-31",
)
DATABASES = ("sqlite", "postgres") if PROVING else ("sqlite",)
ENDS = "?month=0001-01&day=9999-12-31&since=0001-01-01&until=9999-12-31"
"""Days a calendar has and nobody can add one to."""
PARAMETERS = ("x", "0", "-1", "%00", "%F0%9F%98%80", "a" * 300, "9999-12", "9999-12-31")


@pytest.fixture(params=DATABASES)
def kind(request: pytest.FixtureRequest) -> str:
    """``make prove`` asks on both databases; pages and gates are the same code."""
    found: str = request.param
    return found


@pytest.fixture
def where(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Not asynchronous: a fixture that is cannot ask for another by name."""
    url: str = str(tmp_path / "liren.sqlite") if kind == "sqlite" else request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def running(where: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", where) as street:
        yield street


def filled(path: str, value: str) -> str:
    return PLACE.sub(lambda place: "7" if place[2] == "int" else value, path)


def routes(running: Running) -> list[Route]:
    return [route for plugin in running.street.kernel.plugins.values() for route in plugin.routes]


async def everybody(running: Running) -> list[Visitor]:
    """A stranger, a resident, and last somebody who may do everything: whom every value gets past the gate."""
    await running.person("卢淑萍")
    await running.person("全能", *running.street.identity.who.titles)
    return [running.visitor(), await running.signed_in("卢淑萍"), await running.signed_in("全能")]


async def test_no_page_breaks_and_every_answer_carries_the_headers(running: Running) -> None:
    asked = 0
    visitors = await everybody(running)
    for visitor in visitors:
        parameters = PARAMETERS if visitor is visitors[-1] else PARAMETERS[:2]
        for route in routes(running):
            if "GET" not in route.methods:
                continue
            for value in parameters if "{" in route.path else ("",):
                for query in ("", "?page=-1&q=%27&unit=x&month=13&category=%00", ENDS):
                    answer = await visitor.get(filled(route.path, value) + query)
                    asked += 1
                    assert answer.status_code < 500, f"{route.name} {value!r}{query}: {answer.text[-2000:]}"
                    assert "Traceback" not in answer.text, route.name
                    assert not [h for h in HEADERS if h not in answer.headers], route.name
                    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
        await visitor.aclose()
    assert asked > 100


async def test_no_form_breaks_on_nonsense(running: Running) -> None:
    visitors = await everybody(running)
    for visitor in visitors:
        nonsense = NONSENSE if visitor is visitors[-1] else NONSENSE[:2]
        page = (await visitor.get("/login")).text
        token = CSRF.search(page) or CSRF.search((await visitor.get("/me")).text)
        assert token is not None
        for route in routes(running):
            if "POST" not in route.methods or route.name == "identity.logout":
                continue
            for value in nonsense:
                names = (
                    "name",
                    "unit",
                    "code",
                    "points",
                    "stock",
                    "quantity",
                    "date",
                    "day",
                    "since",
                    "until",
                    "phone",
                    "person",
                    "rule",
                    "title",
                )
                fields = dict.fromkeys(names, value) | {"_csrf": token[1], "_key": "k" * 22}
                answer = await visitor.post(filled(route.path, "x"), data=fields)
                assert answer.status_code < 500, f"{route.name} {value!r}: {answer.text[-2000:]}"
                assert "<script>alert(1)</script>" not in answer.text, route.name
            broken = await visitor.post(
                filled(route.path, "x"), content=b"\xff\xfe", headers={"content-type": "text/x"}
            )
            assert broken.status_code in (400, 403, 404, 415, 422), route.name
        await visitor.aclose()


async def test_every_form_is_refused_without_its_token(running: Running) -> None:
    for visitor in await everybody(running):
        for route in routes(running):
            if "POST" in route.methods:
                answer = await visitor.post(filled(route.path, "x"), data={"_key": "k" * 22})
                assert answer.status_code == 403, route.name
        await visitor.aclose()


async def test_who_lacks_the_permission_sees_nothing_of_any_page(running: Running) -> None:
    stranger = running.visitor()
    gated = [route for route in routes(running) if route.allow is not Gate.ANYONE and "GET" in route.methods]
    for route in gated:
        answer = await stranger.get(filled(route.path, "x"))
        assert answer.status_code == 303, route.name
        assert answer.headers["location"].startswith("/login?next="), route.name
    assert len(gated) > 10
    await stranger.aclose()
