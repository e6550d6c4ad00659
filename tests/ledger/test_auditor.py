# SPDX-License-Identifier: Apache-2.0
"""The auditor's pages show everything but people; the notice board and the figures say what the log says."""

import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from tests.ledger.test_pages import awarded
from tests.ledger.test_paper import printed, styled_for
from tests.scanning import scanned

from liren.ledger.reading import months
from liren.ledger.reading.reader import Reader
from liren.ledger.reading.stats import stats
from liren.plugins.points import Spend, Subject
from liren.store import Tx
from liren.testing.street import Running, small_street
from liren_verify.cli import main as liren_verify


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        await street.street.ledger.checkpoints.sign()  # whatever comes later makes a second one
        yield street


async def test_an_auditor_follows_an_entry_to_the_signed_root_without_a_name(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posted = await awarded(running, await running.person("王秀兰"))
    await running.street.ledger.checkpoints.sign()
    await running.person("郑明", "audit.auditor")
    auditor = await running.signed_in("郑明")
    ((pos,),) = await running.street.store.read("SELECT pos FROM log_entry WHERE rid = ?", posted.rid)
    ((policy,),) = await running.street.store.read("SELECT pos FROM log_entry WHERE kind = 'policy'")
    said = {
        "/ledger/audit": ("最近两周记入账本的记录", "最新的检查点"),
        "/ledger/audit/log": (posted.rid, "得分"),
        f"/ledger/audit/log?code=FX-01&unit={(await running.street.identity.units.all('community'))[0].code}": (
            posted.rid,
        ),
        "/ledger/audit/log?code=NO-01": ("没有这样的记录",),
        "/ledger/audit/log?day=2020-01-01": ("没有这样的记录",),
        f"/ledger/audit/entries/{pos}": ("刚刚重新算过", "FX-01", "街道的服务器保管密钥", "budget/"),
        f"/ledger/audit/entries/{policy}": ("policy",),
        "/ledger/audit/entries/0": ("密钥写在纸上保管",),
        "/ledger/audit/keys": ("liren.example/root", "有效"),
        "/ledger/audit/checkpoints": ("签名时间",),
        "/ledger/audit/policies": ("FX-01", "现行"),
        "/ledger/audit/how": ("--old-checkpoint",),
    }
    for path, words in said.items():
        page = (await auditor.get(path)).text
        for word in words:
            assert word in page, (path, word)
        assert "王秀兰" not in page
        assert "楼道清扫" not in page
    for text in (posted.rid, str(pos)):
        answer = await auditor.get(f"/ledger/audit/log?q={text}")
        assert answer.headers["location"].endswith(f"/entries/{pos}")
    assert (await auditor.get("/ledger/audit/log?q=nothing")).status_code == 200
    assert (await auditor.get("/ledger/audit/entries/99999")).status_code == 404
    assert "Compare with" in (await auditor.get("/ledger/audit/checkpoints?lang=en")).text
    file = tmp_path / "entry.liren-receipt"
    file.write_bytes((await auditor.get(f"/ledger/audit/entries/{pos}/file")).content)
    assert liren_verify([str(file)]) == 0
    assert "opening.json" not in zipfile.ZipFile(BytesIO(file.read_bytes())).namelist()
    capsys.readouterr()
    await auditor.aclose()

    resident = await running.signed_in("王秀兰")
    for path in said:
        assert (await resident.get(path)).status_code == 403, path
    await resident.aclose()


async def test_two_checkpoints_are_compared_and_the_export_verifies(running: Running, tmp_path: Path) -> None:
    store = running.street.store
    await awarded(running, await running.person("王秀兰"))
    await running.street.ledger.checkpoints.sign()
    sizes = [size for (size,) in await store.read("SELECT size FROM checkpoint ORDER BY size")]
    assert len(sizes) >= 2
    await running.person("郑明", "audit.auditor")
    auditor = await running.signed_in("郑明")
    for old, new, word in (
        (sizes[0], sizes[-1], "接得上"),
        (sizes[-1], sizes[-1], "接得上"),
        (sizes[0], 999, "没有这两个检查点"),
        (sizes[-1], sizes[0], "没有这两个检查点"),
    ):
        assert word in (await auditor.get(f"/ledger/audit/checkpoints?old={old}&new={new}")).text
    answer = await auditor.send_form("/ledger/audit", "/ledger/audit/export")
    assert answer.status_code == 200, answer.text[:300]
    (tmp_path / "all.zip").write_bytes(answer.content)
    assert liren_verify([str(tmp_path / "all.zip")]) == 0
    rows = await store.read("SELECT subject FROM audit WHERE what = 'ledger.exported'")
    assert rows == [("log",)]
    await auditor.aclose()


async def test_sums_by_month_agree_with_the_accounts_and_are_counted_once(running: Running) -> None:
    person = await running.person("王秀兰")
    await awarded(running, person)
    store = running.street.store

    async def spend(tx: Tx) -> bool:
        await tx.part("ledger").post(Spend(Subject("h", person), "market.order", 12))
        return True

    await store.once("job:test", "spend", "spend", spend, returns=bool)
    reader = Reader(store, running.street.ledger)
    for _ in range(2):
        await running.run("ledger", "months")
        found = await months.sums(store)
        (liability,) = [asset.liability for asset in (await stats(store)).assets if asset.asset == "resident"]
        assert months.owed(found) == liability == 30
    ((size,),) = await store.read("SELECT size FROM log_head")
    assert await months.count(reader) == size
    [month] = months.told(found)
    assert (months.of_month(found, month, "award"), months.records_of(found, month, "award")) == (30, 1)
    async with running.visitor() as anyone:
        board = (await anyone.get("/ledger/board")).text
        assert "王秀兰" not in board
        assert "居民手里还没兑换的积分" in (await anyone.get("/")).text
    assert ">30<" in board


@pytest.mark.browser
async def test_the_sheet_for_the_notice_board_scans_to_the_checkpoint_page(running: Running) -> None:
    await awarded(running, await running.person("王秀兰"))
    await running.street.ledger.checkpoints.sign()
    found = scanned(await printed(await styled_for(running, "王秀兰", "/ledger/board")))
    assert [code.text for code in found] == [f"{running.street.settings.public_url}/ledger"]
    async with running.visitor() as anyone:
        page = (await anyone.get("/ledger")).text
        for month in ("", "?month=2026-11", "?month=1999-01", "?month=x"):
            assert (await anyone.get(f"/ledger/board{month}")).status_code == 200
    assert "根密钥的指纹" in page
