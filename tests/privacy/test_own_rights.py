# SPDX-License-Identifier: Apache-2.0
"""A resident agrees, takes back, has something put right; and no page without login tells who anybody is."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest

from liren import clock as real
from liren.identity.labels import guardians
from liren.identity.on_paper import POINTS
from liren.identity.register import dossier
from liren.identity.register.people import NewPerson, register
from liren.identity.sealed import Private
from liren.plugins.types import Gate
from liren.privacy import consents
from liren.testing.clock import Clock
from liren.testing.foreign import PLACE, routes_of
from liren.testing.street import Running, small_street
from liren.web.sheets import Book
from liren_credit.judging import checker_for

NAME, PHONE, NUMBER = "王秀兰", "13800138000", "370103195001012347"


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


async def resident(running: Running) -> tuple[str, str]:
    """(person, community)."""
    [first, *_] = await running.street.identity.units.all("community")
    return await running.person(NAME, unit=first.code, phone=PHONE), first.code


async def test_consent_is_given_and_taken_back_by_one_button_each_and_what_was_agreed_to_stays_readable(
    running: Running,
) -> None:
    person, _ = await resident(running)
    visitor = await running.signed_in(NAME)
    assert "/privacy/mine" in (await visitor.get("/me")).text, "one's own account leads there"
    page = (await visitor.get("/privacy/mine")).text
    assert "/privacy/consents/points/give" in page
    assert consents.PURPOSES["points"].versions["2026-01"] in (await visitor.get("/privacy/consents/points")).text
    for what, says in (("give", "已记下您的同意"), ("withdraw", "已撤回"), ("give", "已记下您的同意")):
        answer = await visitor.send_form("/privacy/mine", f"/privacy/consents/points/{what}")
        assert answer.status_code == 303
        assert says in (await visitor.get("/privacy/mine")).text
    history = await dossier.consents_of(running.street.store, person)
    assert [(each.purpose, each.how, each.withdrawn is None) for each in history].count(("points", "page", True)) == 1
    assert len(history) == 2
    assert (await visitor.send_form("/privacy/mine", "/privacy/consents/soul/give")).status_code == 404
    await visitor.aclose()


async def test_staff_record_at_the_window_what_was_signed_and_take_it_back_and_a_guardian_agrees_for_a_child(
    running: Running,
) -> None:
    """《个人信息保护法》第十五条, 第三十一条: for who has no phone, and for who is below fourteen."""
    person, community = await resident(running)
    street, today = running.street, running.street.today()
    async with street.store.transaction("job:test") as tx:
        born = today.replace(year=today.year - 9, day=1)
        child = NewPerson("王小宝", Private(birthday=born), community)
        (kid,) = await register(tx, street.vault, [child], today)
    ages = await street.identity.people.ages([kid, person], today)
    async with street.store.transaction("job:test") as tx:
        await guardians.appoint(
            tx, street.vault, guardian=person, ward=kid, kind="minor", evidence="household", basis="", since=today,
            ages=ages,
        )  # fmt: skip
    await running.person("周敏", "identity.registrar", unit=community)
    async with aclosing(await running.signed_in("周敏")) as staff:

        async def agrees(who: str, **more: str) -> tuple[int, str]:
            path = f"/privacy/people/{who}/consents"
            fields = {"purpose": "points", "how": "paper", "agreed": "on"} | more
            answer = await staff.send_form(path, path, **fields)
            return answer.status_code, answer.text

        status, page = await agrees(person, agreed="")
        assert (status, "对方没有同意" in page) == (422, True)
        assert (await agrees(person))[0] == 303
        status, page = await agrees(kid)
        assert (status, "要由监护人同意" in page) == (422, True)
        assert (await agrees(kid, by=person))[0] == 303
        [theirs] = await dossier.consents_of(street.store, kid)
        assert (theirs.purpose, theirs.version, theirs.how) == ("points", consents.PURPOSES["points"].latest, "paper")
        assert ("points", consents.PURPOSES["points"].latest, "paper") == POINTS, "what lists and registration record"
        page = f"/privacy/people/{kid}/consents"
        assert (await staff.send_form(page, f"{page}/points/end")).status_code == 303
        assert [each.withdrawn for each in await dossier.consents_of(street.store, kid)] == [today]
        assert (await staff.get("/privacy/people/nobody/consents")).status_code == 404


async def test_who_takes_back_consent_is_awarded_nothing_new_and_served_as_before(running: Running) -> None:
    person, unit = await resident(running)
    collector = await running.acting("credit", await running.person("赵磊", "credit.collector", unit=unit))
    assert person not in (await checker_for(collector, Book("csv", ()))).declined, (
        "a list on paper counts until it is taken back"
    )
    visitor = await running.signed_in(NAME)
    await visitor.send_form("/privacy/mine", "/privacy/consents/points/give")
    await visitor.send_form("/privacy/mine", "/privacy/consents/points/withdraw")
    assert person in (await checker_for(collector, Book("csv", ()))).declined
    for page in ("/home", "/market/", "/credit/mine", "/privacy/mine"):
        assert (await visitor.get(page)).status_code == 200
    await visitor.send_form("/privacy/mine", "/privacy/consents/points/give")
    assert person not in (await checker_for(collector, Book("csv", ()))).declined
    await visitor.aclose()


async def test_a_wrong_name_is_put_right_by_somebody_who_saw_the_papers(running: Running) -> None:
    person, unit = await resident(running)
    visitor = await running.signed_in(NAME)
    wrong = await visitor.send_form("/privacy/mine/correct", "/privacy/mine/correct", field="id_number", value="123")
    assert wrong.status_code == 422
    asked = await visitor.send_form("/privacy/mine/correct", "/privacy/mine/correct", field="name", value="王绣兰")
    assert asked.status_code == 303, asked.text
    case = asked.headers["location"]
    twice = await visitor.send_form("/privacy/mine/correct", "/privacy/mine/correct", field="name", value="王锈兰")
    assert twice.status_code == 409
    [(value,)] = await running.street.store.read("SELECT value FROM privacy_correction")
    assert "王绣兰".encode() not in bytes(value), "sealed until it is decided"
    await running.person("钱进", "privacy.officer", unit=unit)
    officer = await running.signed_in("钱进")
    shown = (await officer.get(case)).text
    assert "王绣兰" in shown
    assert NAME in shown
    done = await officer.send_form(case, f"{case}/confirm", version="1", note="看过身份证原件")
    assert done.status_code == 303, done.text
    cards = await running.street.identity.people.cards([person])
    assert cards[person].name == "王绣兰"
    assert [hit.card.id for hit in await running.street.identity.people.search("wxl", None)] == [person]
    assert await running.street.store.read("SELECT 1 FROM privacy_correction WHERE value IS NOT NULL") == []
    page = (await visitor.get("/privacy/mine")).text
    assert "钱进看了个人信息" in page, "the look is on the resident's record"
    assert "王绣兰" in page
    await officer.aclose()
    await visitor.aclose()


async def test_an_id_number_of_somebody_else_is_not_taken_over(running: Running) -> None:
    _, unit = await resident(running)
    async with running.street.store.transaction("job:test") as tx:
        other = NewPerson("李四", Private(id_number=NUMBER), unit)
        await register(tx, running.street.vault, [other], running.street.today())
    visitor = await running.signed_in(NAME)
    asked = await visitor.send_form("/privacy/mine/correct", "/privacy/mine/correct", field="id_number", value=NUMBER)
    await running.person("钱进", "privacy.officer", unit=unit)
    officer = await running.signed_in("钱进")
    case = asked.headers["location"]
    answer = await officer.send_form(case, f"{case}/confirm", version="1", note="看过身份证原件")
    assert answer.status_code == 409
    assert "另一个人名下" in answer.text
    await officer.aclose()
    await visitor.aclose()


async def test_a_request_that_waits_too_long_is_red_for_who_answers_it(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, unit = await resident(running)
    visitor = await running.signed_in(NAME)
    await visitor.send_form("/privacy/mine", "/privacy/mine/erase")
    clock = Clock()
    monkeypatch.setattr(real, "now_ms", clock.now_ms)
    clock.forward(days=16)
    await running.person("钱进", "privacy.officer", unit=unit)
    officer = await running.signed_in("钱进")
    assert "已超期" in (await officer.get("/privacy/requests")).text
    [todo] = [
        one
        for one in await (await running.acting("privacy", await _id(running, "钱进"))).todos()
        if "删除" in one.title
    ]
    assert todo.due is not None
    assert todo.due < running.street.now()
    assert todo.due > running.street.now() - timedelta(days=3)
    await officer.aclose()
    await visitor.aclose()


async def _id(running: Running, name: str) -> str:
    [(person,)] = await running.street.store.read("SELECT id FROM person WHERE name = ?", name)
    return str(person)


async def test_no_page_without_login_names_anybody(running: Running) -> None:
    """Every public address that takes no parameter; the rest is asked for in the test of foreign communities."""
    await resident(running)
    async with running.visitor() as anyone:
        asked = 0
        for route in routes_of(running):
            if route.allow is Gate.ANYONE and "GET" in route.methods and not PLACE.search(route.path):
                text = (await anyone.get(route.path)).text
                asked += 1
                assert not [secret for secret in (NAME, PHONE, "李敏", "吴志强") if secret in text], route.name
    assert asked > 8
