# SPDX-License-Identifier: Apache-2.0
"""A person sees, takes home, withdraws and is forgotten; two entries become one. Real street, real ledger."""

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from secrets import token_hex

import msgspec
import pytest

from liren.ledger.archive.check import verify
from liren.ledger.archive.export import export
from liren.plugins.points import Award, Budget, PointRule, Posted, Subject
from liren.privacy.duties import let_go_of_retained
from liren.privacy.tables import Erasure, ErasureRequest, Retained
from liren.store import Tx
from liren.testing.street import Running, Visitor, small_street
from liren_verify.cli import main as liren_verify

RULE = PointRule("FX-01", "resident", "h", 1, 100, date(2026, 1, 1), "next-year-end", 1)
HOURS = replace(RULE, code="SJ-01", asset="hours")  # points of the street's own
PHONE, REASON = "13800138000", "照顾独居老人"


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


async def with_points(running: Running, name: str, points: int = 30) -> str:
    """A resident with a phone, an account and points for a reason."""
    [first, *_] = await running.street.identity.units.all("community")
    person = await running.person(name, unit=first.code, phone=PHONE)
    store = running.street.store
    ((reviewer,),) = await store.read("SELECT owner FROM key_secret WHERE owner IS NOT NULL")
    award = Award(
        Subject("h", person), first.code, "FX-01", points, running.street.today(), reviewer=reviewer,
        reason={"title": REASON},
    )  # fmt: skip

    async def body(tx: Tx) -> Posted:
        ledger = tx.part("ledger")
        await ledger.adopt([RULE, HOURS], reviewer=reviewer)
        await ledger.post(Budget(first.code, 1000, reviewer))
        await ledger.post(Budget(first.code, 1000, reviewer, asset="hours"))
        await ledger.post(replace(award, code=HOURS.code, asset=HOURS.asset))
        posted: Posted = await ledger.post(award)
        return posted

    await store.once("job:test", token_hex(4), "award", body, returns=Posted)
    return person


async def officer(running: Running, *more: str) -> Visitor:
    await running.person("钱进", "privacy.officer", *more)
    return await running.signed_in("钱进")


async def test_a_resident_sees_and_takes_home_everything_in_words_and_as_data(running: Running) -> None:
    await with_points(running, "王秀兰")
    resident = await running.signed_in("王秀兰")
    page = (await resident.get("/privacy/mine")).text
    for title in ("基本信息", "居住记录", "积分记录", "登录记录"):
        assert title in page
    answer = await resident.send_form("/privacy/mine", "/privacy/mine/download")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.namelist() == ["我的信息.xlsx", "data.json"]
        whole = msgspec.json.decode(packed.read("data.json"))
    tables = {table["title"]: table["rows"] for table in whole["tables"]}
    assert tables["基本信息"][0]["手机号"] == PHONE
    assert tables["积分记录"][0]["事由"] == REASON
    assert tables["积分记录"][0]["变动"] == 30
    assert "/privacy/mine" in (await resident.get("/home")).text
    await resident.aclose()


async def test_consent_is_taken_back_by_one_button(running: Running) -> None:
    person = await with_points(running, "王秀兰")
    async with running.street.store.transaction("job:test") as tx:
        await tx.sql(
            "INSERT INTO consent (id, person, purpose, version, how, given) VALUES (?, ?, ?, ?, ?, ?)",
            "c1", person, "points", "1", "paper", date(2026, 1, 1),
        )  # fmt: skip
    resident = await running.signed_in("王秀兰")
    answer = await resident.send_form("/privacy/mine", "/privacy/consents/points/withdraw")
    assert answer.status_code == 303
    assert "已撤回" in (await resident.get("/privacy/mine")).text
    await resident.aclose()


async def test_a_person_is_forgotten_everywhere_and_every_signature_stands(running: Running, tmp_path: Path) -> None:
    person = await with_points(running, "王秀兰")
    await (await running.acting("inbox")).notify(person, "王秀兰，积分到账了。", "/home")
    resident = await running.signed_in("王秀兰")
    assert (await resident.send_form("/privacy/mine", "/privacy/mine/erase")).status_code == 303
    assert "十五天内办好" in (await resident.get("/privacy/mine")).text
    visitor = await officer(running, "credit.reviewer")
    page = f"/privacy/people/{person}"
    assert page in (await visitor.get("/privacy/requests")).text
    assert (await visitor.send_form(page, f"{page}/erase", name="王秀蓝")).status_code == 422
    answer = await visitor.send_form(page, f"{page}/erase", name="王秀兰")
    assert answer.status_code == 303, answer.text
    street = running.street
    assert await street.store.read("SELECT 1 FROM person WHERE id = ?", person) == []
    assert await street.store.read("SELECT 1 FROM subject_key WHERE subject = ?", person) == []
    assert await street.store.read("SELECT 1 FROM opening o JOIN posting p ON p.pos = o.pos"
                                   " JOIN account a ON a.id = p.account WHERE a.holder IS NOT NULL") == []  # fmt: skip
    assert (await resident.get("/home")).status_code == 303, "the session ended"
    assert await ErasureRequest.count() == 0
    assert await Erasure.exists().where(Erasure.person == person)
    kinds = [row[0] for row in await street.store.read("SELECT kind FROM log_entry ORDER BY pos")]
    assert kinds[-1] == "erase"
    assert await verify(street.store) == []
    await street.ledger.checkpoints.sign()
    await export(street.store, tmp_path / "whole.zip")
    assert liren_verify([str(tmp_path / "whole.zip"), "--lang", "en"]) == 0
    await resident.aclose()
    await visitor.aclose()


