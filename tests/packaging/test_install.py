# SPDX-License-Identifier: Apache-2.0
"""Installing into a fresh environment: signed, planned, tried first; upgraded, refused, killed and finished."""

import contextlib
import os
import re
import signal
import sqlite3
import time
from datetime import date
from pathlib import Path

import pytest
from tests.packaging.fresh import Fresh, fresh
from tests.packaging.wheel_maker import make_wheel

from liren.packaging import index as indexes
from liren.packaging import keys, shelf
from liren.testing.patience import PATIENCE_S

pytestmark = pytest.mark.slow
SERVES = """
from liren import hookimpl
from liren.api import Permission
@hookimpl
def register_permissions():
    return [Permission("pantry.{what}", "核销订餐")]
"""


def published(place: Fresh, folder: str = "index") -> None:
    """Build and sign the index; trust the key that did."""
    key = place.folder / "key"
    if not key.exists():
        place.home.mkdir()
        (place.home / "trusted-keys").write_text(f"{keys.make('it.example/modules', key).verifier}\n")
    indexes.build(place.folder / folder, date(2026, 11, 2))
    indexes.sign(place.folder / folder, keys.read(key))


def audit(place: Fresh) -> list[tuple[str, str, str]]:
    with contextlib.closing(sqlite3.connect(place.home / "liren.sqlite")) as database:
        return database.execute("SELECT what, subject, detail FROM audit ORDER BY id").fetchall()


def test_a_module_comes_by_name_with_what_it_needs_and_goes_up_a_version(tmp_path: Path) -> None:
    place = fresh(tmp_path)
    index = tmp_path / "index"
    make_wheel(index, "liren-pantry", files={"__init__.py": SERVES.format(what="serve")}, needs=("menus>=1",))
    make_wheel(index, "menus", plugin="")
    published(place)
    said = place.liren("plugin", "install", "pantry", "--index", "index", "--yes")
    assert "+ 权限 permission  pantry.serve  核销订餐" in said
    assert "menus-1.0-py3-none-any.whl: 签名 signed by it.example/modules" in said
    assert "liren plugin enable pantry" in said
    assert (place.site / "menus").is_dir()

    assert "installed already" in place.liren("plugin", "install", "pantry", "--index", "index", "--yes")
    make_wheel(index, "liren-pantry", "1.1", files={"__init__.py": SERVES.format(what="check")})
    published(place)
    said = place.liren("plugin", "install", "pantry", "--index", "index", "--yes")
    assert "(liren-pantry 1.0 → 1.1" in said
    assert re.findall(r"^  ([+-]) 权限 permission  (\S+)", said, re.M) == [
        ("-", "pantry.serve"),
        ("+", "pantry.check"),
    ]
    older = place.liren("plugin", "install", "index/liren_pantry-1.0-py3-none-any.whl", "--yes", code=1)
    assert "liren-pantry 1.1 is installed, which is newer than 1.0" in older
    back = ("index/liren_pantry-1.0-py3-none-any.whl", "--allow-unsigned", "--downgrade", "--yes")
    assert "(liren-pantry 1.1 → 1.0" in place.liren("plugin", "install", *back)

    rows = audit(place)
    assert [(what, subject) for what, subject, _ in rows] == [
        ("plugins.install", "distribution/liren-pantry"),
        ("plugins.install", "distribution/menus"),
        ("plugins.install", "distribution/liren-pantry"),
        ("plugins.install", "distribution/liren-pantry"),
    ]
    assert '"signed_by": "it.example/modules"' in rows[0][2]


def test_a_bundle_is_carried_to_a_street_without_network(tmp_path: Path) -> None:
    place = fresh(tmp_path)
    make_wheel(tmp_path / "index", "liren-pantry")
    published(place)
    opened = shelf.open_shelf(place.home, tmp_path / "index", date(2026, 11, 2))
    shelf.bundle(opened, opened.usable()[0], tmp_path / "pantry.zip")
    assert "signed by it.example/modules" in place.liren("plugin", "install", "pantry.zip", "--yes")


def test_what_nobody_signed_is_installed_only_by_an_explicit_recorded_word(tmp_path: Path) -> None:
    place = fresh(tmp_path)
    make_wheel(tmp_path, "liren-pantry")
    wheel = "liren_pantry-1.0-py3-none-any.whl"
    assert "no signed index" in place.liren("plugin", "install", wheel, "--yes", code=1)
    assert not (place.site / "liren_pantry").exists()
    place.liren("plugin", "install", wheel, "--yes", "--allow-unsigned")
    assert (place.site / "liren_pantry").is_dir()
    [(what, subject, detail)] = audit(place)
    assert (what, subject) == ("plugins.install", "distribution/liren-pantry")
    assert '"unsigned": 1' in detail


def test_an_installation_killed_while_pip_works_is_finished_by_the_next(tmp_path: Path) -> None:
    place = fresh(tmp_path)
    many = {f"part{number}.py": "x = 1\n" * 50 for number in range(400)}  # so that pip is at it for a while
    make_wheel(tmp_path, "liren-pantry", files=many)
    wheel = "liren_pantry-1.0-py3-none-any.whl"
    process = place.start("plugin", "install", wheel, "--yes", "--allow-unsigned")
    begun = place.home / "installing" / "list.json"
    while not (begun.exists() and (place.site / "liren_pantry").exists()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert begun.exists()
    assert "interrupted installation was finished" in place.liren(
        "plugin", "install", wheel, "--yes", "--allow-unsigned"
    )
    assert len(list((place.site / "liren_pantry").glob("part*.py"))) == 400
    assert (place.site / "liren_pantry-1.0.dist-info" / "RECORD").exists()
    assert not begun.exists()


def test_a_removal_killed_while_pip_works_is_finished_by_the_next(tmp_path: Path) -> None:
    place = fresh(tmp_path)
    many = {f"part{number}.py": "x = 1\n" for number in range(200)}
    make_wheel(tmp_path, "liren-pantry", files=many)
    place.liren("plugin", "install", "liren_pantry-1.0-py3-none-any.whl", "--yes", "--allow-unsigned")
    process = place.start("plugin", "remove", "pantry", "--yes")
    while not list(place.site.glob("~*")):  # pip renames before it deletes
        assert process.poll() is None, process.communicate()
        time.sleep(0.0005)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    # What a kill at the worst moment leaves: everything renamed, nothing deleted.
    for path in [place.site / "liren_pantry", *place.site.glob("liren_pantry-*.dist-info")]:
        if path.exists():
            path.rename(path.with_name(f"~{path.name[1:]}"))
    assert "nothing is left of it" in place.liren("plugin", "remove", "pantry", "--yes")
    place.liren("plugin", "install", "liren_pantry-1.0-py3-none-any.whl", "--yes", "--allow-unsigned")
    assert len(list((place.site / "liren_pantry").glob("part*.py"))) == 200
    place.liren("plugin", "remove", "pantry", "--yes")
    assert [path.name for path in place.site.iterdir() if "iren_pantry" in path.name] == []


def test_without_a_yes_nothing_is_installed(tmp_path: Path) -> None:
    place = fresh(tmp_path)
    make_wheel(tmp_path, "liren-pantry")
    process = place.start("plugin", "install", "liren_pantry-1.0-py3-none-any.whl", "--allow-unsigned")
    said, _ = process.communicate("n\n", timeout=PATIENCE_S)
    assert "小模块 pantry" in said
    assert process.returncode == 130
    assert not (place.site / "liren_pantry").exists()
    assert audit(place) == []
