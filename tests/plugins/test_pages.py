# SPDX-License-Identifier: Apache-2.0
"""The gate before every page, and what pages ask of all plugins."""

from typing import Any

import pytest

from liren import hookspecs
from liren.plugins import gather
from liren.plugins.services import Visitor, Who
from liren.plugins.specs import HookSpec
from liren.plugins.state import State

CANTEEN = """
@get("/menu", opt={"allow": Gate.ANYONE})
async def menu(ctx: Context) -> str:
    return f"{ctx.plugin} {ctx.visitor.name if ctx.visitor else 'nobody'} {ctx.now():%H:%M}"

@get("/mine", opt={"allow": Gate.SIGNED_IN})
async def mine(ctx: Context) -> str:
    return ctx.visitor.name

@post("/serve/{order:int}", status_code=200, opt={"allow": "canteen.serve"})
async def serve(ctx: Context, order: int) -> str:
    ctx.require("canteen.serve", "c1")
    return ctx.url("serve", order=order, tab="x")

@hookimpl
def register_routes():
    return [menu, mine, serve]

@hookimpl
def register_permissions():
    return [Permission("canteen.serve", _("核销"))]

@hookimpl
def nav_items():
    return [NavItem(_("我的"), "mine", order=2), NavItem(_("菜单"), "canteen.menu", order=1)]

@hookimpl
async def page_slot(ctx, slot):
    if slot == "home.main":
        return Fragment(await ctx.fragment("today.html", n=1), order=90)
"""


async def test_a_page_is_there_only_while_its_plugin_is_on(street: Any) -> None:
    street.plugin("canteen", CANTEEN)
    kernel = street.kernel("canteen")
    async with street.browser(kernel) as client:
        answer = await client.get("/canteen/menu")
        assert (answer.status_code, answer.text) == (200, "canteen nobody 09:30")
        kernel.states._states = {}
        kernel._apply()
        assert (await client.get("/canteen/menu")).status_code == 404
        # Not even a hint that the page exists: no redirect to the login.
        assert (await client.get("/canteen/mine")).status_code == 404


async def test_who_is_not_signed_in_is_sent_to_the_login_and_back(street: Any) -> None:
    street.plugin("canteen", CANTEEN)
    async with street.browser(street.kernel("canteen")) as client:
        answer = await client.get("/canteen/mine?day=2026-11-21")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?next=%2Fcanteen%2Fmine%3Fday%3D2026-11-21"
        form = {"referer": "http://street/canteen/menu"}
        answer = await client.post("/canteen/serve/3", headers=form)
        assert answer.headers["location"] == "/login?next=%2Fcanteen%2Fmenu"
        answer = await client.post("/canteen/serve/3", headers={"referer": "http://elsewhere/x"})
        assert answer.headers["location"] == "/login?next=%2F"
        answer = await client.get("/canteen/mine", headers={"hx-request": "true"})
        assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/login?next=%2Fcanteen%2Fmine")


async def test_a_permission_is_asked_for_before_the_handler_runs(street: Any) -> None:
    street.plugin("canteen", CANTEEN)
    town = street.town(
        street.person("curious"),
        street.person("clerk", canteen__serve=("c1",)),
        street.person("other", canteen__serve=("c2",)),
    )
    refused = ("curious", "page-refused", "curious")
    async with street.browser(street.kernel("canteen", town=town)) as client:
        for _ in range(3):
            assert (await client.post("/canteen/serve/3", headers={"x-person": "curious"})).status_code == 403
        assert town.audited in ([refused], [refused] * 2), "once a minute: knocking fills no disk"
        # The permission is there, the object is out of scope: for this person it does not exist.
        assert (await client.post("/canteen/serve/3", headers={"x-person": "other"})).status_code == 404
        answer = await client.post("/canteen/serve/3", headers={"x-person": "clerk"})
        assert (answer.status_code, answer.text) == (200, "/canteen/serve/3?tab=x")
        assert (await client.get("/canteen/mine", headers={"x-person": "curious"})).text == "curious"


async def test_a_pilot_works_for_one_community_alone(street: Any) -> None:
    street.plugin("canteen", CANTEEN)
    inside = street.person("inside", unit="g1", path="street/c1/g1/")
    outside = street.person("outside", unit="c10", path="street/c10/")
    above = street.person("above", unit="street", path="street/")
    kernel = street.kernel(town=street.town(inside, outside, above))
    kernel.states._states = {"canteen": State(enabled=True, pilot="c1")}
    kernel._apply()
    kernel._pilots = {"canteen": "street/c1/"}
    async with street.browser(kernel) as client:
        assert (await client.get("/canteen/menu", headers={"x-person": "inside"})).status_code == 200
        assert (await client.get("/canteen/menu", headers={"x-person": "above"})).status_code == 200
        assert (await client.get("/canteen/menu", headers={"x-person": "outside"})).status_code == 404
        assert (await client.get("/canteen/menu")).status_code == 404
    assert await kernel.context("canteen", inside).slot("home.main") != ""
    assert await kernel.context("canteen", outside).slot("home.main") == ""


async def test_slots_hold_what_each_plugin_gives_in_order(street: Any) -> None:
    street.plugin("canteen", CANTEEN)
    street.plugin(
        "zoo", "@hookimpl\nasync def page_slot(ctx, subject):\n    return await ctx.fragment('z.html', s=subject)"
    )
    kernel = street.kernel("canteen", "zoo")
    html = await kernel.context("canteen", Who()).slot("home.main", "p1")
    assert html.index("zoo/z.html") < html.index("canteen/today.html")
    assert "&#39;p1&#39;" in html
    assert "canteen" not in await kernel.context("zoo", Who()).slot("board.main")


