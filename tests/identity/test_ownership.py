# SPDX-License-Identifier: Apache-2.0
"""Whose a dwelling is, at the counter and on one's own page; on both databases."""

from fractions import Fraction

from tests.identity.conftest import PASSWORD, TODAY
from tests.identity.street import Browser, resident

from liren.identity.organisations import verbs as organisations
from liren.identity.register import ownership
from liren.identity.service import Identity
from liren.units.build import Builder
from liren.web.app import PageApp


async def homes(identity_: Identity) -> tuple[str, str]:
    """503 of 7号楼, where the Wangs live, and one of 老街."""
    async with identity_.store.transaction("job:test") as tx:
        builder = await Builder.load(tx, TODAY)
        made = builder.dwelling("taoyuan-b7", "503"), builder.dwelling("laojie", "12")
        await builder.write(tx)
    return made


async def shares(identity_: Identity, home: str) -> list[tuple[str, Fraction, bool]]:
    found = await ownership.owners(identity_.store, home)
    return sorted((each.name, each.share, each.until is None) for each in found)


async def test_owners_are_recorded_passed_on_and_ended_and_never_exceed_the_whole(
    app: PageApp, identity_: Identity, folk: dict[str, str], staff: str
) -> None:
    home, elsewhere = await homes(identity_)
    async with identity_.store.transaction("job:test") as tx:
        firm = await organisations.add(tx, name="和顺物业", kind="property", unit="taoyuan", opened=TODAY)
    clerk = Browser(app)
    await clerk.sign_in("limin", PASSWORD)
    url = f"/ownership/{home}"
    today = TODAY.isoformat()
    first = {"owner": f"person:{folk['王秀兰']}", "share": "1", "day": today}
    page = (await clerk.get(f"{url}?q=wxl")).text
    assert "王秀兰" in page
    assert "和顺物业" in (await clerk.get(f"{url}?q=和顺")).text
    assert "份额写成" in (await clerk.send(f"{url}?q=wxl", f"{url}?q=wxl", {**first, "share": "两成"})).text
    assert "不能晚于今天" in (await clerk.send(url, url, {**first, "day": "2099-01-01"})).text
    assert (await clerk.send(url, url, first)).status_code == 303
    more = {"owner": f"person:{folk['王小兰']}", "share": "1/2", "day": today}
    assert "超过了全部" in (await clerk.send(f"{url}?q=wxl", f"{url}?q=wxl", more)).text
    (share,) = await ownership.owners(identity_.store, home)
    assert (await clerk.send(url, url, {**more, "former": share.id})).status_code == 303
    half = Fraction(1, 2)
    assert await shares(identity_, home) == [
        ("王小兰", half, True), ("王秀兰", half, True), ("王秀兰", Fraction(1), False),
    ]  # fmt: skip
    rest = next(each for each in await ownership.owners(identity_.store, home) if each.until is None)
    sold = {"owner": f"organisation:{firm}", "share": "50%", "day": today, "former": rest.id}
    assert (await clerk.send(url, url, sold)).status_code == 303
    shown = (await clerk.get(f"/units/dwellings/{home}")).text
    assert "和顺物业" in shown
    assert "1/2" in shown
    kept = next(each for each in await ownership.owners(identity_.store, home) if each.until is None)
    for asked, status in ((f"/ownership/{elsewhere}", 404), ("/ownership/x", 404)):
        assert (await clerk.get(asked)).status_code == status
        assert (await clerk.send(url, asked, first)).status_code == status
    assert (await clerk.send(url, url, {**first, "owner": f"person:{folk['欧阳锋']}"})).status_code == 404
    assert (await clerk.send(url, f"/ownership/{home}/x/end", {"day": today})).status_code == 404
    assert (await clerk.send(url, f"{url}/{kept.id}/end", {"day": today})).status_code == 303


async def test_an_owner_reads_it_on_their_own_page_and_so_does_staff(
    app: PageApp, identity_: Identity, folk: dict[str, str], staff: str
) -> None:
    home, _ = await homes(identity_)
    async with identity_.store.transaction("job:test") as tx:
        await ownership.own(tx, dwelling=home, share=Fraction(1, 2), since=TODAY, person=folk["王小兰"])
    page = (await (await resident(app, identity_, folk["王小兰"])).get("/me")).text
    assert "我的房屋" in page
    assert "503" in page
    assert "我的房屋" not in (await (await resident(app, identity_, folk["王秀兰"])).get("/me")).text
    clerk = Browser(app)
    await clerk.sign_in("limin", PASSWORD)
    assert "7号楼 503 1/2" in (await clerk.get(f"/people/{folk['王小兰']}")).text
    async with identity_.store.transaction("job:test") as tx:
        await ownership.own(tx, dwelling=home, share=Fraction(1, 4), since=TODAY, person=folk["李敏"])
    own = await clerk.send(
        f"/ownership/{home}",
        f"/ownership/{home}",
        {"owner": f"person:{staff}", "share": "1/4", "day": TODAY.isoformat()},
    )
    assert own.status_code in (404, 422), "nobody records their own"
