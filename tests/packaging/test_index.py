# SPDX-License-Identifier: Apache-2.0
"""The signed index: built, signed, trusted; older, altered and strangers' ones refused."""

import zipfile
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from tests.packaging.wheel_maker import make_wheel

from liren.ledger.log.note import SigningKey
from liren.packaging import index as indexes
from liren.packaging import keys, shelf, trust
from liren.packaging.errors import BadIndex, BadWheel, NotTrusted
from liren.packaging.index import NAME, Index
from liren.packaging.search import search
from liren.packaging.wheels import wheel
from liren.store import Store, migrate

DAY = date(2026, 11, 2)


@pytest.fixture
async def home_store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "home" / "liren.sqlite")
    await migrate(store, [])
    yield store
    await store.close()


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate("it.example/modules")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wheels = tmp_path / "index"
    make_wheel(wheels, "liren-canteen", title="幸福食堂", summary="订餐和核销")
    make_wheel(wheels, "liren-notices", "0.3.0", title="公告栏", summary="社区公告")
    return wheels


@pytest.fixture
async def home(tmp_path: Path, home_store: Store, key: SigningKey) -> Path:
    await trust.trust(tmp_path / "home", home_store, "job:cli", str(key.verifier))
    return tmp_path / "home"


def signed(folder: Path, key: SigningKey, day: date = DAY) -> Index:
    indexes.build(folder, day)
    return indexes.sign(folder, key)


def test_an_index_says_serial_date_and_every_wheel(folder: Path, key: SigningKey) -> None:
    index = signed(folder, key)
    lines = (folder / NAME).read_text("utf-8").splitlines()
    assert lines[:3] == ["liren-index v1", "serial 1", "date 2026-11-02"]
    assert lines[3] == f"liren-canteen 1.0 {index.entries[0].sha256}"
    assert lines[4].startswith("liren-notices 0.3.0 ")
    assert lines[6].startswith("— it.example/modules ")


def test_the_serial_grows_when_a_wheel_changes_and_only_then(folder: Path, key: SigningKey) -> None:
    signed(folder, key)
    note = (folder / NAME).read_bytes()
    assert indexes.build(folder, date(2026, 11, 9)).serial == 1
    assert (folder / NAME).read_bytes() == note, "the signature stays"
    make_wheel(folder, "liren-canteen", "1.1")
    assert indexes.build(folder, date(2026, 11, 9)).serial == 2
    assert indexes.build(folder, date(2026, 11, 9), renew=True).serial == 3


def test_two_publishers_may_sign_and_signing_twice_changes_nothing(folder: Path, key: SigningKey) -> None:
    signed(folder, key)
    indexes.sign(folder, SigningKey.generate("other.example/modules"))
    twice = (folder / NAME).read_bytes()
    assert twice.count("— ".encode()) == 2
    indexes.sign(folder, key)
    assert sorted((folder / NAME).read_bytes().splitlines()) == sorted(twice.splitlines())


def test_an_index_is_not_signed_for_other_wheels_than_those_that_lie_there(folder: Path, key: SigningKey) -> None:
    indexes.build(folder, DAY)
    make_wheel(folder, "liren-canteen", "1.1")
    with pytest.raises(BadIndex, match="Run liren index build first"):
        indexes.sign(folder, key)


async def test_a_trusted_key_is_one_line_and_one_audit_row(home: Path, home_store: Store, key: SigningKey) -> None:
    await trust.trust(home, home_store, "job:cli", str(key.verifier))
    assert (home / "trusted-keys").read_text("utf-8") == f"{key.verifier}\n"
    assert trust.keys(home) == (key.verifier,)
    rows = await home_store.read("SELECT actor, what, subject FROM audit")
    assert rows == [("job:cli", "plugins.key-trusted", "index-key/it.example/modules")]
    assert await trust.distrust(home, home_store, "job:cli", key.name) == 1
    assert trust.keys(home) == ()


def test_what_a_trusted_key_signed_may_be_used(home: Path, folder: Path, key: SigningKey) -> None:
    signed(folder, key)
    opened = shelf.open_shelf(home, folder, DAY)
    assert opened.doubt is None
    assert opened.check(shelf.find(opened.usable(), "canteen")) == "it.example/modules"
    assert [hit.plugin for hit in search(opened, ["公告"])] == ["notices"]
    assert [hit.plugin for hit in search(opened, [])] == ["canteen", "notices"]


def test_an_index_signed_by_an_unknown_key_is_refused(home: Path, folder: Path) -> None:
    signed(folder, SigningKey.generate("stranger.example/modules"))
    doubt = shelf.open_shelf(home, folder, DAY).doubt
    assert isinstance(doubt, NotTrusted)
    assert "signed by stranger.example/modules, which is not trusted here" in doubt.en


def test_an_index_changed_after_it_was_signed_is_refused(home: Path, folder: Path, key: SigningKey) -> None:
    signed(folder, key)
    note = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(note.replace(b"liren-canteen 1.0", b"liren-canteen 1.1"))
    doubt = shelf.open_shelf(home, folder, DAY).doubt
    assert doubt is not None
    assert "changed after it was signed" in doubt.en
    (folder / NAME).write_bytes(note[:-40])
    assert isinstance(shelf.open_shelf(home, folder, DAY).doubt, BadIndex)


def test_an_unsigned_index_vouches_for_nothing(home: Path, folder: Path) -> None:
    indexes.build(folder, DAY)
    doubt = shelf.open_shelf(home, folder, DAY).doubt
    assert doubt is not None
    assert "not signed yet" in doubt.en


