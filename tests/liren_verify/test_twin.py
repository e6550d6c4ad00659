# SPDX-License-Identifier: Apache-2.0
"""The offline page in a real Chromium with the network off and without WebCrypto: it judges as the command does."""

import io
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image, ImageFilter
from playwright.sync_api import Page, expect
from tests.axe import violations
from tests.chromium import chromium, window
from tests.liren_verify.judge import verdict
from tests.liren_verify.stating import Stating
from tests.liren_verify.street import Street, zipped
from tests.vectors.edges import UNUSABLE

from liren_verify import twin
from liren_verify.cli import main as liren_verify
from liren_verify.findings import Findings
from liren_verify.keysnote import parse_keys
from liren_verify.paper import verify_paper

pytestmark = pytest.mark.browser

VECTORS = Path(__file__).parents[1] / "vectors"
WITHOUT_CRYPTO = "delete Crypto.prototype.subtle; delete Object.getPrototypeOf(crypto).subtle;"
JUDGE = """([file, keys]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const result = liren.verifyFile(bytes(file), keys ? liren.parseKeys(bytes(keys)) : null);
  return result ? result.findings.map(([place, code]) => [place, code]) : [["", "unusable"]];
}"""
PAPER = """([a, b, keys]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const { findings, facts } = liren.verifyPaper(a, b, liren.parseKeys(bytes(keys)));
  return [findings.map(([place, code]) => [place, code]), facts && facts.index];
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    built = tmp_path_factory.mktemp("twin") / "liren-verify.html"
    built.write_bytes(twin.build())
    with chromium() as browser:
        context = window(browser, viewport={"width": 390, "height": 900}, offline=True)
        context.add_init_script(WITHOUT_CRYPTO)
        opened = context.new_page()
        opened.goto(built.as_uri())
        assert opened.evaluate("crypto.subtle === undefined")
        yield opened


def judge(page: Page, file: bytes, keys: bytes = b"") -> Any:
    return page.evaluate(JUDGE, [b64encode(file).decode(), b64encode(keys).decode()])


def test_it_gives_every_vector_its_verdict(page: Page) -> None:
    verdicts = json.loads((VECTORS / "verdicts.json").read_text())
    receipts = [name for name in verdicts if name.endswith((".liren-receipt", ".liren-statement"))]
    assert len(receipts) >= 11
    for name in receipts:
        assert judge(page, (VECTORS / name).read_bytes()) == verdicts[name], name


def test_it_refuses_the_same_flipped_bytes_as_the_command(page: Page, lived: Street, tmp_path: Path) -> None:
    receipt, statement = lived.receipt_members(9 + 2), Stating().lived().members()
    for members, name, data in [(kind, *member) for kind in (receipt, statement) for member in kind.items()]:
        places = sorted({0, 1, len(data) // 3, len(data) // 2, 2 * len(data) // 3, len(data) - 2, len(data) - 1})
        for at in places:
            for flip in (0x01, 0x20):
                broken = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
                file = zipped({**members, name: broken})
                ours = sorted(verdict(file, tmp_path))
                theirs = sorted((place, code) for place, code in judge(page, file))
                assert theirs, f"{name} byte {at}: found nothing"
                assert theirs == ours, f"{name} byte {at}"


def test_a_member_that_is_missing_or_too_much_is_named(page: Page, lived: Street) -> None:
    members = lived.receipt_members(9 + 2)
    for name in ("entry", "proof.tlog-proof", "keys.note"):
        rest = {other: data for other, data in members.items() if other != name}
        assert [name, "member-missing"] in judge(page, zipped(rest))
    assert judge(page, zipped({**members, "notes.txt": b"x"})) == [["notes.txt", "member-extra"]]
    assert judge(page, b"no zip at all") == UNUSABLE
    assert judge(page, zipped({"something": b"else"})) == UNUSABLE


def test_it_holds_a_receipt_against_the_keys_one_trusts(page: Page, lived: Street) -> None:
    receipt = zipped(lived.receipt_members(9 + 2))
    assert judge(page, receipt, lived.keys_note()) == []
    assert judge(page, receipt, Street(seed=7).founded().keys_note()) == [["keys.note", "trust-mismatch"]]


def test_paper_is_judged_alike_by_page_and_command(page: Page, lived: Street) -> None:
    keys = lived.keys_note()
    a, b = lived.paper(9 + 2)
    other = lived.paper(9 + 3)
    swapped = a.replace("A/", "B/")
    wrong = ((a, other[1]), (other[0], b), (a[:-8], b), (b, a), (a, "B/AAAA"), (swapped, b), (a, b[:-4] + "AAAA"))
    for pair in ((a, b), *wrong):
        findings = Findings()
        proven = verify_paper(*pair, parse_keys(keys), findings)
        theirs, index = page.evaluate(PAPER, [*pair, b64encode(keys).decode()])
        assert sorted(map(tuple, theirs)) == sorted((found.place, found.code) for found in findings)
        assert (index == 11) == (not findings) == (pair == (a, b))
        assert proven is None or proven.position == 11 or findings


def test_the_command_checks_the_text_of_both_codes(
    lived: Street, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes, keys = tmp_path / "codes.txt", tmp_path / "keys.note"
    codes.write_text("\n".join(f"HTTPS://LIREN.EXAMPLE/R/{code}" for code in lived.paper(9 + 2)))
    keys.write_bytes(lived.keys_note())
    assert liren_verify([str(codes), "--trust", str(keys), "--lang", "zh"]) == 0
    assert "40 居民分" in capsys.readouterr().out
    assert liren_verify([str(codes), "--lang", "zh"]) == 2
    assert "--trust" in capsys.readouterr().err


def test_somebody_checks_a_file_and_photographs_of_paper(page: Page, lived: Street, tmp_path: Path) -> None:
    receipt = tmp_path / "r.liren-receipt"
    receipt.write_bytes(zipped(lived.receipt_members(9 + 2)))
    page.set_input_files("#file", receipt)
    page.get_by_role("heading", name="这张凭证是真的").wait_for()
    assert "40 居民分" in page.inner_text("#verdict")
    assert "志愿服务" in page.inner_text("#verdict")
    assert lived.fingerprint in page.inner_text("#verdict")
    page.get_by_role("button", name="English").click()
    assert "This receipt is genuine" in page.inner_text("#verdict")
    page.get_by_role("button", name="中文").click()

    (tmp_path / "keys.note").write_bytes(lived.keys_note())
    page.set_input_files("#keys", tmp_path / "keys.note")
    for half, code in zip("ab", lived.paper(9 + 2), strict=True):
        picture = io.BytesIO()
        segno.make(f"HTTPS://LIREN.EXAMPLE/R/{code}", error="m", micro=False).save(
            picture, kind="png", scale=6, border=4
        )
        (tmp_path / f"{half}.png").write_bytes(picture.getvalue())
        page.set_input_files(f"#photo-{half}", tmp_path / f"{half}.png")
        expect(page.locator(f"#code-{half}")).to_have_value(re.compile("^HTTPS"))
    page.get_by_role("button", name="核对纸质凭证").click()
    page.get_by_role("heading", name="这张凭证是真的").wait_for()
    page.set_input_files("#file", tmp_path / "a.png")
    page.get_by_role("heading", name="这不是凭证或对账单").wait_for()
    stating = Stating().lived()
    (tmp_path / "m.liren-statement").write_bytes(stating.file())
    page.set_input_files("#file", tmp_path / "m.liren-statement")
    page.get_by_role("heading", name="对不上，有问题").wait_for()  # the keys of another street are trusted
    (tmp_path / "keys.note").write_bytes(stating.street.keys_note())
    page.set_input_files("#keys", tmp_path / "keys.note")
    page.get_by_role("heading", name="密钥清单已读入").wait_for()
    page.set_input_files("#file", tmp_path / "m.liren-statement")
    page.get_by_role("heading", name="这份对账单对得上").wait_for()
    assert "35 居民分（2027年12月31日到期）" in page.inner_text("#verdict")


def photographed(code: str) -> bytes:
    """The code as a hand holds a phone over paper: askew, leaning, soft, grainy."""
    drawn = io.BytesIO()
    segno.make(f"HTTPS://LIREN.EXAMPLE/R/{code}", error="m", micro=False).save(drawn, kind="png", scale=14, border=8)
    paper = Image.open(drawn).convert("L").rotate(4, Image.Resampling.BICUBIC, expand=True, fillcolor=225)
    lens = (1.03, 0.02, -15, 0.01, 1.02, -10, 2e-5, 1.5e-5)  # nearer at one corner: a few parts in a hundred
    leaning = paper.transform(paper.size, Image.Transform.PERSPECTIVE, lens, Image.Resampling.BICUBIC, fillcolor=225)
    grainy = Image.blend(
        leaning.filter(ImageFilter.GaussianBlur(1)), Image.effect_noise(leaning.size, 80).convert("L"), 0.08
    )
    taken = io.BytesIO()
    grainy.save(taken, "JPEG", quality=85)
    return taken.getvalue()


def test_photographs_taken_by_hand_are_read_and_what_came_of_them_is_in_sight(
    page: Page, lived: Street, tmp_path: Path
) -> None:
    page.reload()
    (tmp_path / "keys.note").write_bytes(lived.keys_note())
    page.set_input_files("#keys", tmp_path / "keys.note")
    page.get_by_role("heading", name="密钥清单已读入").wait_for()
    page.get_by_role("button", name="核对纸质凭证").click()
    page.get_by_role("heading", name="还没有甲码").wait_for()
    for half, code in zip("ab", lived.paper(9 + 2), strict=True):
        (tmp_path / f"{half}.jpg").write_bytes(photographed(code))
        page.locator(f"#photo-{half}").scroll_into_view_if_needed()
        page.set_input_files(f"#photo-{half}", tmp_path / f"{half}.jpg")
        expect(page.locator(f"#code-{half}")).to_have_value(f"HTTPS://LIREN.EXAMPLE/R/{code}")
        expect(page.locator("#verdict")).to_be_in_viewport()
    page.get_by_role("heading", name="两个码都有了").wait_for()
    page.get_by_role("button", name="核对纸质凭证").click()
    page.get_by_role("heading", name="这张凭证是真的").wait_for()
    assert violations(page) == []


def test_what_cannot_be_read_is_told_and_takes_nothing_away(page: Page, lived: Street, tmp_path: Path) -> None:
    page.reload()
    receipt = zipped(lived.receipt_members(9 + 2))
    (tmp_path / "half.liren-receipt").write_bytes(receipt[: len(receipt) // 2])
    page.set_input_files("#file", tmp_path / "half.liren-receipt")
    page.get_by_role("heading", name="这个文件不完整").wait_for()
    (tmp_path / "keys.note").write_bytes(lived.keys_note())
    page.set_input_files("#keys", tmp_path / "half.liren-receipt")
    page.get_by_role("heading", name="这不是密钥清单 keys.note。").wait_for()
    page.set_input_files("#keys", tmp_path / "keys.note")
    page.get_by_role("heading", name="密钥清单已读入").wait_for()
    page.set_input_files("#keys", tmp_path / "half.liren-receipt")
    page.get_by_role("heading", name="仍用刚才那份").wait_for()
    (tmp_path / "r.liren-receipt").write_bytes(receipt)
    page.set_input_files("#file", tmp_path / "r.liren-receipt")
    page.get_by_role("heading", name="这张凭证是真的").wait_for()
    assert "与您信任的清单一致" in page.inner_text("#verdict")


def test_it_is_one_file_that_asks_nobody_and_is_always_the_same() -> None:
    built = twin.build()
    assert built == twin.build()
    assert len(built) < 300_000
    text = built.decode()
    assert not re.search(r"""(?:src|href)\s*=|\bfetch\(|XMLHttpRequest|WebSocket|import\(""", text.split("<script>")[0])
    assert "default-src 'none'" in text
    assert twin.digest(built) == sha256(built).hexdigest()


def test_what_others_wrote_is_what_was_pinned() -> None:
    vendor = files("liren_verify.twin").joinpath("vendor")
    pinned = re.findall(r"([0-9a-f]{64})  (\S+)", vendor.joinpath("README.md").read_text("utf-8"))
    assert len(pinned) == 2
    for digest, name in pinned:
        assert sha256(vendor.joinpath(name).read_bytes()).hexdigest() == digest, name


def test_the_command_writes_the_page_with_a_key_list_in_it(
    lived: Street, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys, out = tmp_path / "keys.note", tmp_path / "page.html"
    keys.write_bytes(lived.keys_note())
    assert liren_verify(["--page", str(out), "--trust", str(keys)]) == 0
    assert twin.digest(out.read_bytes()) in capsys.readouterr().out
    assert out.read_bytes() == twin.build(lived.keys_note())
    keys.write_bytes(b"no keys")
    assert liren_verify(["--page", str(out), "--trust", str(keys)]) == 2
