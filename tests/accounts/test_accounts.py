# SPDX-License-Identifier: Apache-2.0
"""Accounts as staff look after them: recovery in person, reset, unlock, devices; and nothing outside one's scope."""

import re
from contextlib import aclosing

import pytest
from tests.accounts.conftest import quick

from liren.identity.errors import BadLogin, TooMany
from liren.identity.register import departures, people
from liren.identity.signin import totp
from liren.identity.signin.accounts import open_account, set_password
from liren.identity.signin.profiles import ASVS
from liren.testing.browser import Browser
from liren.testing.clock import Clock
from liren.testing.street import Running, Visitor

PASSWORD = "井冈山下后 万木怒向阳"


async def with_password(street: Running, person: str, *, login_name: str = "lixiuying") -> str:
    """:returns: the account"""
    quick(street)
    stored = await street.street.identity.passwords.hash(PASSWORD)
    async with street.street.store.transaction("job:test") as tx:
        return await open_account(tx, person, login_name=login_name, password_hash=stored)


async def told(street: Running, person: str) -> list[str]:
    rows = await street.street.store.read("SELECT text FROM inbox_notice WHERE person = ? ORDER BY id", person)
    return [text for (text,) in rows]


async def audited(street: Running, what: str) -> list[tuple[str, str, str]]:
    return [
        (str(actor), str(subject), str(detail))
        for actor, subject, detail in await street.street.store.read(
            "SELECT actor, subject, detail FROM audit WHERE what = ? AND actor NOT LIKE 'job:%'", f"identity.{what}"
        )
    ]


def link_in(page: Browser) -> str:
    found = re.search(r"http[^\"]+(/login/once/[^\"]+)", page.answer.text)
    assert found is not None, page.text
    return found[1]


async def use(street: Running, link: str) -> Visitor:
    browser = street.visitor()
    await browser.send_form(link, link)
    return browser


async def test_a_forgotten_password_is_replaced_without_anybody_knowing_one(street: Running) -> None:
    clerk = await street.person("李敏芝", "identity.clerk")
    resident = await street.person("王秀兰")
    async with aclosing(await street.signed_in("李敏芝")) as desk:
        page = await Browser(desk).open(f"/people/{resident}/account")
        await page.press("发登录链接")
        assert page.errors, "how she was recognised has to be said"
        await page.press("发登录链接", 怎么认出是本人="看过身份证件")
        link = link_in(page)
        assert page.answer.headers["cache-control"] == "no-store"
    async with aclosing(await use(street, link)) as hers:
        page = await Browser(hers).open("/me/password")
        await page.press("保存", 新密码=PASSWORD, 再输一次新密码=PASSWORD)
        assert page.path == "/me"
    assert await audited(street, "link-made") == [(clerk, resident, '{"recognised": "id-card"}')]
    assert [text for text in await told(street, resident) if "李敏芝当面给您发了一个登录链接" in text]


async def test_recovery_of_staff_is_for_who_could_give_them_their_roles(street: Running) -> None:
    [first, second, *_] = await street.street.identity.units.all("community")
    clerk = await street.person("李敏芝", "identity.clerk", unit=first.code)
    await street.person("孙桂香", "identity.clerk", unit=first.code)
    await street.person("周大海", "identity.security", unit=second.code)
    await street.person("赵安国", "identity.security", unit=first.code)
    for name, status in (("孙桂香", 403), ("周大海", 404), ("赵安国", 200)):
        async with aclosing(await street.signed_in(name)) as desk:
            assert (await desk.get(f"/people/{clerk}/account")).status_code == status, name
            for step in ("link", "account/out", "account/unlock", "account/code", "account/off", "account/on"):
                sent = await desk.send_form("/me", f"/people/{clerk}/{step}", recognised="known")
                assert (sent.status_code in (200, 303)) == (status == 200), (name, step)


async def test_nobody_looks_after_their_own_account_there(street: Running) -> None:
    admin = await street.person("赵安国", "identity.security")
    async with aclosing(await street.signed_in("赵安国")) as desk:
        assert (await desk.get(f"/people/{admin}/account")).status_code == 404