def test_an_older_index_is_refused_once_a_newer_one_was_seen(home: Path, folder: Path, key: SigningKey) -> None:
    signed(folder, key)
    older = (folder / NAME).read_bytes()
    make_wheel(folder, "liren-canteen", "1.1")
    signed(folder, key)
    newer = shelf.open_shelf(home, folder, DAY)
    assert newer.trusted is not None
    trust.remember(home, newer.trusted)
    (folder / NAME).write_bytes(older)
    doubt = shelf.open_shelf(home, folder, DAY).doubt
    assert doubt is not None
    assert "serial 2 has been seen here" in doubt.en


def test_two_indexes_with_one_serial_are_refused(home: Path, tmp_path: Path, folder: Path, key: SigningKey) -> None:
    signed(folder, key)
    first = shelf.open_shelf(home, folder, DAY)
    assert first.trusted is not None
    trust.remember(home, first.trusted)
    other = tmp_path / "other"
    make_wheel(other, "liren-canteen", "9.9")
    signed(other, key)
    doubt = shelf.open_shelf(home, other, DAY).doubt
    assert doubt is not None
    assert "two different indexes with serial 1" in doubt.en


def test_an_old_date_is_only_a_warning(home: Path, folder: Path, key: SigningKey) -> None:
    signed(folder, key)
    assert shelf.open_shelf(home, folder, date(2026, 12, 2)).trusted is not None
    later = shelf.open_shelf(home, folder, date(2027, 6, 2)).trusted
    assert later is not None
    assert later.old


def test_a_tampered_wheel_is_refused_even_where_unsigned_ones_are_allowed(
    home: Path, folder: Path, key: SigningKey
) -> None:
    signed(folder, key)
    make_wheel(folder, "liren-canteen", files={"extra.py": "import os"})
    opened = shelf.open_shelf(home, folder, DAY)
    one = shelf.find(opened.usable(), "canteen")
    for allow in (False, True):
        with pytest.raises(NotTrusted, match="tampered with"):
            opened.check(one, allow_unsigned=allow)
    assert [hit.plugin for hit in search(opened, [])] == ["notices"]


def test_a_wheel_the_index_does_not_list_is_refused_unless_somebody_says_so(
    home: Path, folder: Path, key: SigningKey
) -> None:
    signed(folder, key)
    one = wheel(make_wheel(folder, "liren-canteen", "2.0"))
    opened = shelf.open_shelf(home, folder, DAY)
    assert str(shelf.find(opened.usable(), "canteen").version) == "1.0", "a newer stranger is not even looked at"
    with pytest.raises(NotTrusted, match="not in the signed index"):
        opened.check(one)
    assert opened.check(one, allow_unsigned=True) == ""


def test_a_bundle_is_one_file_with_what_a_module_needs(
    home: Path, tmp_path: Path, folder: Path, key: SigningKey
) -> None:
    make_wheel(folder, "liren-canteen", "1.1", needs=("menus>=2", "nowhere"))
    make_wheel(folder, "menus", "2.5", plugin="", needs=("liren-notices",))
    signed(folder, key)
    opened = shelf.open_shelf(home, folder, DAY)
    packed = shelf.bundle(opened, shelf.find(opened.usable(), "canteen"), tmp_path / "canteen.zip")
    assert [one.name for one in packed] == ["liren-canteen", "menus", "liren-notices"]
    unpacked = shelf.open_shelf(home, shelf.unpack(tmp_path / "canteen.zip", tmp_path / "out"), DAY)
    assert unpacked.check(shelf.find(unpacked.usable(), "canteen")) == "it.example/modules"
    assert len(unpacked.usable()) == 3


def test_only_wheels_and_the_index_leave_a_bundle(tmp_path: Path) -> None:
    bundle = tmp_path / "odd.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("../../escaped-1.0-py3-none-any.whl", "x")
        archive.writestr("setup.py", "x")
    with pytest.raises(BadWheel, match="not a complete bundle"):
        shelf.unpack(bundle, tmp_path / "deep" / "er")
    (tmp_path / "half.zip").write_bytes(bundle.read_bytes()[:20])
    with pytest.raises(BadWheel, match="not a complete bundle"):
        shelf.unpack(tmp_path / "half.zip", tmp_path / "deep")


def test_a_private_key_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    made = keys.make("it.example/modules", file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert keys.read(file).verifier == made.verifier
    with pytest.raises(BadIndex, match="left alone"):
        keys.make("it.example/modules", file)
    file.chmod(0o644)
    with pytest.raises(BadIndex, match="chmod 600"):
        keys.read(file)
    with pytest.raises(BadIndex, match="no usable private key"):
        keys.read(tmp_path / "nowhere")
    with pytest.raises(BadIndex, match="cannot name a key"):
        keys.make("two words", tmp_path / "other")


@pytest.mark.parametrize(
    "content", [b"", b"liren-index v1\nserial 0\ndate 2026-01-01\n\n", b"PK\x03\x04" + b"\xff" * 50]
)
def test_what_is_not_an_index_is_said_to_be_none(tmp_path: Path, folder: Path, content: bytes) -> None:
    (folder / NAME).write_bytes(content)
    with pytest.raises(BadIndex):
        indexes.build(folder, DAY)


def test_a_file_that_only_looks_like_a_wheel_is_named(tmp_path: Path) -> None:
    path = tmp_path / "liren_canteen-1.0-py3-none-any.whl"
    path.write_bytes(b"no zip")
    with pytest.raises(BadWheel, match="not a complete wheel"):
        wheel(path).plugins()
    with pytest.raises(BadWheel, match="not a complete wheel"):
        wheel(tmp_path / "nonsense.whl")
