# SPDX-License-Identifier: Apache-2.0
"""Signing in and my account in the real application, as residents and attackers use them; on both databases."""

import asyncio
import re

import pytest
from tests.identity.conftest import PASSWORD
from tests.identity.street import Browser, link_for, resident

from liren.identity.service import Identity
from liren.web.app import PageApp

Folk = dict[str, str]


async def test_signing_in_leads_to_the_page_that_was_asked_for(app: PageApp, staff: str) -> None:
    browser = Browser(app)
    asked = await browser.get("/people?q=wxl")
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Fpeople%3Fq%3Dwxl")
    form = await browser.get(asked.headers["location"])
    assert 'value="/people?q=wxl"' in form.text
    answer = await browser.sign_in("limin", PASSWORD, to="/people?q=wxl")
    assert (answer.status_code, answer.headers["location"]) == (303, "/people?q=wxl")
    assert "王秀兰" in (await browser.get("/people?q=wxl")).text


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "/login", "/logout", ""])
async def test_nobody_is_sent_to_another_site_after_login(app: PageApp, staff: str, to: str) -> None:
    answer = await Browser(app).sign_in("limin", PASSWORD, to=to)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_wrong_password_keeps_the_name_and_says_what_to_do(app: PageApp, staff: str) -> None:
    browser = Browser(app)
    answer = await browser.sign_in("limin", "不是这个密码呀")
    assert answer.status_code == 401
    assert 'value="limin"' in answer.text
    assert "不是这个密码呀" not in answer.text
    assert "登录链接" in answer.text
    empty = await browser.sign_in("", "")
    assert empty.status_code == 422
    assert "请填写手机号或登录名" in empty.text
    unknown = await browser.sign_in("nobody", "不是这个密码呀")
    said = [re.search(r"<li>(.*?)</li>", page.text) for page in (answer, unknown)]
    assert said[0] is not None
    assert said[1] is not None
    assert said[0][1] == said[1][1]


async def test_too_many_tries_are_told_to_wait(app: PageApp, staff: str) -> None:
    browser = Browser(app)
    answers = [await browser.sign_in("limin", f"猜一猜密码 {n}") for n in range(9)]
    assert [a.status_code for a in answers] == [401] * 8 + [429]
    assert "分钟后再试" in answers[-1].text


async def test_a_session_id_planted_before_login_is_worthless_after_it(app: PageApp, staff: str) -> None:
    victim = Browser(app)
    victim.take("planted-by-the-attacker")
    assert (await victim.sign_in("limin", PASSWORD)).status_code == 303
    first = victim.session_id
    assert first is not None
    assert first != "planted-by-the-attacker"
    attacker = Browser(app)
    attacker.take("planted-by-the-attacker")
    assert (await attacker.get("/me")).status_code == 303
    assert (await victim.get("/me")).status_code == 200
    await victim.send("/me", "/logout")
    thief = Browser(app)
    thief.take(first)
    assert (await thief.get("/me")).status_code == 303


async def test_a_link_is_not_used_up_by_a_preview_and_works_once(app: PageApp, identity_: Identity, folk: Folk) -> None:
    url = f"/login/once/{await link_for(identity_, folk['王秀兰'])}"
    for _ in range(3):
        preview = await Browser(app).get(url)
        assert preview.status_code == 200
        assert preview.headers["cache-control"] == "no-store"
        assert "王秀兰" in preview.text
    answers = await asyncio.gather(*(_press(app, url) for _ in range(20)))
    assert sorted(answers) == [303] + [410] * 19
    spent = await Browser(app).get(url)
    assert spent.status_code == 410
    assert "链接不能用了" in spent.text


async def _press(app: PageApp, url: str) -> int:
    browser = Browser(app)
    form = await browser.get("/login")
    csrf = re.search(r'name="_csrf" value="([^"]+)"', form.text)
    assert csrf is not None
    return (await browser.http.post(url, data={"_csrf": csrf[1]})).status_code


async def test_a_form_without_its_token_is_refused(app: PageApp, staff: str) -> None:
    browser = Browser(app)
    answer = await browser.http.post("/login", data={"name": "limin", "password": PASSWORD})
    assert answer.status_code == 403
    assert browser.session_id is None


async def test_a_resident_sees_what_the_street_knows_and_nothing_in_the_clear(
    app: PageApp, identity_: Identity, folk: Folk
) -> None:
    browser = await resident(app, identity_, folk["王秀兰"])
    page = (await browser.get("/me")).text
    assert "199****0001" in page
    assert "19900000001" not in page
    assert "379901196411220003" not in page
    assert "桃园社区" in page
    assert (await browser.get("/people")).status_code == 403
    assert (await browser.get("/units")).status_code == 403


async def test_elder_mode_and_language_stay_with_the_account(app: PageApp, identity_: Identity, folk: Folk) -> None:
    here = await resident(app, identity_, folk["王秀兰"])
    assert 'class=" elder"' in (await here.get("/me?elder=1")).text
    assert "My account" in (await here.get("/me?lang=en")).text
    elsewhere = await resident(app, identity_, folk["王秀兰"])
    page = (await elsewhere.get("/me")).text
    assert 'class=" elder"' in page
    assert "My account" in page
    stranger = Browser(app)
    assert 'class=" elder"' in (await stranger.get("/login?elder=1")).text
    assert 'class=" elder"' in (await stranger.get("/login")).text


async def test_who_forgot_the_password_sets_a_new_one_after_the_link(
    app: PageApp, identity_: Identity, staff: str
) -> None:
    elsewhere = Browser(app)
    await elsewhere.sign_in("limin", PASSWORD)
    here = await resident(app, identity_, staff)
    bad = await here.send("/me/password", "/me/password", {"new": "123456789012", "again": "123456789012"})
    assert bad.status_code == 422
    assert "太容易被猜到" in bad.text
    differ = await here.send("/me/password", "/me/password", {"new": "又一个好密码呀", "again": "又一个好密码吗"})
    assert "两次输入的新密码不一样" in differ.text
    done = await here.send("/me/password", "/me/password", {"new": "又是一个好密码呀", "again": "又是一个好密码呀"})
    assert "密码至少要 12 个字符" in done.text  # she works for the street
    new = "又是一个好密码呀，好长好长"
    done = await here.send("/me/password", "/me/password", {"new": new, "again": new})
    assert done.status_code == 303
    assert (await here.get("/me")).status_code == 200
    assert (await elsewhere.get("/me")).status_code == 303
    again = await here.send("/me/password", "/me/password", {"new": "第三个好密码呀", "again": "第三个好密码呀"})
    assert "现在的密码不对" in again.text
    assert (await Browser(app).sign_in("limin", new)).status_code == 303
