# SPDX-License-Identifier: Apache-2.0
"""``liren plugin new``: a copy of the starter under another name, which runs and passes its tests at once."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from liren.authoring import STARTER, NameRefused, write_plugin
from liren.cli import cli
from liren.plugins import manifest
from liren.web.i18n import read_messages


def test_nothing_of_the_starters_names_is_left_in_a_new_plugin(tmp_path: Path) -> None:
    made = CliRunner().invoke(cli, ["plugin", "new", "noticeboard", "--title", "公告栏", "--folder", str(tmp_path)])
    assert made.exit_code == 0, made.output
    folder = tmp_path / "liren-noticeboard"
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert len(written) == len([p for p in STARTER.rglob("*") if p.is_file() and p.suffix != ".pyc"])
    for path in written:
        text = str(path.relative_to(tmp_path)) + path.read_text("utf-8")
        assert not re.search(r"starter|样板间", text, re.I), path
    assert read_messages(folder / "liren_noticeboard/locale/en.po")["公告栏"] == ("Noticeboard",)


@pytest.mark.slow
def test_a_new_plugin_passes_its_own_tests_and_the_contract_without_being_installed(tmp_path: Path) -> None:
    folder = write_plugin("bulletin", "", tmp_path).folder
    tests = subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=folder, capture_output=True, text=True)
    assert tests.returncode == 0, tests.stdout[-3000:] + tests.stderr[-1000:]
    assert re.search(r"^\d+ passed", tests.stdout, re.M), tests.stdout


@pytest.mark.parametrize("title", ["公告栏", "内容", "看全文", "Garden 8", "幸福食堂（老街）"])
def test_any_title_gives_a_plugin_with_complete_english(title: str, tmp_path: Path) -> None:
    package = write_plugin("pantry", title, tmp_path).folder / "liren_pantry"
    assert manifest.read(manifest.Found("liren-pantry", "0.1.0", "pantry", "liren_pantry", package)).title == title
    compile((package / "__init__.py").read_text("utf-8"), "__init__.py", "exec")
    assert title in read_messages(package / "locale/en.po")


@pytest.mark.parametrize("name", ["Canteen", "c", "can-teen", "admin", "a" * 21, "食堂", "../up"])
def test_a_name_that_is_no_id_is_refused_in_both_languages(name: str, tmp_path: Path) -> None:
    with pytest.raises(NameRefused, match="cannot be a plugin id") as refused:
        write_plugin(name, "食堂", tmp_path)
    assert "模块标识" in refused.value.zh
    assert list(tmp_path.iterdir()) == []


def test_a_taken_id_and_a_title_that_is_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NameRefused, match="taken by liren-credit"):
        write_plugin("credit", "信用", tmp_path)
    for title in ('食"堂', "食堂\n", "食{堂}", "食堂 ", "食" * 21):
        with pytest.raises(NameRefused, match="no quotes"):
            write_plugin("pantry", title, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "liren-pantry" / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(NameRefused, match="is there already"):
        write_plugin("pantry", "食堂", tmp_path)
    assert kept.read_text() == "mine"
