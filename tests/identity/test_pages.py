# SPDX-License-Identifier: Apache-2.0
"""Identity's pages in the real application, as residents, staff and attackers use them; on both databases."""

import asyncio
import re

import pytest
from tests.identity.conftest import PASSWORD
from tests.identity.street import ADDRESS, Browser

from liren.identity import accounts, links
from liren.identity.service import Identity
from liren.web.app import PageApp

Folk = dict[str, str]


async def link_for(identity_: Identity, person: str) -> str:
    async with identity_.store.transaction("job:test") as tx:
        return await links.make(tx, await accounts.open_account(tx, person))


async def resident(app: PageApp, identity_: Identity, person: str) -> Browser:
    browser, url = Browser(app), f"/login/once/{await link_for(identity_, person)}"
    answer = await browser.send(url, url)
    assert answer.status_code == 303
    return browser


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
    assert "纸质签字" in page
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
    bad = await here.send("/me/password", "/me/password", {"new": "12345678", "again": "12345678"})
    assert bad.status_code == 422
    assert "太容易被猜到" in bad.text
    differ = await here.send("/me/password", "/me/password", {"new": "又一个好密码呀", "again": "又一个好密码吗"})
    assert "两次输入的新密码不一样" in differ.text
    done = await here.send("/me/password", "/me/password", {"new": "又是一个好密码", "again": "又是一个好密码"})
    assert done.status_code == 422  # seven characters
    done = await here.send("/me/password", "/me/password", {"new": "又是一个好密码呀", "again": "又是一个好密码呀"})
    assert done.status_code == 303
    assert (await here.get("/me")).status_code == 200
    assert (await elsewhere.get("/me")).status_code == 303
    again = await here.send("/me/password", "/me/password", {"new": "第三个好密码呀", "again": "第三个好密码呀"})
    assert "现在的密码不对" in again.text
    assert (await Browser(app).sign_in("limin", "又是一个好密码呀")).status_code == 303


async def test_staff_of_one_community_see_nothing_of_another(
    app: PageApp, identity_: Identity, folk: Folk, staff: str
) -> None:
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    assert "没有找到" in (await browser.get("/people?q=欧阳")).text
    other, own, unknown = folk["欧阳锋"], folk["王秀兰"], "nobodynobodynobodyno"
    assert (await browser.get(f"/people/{own}")).status_code == 200
    answers = [await browser.get(f"/people/{person}") for person in (other, unknown, staff)]
    assert [a.status_code for a in answers] == [404] * 3
    for action in ("phone", "link"):
        answers = [
            await browser.send(f"/people/{own}", f"/people/{person}/{action}") for person in (other, unknown, staff)
        ]
        assert [a.status_code for a in answers] == [404] * 3
    for url in ("/units/laojie", "/units/liren", "/units/nowhere"):
        assert (await browser.get(url)).status_code == 404
    assert (await browser.get("/units/taoyuan")).status_code == 200
    assert "老街" not in (await browser.get("/units")).text
    assert "老街" not in (await browser.get("/units?q=社区")).text


@pytest.mark.parametrize("odd", ["%00", "a%00b", "..%2f..", "%F0%9F%92%A9", "x" * 3000, "%27%3B--"])
async def test_odd_addresses_are_never_a_fault_of_ours(app: PageApp, chief: str, odd: str) -> None:
    browser = Browser(app)
    await browser.sign_in("zhaolei", PASSWORD)
    pages = ("/people/{}", "/people/{}/roles", "/people/lists/{}", "/units/{}", "/units/{}/add", "/login/once/{}")
    queries = ("/people?q={}", "/units?q={}", "/units/taoyuan?page={}", "/login?next={}", "/me?lang={}")
    for url in (*pages, *queries):
        assert (await browser.get(url.format(odd))).status_code < 500
    for url in (
        "/people/{}/phone",
        "/people/{}/link",
        "/people/{}/roles",
        "/people/{}/roles/{}/end",
        "/people/lists/{}",
    ):
        assert (await browser.send("/units/taoyuan/add", url.format(odd, odd))).status_code < 500


async def test_a_look_at_a_phone_is_audited(app: PageApp, identity_: Identity, folk: Folk, staff: str) -> None:
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    url = f"/people/{folk['王秀兰']}"
    masked = (await browser.get(url)).text
    assert "199****0001" in masked
    assert "19900000001" not in masked
    assert "19900000001" in (await browser.send(url, f"{url}/phone")).text
    rows = await identity_.store.read("SELECT actor, subject FROM audit WHERE what = 'identity.phone-seen'")
    assert rows == [(staff, folk["王秀兰"])]


async def test_staff_hand_a_resident_a_link_that_works(
    app: PageApp, identity_: Identity, folk: Folk, staff: str
) -> None:
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    url = f"/people/{folk['王小兰']}"
    page = await browser.send(url, f"{url}/link")
    found = re.search(rf'value="({ADDRESS}/login/once/[^"]+)"', page.text)
    assert found is not None
    her = Browser(app)
    assert (await her.send(found[1], found[1])).status_code == 303
    assert "王小兰" in (await her.get("/me")).text


