# SPDX-License-Identifier: Apache-2.0
"""A plugin's page in the console: what it brings, on for one community, off; what is wrong and what to do."""

import re
from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest

from liren.errors import LirenError
from liren.plugins.manifest import Refusal
from liren.plugins.state import State, save
from liren.testing.street import Running

PAGE = "/admin/plugins/market"


async def test_a_page_says_what_a_plugin_is_and_brings(street: Running, staff: Any) -> None:
    admin = await staff("admin.system")
    assert f'href="{PAGE}"' in (await admin.get("/admin/plugins")).text
    page = (await admin.get(PAGE)).text
    for words in (
        "liren-market",
        "全街道都在用",
        "market_order",
        "/market",
        "liren plugin remove market --export market.zip",
    ):
        assert words in page
    forms = re.findall(r'<form method="post" action="([^"]+)"', page)
    assert not any("install" in action or "remove" in action for action in forms)


async def test_it_is_piloted_in_one_community_widened_and_switched_off(street: Running, staff: Any) -> None:
    admin = await staff("admin.system")
    community = next(iter(await street.street.identity.units.all("community")))
    assert (await admin.send_form(PAGE, f"{PAGE}/on", pilot=community.code)).status_code == 303
    assert f"正在 {community.name} 试点" in (await admin.get(PAGE)).text
    assert "试点" in (await admin.get("/admin/plugins")).text
    await admin.send_form(PAGE, f"{PAGE}/on", pilot="*")
    assert "全街道都在用" in (await admin.get(PAGE)).text
    await admin.send_form(PAGE, f"{PAGE}/off")
    assert "未启用" in (await admin.get(PAGE)).text
    unknown = await admin.send_form(PAGE, f"{PAGE}/on", pilot="nowhere")
    assert unknown.status_code == 404


async def test_what_is_required_says_by_whom(street: Running, staff: Any) -> None:
    kernel = street.street.kernel
    market = kernel.plugins["market"]
    manifest = msgspec.structs.replace(market.manifest, requires=("credit",))
    kernel.plugins = {**kernel.plugins, "market": replace(market, manifest=manifest)}
    admin = await staff("admin.system")
    page = (await admin.get("/admin/plugins/credit")).text
    assert "market 要用它" in page
    assert 'action="/admin/plugins/credit/off"' not in page


async def test_settings_that_no_longer_fit_are_shown_with_their_values(street: Running, staff: Any) -> None:
    kernel = street.street.kernel
    stored = State(enabled=True, settings='{"publicity_days": 999, "show_names": true}')
    await save(street.street.store, "job:test", "credit", stored, "plugins.configure")
    await kernel.refresh(street.street.store)
    admin = await staff("admin.system")
    page = (await admin.get("/admin/plugins/credit")).text
    assert "有设置不再合用" in page
    assert "publicity_days: 999" in page
    assert "要看一看" in (await admin.get("/admin/plugins")).text
    assert kernel.settings("credit").publicity_days == 7


async def test_a_plugin_that_did_not_start_says_why_and_what_to_do(street: Running, staff: Any) -> None:
    error = LirenError("模块 pantry 已隔离。", "Plugin pantry is quarantined.", code="quarantined")
    street.street.kernel.refused = (Refusal("pantry", "liren-pantry", error),)
    admin = await staff("admin.system")
    assert "模块 pantry 已隔离。" in (await admin.get("/admin/plugins")).text
    page = (await admin.get("/admin/plugins/pantry")).text
    assert "liren plugin retry pantry" in page
    assert "街道照常运行" in page


async def test_a_plugin_taken_away_by_hand_is_shown_with_its_data(street: Running, staff: Any) -> None:
    store = street.street.store
    async with store.transaction("job:test") as tx:
        await tx.sql("CREATE TABLE pantry_menu (id TEXT)")
        await tx.sql("INSERT INTO pantry_menu VALUES ('m1')")
        await tx.sql("INSERT INTO migration (app, id, ran_ms) VALUES ('pantry', '0001', 0)")
    admin = await staff("admin.system")
    assert "数据还在（1 行）" in (await admin.get("/admin/plugins")).text
    page = (await admin.get("/admin/plugins/pantry")).text
    assert "pantry_menu" in page
    assert "liren plugin remove pantry" in page


@pytest.mark.parametrize("path", ["/admin/plugins/nowhere", "/admin/plugins/ledger"])
async def test_what_is_no_plugin_has_no_page(street: Running, staff: Any, path: str) -> None:
    admin = await staff("admin.system")
    assert (await admin.get(path)).status_code == 404


async def test_nobody_else_switches_plugins(street: Running, resident: Any) -> None:
    answer: httpx.Response = await resident.get(PAGE)
    assert answer.status_code == 403