async def test_a_lost_phone_is_reset_by_another_administrator_and_both_are_told(street: Running, clock: Clock) -> None:
    chief = await street.person("赵安国", "identity.security")
    clerk = await street.person("李敏芝", "identity.clerk")
    account, factors = await with_password(street, clerk), street.street.identity.factors
    secret = await factors.begin(account)
    await factors.confirm(account, totp.code_at(secret, totp.step_of(clock.now_ms())))
    async with aclosing(await street.signed_in("李敏芝")) as hers, aclosing(await street.signed_in("赵安国")) as desk:
        page = await Browser(desk).open(f"/people/{clerk}/account")
        await page.press("重置动态码")
        assert "动态码已重置" in page.root.text
        assert (await hers.get("/me")).status_code == 303
    assert not (await factors.of(account)).confirmed
    assert any("赵安国重置了您的动态码" in text for text in await told(street, clerk))
    assert any("您重置了李敏芝的动态码" in text for text in await told(street, chief))
    assert await audited(street, "totp-reset") == [(chief, clerk, "{}")]


async def test_a_locked_account_shows_until_when_and_is_unlocked(street: Running) -> None:
    await street.person("赵安国", "identity.security")
    clerk = await street.person("李敏芝", "identity.clerk", phone="19911110001")
    account, identity = await with_password(street, clerk), street.street.identity
    for n in range(ASVS.tries):
        with pytest.raises(BadLogin):
            await identity.logins.by_password("19911110001", f"猜一猜密码 {n}", address="a")
    with pytest.raises(TooMany):
        await identity.logins.by_password("19911110001", PASSWORD, address="a")
    with pytest.raises(TooMany) as known:
        await identity.logins.by_password("19911110001", PASSWORD, address="b")
    async with aclosing(await street.signed_in("赵安国")) as desk:
        page = await Browser(desk).open(f"/people/{clerk}/account")
        assert "试错太多，锁到" in page.text
        await page.press("解锁")
        assert "试错太多" not in page.text
    assert await identity.logins.by_password("19911110001", PASSWORD, address="a") == account
    assert len(await audited(street, "unlocked")) == 1
    for n in range(ASVS.tries):
        with pytest.raises(BadLogin):
            await identity.logins.by_password("19911119999", f"猜一猜密码 {n}", address="c")
    with pytest.raises(TooMany) as unknown:
        await identity.logins.by_password("19911119999", PASSWORD, address="c")
    assert known.value.zh == unknown.value.zh, "whether somebody exists is never said"


async def test_under_dengbao3_five_failures_lock_for_thirty_minutes_from_the_fifth(
    street: Running, clock: Clock
) -> None:
    clerk = await street.person("李敏芝", "identity.clerk")
    account, identity = await with_password(street, clerk), street.street.identity
    await dengbao3(street)
    for n in range(5):
        clock.forward(minutes=5)
        with pytest.raises(BadLogin):
            await identity.logins.by_password("lixiuying", f"猜一猜密码 {n}", address="a")
    clock.forward(minutes=29)
    with pytest.raises(TooMany):
        await identity.logins.by_password("lixiuying", PASSWORD, address="a")
    clock.forward(minutes=31)
    assert await identity.logins.by_password("lixiuying", PASSWORD, address="a") == account


async def dengbao3(street: Running, **more: bool) -> None:
    it = street.street
    await it.kernel.configure(
        it.store, "job:test", "identity", it.kernel.settings("identity").__class__(profile="dengbao3", **more)
    )


async def log_in(browser: Visitor, password: str = PASSWORD) -> Browser:
    page = await Browser(browser).open("/login")
    return await page.press("登录", 手机号或登录名="lixiuying", 密码=password)


