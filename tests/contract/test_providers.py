# SPDX-License-Identifier: Apache-2.0
"""Hooks through which a plugin provides something to the core: signing in, forwarding, searching, hearing."""

import time
from contextlib import aclosing
from types import ModuleType
from typing import Any

import pytest

from liren.identity.signin.totp import code_at, step_of
from liren.testing.street import Running, Visitor

WAY = "/login/by/relay.sms"


async def typed(visitor: Visitor, phone: str) -> str:
    """The page that asks for the code."""
    answer = await visitor.send_form(WAY, WAY, typed=phone)
    assert answer.status_code == 200
    return answer.text


def hidden(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


async def answered(visitor: Visitor, page: str, code: str) -> Any:
    fields = {name: hidden(page, name) for name in ("_csrf", "_key", "step")}
    return await visitor.post(f"{WAY}/answer", data={**fields, "answer": code})


async def test_a_resident_signs_in_by_a_plugins_way_and_a_code_works_once(running: Running, relay: ModuleType) -> None:
    await running.person("王秀兰", phone="13800138000")
    async with running.visitor() as visitor:
        assert "短信验证码登录" in (await visitor.get("/login")).text
        page = await typed(visitor, "13800138000")
        assert "短信里的 6 位数字" in page
        wrong = await answered(visitor, page, "000000")
        assert wrong.status_code == 401
        page = await typed(visitor, "13800138000")
        right = await answered(visitor, page, "135790")
        assert right.status_code == 303
        assert "王秀兰" in (await visitor.get("/home")).text
    async with running.visitor() as other:
        again = await answered(other, page.replace(hidden(page, "_csrf"), ""), "135790")
        assert again.status_code in (401, 403)


async def test_an_unknown_phone_gets_the_same_pages_and_no_session(running: Running, relay: ModuleType) -> None:
    async with running.visitor() as visitor:
        page = await typed(visitor, "13900139000")
        refused = await answered(visitor, page, "135790")
        assert refused.status_code == 401
        assert (await visitor.get("/home")).status_code == 303


async def test_a_family_that_shares_a_phone_is_asked_who_it_is(running: Running, relay: ModuleType) -> None:
    for name in ("王秀兰", "王小明"):
        await running.person(name, phone="13800138000")
    async with running.visitor() as visitor:
        page = await typed(visitor, "13800138000")
        choice = (await answered(visitor, page, "135790")).text
        assert "您是哪一位" in choice
        fields = {name: hidden(choice, name) for name in ("_csrf", "_key", "step")}
        person = choice.partition("王小明")[0].rpartition('name="person" value="')[2].partition('"')[0]
        stranger = await visitor.post(f"{WAY}/choice", data={**fields, "person": "somebody"})
        assert stranger.status_code == 404
        assert (await visitor.post(f"{WAY}/choice", data={**fields, "person": person})).status_code == 303
        assert "王小明" in (await visitor.get("/home")).text


async def test_a_step_is_sealed_ends_after_ten_minutes_and_codes_are_not_guessed_for_long(
    running: Running, relay: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.person("王秀兰", phone="13800138000")
    async with running.visitor() as visitor:
        page = await typed(visitor, "13800138000")
        step = hidden(page, "step")
        altered = page.replace(step, ("B" if step[0] == "A" else "A") + step[1:])
        assert (await answered(visitor, altered, "135790")).status_code == 410
        for _ in range(6):
            assert (await answered(visitor, page, "000000")).status_code == 401
        assert (await answered(visitor, page, "000000")).status_code == 429
        page = await typed(visitor, "13800138000")
        real = time.time_ns
        monkeypatch.setattr(time, "time_ns", lambda: real() + 11 * 60 * 10**9)
        assert (await answered(visitor, page, "135790")).status_code == 410


async def test_a_way_whose_plugin_is_off_is_not_there(running: Running) -> None:
    street = running.street
    await street.kernel.disable(street.store, "job:test", "relay")
    async with running.visitor() as visitor:
        assert "短信验证码登录" not in (await visitor.get("/login")).text
        assert (await visitor.get(WAY)).status_code == 404
        assert (await visitor.get("/login/by/relay.fax")).status_code == 404


async def test_notices_are_forwarded_once_and_a_failing_way_is_asked_again(running: Running, relay: ModuleType) -> None:
    person = await running.person("王秀兰")
    street = running.street
    ctx = await running.acting("inbox")
    await ctx.notify(person, "积分到账了。", "/home")
    await ctx.notify(person, "坏天气，明天停餐。", "/home")
    for _ in range(2):
        await running.run("inbox", "forward")
    assert [(person, "积分到账了。", "/home")] == relay.SENT
    rows = await street.store.read("SELECT text FROM inbox_notice WHERE forwarded_ms IS NULL")
    assert rows == [("坏天气，明天停餐。",)]


async def test_staff_find_people_units_and_what_plugins_know_inside_their_scope(running: Running) -> None:
    [first, second, *_] = await running.street.identity.units.all("community")
    await running.person("王秀兰", unit=first.code)
    await running.person("王小明", unit=second.code)
    await running.person("李梅", "identity.clerk", unit=first.code)
    clerk = await running.signed_in("李梅")
    page = (await clerk.get("/search?q=王")).text
    assert "王秀兰" in page
    assert "王小明" not in page
    page = (await clerk.get("/search?q=门")).text
    assert "传话：门" in page
    assert "&lt;b&gt;门铃" in page
    assert first.name in (await clerk.get(f"/search?q={first.name[:2]}")).text
    assert "没有找到" in (await clerk.get("/search?q=没有这样的东西")).text
    await clerk.aclose()


async def test_events_reach_an_installed_plugin(running: Running, relay: ModuleType) -> None:
    ctx = await running.acting("relay")
    async with ctx.transaction() as tx:
        await tx.emit(relay.Knocked("p1", "2026-11-22"))
    await running.street.events.look()
    assert [event.read(relay.Knocked) for event in relay.HEARD if event.name == "relay.knocked"] == [
        relay.Knocked("p1", "2026-11-22")
    ]
    assert [rule.name for rule in ctx.rule_templates() if rule.name.startswith("relay.")] == ["relay.visit"]


async def test_a_way_of_a_module_does_not_lead_around_a_second_factor(running: Running, relay: ModuleType) -> None:
    person = await running.person("李敏", "identity.clerk", phone="13800138000")
    [(account,)] = await running.street.store.read("SELECT id FROM login_account WHERE person = ?", person)
    factors, now_ms = running.street.identity.factors, running.street.identity.now_ms()
    secret = await factors.begin(account)
    await factors.confirm(account, code_at(secret, step_of(now_ms)))
    async with running.visitor() as visitor:
        page = await typed(visitor, "13800138000")
        asked = await answered(visitor, page, "135790")
        assert asked.status_code == 200
        assert "还差一步" in asked.text
        assert (await visitor.get("/desk")).status_code == 303, "no session before the second step"
        fields = {name: hidden(asked.text, name) for name in ("_csrf", "_key", "pending")}
        done = await visitor.post("/login/code", data={**fields, "code": code_at(secret, step_of(now_ms) + 1)})
        assert done.status_code == 303
        assert (await visitor.get("/desk")).status_code == 200


async def test_one_who_must_have_a_second_factor_enrols_also_after_a_modules_way(
    running: Running, relay: ModuleType
) -> None:
    await running.person("周大海", "identity.security", phone="13800138001")
    async with running.visitor() as visitor:
        page = await typed(visitor, "13800138001")
        asked = await answered(visitor, page, "135790")
        assert "先设置动态码" in asked.text
        assert (await visitor.get("/desk")).status_code == 303


async def test_a_resident_changes_their_number_by_the_code_that_went_to_it(running: Running, relay: ModuleType) -> None:
    me = await running.person("王秀兰", phone="13800138000")
    await running.person("王小明", phone="13900139000")
    async with aclosing(await running.signed_in("王秀兰")) as visitor:
        assert (await visitor.send_form("/me/phone", "/me/phone", number="139")).status_code == 422
        page = (await visitor.send_form("/me/phone", "/me/phone", number="139 0013 9000")).text
        assert "139****9000" in page
        fields = {name: hidden(page, name) for name in ("_csrf", "_key", "step")}
        wrong = await visitor.post("/me/phone/answer", data={**fields, "answer": "000000"})
        assert wrong.status_code == 401
        by_login = {**fields, "answer": "135790"}
        assert (await visitor.post(f"{WAY}/answer", data=by_login)).status_code == 410, "no step of signing in"
        page = (await visitor.send_form("/me/phone", "/me/phone", number="13900139000")).text
        fields = {name: hidden(page, name) for name in ("_csrf", "_key", "step")}
        async with aclosing(await running.signed_in("王小明")) as other:
            theirs = hidden((await other.get("/me/phone")).text, "_csrf")
            stolen = await other.post("/me/phone/answer", data={**fields, "_csrf": theirs, "answer": "1"})
            assert stolen.status_code == 401, "somebody else's step"
        page = (await visitor.send_form("/me/phone", "/me/phone", number="13900139000")).text
        fields = {name: hidden(page, name) for name in ("_csrf", "_key", "step")}
        right = await visitor.post("/me/phone/answer", data={**fields, "answer": "135790"})
        assert right.status_code == 303
        shown = (await visitor.get("/me")).text
        assert "139****9000" in shown
        assert "家里还有人在用" in shown
        assert "本人换过手机号" in shown
        assert [person for person, text, _ in relay.SENT if "要换成 139****9000" in text] == [me], "the old number"
        notices = (await visitor.get("/inbox/")).text
        assert "您换了手机号" in notices
