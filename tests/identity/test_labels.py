# SPDX-License-Identifier: Apache-2.0
"""Labels and guardians: the street's own kinds, a consent for each, every look told; on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.identity.conftest import PASSWORD, TODAY
from tests.identity.street import Browser, resident

from liren.errors import Conflict
from liren.identity import duties, housekeeping
from liren.identity.errors import BadGuardian, BadLabel, NoGuardian
from liren.identity.labels import guardians, kinds, labels
from liren.identity.labels.labels import who_agrees
from liren.identity.register import departures, dossier, merging, people
from liren.identity.register.people import NewPerson, register
from liren.identity.roles.grants import grant
from liren.identity.sealed import Private
from liren.identity.service import Identity
from liren.plugins.services import Guardian
from liren.web.app import PageApp

TEXT = "社区用它安排上门看望，只有标签专员能看到，您搬走或者撤回就删除。"
GREEN = "邻居有事可以找您帮忙，社区的人都能看到。"
CARER = {"identity.carer": None}


async def carer(app: PageApp, identity_: Identity, person: str, unit: str = "taoyuan") -> Browser:
    """Signs in who works for 桃园社区, with the role that may see labels."""
    async with identity_.store.transaction("job:test") as tx:
        await grant(tx, person=person, role="identity.carer", unit=unit, roles=CARER, since=TODAY)
    browser = Browser(app)
    await browser.sign_in("limin", PASSWORD)
    return browser


async def kind(identity_: Identity, code: str = "care", *, sensitive: bool = True, seen_by: str = "") -> kinds.Kind:
    title, text = ("慢性病随访", TEXT) if sensitive else ("绿色：愿意帮忙", GREEN)
    async with identity_.store.transaction("job:test") as tx:
        made = await kinds.add(tx, code=code, title=title, sensitive=sensitive, seen_by=seen_by, text=text, day=TODAY)
    return await kinds.find(identity_.store, made)


async def child(identity_: Identity, name: str = "王宝宝", *, years: int = 9, unit: str = "taoyuan-b7") -> str:
    async with identity_.store.transaction("job:test") as tx:
        born = Private(birthday=date(identity_.today().year - years, 1, 1))
        (made,) = await register(tx, identity_.vault, [NewPerson(name, born, unit)], TODAY)
    return made


async def appoint(identity_: Identity, guardian: str, ward: str, **other: Any) -> str:
    said = {"kind": "minor", "evidence": "household", "basis": "", "since": TODAY} | other
    ages = await identity_.people.ages([guardian, ward], identity_.today())
    async with identity_.store.transaction("job:test") as tx:
        return await guardians.appoint(tx, identity_.vault, guardian=guardian, ward=ward, ages=ages, **said)


async def label(identity_: Identity, person: str, of: kinds.Kind, **other: Any) -> str:
    said = {"day": TODAY, "how": "paper", "given_by": None, "counts": None} | other
    async with identity_.store.transaction("job:test") as tx:
        return await labels.give(tx, person, of, **said)


async def looks(identity_: Identity, person: str) -> int:
    [(n,)] = await identity_.store.read(
        "SELECT count(*) FROM audit WHERE subject = ? AND what = 'identity.labels-seen'", person
    )
    return int(n)


@pytest.mark.parametrize(
    ("age", "guardian_kinds", "counts"),
    [
        (40, [], None), (None, [], None), (14, ["minor"], None), (13, ["minor"], {"g0"}), (13, [], set()),
        (40, ["adult"], {"g0"}), (80, ["adult", "adult"], {"g0", "g1"}),
    ],
)  # fmt: skip
def test_below_fourteen_and_without_capacity_a_guardian_agrees(
    age: int | None, guardian_kinds: list[Any], counts: set[str] | None
) -> None:
    ties = [Guardian(f"g{n}", each, TODAY) for n, each in enumerate(guardian_kinds)]
    assert who_agrees(age, ties) == counts


async def test_a_label_needs_its_own_consent_and_every_look_reaches_the_person(
    app: PageApp, identity_: Identity, folk: dict[str, str], staff: str
) -> None:
    care, person = await kind(identity_), folk["王秀兰"]
    plain = Browser(app)
    await plain.sign_in("limin", PASSWORD)
    url = f"/people/{person}/labels"
    assert (await plain.get(url)).status_code == 403
    assert "标签" not in (await plain.get(f"/people/{person}")).text
    browser = await carer(app, identity_, staff)
    wanted = {"kind": care.id, "how": "on-site"}
    refused = await browser.send(url, url, wanted)
    assert refused.status_code == 422
    assert "没有单独同意" in refused.text
    assert (await browser.send(url, url, {**wanted, "agreed": "on"})).status_code == 303
    assert "已经有这个标签了" in (await browser.send(url, url, {**wanted, "agreed": "on"})).text
    assert TEXT in (await browser.get(url)).text or "慢性病随访" in (await browser.get(url)).text
    assert "慢性病随访" not in (await browser.get(f"/people/{person}")).text, "masked everywhere else"
    assert (await browser.get(f"/people/{folk['欧阳锋']}/labels")).status_code == 404
    seen = await looks(identity_, person)
    assert seen >= 4
    own = await resident(app, identity_, person)
    page = (await own.get("/me/labels")).text
    assert "慢性病随访" in page
    assert TEXT in page
    assert page.count("李敏") == min(seen, 20)
    other = await resident(app, identity_, folk["王小兰"])
    (held,) = await labels.of(identity_.store, [person])
    assert (await other.send("/me/password", f"/me/labels/{held.id}/withdraw")).status_code == 404
    assert (await own.send("/me/labels", f"/me/labels/{held.id}/withdraw")).status_code == 303
    assert await labels.of(identity_.store, [person]) == []
    [consent] = [each for each in await dossier.consents_of(identity_.store, person) if each.purpose == "label/care"]
    assert consent.withdrawn is not None
    assert consent.title == "慢性病随访"


async def test_the_street_configures_kinds_and_wider_sight_ends_old_consents(
    app: PageApp, identity_: Identity, folk: dict[str, str], staff: str, chief: str
) -> None:
    boss = Browser(app)
    await boss.sign_in("zhaolei", PASSWORD)
    new = {"code": "Care 1", "title": "慢性病随访", "text": TEXT, "sensitive": "on", "seen_by": "identity.carer"}
    assert "小写字母" in (await boss.send("/labels/new", "/labels/new", new)).text
    assert (await boss.send("/labels/new", "/labels/new", {**new, "code": "care"})).status_code == 303
    assert "用过了" in (await boss.send("/labels/new", "/labels/new", {**new, "code": "care"})).text
    assert (
        "请从列出的里面选择"
        in (await boss.send("/labels/new", "/labels/new", {**new, "code": "red", "seen_by": "identity.clerk"})).text
    )
    (care,) = await kinds.every(identity_.store)
    await label(identity_, folk["王秀兰"], care)
    url = f"/labels/{care.id}"
    wider = {"code": "care", "title": "慢病", "text": TEXT, "sensitive": "on", "seen_by": ""}
    assert "能看到的人变了" in (await boss.send(url, url, wider)).text
    assert (await boss.send(url, url, {**wider, "text": TEXT + "现在换人看了。"})).status_code == 303
    assert await labels.of(identity_.store, [folk["王秀兰"]]) == []
    (care,) = await kinds.every(identity_.store)
    assert (care.title, care.version, care.seen_by) == ("慢病", 2, "")
    await label(identity_, folk["王秀兰"], care)
    clerk = await carer(app, identity_, staff)
    assert (await clerk.get("/labels")).status_code == 403, "who gives labels does not define them"
    listed = (await clerk.get(f"/people/of/taoyuan/labelled?kind={care.id}")).text
    assert "王秀兰" in listed
    assert await looks(identity_, folk["王秀兰"]) == 1
    assert (await clerk.get("/people/of/laojie/labelled")).status_code == 404
    assert (await boss.send(url, f"{url}/close")).status_code == 303
    assert await labels.of(identity_.store, [folk["王秀兰"]]) == []


async def test_a_kind_kept_to_one_role_does_not_exist_for_others(
    app: PageApp, identity_: Identity, folk: dict[str, str], staff: str
) -> None:
    await kind(identity_, "health", seen_by="identity.doctor")
    green = await kind(identity_, "green", sensitive=False)
    for each in await kinds.every(identity_.store):
        await label(identity_, folk["王秀兰"], each)
    browser = await carer(app, identity_, staff)
    page = (await browser.get(f"/people/{folk['王秀兰']}/labels")).text
    assert green.title in page
    assert "慢性病随访" not in page
    assert green.title in (await browser.get(f"/people/{folk['王秀兰']}")).text, "not sensitive: shown to staff"
    (hidden,) = [each for each in await labels.of(identity_.store, [folk["王秀兰"]]) if each.sensitive]
    ended = await browser.send(f"/people/{folk['王秀兰']}/labels", f"/people/{folk['王秀兰']}/labels/{hidden.id}/end")
    assert ended.status_code == 404


async def test_a_childs_label_waits_for_the_guardian_who_may_take_it_back(
    app: PageApp, identity_: Identity, folk: dict[str, str], staff: str
) -> None:
    care, kid, mother = await kind(identity_), await child(identity_), folk["王小兰"]
    browser = await carer(app, identity_, staff)
    url = f"/people/{kid}/labels"
    page = (await browser.get(url)).text
    assert "不满十四周岁" in page
    assert "还没有登记监护人" in page
    with pytest.raises(NoGuardian):
        await label(identity_, kid, care, counts=frozenset())
    ties = f"/people/{kid}/guardians"
    sent = {"guardian": mother, "kind": "minor", "evidence": "household", "day": TODAY.isoformat()}
    assert (await browser.send(f"{ties}?q=wxl", f"{ties}?q=wxl", sent)).status_code == 303
    assert "王小兰" in (await browser.get(ties)).text
    assert "王宝宝" in (await browser.get(f"/people/{mother}/guardians")).text
    wanted = {"kind": care.id, "how": "paper", "agreed": "on"}
    assert "要由监护人同意" in (await browser.send(url, url, {**wanted, "by": folk["王秀兰"]})).text
    assert (await browser.send(url, url, {**wanted, "by": mother})).status_code == 303
    (held,) = await labels.of(identity_.store, [kid])
    assert held.given_by == mother
    own = await resident(app, identity_, mother)
    page = (await own.get("/me/labels")).text
    assert "我监护的：王宝宝" in page
    assert (await own.send("/me/labels", f"/me/labels/{held.id}/withdraw")).status_code == 303
    assert await labels.of(identity_.store, [kid]) == []
    guardians_now = await identity_.people.guardians([kid, mother], TODAY)
    assert guardians_now == {kid: [Guardian(mother, "minor", TODAY)]}
    (tie,) = await guardians.ties(identity_.store, identity_.vault, kid, as_guardian=False)
    assert (await browser.send(ties, f"{ties}/{tie.id}/end")).status_code == 303
    assert await identity_.people.guardians([kid], identity_.today()) == {}
    assert (await browser.get(f"/people/{folk['欧阳锋']}/guardians")).status_code == 404


async def test_who_cannot_be_a_guardian_is_refused_with_a_reason(identity_: Identity, folk: dict[str, str]) -> None:
    kid, mother, old = await child(identity_), folk["王小兰"], folk["王秀兰"]
    teen = await child(identity_, "王少年", years=16)
    refused = (
        (teen, kid, {}, "没有成年"), (mother, old, {}, "满 18"), (mother, folk["欧阳锋"], {}, "出生日期"),
        (mother, kid, {"kind": "adult", "basis": "x"}, "未成年人"), (mother, old, {"kind": "adult"}, "凭据"),
        (mother, mother, {}, "自己监护自己"),
    )  # fmt: skip
    for guardian, ward, other, why in refused:
        with pytest.raises(BadGuardian) as error:
            await appoint(identity_, guardian, ward, **other)
        assert why in error.value.zh
    await appoint(identity_, mother, old, kind="adult", evidence="court", basis="（2025）民特12号")
    with pytest.raises(BadGuardian):
        await appoint(identity_, old, kid)
    with pytest.raises(Conflict):
        await appoint(identity_, mother, old, kind="adult", evidence="court", basis="（2025）民特12号")
    await appoint(identity_, mother, teen)
    grown = identity_.today() + timedelta(days=3 * 366)
    assert set(await identity_.people.guardians([teen, old], grown)) == {old}, "a child grows up by itself"
    care = await kind(identity_)
    with pytest.raises(BadLabel):
        async with identity_.store.transaction(old) as tx:
            await labels.give(tx, old, care, day=TODAY, how="paper", given_by=None, counts=None)


async def test_labels_and_guardians_follow_a_departure_its_undo_and_a_merge(
    identity_: Identity, folk: dict[str, str]
) -> None:
    store, today = identity_.store, identity_.today()
    care, kid, mother = await kind(identity_), await child(identity_), folk["王小兰"]
    await appoint(identity_, mother, kid, basis="户口簿第三页")
    await label(identity_, mother, care)
    async with store.transaction("job:test") as tx:
        gone = await departures.depart(tx, mother, today, died=True)
    assert await labels.of(store, [mother]) == []
    assert await identity_.people.guardians([kid], today) == {}
    async with store.transaction("job:test") as tx:
        await departures.undo(tx, gone, mother)
    assert [each.kind for each in await labels.of(store, [mother])] == [care.id]
    assert set(await identity_.people.guardians([kid], today)) == {kid}
    kept, twin = folk["欧阳锋"], await child(identity_, "王贝贝")
    async with store.transaction("job:test") as tx:
        for stays, goes in ((kept, mother), (twin, kid)):
            await people.merge(tx, kept=stays, gone=goes, day=today)
            await merging.follow(tx, identity_.vault, stays, goes, today)
    assert [each.kind for each in await labels.of(store, [kept])] == [care.id]
    assert await labels.of(store, [mother]) == []
    (tie,) = await guardians.ties(store, identity_.vault, twin, as_guardian=False)
    assert (tie.person, tie.basis, tie.since) == (kept, "户口簿第三页", TODAY)


async def test_an_ended_label_is_deleted_after_a_month(identity_: Identity, folk: dict[str, str]) -> None:
    store, care = identity_.store, await kind(identity_)
    ended = await label(identity_, folk["王秀兰"], care)
    stays = await label(identity_, folk["王小兰"], care)
    async with store.transaction("job:test") as tx:
        await labels.end(tx, ended, folk["王秀兰"], TODAY, what="unlabelled")
    store.bind(*[housekeeping.PersonLabel])
    async with store.transaction("job:test"):
        await housekeeping.forget_labels(TODAY)
    assert len(await store.read("SELECT id FROM person_label")) == 2
    async with store.transaction("job:test"):
        await housekeeping.forget_labels(TODAY + timedelta(days=1))
    assert await store.read("SELECT id FROM person_label") == [(stays,)]


async def test_labels_and_guardians_are_taken_home_and_erased_with_either_person(
    app: PageApp, identity_: Identity, folk: dict[str, str]
) -> None:
    care, kid, mother = await kind(identity_), await child(identity_), folk["王小兰"]
    await appoint(identity_, mother, kid, basis="第三页")
    await label(identity_, kid, care, given_by=mother, counts=[mother])
    (own,) = await duties.labels_of(kid)
    assert (own["标签"], own["谁同意的"]) == ("慢性病随访", "监护人")
    (above,) = await duties.guardianships_of(identity_.people, kid)
    assert (above["监护人"], above["说明"]) == ("王小兰", "第三页")
    (below,) = await duties.guardianships_of(identity_.people, mother)
    assert (below["被监护人"], below["说明"]) == ("王宝宝", "")
    async with identity_.store.transaction("job:test"):
        await duties.erase(mother)
    assert await identity_.store.read("SELECT given_by FROM consent WHERE person = ?", kid) == [(None,)]
    assert await identity_.store.read("SELECT id FROM guardianship") == []
    async with identity_.store.transaction("job:test"):
        await duties.erase(kid)
    assert await identity_.store.read("SELECT id FROM person_label") == []
