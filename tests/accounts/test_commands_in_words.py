# SPDX-License-Identifier: Apache-2.0
"""Whoever types a command or a setting wrongly reads what to do, in Chinese and in English, and never a trace."""

import os
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from tests.served import LIREN, environment

from liren.app import Plan, found_street, open_street
from liren.app.address import can_be_had
from liren.app.founding import BadPlan, FoundedAlready, check_plan
from liren.app.street import NoStreet
from liren.errors import Busy, LirenError
from liren.identity.register.people import NewPerson, register
from liren.plugins.loader import limit_s
from liren.settings import Settings
from liren.store import Store
from liren.store.trouble import in_words
from liren.testing.street import settings_for

PLAN = Plan("里仁街道", "liren.example", ("桃园社区",), "李敏", "吴志强")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "99999"),
        ("PORT", "-1"),
        ("PORT", "８０００"),
        ("LIREN_TZ", "Mars"),
        ("LIREN_TZ", "../etc"),
        ("LIREN_DATABASE", "mysql://somebody:secret@host/street"),
        ("LIREN_URL", "liren.example"),
        ("LIREN_SAFE_MODE", "true"),
        ("LIREN_PROFILE", "strict"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_what_it_may_be(setting: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(LirenError) as said:
        Settings.from_env({"LIREN_HOME": str(tmp_path), setting: value})
    assert setting in said.value.zh
    assert setting in said.value.en
    assert "secret" not in said.value.zh + said.value.en


def test_the_time_a_module_may_take_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIREN_LOAD_LIMIT", "soon")
    with pytest.raises(LirenError, match="LIREN_LOAD_LIMIT"):
        limit_s()


def test_a_port_that_is_taken_is_said_before_anything_is_opened(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        with pytest.raises(Busy) as said:
            can_be_had(Settings.from_env({"LIREN_HOME": str(tmp_path), "PORT": port}))
    assert port in said.value.zh
    with pytest.raises(LirenError, match="LIREN_HOST"):
        can_be_had(Settings.from_env({"LIREN_HOME": str(tmp_path), "LIREN_HOST": "192.0.2.1"}))


async def test_a_slip_in_a_path_begins_no_empty_street(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with pytest.raises(NoStreet) as nothing:
        async with open_street(settings_for(home, str(home / "liren.sqlite")), upgrade=True):
            pass
    assert "liren init" in nothing.value.zh
    assert not home.exists()
    (home / "keys").mkdir(parents=True)
    with pytest.raises(NoStreet) as elsewhere:
        async with open_street(settings_for(home, str(tmp_path / "street.sqlite"))):
            pass
    assert "LIREN_DATABASE" in elsewhere.value.zh
    assert not (tmp_path / "street.sqlite").exists()


async def test_a_file_that_is_no_database_is_not_opened_as_one(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("一些笔记。" * 1000, "utf-8")
    for read_only in (False, True):
        with pytest.raises(LirenError) as said:
            await Store.open(tmp_path / "notes.txt", read_only=read_only)
        assert "notes.txt" in said.value.zh


@pytest.mark.parametrize("domain", ["中文", "Liren.Example", "a/b+c", "", "-x"])
def test_a_name_the_ledger_cannot_bear_is_refused_before_anything_is_written(domain: str) -> None:
    with pytest.raises(BadPlan):
        check_plan(Plan("里仁街道", domain, ("桃园社区",), "李敏", "吴志强"))


def test_communities_are_named_and_each_once() -> None:
    for communities in ((), ("桃园社区", "桃园社区")):
        with pytest.raises(BadPlan):
            check_plan(Plan("里仁街道", "liren.example", communities, "李敏", "吴志强"))


async def test_a_street_is_founded_once_and_one_that_was_cut_off_has_nobody_twice(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "home", str(tmp_path / "home" / "liren.sqlite"))
    async with open_street(settings, create=True) as street:
        async with street.store.transaction("job:init") as tx:  # how far a founding had come when it was killed
            await register(tx, street.vault, [NewPerson("李敏"), NewPerson("吴志强")], street.today())
        await found_street(street, PLAN)
        with pytest.raises(FoundedAlready) as said:
            await found_street(street, PLAN)
        assert "liren link" in said.value.zh
        assert await street.store.read("SELECT count(*) FROM person") == [(2,)]


@pytest.fixture(scope="module")
def somewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty database, and a street in it as far as a path tells."""
    home = tmp_path_factory.mktemp("somewhere")
    (home / "keys").mkdir()
    (home / "keys" / "master").write_bytes(bytes(32))
    with closing(sqlite3.connect(home / "liren.sqlite")) as made:
        made.execute("CREATE TABLE log_entry (id INTEGER)")
    return home


@pytest.mark.parametrize(
    ("typed", "chinese", "english", "code"),
    [
        (["init", "--code", "liren"], "没有 --code 这个选项", "No such option", 2),
        (["init"], "缺少 --name", "Missing option", 2),
        (["restore", "nowhere"], "COPY 的值不对", "does not exist", 2),
        (["demo", "--scale", "village"], "--scale 的值不对", "is not one of", 2),
        (["nosuch"], "没有这个命令", "No such command", 2),
        (["link", "a", "b"], "多写了参数", "unexpected extra argument", 2),
        (["plugin", "retry", "nosuch"], "没有被隔离", "not quarantined", 1),
        (["plugin", "install", "keys/master"], "不是模块", "is no module", 1),
        (["index", "key", "nowhere/key", "--name", "it.example/modules"], "找不到", "There is no", 1),
        (["backup", "keys/master/copy"], "打不开", "cannot be opened", 1),
    ],
)
def test_what_was_typed_wrongly_is_said_in_both_languages(
    typed: list[str], chinese: str, english: str, code: int, somewhere: Path
) -> None:
    said = subprocess.run(
        [LIREN, *typed], env=environment(somewhere), cwd=somewhere, capture_output=True, text=True, timeout=60
    )
    assert (said.returncode, said.stdout) == (code, "")
    assert chinese in said.stderr
    assert english in said.stderr
    assert "Traceback" not in said.stderr


def test_a_file_somebody_else_owns_is_said_with_its_name() -> None:
    for error in (PermissionError(13, "no", "/srv/liren/keys"), IsADirectoryError(21, "a folder", b"/srv/liren/keys")):
        said = in_words(error)
        assert said is not None
        assert "/srv/liren/keys" in said.zh
    assert in_words(ConnectionResetError(104, os.strerror(104))) is None, "no file: a fault of ours, with its trace"