async def test_a_clerk_cannot_make_a_key_to_somebody_with_power(
    app: PageApp, identity_: Identity, folk: Folk, staff: str, chief: str
) -> None:
    boss = Browser(app)
    await boss.sign_in("zhaolei", PASSWORD)
    url = f"/people/{folk['王秀兰']}/roles"
    granted = await boss.send(url, url, {"role": "identity.security", "unit": "laojie", "days": "30"})
    assert granted.status_code == 303
    clerk = Browser(app)
    await clerk.sign_in("limin", PASSWORD)
    refused = await clerk.send(f"/people/{folk['王秀兰']}", f"/people/{folk['王秀兰']}/link")
    assert refused.status_code == 403
    assert await identity_.store.read("SELECT * FROM one_time_login") == []


async def test_an_administrator_gives_and_takes_roles_but_not_their_own(
    app: PageApp, identity_: Identity, folk: Folk, chief: str
) -> None:
    boss = Browser(app)
    await boss.sign_in("zhaolei", PASSWORD)
    url = f"/people/{folk['欧阳锋']}/roles"
    bad = await boss.send(url, url, {"role": "", "unit": "", "days": "0"})
    assert bad.status_code == 422
    assert bad.text.count("field--bad") == 3
    made_up = await boss.send(url, url, {"role": "identity.emperor", "unit": "laojie", "days": "30"})
    assert made_up.status_code == 422
    assert (await boss.send(url, url, {"role": "identity.clerk", "unit": "laojie", "days": "30"})).status_code == 303
    page = (await boss.get(url)).text
    assert "社区工作人员" in page
    ending = re.search(rf'action="({url}/[a-z0-9]+/end)"', page)
    assert ending is not None
    assert (await identity_.who.access_of(folk["欧阳锋"])).can("identity.people", "laojie")
    assert (await boss.send(url, ending[1])).status_code == 303
    assert not (await identity_.who.access_of(folk["欧阳锋"])).can("identity.people")
    own = f"/people/{chief}/roles"
    assert (await boss.get(own)).status_code == 404
    sent = await boss.send(url, own, {"role": "identity.clerk", "unit": "liren", "days": "30"})
    assert sent.status_code == 404


async def test_an_administrator_of_a_community_gives_roles_there_only(
    app: PageApp, identity_: Identity, folk: Folk, chief: str
) -> None:
    boss = Browser(app)
    await boss.sign_in("zhaolei", PASSWORD)
    url = f"/people/{folk['李敏']}/roles"
    assert (
        await boss.send(url, url, {"role": "identity.security", "unit": "taoyuan", "days": "30"})
    ).status_code == 303
    local = await resident(app, identity_, folk["李敏"])
    target = f"/people/{folk['王秀兰']}/roles"
    page = (await local.get(target)).text
    assert "桃园社区" in page
    assert "老街社区" not in page
    outside = await local.send(target, target, {"role": "identity.clerk", "unit": "laojie", "days": "30"})
    assert outside.status_code == 422
    assert not (await identity_.who.access_of(folk["王秀兰"])).can("identity.people")


async def test_a_unit_is_opened_below_ones_own(app: PageApp, identity_: Identity, chief: str) -> None:
    boss = Browser(app)
    await boss.sign_in("zhaolei", PASSWORD)
    tree = (await boss.get("/units")).text
    assert "桃园社区" in tree
    assert "老街社区" in tree
    url = "/units/laojie/add"
    made = await boss.send(url, url, {"level": "grid", "name": "第三网格", "party_title": "第三网格党支部"})
    assert (made.status_code, made.headers["location"]) == (303, "/units/laojie-g3")
    page = (await boss.get("/units/laojie-g3")).text
    assert "第三网格党支部" in page
    twice = await boss.send(url, url, {"level": "grid", "name": "第3网格"})
    assert twice.status_code == 422
    assert "不能重复设立" in twice.text
    upside_down = await boss.send(url, url, {"level": "street", "name": "天街"})
    assert upside_down.status_code == 422
    close = "/people/of/{}/close"
    assert close.format("laojie-g3") in page
    assert close.format("taoyuan-b7") not in (await boss.get("/units/taoyuan-b7")).text
    assert (await boss.send(url, close.format("taoyuan-b7"))).status_code == 409  # people live there
    assert (await boss.send(url, close.format("laojie"))).status_code == 409  # people, and a grid below
    assert (await boss.send(url, close.format("nowhere"))).status_code == 404
    assert (await boss.send(url, close.format("laojie-g3"))).status_code == 303
    assert "已撤销" in (await boss.get("/units/laojie-g3")).text
    assert "503" in (await boss.get("/units/taoyuan-b7")).text
    assert "<small>人</small>" in (await boss.get("/units/taoyuan")).text
