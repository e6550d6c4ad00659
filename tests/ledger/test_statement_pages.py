# SPDX-License-Identifier: Apache-2.0
"""Statements and passbooks: for their holder, for a worker in whose area they live, for nobody else."""

import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.ledger.test_pages import awarded
from tests.ledger.test_paper import printed, styled_for
from tests.scanning import scanned

from liren.ledger.reading.reader import Reader
from liren.plugins.points import Spend, Subject
from liren.store import Tx
from liren.testing.street import Running, small_street
from liren_verify.cli import main as liren_verify

MONTH = "2026-11"


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


@pytest.fixture(autouse=True)
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, datetime(2026, 11, 21, 2, tzinfo=UTC))


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    real = REAL
    offset = int(moment.timestamp() * 1e9) - real()
    monkeypatch.setattr(time, "time_ns", lambda: real() + offset)


REAL = time.time_ns


async def test_a_resident_reads_prints_and_checks_a_month(
    running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = await running.person("王秀兰")
    await awarded(running, person)
    resident = await running.signed_in("王秀兰")
    assert "还没有对账单" in (await resident.get("/ledger/statements")).text
    assert (await resident.get(f"/ledger/statements/{MONTH}")).status_code == 404
    at(monkeypatch, datetime(2026, 12, 1, 2, tzinfo=UTC))
    for _ in range(2):
        await running.run("ledger", "statement")
    assert "2026 年 11 月" in (await resident.get("/ledger/statements")).text
    page = (await resident.get(f"/ledger/statements/{MONTH}")).text
    for said in ("楼道清扫 2", "30 分，2027年12月31日到期", "您一共有 1 条记录"):
        assert said in page, said
    path = tmp_path / "m.liren-statement"
    path.write_bytes((await resident.get(f"/ledger/statements/{MONTH}/file")).content)
    assert liren_verify([str(path), "--lang", "zh"]) == 0
    assert "30 居民分（到 2027-12-31）" in capsys.readouterr().out
    paper = (await resident.get(f"/ledger/statements/{MONTH}/paper")).text
    assert "王秀兰" in paper
    assert (await resident.get(f"/ledger/statements/{MONTH}/file?n=2")).status_code == 404
    for wrong in ("2026-10", "x", "2026-13"):
        assert (await resident.get(f"/ledger/statements/{wrong}")).status_code == 404
    assert (await resident.get(f"/ledger/statements/{MONTH}?of=nobody")).status_code == 404
    book = (await resident.get("/ledger/passbook")).text
    assert "楼道清扫 2" in book
    assert "第 1 页，共 1 页" in book
    english = (await resident.get(f"/ledger/statements/{MONTH}?lang=en")).text
    assert "Statement of 2026-11" in english
    await resident.aclose()

    await running.person("张强")
    other = await running.signed_in("张强")
    assert (await other.get(f"/ledger/statements/{MONTH}")).status_code == 404
    assert "楼道清扫" not in (await other.get("/ledger/passbook")).text
    await other.aclose()


async def test_a_worker_prints_for_who_lives_in_their_area_and_it_is_on_record(running: Running) -> None:
    person = await running.person("王秀兰")
    posted = await awarded(running, person)
    pages = (
        f"/ledger/people/{person}",
        f"/ledger/people/{person}/passbook",
        f"/ledger/people/{person}/passbook?paper=a5&year=2026",
        f"/ledger/paper/{posted.rid}",
    )
    await running.person("周敏", "identity.clerk", unit=None)
    street_worker = await running.signed_in("周敏")
    for page in pages:
        answer = await street_worker.get(page)
        assert answer.status_code == 200, page
    assert "楼道清扫 2" in (await street_worker.get(pages[1])).text
    assert (await street_worker.get(f"/ledger/people/{person}/statements/{MONTH}")).status_code == 404
    assert (await street_worker.get("/ledger/people/nobody")).status_code == 404
    assert "打印存折" in (await street_worker.get(f"/people/{person}")).text
    await street_worker.aclose()
    rows = await running.street.store.read(
        "SELECT detail FROM audit WHERE what = 'ledger.printed' AND subject = ? ORDER BY id", person
    )
    assert len(rows) >= 4
    assert any(posted.rid in str(detail) for (detail,) in rows)

    resident = await running.signed_in("王秀兰")
    for page in pages[:3]:
        assert (await resident.get(page)).status_code == 403
    assert (await resident.get(pages[3])).status_code == 200
    assert "看了或打印了积分记录" in (await resident.get("/privacy/mine")).text
    await resident.aclose()


async def test_the_everyday_receipt_says_who_keeps_the_keys(running: Running) -> None:
    person = await running.person("王秀兰")
    posted = await awarded(running, person)
    reader = Reader(running.street.store, running.street.ledger)
    async with running.visitor() as anyone:
        page = (await anyone.get(f"/r/{await reader.receipt_token(posted.rid)}")).text
        assert page.count("街道的服务器保管密钥") == 2, "the community's and the reviewer's"
    resident = await running.signed_in("王秀兰")
    assert "街道的服务器保管密钥" in (await resident.get(f"/ledger/paper/{posted.rid}")).text
    await resident.aclose()


async def test_a_receipt_calls_the_module_that_took_the_points_by_its_name(running: Running) -> None:
    person = await running.person("王秀兰")
    await awarded(running, person)

    async def order(tx: Tx) -> str:
        return str((await tx.part("ledger").post(Spend(Subject("h", person), "market.order", 1))).rid)

    rid = await running.street.store.once(person, "order", "order", order, returns=str)
    resident = await running.signed_in("王秀兰")
    for address, called in (
        (f"/ledger/paper/{rid}", "系统（信用超市）"),
        (f"/ledger/paper/{rid}?lang=en", "system (Points market)"),
    ):
        assert called in (await resident.get(address)).text
    await resident.aclose()


@pytest.mark.browser
async def test_the_code_on_a_printed_passbook_opens_its_last_record(running: Running) -> None:
    posted = await awarded(running, await running.person("王秀兰"))
    found = scanned(await printed(await styled_for(running, "王秀兰", "/ledger/passbook")))
    assert len(found) == 1
    token = found[0].text.rpartition("/R/")[2]
    assert re.fullmatch("[A-Z2-7]{22}", token)
    async with running.visitor() as anyone:
        page = (await anyone.get(f"/R/{token}")).text
    assert "这一笔是真的" in page
    assert posted.rid in page
