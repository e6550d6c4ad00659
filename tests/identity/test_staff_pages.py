# SPDX-License-Identifier: Apache-2.0
"""People, roles and units in the real application, always inside one's own scope; on both databases."""

import re
from datetime import timedelta

import pytest
from tests.identity.conftest import PASSWORD, TODAY
from tests.identity.street import ADDRESS, Browser, resident

from liren.identity.service import Identity
from liren.web.app import PageApp

Folk = dict[str, str]
SOON = (TODAY + timedelta(days=30)).isoformat()


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
    page = await browser.send(url, f"{url}/link", {"recognised": "known"})
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
    granted = await boss.send(url, url, {"role": "identity.security", "unit": "laojie", "until": SOON})
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
    bad = await boss.send(url, url, {"role": "", "unit": "", "until": ""})
    assert bad.status_code == 422
    assert bad.text.count("field--bad") == 3
    made_up = await boss.send(url, url, {"role": "identity.emperor", "unit": "laojie", "until": SOON})
    assert made_up.status_code == 422
    assert (await boss.send(url, url, {"role": "identity.clerk", "unit": "laojie", "until": SOON})).status_code == 303
    page = (await boss.get(url)).text
    assert "社区工作人员" in page
    ending = re.search(rf'action="({url}/[a-z0-9]+/end)"', page)
    assert ending is not None
    assert (await identity_.who.access_of(folk["欧阳锋"])).can("identity.people", "laojie")
    assert (await boss.send(url, ending[1])).status_code == 303
    assert not (await identity_.who.access_of(folk["欧阳锋"])).can("identity.people")
    own = f"/people/{chief}/roles"
    assert (await boss.get(own)).status_code == 404
    sent = await boss.send(url, own, {"role": "identity.clerk", "unit": "liren", "until": SOON})
    assert sent.status_code == 404


async def test_an_administrator_of_a_community_gives_roles_there_only(
    app: PageApp, identity_: Identity, folk: Folk, chief: str
) -> None:
    boss = Browser(app)
    await boss.sign_in("zhaolei", PASSWORD)
    url = f"/people/{folk['李敏']}/roles"
    assert (
        await boss.send(url, url, {"role": "identity.security", "unit": "taoyuan", "until": SOON})
    ).status_code == 303
    local = await resident(app, identity_, folk["李敏"])
    target = f"/people/{folk['王秀兰']}/roles"
    page = (await local.get(target)).text
    assert "桃园社区" in page
    assert "老街社区" not in page
    outside = await local.send(target, target, {"role": "identity.clerk", "unit": "laojie", "until": SOON})
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
    close = "/units/{}/close"
    assert (
        await boss.send(close.format("laojie-g3"), close.format("taoyuan-b7"))
    ).status_code == 409  # people live there
    assert (await boss.send(url, close.format("nowhere"))).status_code == 404
    asked = await boss.get(close.format("laojie-g3"))
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', asked.text)
    assert seen is not None
    done = await boss.send(close.format("laojie-g3"), close.format("laojie-g3"), {"seen": seen[1]})
    assert done.status_code == 303
    assert "已撤销" in (await boss.get("/units/laojie-g3")).text
    assert "503" in (await boss.get("/units/taoyuan-b7")).text
    assert "<small>人</small>" in (await boss.get("/units/taoyuan")).text
