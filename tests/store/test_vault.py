# SPDX-License-Identifier: Apache-2.0
"""Sealed fields: unreadable without the master key, gone with the subject's key."""

import hmac
from pathlib import Path

import pytest

from liren.store import Store, Vault
from liren.store.vault import VaultError


async def test_a_sealed_value_opens_only_where_it_belongs(store: Store, tmp_path: Path) -> None:
    vault = Vault.open(tmp_path / "keys", create=True)
    assert (tmp_path / "keys" / "master").stat().st_mode & 0o777 == 0o600
    async with store.transaction("test") as tx:
        keys = await vault.ensure_keys(tx, ["p1", "p2"])
        sealed = keys["p1"].seal(b"13800001234", "person.phone")
        assert (await vault.ensure_keys(tx, ["p1"]))["p1"].open(sealed, "person.phone") == b"13800001234"
    reread = await Vault.open(tmp_path / "keys").keys(store, ["p1", "p2", "p3"])
    assert sorted(reread) == ["p1", "p2"]
    assert reread["p1"].open(sealed, "person.phone") == b"13800001234"
    for key, context in ((reread["p2"], "person.phone"), (reread["p1"], "person.birthday")):
        with pytest.raises(VaultError):
            key.open(sealed, context)


async def test_a_destroyed_key_is_gone(store: Store, tmp_path: Path) -> None:
    vault = Vault.open(tmp_path / "keys", create=True)
    async with store.transaction("test") as tx:
        await vault.ensure_keys(tx, ["p1"])
    async with store.transaction("test") as tx:
        await vault.destroy(tx, "p1")
    assert await vault.keys(store, ["p1"]) == {}


def test_keyed_hashes_differ_by_kind_and_by_street(tmp_path: Path) -> None:
    one, two = Vault.open(tmp_path / "a", create=True), Vault.open(tmp_path / "b", create=True)
    assert one.keyed_hash("phone", "1") == Vault.open(tmp_path / "a").keyed_hash("phone", "1")
    assert len({one.keyed_hash("phone", "1"), one.keyed_hash("id_number", "1"), two.keyed_hash("phone", "1")}) == 3
    plain = hmac.digest(one.derived("hash/phone"), "199中".encode(), "sha256").hex()  # RFC 2104
    assert one.keyed_hash("phone", "199中") == one.keyed_hash("phone", "199中") == plain


def test_a_missing_master_key_is_an_error_a_person_can_act_on(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="recovery sheet"):
        Vault.open(tmp_path / "keys")
