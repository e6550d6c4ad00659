# SPDX-License-Identifier: Apache-2.0
"""What a clerk does at the counter: register, mend, move, see somebody off; on both databases."""

import pytest
from tests.identity.conftest import PASSWORD, TODAY
from tests.identity.street import Browser

from liren.identity.register import dossier
from liren.identity.register.people import NewPerson, register
from liren.identity.sealed import Private
from liren.identity.service import Identity
from liren.web.app import PageApp

NEW = "/people/of/taoyuan-b7/new"
NUMBER = "379901196507150011"


@pytest.fixture
async def clerk(app: PageApp, staff: str) -> Browser:
    """李敏 of 桃园社区, signed in."""
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    return browser


async def test_a_clerk_registers_a_person_who_is_found_at_once(clerk: Browser, identity_: Identity) -> None:
    wrong = {"name": "钱多多", "id_number": "379901196507150012", "phone": "199", "role": "head", "room": "601"}
    answer = await clerk.send(NEW, NEW, wrong)
    assert answer.status_code == 422
    assert "身份证号不对" in answer.text
    assert "手机号不对" in answer.text
    answer = await clerk.send(NEW, NEW, {**wrong, "id_number": "", "phone": ""})
    assert "至少填一项" in answer.text
    answer = await clerk.send(
        NEW, NEW, {**wrong, "id_number": "３７９９０１１９６５０７１５００１１", "phone": "199 0000 0077"}
    )
    assert answer.status_code == 303
    (found,) = await identity_.people.lookup("qdd")
    private = await dossier.private(identity_.store, identity_.vault, found.id)
    assert (private.id_number, private.phone, str(private.birthday)) == (NUMBER, "19900000077", "1965-07-15")
    assert await dossier.room_of(identity_.store, found.id) == "601"
    page = (await clerk.get(answer.headers["location"])).text
    assert "199****0077" in page
    assert NUMBER not in page


async def test_the_same_number_is_refused_and_a_namesake_asked_about(
    clerk: Browser, identity_: Identity, folk: dict[str, str]
) -> None:
    same = await clerk.send(NEW, NEW, {"name": "王秀英", "id_number": "379901196411220003", "role": "head"})
    assert same.status_code == 422
    assert "已经登记过了" in same.text
    assert f"/people/{folk['王秀兰']}" in same.text
    like = {"name": "王小兰", "phone": "19900000002", "role": "member"}
    asked = await clerk.send(NEW, NEW, like)
    assert asked.status_code == 422
    assert "姓名和手机号相同" in asked.text
    assert (await clerk.send(NEW, NEW, {**like, "sure": "on"})).status_code == 303
    born = {"name": "王秀兰", "phone": "19900000078", "birthday": "1964-11-22", "role": "member"}
    assert "姓名和出生日期相同" in (await clerk.send(NEW, NEW, born)).text
    pairs = (await clerk.get("/people/twins")).text
    assert "王小兰" in pairs
    assert "王秀兰" not in pairs


async def test_a_namesake_outside_ones_area_is_told_of_without_a_link(
    clerk: Browser, identity_: Identity, folk: dict[str, str]
) -> None:
    answer = await clerk.send(NEW, NEW, {"name": "欧阳锋", "phone": "19900010001", "role": "head"})
    assert "不在您负责的范围内" in answer.text
    assert folk["欧阳锋"] not in answer.text
    assert "老街" not in answer.text


async def test_mending_a_person_seals_the_new_number_and_finds_them_by_it(
    clerk: Browser, identity_: Identity, folk: dict[str, str]
) -> None:
    url = f"/people/{folk['王小兰']}/edit"
    answer = await clerk.send(url, url, {"name": "王晓兰", "phone": "19900000055", "address": "东院平房"})
    assert answer.status_code == 303
    (found,) = await identity_.people.lookup("19900000055")
    assert found.name == "王晓兰"
    assert await identity_.people.lookup("19900000002") == []
    assert [card.id for card in await identity_.people.lookup("0055")] == [folk["王小兰"]]
    assert (await dossier.private(identity_.store, identity_.vault, folk["王小兰"])).address == "东院平房"
    ((detail,),) = await identity_.store.read("SELECT detail FROM audit WHERE what = 'identity.amended'")
    assert "phone" in str(detail)
    assert "19900000055" not in str(detail)
    taken = await clerk.send(url, url, {"name": "王晓兰", "id_number": "379901196411220003"})
    assert taken.status_code == 422
    assert (await clerk.send(url, url, {"name": "王晓兰", "no_phone": "on", "no_address": "on"})).status_code == 303
    assert (await dossier.private(identity_.store, identity_.vault, folk["王小兰"])) == Private()


