# SPDX-License-Identifier: Apache-2.0
"""The printed receipt: scanned back from a 300-dpi page, it is judged by the command and by the street itself."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.async_api import async_playwright
from tests.ledger.test_pages import awarded
from tests.scanning import scanned

from liren.ledger.errors import Malformed
from liren.ledger.papers import paper
from liren.ledger.papers.receipts import Receipts
from liren.ledger.reading.reader import Reader
from liren.testing.street import Running, small_street
from liren_verify.cli import main as liren_verify

DPI = 300
A4_PX = (794, 1123)
"""At the 96 px an inch of CSS."""


@pytest.fixture
async def running(database: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with small_street(tmp_path / "home", database) as street:
        yield street


async def printed(html: str) -> Image.Image:
    """The page as a 300-dpi printer would lay it down."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = await browser.new_page(
            viewport={"width": A4_PX[0], "height": A4_PX[1]}, device_scale_factor=DPI / 96, java_script_enabled=False
        )
        await page.set_content(html)
        await page.emulate_media(media="print")
        picture = Image.open(io.BytesIO(await page.screenshot(full_page=True)))
        await browser.close()
    return picture


async def styled(running: Running, path: str) -> str:
    return await styled_for(running, "王秀兰", path)


async def styled_for(running: Running, name: str, path: str) -> str:
    """The page with its style sheets put in, for a browser without a server."""
    resident = await running.signed_in(name)
    page = (await resident.get(path)).text
    for link, href in re.findall(r'(<link rel="stylesheet" href="([^"]+)">)', page):
        page = page.replace(link, f"<style>{(await resident.get(href)).text}</style>")
    await resident.aclose()
    return page


@pytest.mark.browser
async def test_both_codes_scan_from_paper_and_prove_the_record_without_the_server(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posted = await awarded(running, await running.person("王秀兰"))
    page = await styled(running, f"/ledger/paper/{posted.rid}")
    assert "王秀兰" not in page, "found in the street, the paper names nobody"
    assert "楼道清扫" not in page
    found = scanned(await printed(page))
    codes = sorted(code.text for code in found)
    assert [code.rpartition("/R/")[2][:2] for code in codes] == ["A/", "B/"]
    for code in found:
        width_px = abs(code.position.top_right.x - code.position.top_left.x)
        assert width_px / DPI * 2.54 >= 5, "at least 5 cm on paper"
    async with running.visitor() as anyone:
        (tmp_path / "keys.note").write_bytes((await anyone.get("/ledger/keys.note")).content)
        (tmp_path / "codes.txt").write_text("\n".join(codes))
        assert liren_verify([str(tmp_path / "codes.txt"), "--trust", str(tmp_path / "keys.note"), "--lang", "zh"]) == 0
        assert "30 居民分" in capsys.readouterr().out
        for code, said in zip(codes, ("这一笔是真的", "在账里"), strict=True):
            answer = await anyone.get("/R/" + code.rpartition("/R/")[2])
            assert answer.status_code == 200
            assert said in answer.text
            assert "王秀兰" not in answer.text


async def test_a_paper_that_was_changed_is_told_from_a_genuine_one(running: Running) -> None:
    posted = await awarded(running, await running.person("王秀兰"))
    resident = await running.signed_in("王秀兰")
    ledger = running.street.ledger
    codes = await Receipts(running.street.store, ledger, Reader(running.street.store, ledger)).paper(posted.rid)
    assert codes is not None
    assert "这一笔是真的" in (await resident.get(f"/R/A/{codes.a}")).text
    later = codes.a[:6] + ("B" if codes.a[6] == "A" else "A") + codes.a[7:]
    assert "这一笔有问题" in (await resident.get(f"/R/A/{later}")).text
    way = codes.b[:-10] + ("AAAAAAAAAA" if codes.b[-10:] != "AAAAAAAAAA" else "BBBBBBBBBB")
    assert (await resident.get(f"/R/B/{way}")).status_code in (200, 400)
    assert "在账里的第" not in (await resident.get(f"/R/B/{way}")).text
    for nonsense in ("A", "AAAA", codes.b, codes.a[:40], "A" * 1999, "1" * 40):
        assert (await resident.get(f"/R/A/{nonsense}")).status_code == 400
    for nonsense in ("B", codes.a, codes.b[:-2], "A" * 160):
        answer = await resident.get(f"/R/B/{nonsense}")
        assert answer.status_code == 400 or "对不上" in answer.text
    await resident.aclose()


async def test_the_printed_receipt_is_for_its_holder_alone(running: Running) -> None:
    posted = await awarded(running, await running.person("王秀兰"))
    await running.person("张强")
    other = await running.signed_in("张强")
    assert (await other.get(f"/ledger/paper/{posted.rid}")).status_code == 404
    await other.aclose()


def test_code_b_of_a_log_of_a_million_still_scans() -> None:
    way = paper.Codes(a="", b=paper._base32(bytes(18 + 20 * 32 + 68)))
    code = segno.make(f"HTTPS://WWW.JIEDAO.EXAMPLE.GOV.CN/R/B/{way.b}", error="m", micro=False)
    assert int(code.version) <= 25


def test_what_is_no_code_is_refused() -> None:
    for nonsense in ("", "a", "=====", "AE======", "王", "A" * 3000):
        with pytest.raises(Malformed):
            paper.read_a(nonsense)
        with pytest.raises(Malformed):
            paper.read_b(nonsense)
