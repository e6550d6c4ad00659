# SPDX-License-Identifier: Apache-2.0
"""Private keys in the server's custody: sealed under the master key, which lies outside the database.

A stolen database signs nothing; a stolen master key alone signs nothing. The root key is not here: it lies in
``keys/root`` (the demo) or on paper, and signs ``key`` records only.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from liren.errors import LirenError
from liren.ledger.log.note import NoteSigner, SigningKey, VerifierKey
from liren.store import Vault


class RootMissing(LirenError):
    """Only the root can do this, and it is not on this machine."""

    status = 409
    code = "root-missing"


class KeyRing:
    """The unsealed keys of this process, by verifier key; and which person a reviewer's key belongs to."""

    def __init__(self, keys: Iterable[tuple[NoteSigner, str | None]] = ()) -> None:
        self._keys: dict[VerifierKey, NoteSigner] = {}
        self._owners: dict[str, list[VerifierKey]] = {}
        for key, owner in keys:
            self.add(key, owner)

    def add(self, key: NoteSigner, owner: str | None = None) -> None:
        self._keys[key.verifier] = key
        if owner is not None:
            self._owners.setdefault(owner, []).append(key.verifier)

    def get(self, vkey: VerifierKey) -> NoteSigner | None:
        return self._keys.get(vkey)

    def of(self, owner: str) -> tuple[VerifierKey, ...]:
        """The reviewer keys of a person, oldest first."""
        return tuple(self._owners.get(owner, ()))

    def copy(self) -> "KeyRing":
        other = KeyRing()
        other._keys = dict(self._keys)
        other._owners = {owner: list(keys) for owner, keys in self._owners.items()}
        return other


def seal(vault: Vault, key: SigningKey) -> bytes:
    """What table ``key_secret`` keeps of a private key."""
    return vault.seal(key.seed, f"ledger-key/{key.verifier}")


def unseal(vault: Vault, vkey: str, sealed: bytes) -> SigningKey:
    """:raises liren.store.vault.VaultError: another master key sealed it, or it was altered"""
    verifier = VerifierKey.parse(vkey)
    return SigningKey(verifier.name, vault.unseal(sealed, f"ledger-key/{vkey}"))


def read_root(folder: Path, name: str) -> SigningKey:
    """The root key of ``<folder>/root``.

    :raises RootMissing: it was moved to paper, as it should be in production
    """
    path = folder / "root"
    if not path.exists():
        raise RootMissing(
            f"这一步要用根密钥，但 {path} 不在这台机器上。请照恢复单放回（liren ledger restore-key root）再试，"
            "用完移走。",
            f"This needs the root key, and {path} is not on this machine. Put it back from the recovery sheet"
            " (liren ledger restore-key root), try again, then remove it.",
        )
    return SigningKey(name, path.read_bytes())


def make_root(folder: Path, name: str) -> SigningKey:
    """The root key of a new street: made once, kept in ``<folder>/root`` until somebody prints and removes it."""
    path = folder / "root"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(SigningKey.generate(name).seed)
            file.flush()
            os.fsync(file.fileno())
    return read_root(folder, name)
