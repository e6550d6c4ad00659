# SPDX-License-Identifier: Apache-2.0
"""``liren ledger …`` typed in a hurry: what it says, its exit code, and that nothing half stays."""

import resource
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from tests.served import LIREN, environment

from liren.app import Plan, found_street, open_street
from liren.ledger.archive.export import export
from liren.store import Store
from liren.store.trouble import in_words
from liren.testing.street import settings_for

PLAN = Plan("里仁街道", "liren.example", ("桃园社区",), "李敏", "吴志强")


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    async with open_street(settings_for(home, str(home / "liren.sqlite")), create=True) as street:
        await found_street(street, PLAN)
    return home


def ledger(home: Path, *typed: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(
        [LIREN, "ledger", *typed],
        env=environment(home, **env),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in run.stderr, run.stderr
    return run


def test_an_export_replaces_no_file_and_is_made_only_where_it_can_be(home: Path, tmp_path: Path) -> None:
    made = tmp_path / "street.zip"
    done = ledger(home, "export", made)
    assert (done.returncode, done.stderr) == (0, "")
    database = (home / "liren.sqlite").read_bytes()
    for place, zh, en in (
        (made, "已经有", "not replaced"),
        (home / "liren.sqlite", "已经有", "not replaced"),
        (tmp_path / "no" / "street.zip", "找不到", "There is no"),
        (home, "FILE 的值不对", "is a directory"),
    ):
        refused = ledger(home, "export", place)
        assert (zh in refused.stderr, en in refused.stderr, refused.returncode in (1, 2)) == (True, True, True), refused
    assert (home / "liren.sqlite").read_bytes() == database


async def test_an_export_for_which_there_is_no_room_leaves_nothing(home: Path, tmp_path: Path) -> None:
    store = await Store.open(home / "liren.sqlite", read_only=True)
    await store.read("SELECT count(*) FROM log_entry")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        with pytest.raises(OSError, match="too large") as full:
            await export(store, tmp_path / "street.zip")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        await store.close()
    assert in_words(full.value) is not None
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_what_is_no_export_begins_nothing_and_an_import_is_whole_or_not_at_all(home: Path, tmp_path: Path) -> None:
    ledger(home, "export", whole := tmp_path / "street.zip")
    (half := tmp_path / "half.zip").write_bytes(whole.read_bytes()[:3000])
    zeroed = bytearray(whole.read_bytes())
    packed = zeroed.index(b"entries/000000.bin") + 40
    zeroed[packed : packed + 60] = bytes(60)
    (spoiled := tmp_path / "spoiled.zip").write_bytes(zeroed)
    fresh = tmp_path / "fresh"
    for file in (half, home / "liren.sqlite", home):
        refused = ledger(fresh, "import", file)
        assert refused.returncode in (1, 2), refused
        assert not fresh.exists()
    refused = ledger(fresh, "import", spoiled)
    assert (refused.returncode, "没有导入" in refused.stderr) == (1, True)
    assert "已经有账本" in ledger(home, "import", whole).stderr
    assert ledger(fresh, "import", whole).returncode == 0
    assert ledger(fresh, "verify").stdout == "干净 clean\n"


def test_where_there_is_no_street_every_reading_says_so(tmp_path: Path) -> None:
    for typed in (["verify"], ["export", str(tmp_path / "x.zip")]):
        run = ledger(tmp_path / "nowhere", *typed)
        assert (run.returncode, "liren init" in run.stderr, run.stdout) == (1, True, ""), typed
    assert list(tmp_path.iterdir()) == []


def test_tables_that_were_mended_are_said_to_be_mended(home: Path) -> None:
    with closing(sqlite3.connect(home / "liren.sqlite")) as rows:
        rows.execute("UPDATE key SET added = added + 1 WHERE role = 'log'")
        rows.commit()
    assert ledger(home, "rebuild").returncode == 1
    mended = ledger(home, "rebuild", "--mend")
    assert (mended.returncode, "已按日志重写" in mended.stdout) == (0, True), mended
