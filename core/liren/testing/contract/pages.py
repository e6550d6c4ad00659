# SPDX-License-Identifier: Apache-2.0
"""Who may open which page, and that pages are gone while the plugin is off."""

from contextlib import aclosing

import httpx

from liren.plugins.types import Gate
from liren.testing.contract.subject import address, its
from liren.testing.html import parse
from liren.testing.street import CSRF, Running, Visitor

__all__ = [
    "test_an_empty_form_is_answered",
    "test_every_role_opens_what_it_may_and_nothing_else",
    "test_it_loads_and_can_be_enabled",
    "test_its_pages_are_gone_while_it_is_off",
    "test_its_pages_ask_who_one_is",
    "test_its_public_pages_open",
]


NUMBERS = "甲乙丙丁戊己庚辛壬癸"


async def token_of(visitor: Visitor) -> str:
    """A CSRF token of this visitor's, so that what is refused is refused for its own reason."""
    found = CSRF.search((await visitor.get("/me")).text) or CSRF.search((await visitor.get("/login")).text)
    assert found is not None
    return found[1]


def said(what: str, answer: httpx.Response) -> str:
    """What came back, as a person reads it; a fault's trace stands in the captured log."""
    page = parse(answer.text)
    return f"{what}: {answer.status_code} {(page.first('main') or page).text[:500]}"


async def test_it_loads_and_can_be_enabled(street: Running, plugin: str) -> None:
    loaded = its(street, plugin)
    assert plugin in street.street.kernel.enabled
    assert loaded.manifest.title


async def test_its_public_pages_open(street: Running, plugin: str) -> None:
    async with street.visitor() as visitor:
        for route in its(street, plugin).routes:
            if "GET" in route.methods and route.allow is Gate.ANYONE:
                answer = await visitor.get(address(route))
                places = "{" in route.path
                assert answer.status_code in ((200, 400, 404) if places else (200, 303)), said(route.name, answer)


async def test_its_pages_ask_who_one_is(street: Running, plugin: str) -> None:
    async with street.visitor() as visitor:
        for route in its(street, plugin).routes:
            if "GET" in route.methods and route.allow is not Gate.ANYONE:
                answer = await visitor.get(address(route))
                assert answer.status_code == 303, f"{route.name} opens without login"
                assert answer.headers["location"].startswith("/login?next="), route.name


async def test_every_role_opens_what_it_may_and_nothing_else(street: Running, plugin: str) -> None:
    """Every route, read and sent, by somebody with each of the street's roles and somebody with none."""
    routes = [route for route in its(street, plugin).routes if isinstance(route.allow, str)]
    roles = {role.name: set(role.permissions) for one in street.street.kernel.plugins.values() for role in one.roles}
    for number, (role, held) in enumerate([("", set[str]()), *roles.items()] if routes else []):
        name = f"岗{NUMBERS[number // 10]}{NUMBERS[number % 10]}"
        await street.person(name, *([role] if role else []))
        async with aclosing(await street.signed_in(name)) as visitor:
            form = {"_csrf": await token_of(visitor), "_key": "k" * 22}
            for route in routes:
                for method in sorted(route.methods & {"GET", "POST"}):
                    if method == "POST" and route.allow in held:
                        continue  # sent by test_an_empty_form_is_answered
                    data = form if method == "POST" else None
                    answer = await visitor.request(method, address(route), data=data)
                    who = role or "nobody in particular"
                    asked = f"{method} {route.path} by {who}"
                    if route.allow in held:
                        assert answer.status_code < 500, said(asked, answer)
                    else:
                        assert answer.status_code == 403, (
                            f"{asked}: {answer.status_code}; {route.allow} is not among its permissions"
                        )


async def test_an_empty_form_is_answered(street: Running, plugin: str) -> None:
    """By a person who may do everything: a question back, or nothing to do; never a fault."""
    loaded = its(street, plugin)
    await street.person("全能", *street.street.identity.who.titles)
    async with aclosing(await street.signed_in("全能")) as visitor:
        token = await token_of(visitor)
        for route in loaded.routes:
            if "POST" in route.methods:
                answer = await visitor.post(address(route), data={"_csrf": token, "_key": "k" * 22})
                assert answer.status_code < 500, said(f"POST {route.path}", answer)


async def test_its_pages_are_gone_while_it_is_off(street: Running, plugin: str) -> None:
    routes, kernel = its(street, plugin).routes, street.street.kernel
    for other in reversed(list(kernel.plugins.values())):
        if plugin in other.manifest.requires:
            await kernel.disable(street.street.store, "job:test", other.id)
    await kernel.disable(street.street.store, "job:test", plugin)
    async with street.visitor() as visitor:
        form = {"_csrf": await token_of(visitor), "_key": "k" * 22}
        for route in routes:
            for method in sorted(route.methods & {"GET", "POST"}):
                answer = await visitor.request(method, address(route), data=form if method == "POST" else None)
                assert answer.status_code == 404, f"{method} {route.path} answers {answer.status_code} while off"
        assert (await visitor.get("/")).status_code == 200