async def test_under_dengbao3_an_old_password_is_changed_and_none_of_the_last_five_comes_back(
    street: Running, clock: Clock
) -> None:
    clerk = await street.person("李敏芝", "identity.clerk")
    account = await with_password(street, clerk)
    await dengbao3(street)
    clock.forward(days=91)
    async with aclosing(street.visitor()) as browser:
        page = await log_in(browser)
        assert page.title == "换一个新密码"
        assert "liren" not in browser.cookies
        await page.press("换好，登录", 新密码=PASSWORD, 再输一次新密码=PASSWORD)
        assert page.errors == ["最近 5 次用过的密码不能再用，请换一个新的。"] or "四类里的 3 类" in page.errors[0]
        await page.press("换好，登录", 新密码="春眠不觉晓花落", 再输一次新密码="春眠不觉晓花落")
        assert page.errors
        await page.press("换好，登录", 新密码="Chunmian-bujue-1", 再输一次新密码="Chunmian-bujue-1")
        assert page.title == "先设置动态码"
        assert "liren" not in browser.cookies
        shown = re.search(r'class="code">([A-Z2-7 ]+)<', page.answer.text)
        assert shown is not None
        secret = await street.street.identity.factors.waiting(account)
        await page.press("登录", 动态码=totp.code_at(secret, totp.step_of(clock.now_ms())))
        assert page.title == "动态码设好了"
        assert (await browser.get("/people")).status_code == 200
        clock.forward(minutes=21)
        assert (await browser.get("/people")).status_code == 303, "twenty minutes unseen, and staff are signed out"
    async with aclosing(street.visitor()) as browser:
        page = await log_in(browser, "Chunmian-bujue-1")
        await page.press("登录", 动态码=totp.code_at(secret, totp.step_of(clock.now_ms())))
        assert "上次登录：" in page.root.text


async def test_switching_to_stricter_rules_ends_sessions_that_do_not_meet_them(street: Running, clock: Clock) -> None:
    clerk = await street.person("李敏芝", "identity.clerk")
    await with_password(street, clerk)
    await street.person("王秀兰")
    async with aclosing(street.visitor()) as browser, aclosing(await street.signed_in("王秀兰")) as resident:
        await log_in(browser)
        assert (await browser.get("/people")).status_code == 200
        await dengbao3(street)
        assert (await browser.get("/people")).status_code == 303
        assert (await resident.get("/me")).status_code == 200


async def test_my_devices_are_listed_and_ended_one_by_one(street: Running) -> None:
    await street.person("王秀兰")
    clerk = await street.person("李敏芝", "identity.clerk")
    await with_password(street, clerk)
    async with aclosing(street.visitor()) as tablet, aclosing(street.visitor()) as phone:
        tablet.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/130 MicroMessenger/8.0"
        await log_in(tablet)
        await log_in(phone)
        async with aclosing(await street.signed_in("王秀兰")) as other:
            page = await Browser(phone).open("/me/devices")
            assert "微信 · Android" in page.text
            assert page.answer.text.count('/end"') == 1
            [end] = re.findall(r'action="(/me/devices/[^"]+/end)"', page.answer.text)
            foreign = await other.send_form("/me", end)
            assert foreign.status_code == 404, "another person's session is not mine to end"
            assert (await tablet.get("/me")).status_code == 200
        await page.press("让它退出")
        assert (await tablet.get("/me")).status_code == 303
        assert (await phone.get("/me")).status_code == 200


async def test_a_merged_and_a_deceased_persons_session_is_over(street: Running, clock: Clock) -> None:
    kept, gone = await street.person("王秀兰"), await street.person("王秀兰兰")
    dead = await street.person("李大爷")
    async with aclosing(await street.signed_in("王秀兰兰")) as one, aclosing(await street.signed_in("李大爷")) as two:
        async with street.street.store.transaction("job:test") as tx:
            await people.merge(tx, kept=kept, gone=gone, day=street.street.today())
            await departures.depart(tx, dead, street.street.today(), died=True)
        assert (await one.get("/me")).status_code == 303
        assert (await two.get("/me")).status_code == 303


async def test_a_reset_password_by_hand_ends_the_session_of_a_thief(street: Running) -> None:
    clerk = await street.person("李敏芝", "identity.clerk")
    account = await with_password(street, clerk)
    async with aclosing(street.visitor()) as thief:
        await log_in(thief)
        stored = await street.street.identity.passwords.hash("另外一个很长的密码呀呀呀")
        async with street.street.store.transaction("job:test") as tx:
            await set_password(tx, account, stored)
        assert (await thief.get("/me")).status_code == 303
