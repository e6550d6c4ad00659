# SPDX-License-Identifier: Apache-2.0
"""What is dangerous asks for a proof that is minutes old, keeps what was sent meanwhile, and comes back."""

import re
from contextlib import aclosing

from tests.accounts.conftest import quick
from tests.identity.street import secret_of

from liren.identity.signin import totp
from liren.identity.signin.accounts import set_password
from liren.testing.browser import Browser
from liren.testing.clock import Clock
from liren.testing.street import Running

PASSWORD = "井冈山下后 万木怒向阳"


async def clerk(street: Running, *roles: str) -> tuple[str, str]:
    """李秀英, with a password; :returns: her person and account."""
    quick(street)
    person = await street.person("李秀英", *roles)
    [(account,)] = await street.street.store.read("SELECT id FROM login_account WHERE person = ?", person)
    stored = await street.street.identity.passwords.hash(PASSWORD)
    async with street.street.store.transaction("job:test") as tx:
        await set_password(tx, account, stored)
    return person, account


async def test_a_stale_session_is_asked_and_comes_back(street: Running, clock: Clock) -> None:
    await clerk(street, "admin.system")
    async with aclosing(await street.signed_in("李秀英", fresh=False)) as browser:
        assert (await browser.get("/me/code/new")).status_code == 200
        clock.forward(minutes=16)
        assert (await browser.get("/admin/plugins")).status_code == 200, "looking needs no fresh proof"
        asked = await browser.get("/me/code/new", headers={"referer": f"{browser.base_url}/me/code"})
        assert asked.status_code == 303
        assert asked.headers["location"].startswith("/again?next=%2Fme%2Fcode%2Fnew&back=%2Fme%2Fcode")
        old = browser.cookies["liren"]
        page = await Browser(browser).open(asked.headers["location"])
        assert page.title == "再确认一次是您本人"
        await page.press("确认", 密码="不是这个密码")
        assert page.errors == ["密码不对，请再试一次。"]
        await page.press("确认", 密码=PASSWORD)
        assert page.path == "/me/code/new"
        assert browser.cookies["liren"] != old
        done = await street.street.store.read("SELECT count(*) FROM audit WHERE what = 'identity.proved-again'")
        assert done == [(1,)]


async def test_a_form_that_was_sent_too_late_is_not_lost(street: Running, clock: Clock) -> None:
    await clerk(street, "admin.system")
    async with aclosing(await street.signed_in("李秀英", fresh=False)) as browser:
        page = await Browser(browser).open("/admin/settings/identity")
        clock.forward(minutes=16)
        await page.press("保存", 登录规则="等保三级（GB/T 22239-2019）", 三员分立=True)
        assert page.title == "再确认一次是您本人"
        assert "您刚才填的都还在" in page.text
        assert street.street.identity.profile().name == "asvs"
        await page.press("确认", 密码=PASSWORD)
        assert page.title == "确认好了"
        await page.press("继续")
        assert street.street.identity.profile().name == "dengbao3"
        assert street.street.identity.settings().separate_duties


async def test_a_kept_form_is_its_senders_and_goes_nowhere_else(street: Running, clock: Clock) -> None:
    await clerk(street, "admin.system")
    await street.person("赵磊", "admin.system")
    async with aclosing(await street.signed_in("李秀英", fresh=False)) as browser:
        page = await Browser(browser).open("/admin/settings/identity")
        clock.forward(minutes=16)
        await page.press("保存", 登录规则="等保三级（GB/T 22239-2019）")
        kept = page.fields("/again")["held"]
        assert "dengbao3" not in kept
        away = await browser.send_form("/me", "/again/held?to=https://evil.example/", x="1")
        assert "evil.example" not in away.text
    async with aclosing(await street.signed_in("赵磊")) as other:
        sent = await other.send_form("/me", "/again", secret="x", held=kept)
        assert "dengbao3" not in sent.text


async def test_with_an_authenticator_the_code_is_asked_and_not_the_password(street: Running, clock: Clock) -> None:
    _, account = await clerk(street, "admin.system")
    factors = street.street.identity.factors
    secret = await factors.begin(account)
    await factors.confirm(account, totp.code_at(secret, totp.step_of(clock.now_ms())))
    async with aclosing(await street.signed_in("李秀英", fresh=False)) as browser:
        clock.forward(minutes=16)
        page = await Browser(browser).open("/me/code/new")
        await page.press("确认", 动态码=PASSWORD)
        assert page.errors, "a password is no proof where there is an authenticator"
        await page.press("确认", 动态码=totp.code_at(secret, totp.step_of(clock.now_ms())))
        assert page.path == "/me/code/new"
        shown = re.search(r'class="code">([A-Z2-7 ]+)<', page.answer.text)
        assert shown is not None
        assert secret_of(shown[1]) != secret


async def test_who_has_no_password_is_told_kindly(street: Running, clock: Clock) -> None:
    await street.person("王秀兰")
    async with aclosing(await street.signed_in("王秀兰", fresh=False)) as browser:
        clock.forward(minutes=16)
        page = await Browser(browser).open("/me/code/new")
        assert "请社区工作人员再给您一个登录链接" in page.text
        assert "确认" not in [button.text for button in page.main.all("button")]


async def test_under_dengbao3_a_proof_counts_for_five_minutes(street: Running, clock: Clock) -> None:
    await clerk(street)
    admin = street.street
    settings = admin.kernel.settings("identity").__class__(profile="dengbao3")
    await admin.kernel.configure(admin.store, "job:test", "identity", settings)
    async with aclosing(await street.signed_in("李秀英", fresh=False)) as browser:
        clock.forward(minutes=4)
        assert (await browser.get("/me/code/new")).status_code == 200
        clock.forward(minutes=2)
        assert (await browser.get("/me/code/new")).status_code == 303


async def test_no_page_asks_a_stranger_to_prove_who_they_are(street: Running) -> None:
    routes = [route for plugin in street.street.kernel.plugins.values() for route in plugin.routes]
    assert {route.name for route in routes if route.step_up} >= {
        "audit.take_file", "privacy.erase", "privacy.hand_out", "identity.roles", "admin.save_settings",
    }  # fmt: skip
    async with aclosing(street.visitor()) as stranger:
        answer = await stranger.get("/me/code/new")
        assert answer.headers["location"].startswith("/login?next=")
