# SPDX-License-Identifier: Apache-2.0
"""What the engine wrote with one byte changed: every member, every field, first, middle and last byte; all is found.

But one thing, which the specification says (section 7): a receipt's key list claims positions, and an entry does not
carry its own. An export shows them.
"""

import io
import re
import zipfile
from pathlib import Path

import pytest

from liren.ledger.archive.export import export
from liren.ledger.papers.receipts import Receipts
from liren.plugins.points import Reverse, Settle, Spend, Subject, Void
from tests.ledger.conftest import REVIEWER, Clock, Street, founded
from tests.ledger.test_recovery import closed
from tests.liren_verify.judge import judged
from tests.prove import PROVING, figures, kind_of

FIELD = re.compile(rb'"[^"\n]*"|-?\d+|[A-Za-z0-9+/=_-]+')
"""What holds a value in text members: strings, numbers, base64."""
POSITION = re.compile(rb"(?m)^\d+ (?=bGly)")
"""Of a line of keys.note."""
BINARY = 97
"""Of binary members every so many bytes, beside the first, the middle and the last."""


pytestmark = [
    pytest.mark.skipif(not PROVING, reason="a minute and more: make prove"),
    pytest.mark.proves("flip-export"),
]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(monkeypatch)
    made.set(2026, 11, 21, 9, 0)
    return made


async def lived(database: str, home: Path) -> tuple[bytes, bytes]:
    """(export, receipt) of a street with a short life."""
    street: Street = await founded(database, home)
    first = await street.award("anna", 40)
    order = await street.post(Spend(Subject("h", "anna"), "market.order", 20))
    await street.post(Settle(order.rid, "m1", "market.settle", 10))
    await street.post(Void(order.rid, "market.cancel"))
    await street.post(Reverse(first.rid, "FX-01", 5, REVIEWER))
    await street.ledger.checkpoints.sign()
    receipt = await Receipts(street.store, street.ledger, street.reader).file(first.rid)
    done = await export(street.store, home / "export.zip")
    await closed(street)
    return done.path.read_bytes(), receipt


def places(what: str, name: str, data: bytes) -> set[int]:
    """Which bytes of a member are changed."""
    found = {0, len(data) // 2, len(data) - 1}
    if name.endswith(".bin"):
        return found | set(range(0, len(data), BINARY))
    for match in FIELD.finditer(data):
        found |= {match.start(), (match.start() + match.end()) // 2, match.end() - 1}
    if (what, name) == ("receipt", "keys.note"):
        for match in POSITION.finditer(data):
            found -= set(range(match.start(), match.end()))
    return found


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


async def test_every_changed_byte_of_an_export_and_of_a_receipt_is_found(
    clock: Clock, database: str, tmp_path: Path
) -> None:
    for what, whole in zip(("export", "receipt"), await lived(database, tmp_path), strict=True):
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        assert not judged(packed(members), tmp_path)
        tried, missed = 0, []
        for name, data in members.items():
            for at in sorted(places(what, name, data)):
                broken = bytearray(data)
                broken[at] ^= 1
                tried += 1
                if not judged(packed({**members, name: bytes(broken)}), tmp_path):
                    missed.append((name, at, data[max(0, at - 30) : at + 10]))
        assert missed == []
        line = f"{what}: {tried} single bytes of {len(members)} members changed, {tried - len(missed)} found"
        figures(line, fault="flip-export", on=kind_of(database))