async def test_points_are_closed_only_by_somebody_who_may_sign_and_nobody_erases_themself(running: Running) -> None:
    person = await with_points(running, "王秀兰")
    visitor = await officer(running)
    page = f"/privacy/people/{person}"
    assert (await visitor.send_form(page, f"{page}/erase", name="王秀兰")).status_code == 403
    resident = await running.signed_in("王秀兰")
    assert "钱进看了个人信息" in (await resident.get("/privacy/mine")).text
    await resident.aclose()
    assert await running.street.store.read("SELECT name FROM person WHERE id = ?", person) == [("王秀兰",)]
    [own] = [each.id for each in await running.street.identity.people.keys() if each.name == "钱进"]
    assert "请另一位同事来删除" in (await visitor.get(f"/privacy/people/{own}")).text
    await visitor.aclose()


async def test_an_officer_of_one_community_sees_nobody_of_another(running: Running) -> None:
    [_first, second, *_] = await running.street.identity.units.all("community")
    person = await with_points(running, "王秀兰")
    await running.person("赵远", "privacy.officer", unit=second.code)
    visitor = await running.signed_in("赵远")
    for page in (f"/privacy/people/{person}", f"/privacy/people/{person}/merge"):
        assert (await visitor.get(page)).status_code == 404
    resident = await running.signed_in("王秀兰")
    await resident.send_form("/privacy/mine", "/privacy/mine/erase")
    assert person not in (await visitor.get("/privacy/requests")).text
    assert (await resident.get("/privacy/requests")).status_code == 403
    await resident.aclose()
    await visitor.aclose()


async def test_a_refused_request_tells_the_person_why(running: Running) -> None:
    person = await with_points(running, "王秀兰")
    resident = await running.signed_in("王秀兰")
    await resident.send_form("/privacy/mine", "/privacy/mine/erase")
    visitor = await officer(running)
    page = f"/privacy/people/{person}"
    answer = await visitor.send_form(page, f"{page}/refuse", reason="调解案件还没有结束")
    assert answer.status_code == 303, answer.text
    assert "调解案件还没有结束" in (await resident.get("/inbox/")).text
    assert "要求删除" in (await resident.get("/privacy/mine")).text
    await resident.aclose()
    await visitor.aclose()


async def test_a_plugin_that_fails_leaves_the_person_whole(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await with_points(running, "王秀兰", points=1)
    visitor = await officer(running, "credit.reviewer")

    async def fails(*_args: object, **_more: object) -> None:
        raise RuntimeError("the market's table is locked")

    monkeypatch.setattr("liren_market.personal.erase", fails)
    page = f"/privacy/people/{person}"
    assert (await visitor.send_form(page, f"{page}/erase", name="王秀兰")).status_code == 500
    assert await running.street.store.read("SELECT name FROM person WHERE id = ?", person) == [("王秀兰",)]
    assert (await running.street.kernel.services.ledger.balance(Subject("h", person))).total == 1
    await visitor.aclose()


async def test_a_plugin_that_is_away_owes_its_part_until_it_is_back(running: Running) -> None:
    person = await running.person("王秀兰")
    async with running.street.store.transaction("job:test") as tx:
        await tx.sql("INSERT INTO migration (app, id, ran_ms) VALUES ('gone', '0001', 0)")
    visitor = await officer(running)
    page = f"/privacy/people/{person}"
    assert (await visitor.send_form(page, f"{page}/erase", name="王秀兰")).status_code == 303
    owed = await Retained.objects().where(Retained.person == person)
    assert [(row.plugin, row.until) for row in owed] == [("gone", running.street.today())]
    await visitor.aclose()


async def test_two_entries_become_one_and_what_plugins_hold_follows(running: Running) -> None:
    kept = await with_points(running, "王秀兰", points=30)
    [first, *_] = await running.street.identity.units.all("community")
    gone = await running.person("王秀兰", unit=first.code)
    await (await running.acting("inbox")).notify(gone, "您好", "/home")
    visitor = await officer(running)
    page = f"/privacy/people/{kept}/merge"
    assert gone in (await visitor.get(page)).text
    assert (await visitor.send_form(page, page, other=kept)).status_code == 409
    answer = await visitor.send_form(page, page, other=gone)
    assert answer.status_code == 303, answer.text
    assert await running.street.store.read("SELECT person FROM inbox_notice") == [(kept,)]
    assert await running.street.store.read("SELECT merged_into FROM person WHERE id = ?", gone) == [(kept,)]
    assert (
        await running.street.store.read("SELECT 1 FROM login_account WHERE person = ? AND disabled_ms IS NULL", gone)
        == []
    )
    await visitor.aclose()


async def test_a_duty_waits_for_a_module_that_is_away_while_its_tables_are_here(running: Running) -> None:
    yesterday = running.street.today() - timedelta(days=1)
    async with running.street.store.transaction("job:test") as tx:
        await tx.sql("INSERT INTO migration (app, id, ran_ms) VALUES ('elsewhere', '0001', 0)")
        for plugin in ("elsewhere", "removed"):
            row = (f"p1/{plugin}", "p1", plugin, yesterday, "law")
            await tx.sql("INSERT INTO privacy_retained (id, person, plugin, until, law) VALUES (?, ?, ?, ?, ?)", *row)
    await let_go_of_retained(await running.acting("privacy"))
    assert await running.street.store.read("SELECT plugin FROM privacy_retained") == [("elsewhere",)]