@pytest.mark.parametrize(
    "code",
    [
        "raise ValueError('broken')",
        "raise SystemExit",
        "return 'plain text'",
        "return ctx.url('nowhere')",
        "await asyncio.sleep(30)",
        "raise asyncio.CancelledError",
        "raise TimeoutError",
    ],
)
async def test_a_broken_slot_shows_nothing_to_residents_and_a_notice_to_administrators(
    street: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hookspecs.SPECS, "page_slot", HookSpec("page_slot", "page", 0.05))
    street.plugin("zoo", f"import asyncio\n@hookimpl\nasync def page_slot(ctx):\n    {code}")
    street.plugin("canteen", CANTEEN)
    kernel = street.kernel("canteen", "zoo")
    seen_by_resident = await kernel.context("canteen", street.person("r")).slot("home.main")
    assert seen_by_resident == await kernel.context("canteen", Who()).fragment("today.html", n=1)
    administrator = street.person("a", admin__plugins=("street",))
    assert "[zoo: " in await kernel.context("canteen", administrator).slot("home.main")
    assert kernel.caller.faults[-1].plugin == "zoo"


async def test_what_is_not_yours_to_see_is_no_fault(street: Any) -> None:
    street.plugin("zoo", "@hookimpl\ndef page_slot(ctx):\n    ctx.require('zoo.keep')")
    kernel = street.kernel("zoo")
    assert await kernel.context("zoo", Who()).slot("home.main") == ""
    assert not kernel.caller.faults


async def test_the_menu_shows_what_one_may_open(street: Any) -> None:
    street.plugin("canteen", CANTEEN)
    street.plugin("zoo", "@hookimpl\ndef nav_items():\n    return [NavItem('x', 'nowhere')]")
    kernel = street.kernel("canteen", "zoo")
    nobody = await gather.navigation(kernel, kernel.context("zoo", Who()), "desk")
    assert [(link.title, link.url) for link in nobody] == [("菜单", "/canteen/menu")]
    somebody = await gather.navigation(kernel, kernel.context("zoo", street.person("p")), "desk")
    assert [link.route for link in somebody] == ["canteen.menu", "canteen.mine"]
    assert kernel.caller.faults[-1].what == "LookupError: no route called zoo.nowhere"


async def test_todos_come_urgent_first_and_figures_in_load_order(street: Any) -> None:
    todo = """
from datetime import date
@hookimpl
async def todo_items(ctx):
    return [Todo("later", "/b"), Todo("soon", "/a", due=date(2026, 11, 22))]
@hookimpl
def figures():
    return [Figure("zoo.bears", "熊", 2, "只")]
"""
    street.plugin("zoo", todo)
    kernel = street.kernel("zoo")
    ctx = kernel.context("zoo", street.person("p"))
    assert [t.title for t in await gather.todos(kernel, ctx)] == ["soon", "later"]
    assert [f.value for f in await gather.figures(kernel, ctx)] == [2]


async def test_texts_are_in_the_visitors_language_with_their_places_filled(street: Any) -> None:
    street.plugin("zoo", "")
    kernel = street.kernel("zoo")
    assert kernel.context("zoo", Who()).t("还剩 {days} 天", days=3) == "还剩 3 天"
    english = Who(Visitor("p1", "a1", "Wang Fang", language="en"))
    assert kernel.context("zoo", english).t("100%") == "100%@en"


@pytest.mark.parametrize(
    ("hook", "wrong"),
    [
        ("figures", "Figure('zoo.bears', '熊', '2', '只')"),
        ("figures", "Figure('zoo.bears', '熊', 2, '只', trend=(1, None))"),
        ("todo_items", "Todo('喂食', '/zoo', due='2026-11-21')"),
        ("nav_items", "NavItem('动物', 'zoo', place='somewhere')"),
        ("nav_items", "NavItem(None, 'zoo')"),
    ],
)
async def test_a_field_of_the_wrong_type_is_the_plugins_fault_not_the_pages(street: Any, hook: str, wrong: str) -> None:
    street.plugin("zoo", f"@hookimpl\ndef {hook}():\n    return [{wrong}]")
    kernel = street.kernel("zoo")
    assert await kernel.caller.each(hook, kernel.context("zoo", Who())) == []
    assert "not Sequence[" in kernel.caller.faults[-1].what


async def test_health_checks_of_enabled_plugins_are_run_and_a_broken_one_is_a_finding(street: Any) -> None:
    street.plugin(
        "zoo",
        """
async def fed(ctx):
    return Health(True, "昨天喂过")
async def lost(ctx):
    raise ValueError("where is it?")
@hookimpl
def register_health_checks():
    return [HealthCheck("fed", _("喂食"), fed), HealthCheck("lost", _("走失"), lost)]
""",
    )
    kernel = street.kernel("zoo")
    found = await gather.health(kernel, kernel.context("zoo", Who()))
    assert [(check.title, check.health.ok) for check in found] == [("喂食", True), ("走失", False)]
    assert found[1].health.text == "ValueError: where is it?"
    assert await gather.health(street.kernel(), kernel.context("zoo", Who())) == []
