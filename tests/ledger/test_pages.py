# SPDX-License-Identifier: Apache-2.0
"""The ledger's pages in a real street: proof for anyone, the receipt's file for its holder alone."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date
from pathlib import Path
from secrets import token_hex

import pytest

from liren.plugins.points import Award, Budget, PointRule, PostDraft, Posted, Subject
from liren.store import Tx
from liren.testing.street import Running, small_street
from liren_verify.cli import main as liren_verify

RULE = PointRule("FX-01", "resident", "h", 1, 100, date(2026, 1, 1), "next-year-end", 1)


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


async def awarded(running: Running, person: str) -> Posted:
    """30 points, through the real street's keys."""
    store = running.street.store
    ((reviewer,),) = await store.read("SELECT owner FROM key_secret WHERE owner IS NOT NULL")
    community = (await running.street.identity.units.all("community"))[0].code
    reason = {"title": "楼道清扫", "quantity": 2}
    award = Award(Subject("h", person), community, "FX-01", 30, date(2026, 11, 1), reviewer=reviewer, reason=reason)

    async def adopt(tx: Tx) -> str:
        ledger = tx.part("ledger")
        await ledger.adopt([RULE], reviewer=reviewer)
        return str((await ledger.post(Budget(community, 1000, reviewer))).rid)

    async def post(tx: Tx) -> Posted:
        draft: PostDraft = award
        posted: Posted = await tx.part("ledger").post(draft)
        return posted

    await store.once("job:test", token_hex(4), "adopt", adopt, returns=str)
    return await store.once("job:test", token_hex(4), "post", post, returns=Posted)


async def test_a_resident_sees_balance_passbook_and_proof_and_verifies_offline(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = await running.person("王秀兰")
    posted = await awarded(running, person)
    resident = await running.signed_in("王秀兰")
    home = (await resident.get("/home")).text
    assert "本月" in home
    assert ">30<" in home
    passbook = (await resident.get("/ledger/mine")).text
    assert "楼道清扫 2" in passbook
    assert "30 分，2027年12月31日到期" in passbook
    check = await resident.get(f"/ledger/check/{posted.rid}")
    assert check.status_code == 303
    address = check.headers["location"]
    assert "下载凭证" in (await resident.get(address)).text
    file = await resident.get(f"/ledger/receipt/{posted.rid}")
    path = tmp_path / "mine.liren-receipt"
    path.write_bytes(file.content)
    assert liren_verify([str(path), "--lang", "zh"]) == 0
    assert "楼道清扫" in capsys.readouterr().out
    async with running.visitor() as anyone:
        for link in (address, address.replace("/r/", "/R/")):
            page = (await anyone.get(link)).text
            assert "这一笔是真的" in page
            assert "王秀兰" not in page
            assert "楼道清扫" not in page
            assert "下载凭证" not in page
        assert "genuine" in (await anyone.get(address + "?lang=en")).text
    await resident.aclose()


async def test_nobody_else_gets_a_receipt(running: Running) -> None:
    posted = await awarded(running, await running.person("王秀兰"))
    await running.person("张强")
    other = await running.signed_in("张强")
    for page in ("receipt", "check"):
        assert (await other.get(f"/ledger/{page}/{posted.rid}")).status_code == 404
        assert (await other.get(f"/ledger/{page}/nothing")).status_code == 404
    async with running.visitor() as stranger:
        assert (await stranger.get(f"/ledger/receipt/{posted.rid}")).status_code == 303
        assert (await stranger.get("/r/AAAAAAAAAAAAAAAAAAAAAA")).status_code == 404
        assert (await stranger.get("/r/王")).status_code == 404
    await other.aclose()


async def test_anyone_can_take_the_checkpoint_and_the_keys_home(running: Running, tmp_path: Path) -> None:
    posted = await awarded(running, await running.person("王秀兰"))
    await running.street.ledger.checkpoints.sign()
    async with running.visitor() as anyone:
        assert "这本账谁也改不了" in (await anyone.get("/")).text
        page = (await anyone.get("/ledger")).text
        note = (await anyone.get("/ledger/checkpoint")).content
        assert note.decode().splitlines()[2] in page
        keys = (await anyone.get("/ledger/keys.note")).content
        (tmp_path / "keys.note").write_bytes(keys)
        (tmp_path / "checkpoint").write_bytes(note)
    from liren.ledger.papers.receipts import Receipts
    from liren.ledger.reading.reader import Reader

    reader = Reader(running.street.store, running.street.ledger)
    path = tmp_path / "r.liren-receipt"
    path.write_bytes(await Receipts(running.street.store, running.street.ledger, reader).file(posted.rid))
    assert liren_verify([str(path), "--trust", str(tmp_path / "keys.note"), "--lang", "en"]) == 0


async def test_the_pages_of_a_resident_without_points_say_so(running: Running) -> None:
    await running.person("张强")
    resident = await running.signed_in("张强")
    assert "还没有记录" in (await resident.get("/ledger/mine")).text
    assert "还没有记录" in (await resident.get("/ledger/mine?before=x")).text
    assert (await resident.get("/home")).status_code == 200
    await resident.aclose()


@pytest.mark.proves("clock")
async def test_the_nightly_job_clears_what_has_expired_and_may_run_twice(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time
    from datetime import UTC, datetime

    person = Subject("h", await running.person("王秀兰"))
    await awarded(running, person.id)
    new_year = int(datetime(2028, 1, 1, 4, tzinfo=UTC).timestamp() * 1e9)
    real, began = time.time_ns, time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: new_year + real() - began)
    reader = running.street.kernel.services.ledger
    assert (await reader.balance(person)).total == 0
    for _ in range(2):
        await running.run("ledger", "expire")
    assert await reader.balance_of("expired") == 30
    assert [entry.why for entry in await reader.entries(person)] == ["expire", "award"]


async def test_the_health_check_says_why_the_ledger_is_read_only(running: Running) -> None:
    from liren.ledger.errors import Behind, ReadOnly
    from liren.ledger.health import writable
    from liren.plugins.services import Who

    await awarded(running, await running.person("王秀兰"))
    ctx = running.street.kernel.context("ledger", Who())
    good = await writable(ctx)
    assert good.ok, good.text
    running.street.ledger.blocked = ReadOnly("账本落后于锚", "behind its anchor")
    bad = await writable(ctx)
    assert (bad.ok, bad.text) == (False, "账本落后于锚")
    running.street.ledger.blocked = Behind("账本落后于锚", "behind its anchor")
    async with aclosing(await running.signed_in("吴志强")) as admin:
        assert "只能看，不能记" in (await admin.get("/desk")).text, "who can mend it is told first thing"
        guide = (await admin.get("/ledger/keys")).text
        assert "先找更新的备份" in guide
        assert "liren ledger recover" in guide
        refused = await admin.send_form("/ledger/keys/4", "/ledger/keys/4/rotate")
        assert (refused.status_code, "您的积分一分没少" in refused.text) == (503, True)
    running.street.ledger.blocked = None
