# SPDX-License-Identifier: Apache-2.0
"""What goes wrong between installing and removing: said on the command line and in the console; the street is up."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.faults.town import NOTICEBOARD, PLUGINS, Town, sign_in
from tests.packaging.fresh import Fresh, fresh
from tests.packaging.wheel_maker import make_wheel

from liren.ledger.log.note import SigningKey
from liren.packaging import index as indexes
from liren.store import Store

DAY = date(2026, 11, 2)


async def rows(database: str, query: str) -> list[tuple[object, ...]]:
    store = await Store.open(database, read_only=True)
    try:
        return await store.read(query)
    finally:
        await store.close()


async def test_an_upgrade_that_fails_half_way_leaves_nothing_and_holds_up_nobody(tmp_path: Path, database: str) -> None:
    town = Town(tmp_path)
    town.more = {"LIREN_DATABASE": database}
    for plugin in (PLUGINS / "steady", PLUGINS / "halfway", NOTICEBOARD):
        town.site.install(plugin)
    link = town.found()
    said = town.run("migrate", code=1)
    assert "Migration 0002_second.py of halfway failed and was rolled back completely" in said
    assert "the second half was never written" in said
    assert "Everything else is up to date" in said
    listed = town.run("plugin", "list")
    assert "on   noticeboard" in listed
    assert "out  halfway" in listed

    assert await rows(database, "SELECT id FROM migration WHERE app = 'halfway'") == [("0001",)]
    assert await rows(database, "SELECT * FROM halfway_first") == [(1, "kept")], "no column, no change of the second"
    with pytest.raises(Exception, match="halfway_second"):
        await rows(database, "SELECT * FROM halfway_second")

    with town.serving() as client:
        assert client.get("/steady").text == "steady as ever"
        assert client.get("/noticeboard").status_code == 200
        assert "refused halfway" in client.get("/readyz").text
        sign_in(client, link)
        page = client.get("/admin/plugins/halfway").text
        assert "数据库还没有升级（halfway）" in page
        assert "liren migrate" in page
        assert "halfway_first" in page


def test_a_module_taken_away_by_hand_is_named_with_its_data_and_what_requires_it(town: Town) -> None:
    for plugin in (NOTICEBOARD, PLUGINS / "leans"):
        town.site.install(plugin)
    town.run("migrate")
    town.run("plugin", "enable", "noticeboard")
    for path in town.site.path.glob("liren_noticeboard*"):
        shutil.rmtree(path)
    listed = town.run("plugin", "list")
    assert "gone  noticeboard" in listed
    assert "Install it again; to drop them: liren plugin remove noticeboard --drop-tables" in listed
    assert "Plugin leans requires noticeboard, which is not installed or did not load" in listed
    with town.serving() as client:
        assert client.get("/").status_code == 200
        assert "refused leans" in client.get("/readyz").text

    assert "required by leans" in town.run("plugin", "remove", "noticeboard", "--yes", code=1)
    for path in town.site.path.glob("liren_leans*"):
        shutil.rmtree(path)
    kept = town.home.parent / "noticeboard.zip"
    said = town.run("plugin", "remove", "noticeboard", "--export", str(kept), "--drop-tables", "--yes")
    assert "not here any more; its data is" in said
    assert kept.exists()
    assert "noticeboard" not in town.run("plugin", "list")
    assert "nothing is left of it" in town.run("plugin", "remove", "noticeboard", "--yes")


def refused(place: Fresh, wheel: str = "index/liren_pantry-1.0-py3-none-any.whl") -> str:
    said = place.liren("plugin", "install", wheel, "--index", "index", "--yes", code=1)
    assert not (place.site / "liren_pantry").exists()
    return said


def test_an_index_or_a_wheel_that_is_not_as_signed_is_not_installed(tmp_path: Path) -> None:
    place, key = fresh(tmp_path), SigningKey.generate("it.example/modules")
    index = tmp_path / "index"
    make_wheel(index, "liren-pantry")
    indexes.build(index, DAY)
    indexes.sign(index, SigningKey.generate("stranger.example/modules"))
    place.liren("index", "trust", str(key.verifier))
    assert "signed by stranger.example/modules, which is not trusted here" in refused(place)

    indexes.sign(index, key)
    older = (index / "index.note").read_bytes()
    make_wheel(index, "liren-pantry", files={"extra.py": "import os"})
    tampered = refused(place)
    assert "tampered with" in tampered
    assert "被人改过" in tampered

    make_wheel(index, "liren-notices")
    assert "not in the signed index" in refused(place, "index/liren_notices-1.0-py3-none-any.whl")

    indexes.build(index, DAY)
    indexes.sign(index, key)
    place.liren("plugin", "install", "notices", "--index", "index", "--yes")
    (index / "index.note").write_bytes(older)
    assert "serial 2 has been seen here" in refused(place)