async def test_a_household_moves_together_and_its_old_home_stays_in_the_history(
    clerk: Browser, identity_: Identity, folk: dict[str, str]
) -> None:
    base = f"/people/{folk['王秀兰']}/move"
    assert "老街社区" in (await clerk.get(base)).text
    to = f"{base}?to=laojie"
    future = await clerk.send(to, to, {"day": "2099-01-01", "role": "head"})
    assert future.status_code == 422
    day = identity_.today().isoformat()
    answer = await clerk.send(to, to, {"day": day, "role": "head", "room": "101", "everyone": "on"})
    assert answer.status_code == 303
    cards = await identity_.people.cards([folk["王秀兰"], folk["王小兰"]])
    assert {card.community for card in cards.values()} == {"laojie"}
    assert sorted(await identity_.people.household(folk["王秀兰"])) == sorted([folk["王秀兰"], folk["王小兰"]])
    on = await identity_.people.community_on([folk["王秀兰"]], TODAY)
    assert on == {folk["王秀兰"]: "laojie" if identity_.today() <= TODAY else "taoyuan"}
    # They live outside 李敏's community now: for her they do not exist.
    assert (await clerk.get(f"/people/{folk['王秀兰']}")).status_code == 404


async def test_seeing_somebody_off_shows_what_ends_and_can_be_taken_back_for_a_day(
    clerk: Browser, identity_: Identity, folk: dict[str, str]
) -> None:
    person = folk["王小兰"]
    url = f"/people/{person}/leave"
    assert "桃园社区 7号楼" in (await clerk.get(url)).text
    gone = {"why": "died", "day": identity_.today().isoformat()}
    assert (await clerk.send(url, url, gone)).status_code == 422, "nobody ticked that it is the right person"
    assert (await clerk.send(url, url, {**gone, "sure": "on"})).status_code == 303
    assert not (await identity_.people.cards([person]))[person].active
    assert await identity_.people.residents_in("liren/taoyuan/") == 1
    page = (await clerk.get(f"/people/{person}")).text
    assert "登记为去世" in page
    back = f"/people/{person}/return"
    assert (await clerk.send(f"/people/{person}", back)).status_code == 303
    card = (await identity_.people.cards([person]))[person]
    assert (card.active, card.community) == (True, "taoyuan")
    assert (await clerk.send(f"/people/{person}", back)).status_code == 404, "there is nothing to take back any more"


async def test_the_people_of_an_area_are_leafed_through_by_household(
    clerk: Browser, identity_: Identity, folk: dict[str, str]
) -> None:
    async with identity_.store.transaction("job:test") as tx:
        many = [NewPerson(f"赵{chr(0x4E00 + n)}", unit="taoyuan", role="tenant") for n in range(60)]
        await register(tx, identity_.vault, many, TODAY)
    first = (await clerk.get("/people/of/taoyuan")).text
    assert "62 人" in first
    second = (await clerk.get("/people/of/taoyuan?page=2")).text
    names = [f"赵{chr(0x4E00 + n)}<" for n in range(60)]
    assert all((name in first) != (name in second) for name in names)
    assert second.index("王秀兰") < second.index("王小兰"), "the head of the household first"
    heads = (await clerk.get("/people/of/taoyuan?role=head")).text
    assert "王秀兰" in heads
    assert "王小兰" not in heads
    assert "欧阳锋" not in first + second
    for foreign in ("laojie", "liren", "nosuch"):
        assert (await clerk.get(f"/people/of/{foreign}")).status_code == 404


async def test_nobody_outside_ones_area_can_be_changed(clerk: Browser, folk: dict[str, str]) -> None:
    other = folk["欧阳锋"]
    for page in ("edit", "move", "leave"):
        assert (await clerk.get(f"/people/{other}/{page}")).status_code == 404
        sent = await clerk.send("/people/of/taoyuan/new", f"/people/{other}/{page}", {"name": "某某"})
        assert sent.status_code == 404
    assert (await clerk.get("/people/of/laojie/new")).status_code == 404
    assert (await clerk.send("/people/of/taoyuan/new", "/people/of/laojie/new", {"name": "某"})).status_code == 404


async def test_the_last_four_of_an_id_number_find_a_masked_name_and_the_person_reads_of_it(
    clerk: Browser, identity_: Identity, folk: dict[str, str]
) -> None:
    page = (await clerk.get("/people?q=0003")).text
    assert "身份证末四位对上的" in page
    assert "王**" in page
    assert "王秀兰" not in page
    looked = "SELECT count(*) FROM audit WHERE subject = ? AND what = 'identity.number-looked-up'"
    assert await identity_.store.read(looked, folk["王秀兰"]) == [(1,)]
    assert "没有找到" in (await clerk.get("/people?q=9994")).text
