# SPDX-License-Identifier: Apache-2.0
"""A log of a million records built through the engine: replayed, exported, verified by a stranger's program, proved on
a phone that is offline, and scanned back from paper.

``LIREN_GROWN=FOLDER`` keeps what was grown for the next time (see ``tests.bench.growth``); ``LIREN_MILLION=20000``
asks for less.
"""

import os
import subprocess
import sys
import time
import zipfile
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from liren.ledger.archive.digests import digests
from liren.ledger.archive.export import export
from liren.ledger.papers.receipts import Receipts
from liren.ledger.reading import months
from liren.ledger.reading.reader import Reader
from liren.testing.pytest_plugin import KINDS
from liren.web import qr
from liren_verify import twin
from liren_verify.cli import main as liren_verify
from tests.bench._databases import TITLES, databases
from tests.bench.grow import Growing
from tests.bench.growth import FOLDER
from tests.ledger.test_paper import printed
from tests.liren_verify.test_twin import JUDGE, WITHOUT_CRYPTO
from tests.prove import PROVING, figures
from tests.scanning import scanned

SIZE = int(os.environ.get("LIREN_MILLION") or 1_000_000)
MOST_MB = 400
ALONE = (
    "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode;"
    "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
"""A small parent: a child's peak begins with what its parent held when it forked."""
SHEET = "<!doctype html><style>svg {{ width: 7cm }} .qr__paper {{ fill: #fff }}</style><p>{0}</p><p>{1}</p>"

pytestmark = pytest.mark.skipif(not PROVING, reason="an hour where nothing is grown yet: make prove")


def peak_of(archive: Path, jobs: int) -> tuple[float, float, int]:
    """(seconds, peak MB of the largest process, exit code) of ``liren-verify`` in a process of its own."""
    command = [sys.executable, "-m", "liren_verify", str(archive), "--lang", "en", "--jobs", str(jobs)]
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", ALONE, *command], stdout=subprocess.PIPE, check=True)
    code, peak = map(int, done.stdout.split())
    return time.perf_counter() - started, peak / 1024, code


@pytest.mark.parametrize("kind", KINDS)
def test_a_million_records_hold(kind: str, tmp_path: Path) -> None:
    home = Path(os.environ.get(FOLDER) or tmp_path) / f"{kind}-{SIZE}"
    home.mkdir(parents=True, exist_ok=True)
    for folder in (tmp_path, tmp_path.parent, home):
        folder.chmod(0o755)
    with databases(kind, home, "bench", keep=True) as (where,):
        street, began = Growing(home, where), time.monotonic()
        grown = street.bench.size
        street.grow(SIZE)
        bench, title = street.bench, TITLES[kind]
        if bench.size > grown:
            figures(f"{title}: {bench.size - grown:,} records in {time.monotonic() - began:.0f} s through the engine")
        try:
            bench.run(bench.ledger.checkpoints.sign())
            replayed(street, title)
            started = time.perf_counter()
            done = bench.run(export(bench.store, tmp_path / "export.zip"))
            mb = done.path.stat().st_size / 2**20
            figures(f"{title}: {done.size:,} records exported in {time.perf_counter() - started:.0f} s, {mb:.0f} MB")
            for jobs in sorted({1, os.cpu_count() or 1}) if kind == "sqlite" else [os.cpu_count() or 1]:
                seconds, peak, code = peak_of(done.path, jobs)
                assert code == 0
                assert peak <= MOST_MB
                figures(f"{title}: liren-verify, {jobs} processes: {seconds:.0f} s, peak {peak:.0f} MB, clean")
            on_paper_and_phone(street, title, tmp_path)
        finally:
            bench.close()


def replayed(street: Growing, title: str) -> None:
    started = time.perf_counter()
    street.bench.run(months.count(Reader(street.bench.store, street.bench.ledger)))
    figures(f"{title}: sums by month counted in {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    for each in street.bench.run(digests(street.bench.store)):
        assert each.equal, each
        figures(f"{title}: {each.table}, {each.rows:,} rows: stored = replayed = {each.stored}")
    figures(f"{title}: log replayed in {time.perf_counter() - started:.0f} s")


def on_paper_and_phone(street: Growing, title: str, folder: Path) -> None:
    """A record from the middle: its file on a phone without network, its two codes from a page of 300 dpi."""
    bench = street.bench
    receipts = Receipts(bench.store, bench.ledger, Reader(bench.store, bench.ledger))
    query = "SELECT pos, rid FROM log_entry WHERE pos > ? AND why = 'award' LIMIT 1"
    ((pos, rid),) = bench.run(bench.store.read(query, bench.size // 2))
    file = bench.run(receipts.file(rid))
    assert bench.run(judged_offline(file, folder)) == []
    codes = bench.run(receipts.paper(rid))
    assert codes is not None
    texts = [f"HTTPS://JIEDAO.EXAMPLE.GOV.CN/R/{side}/{code}" for side, code in (("A", codes.a), ("B", codes.b))]
    sheet = SHEET.format(*(qr(text, label="") for text in texts))
    found = sorted(code.text for code in scanned(bench.run(printed(sheet))))
    assert found == texts
    (folder / "receipt.liren-receipt").write_bytes(file)
    (folder / "codes.txt").write_text("\n".join(found))
    keys = folder / "keys.note"
    with zipfile.ZipFile(folder / "receipt.liren-receipt") as archive:
        keys.write_bytes(archive.read("keys.note"))
    assert liren_verify([str(folder / "receipt.liren-receipt"), "--trust", str(keys), "--lang", "en"]) == 0
    assert liren_verify([str(folder / "codes.txt"), "--trust", str(keys), "--lang", "en"]) == 0
    figures(
        f"{title}: entry {pos:,}: receipt of {len(file):,} bytes clean in Chromium, offline, without WebCrypto;"
        " both codes of its paper scanned at 300 dpi and proved"
    )


async def judged_offline(file: bytes, folder: Path) -> list[object] | None:
    """What the single HTML page finds."""
    page_file = folder / "liren-verify.html"
    page_file.write_bytes(twin.build())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = await browser.new_context(offline=True)
        await context.add_init_script(WITHOUT_CRYPTO)
        page = await context.new_page()
        await page.goto(page_file.as_uri())
        found: list[object] | None = await page.evaluate(JUDGE, [b64encode(file).decode(), ""])
        await browser.close()
    return found
