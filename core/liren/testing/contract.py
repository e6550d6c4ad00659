# SPDX-License-Identifier: Apache-2.0
"""The contract, as tests a plugin runs on itself::

from liren.testing.contract import *  # noqa: F403

@pytest.fixture
def plugin():
    return "canteen"
"""

import re
from contextlib import aclosing
from typing import Any

import pytest

from liren.plugins.plugin import Plugin, Route
from liren.plugins.types import Erased, Gate, PersonalData, Retain
from liren.testing.street import Running
from liren.web.strings import bare, misplaced, missing

__all__ = [
    "test_a_person_without_entries_can_be_exported_and_erased",
    "test_every_text_has_its_english",
    "test_it_loads_and_can_be_enabled",
    "test_its_pages_are_gone_while_it_is_off",
    "test_its_pages_ask_for_their_permission",
    "test_its_public_pages_open",
]

SAMPLES = {"int": "1", "float": "1.5", "date": "2026-11-21", "uuid": "00000000-0000-4000-8000-000000000000"}


def its(street: Running, plugin: str) -> Plugin:
    """The plugin, or why it did not load."""
    said = {refusal.plugin: refusal.error.en for refusal in street.street.kernel.refused}
    assert plugin not in said, said.get(plugin)
    assert plugin in street.street.kernel.plugins, f"no plugin {plugin} is installed"
    return street.street.kernel.plugins[plugin]


def address(route: Route) -> str:
    """The route's path with something in every place."""
    return re.sub(r"\{[^}:]+(?::([^}]+))?\}", lambda m: SAMPLES.get(m[1] or "", "x"), route.path)


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
                assert answer.status_code in ((200, 400, 404) if places else (200, 303)), f"{route.name}: {answer.text}"


async def test_its_pages_ask_for_their_permission(street: Running, plugin: str) -> None:
    await street.person("无权人")
    visitor, without = street.visitor(), await street.signed_in("无权人")
    async with visitor, aclosing(without):
        for route in its(street, plugin).routes:
            if "GET" not in route.methods or route.allow is Gate.ANYONE:
                continue
            answer = await visitor.get(address(route))
            assert answer.status_code == 303, f"{route.name} opens without login"
            assert answer.headers["location"].startswith("/login?next="), route.name
            if route.allow is not Gate.SIGNED_IN:
                assert (await without.get(address(route))).status_code == 403, (
                    f"{route.name} opens without {route.allow}"
                )


async def test_its_pages_are_gone_while_it_is_off(street: Running, plugin: str) -> None:
    routes, kernel = its(street, plugin).routes, street.street.kernel
    for other in reversed(list(kernel.plugins.values())):
        if plugin in other.manifest.requires:
            await kernel.disable(street.street.store, "job:test", other.id)
    await kernel.disable(street.street.store, "job:test", plugin)
    async with street.visitor() as visitor:
        for route in routes:
            if "GET" in route.methods:
                assert (await visitor.get(address(route))).status_code == 404, route.name
        assert (await visitor.get("/")).status_code == 200


async def test_a_person_without_entries_can_be_exported_and_erased(street: Running, plugin: str) -> None:
    hooks = {impl.hook: impl for impl in its(street, plugin).impls}
    if not {"export_person", "erase_person"} & set(hooks):
        pytest.skip("the plugin holds no personal data")
    person = await street.person("过路人")
    ctx = await street.acting(plugin)
    caller = street.street.kernel.caller
    async with street.street.store.transaction("job:test"):
        exported = await answer_of(caller, "export_person", plugin, ctx, person)
        assert all(isinstance(one, PersonalData) for one in exported)
        erased = await answer_of(caller, "erase_person", plugin, ctx, person)
        assert isinstance(erased, Erased | Retain)
        assert erased.rows == 0


async def answer_of(caller: Any, hook: str, plugin: str, ctx: Any, person: str) -> Any:
    answers = await caller.every(hook, ctx, person=person)
    return next(answer.value for answer in answers if answer.plugin == plugin)


async def test_every_text_has_its_english(street: Running, plugin: str) -> None:
    folder = its(street, plugin).folder
    core = street.street.site.catalogs.english
    findings = [*missing(folder, core), *misplaced(folder)]
    for template in sorted(folder.rglob("templates/**/*.html")):
        findings += bare(template)
    assert not findings, "\n".join(str(finding) for finding in findings)
