# SPDX-License-Identifier: Apache-2.0
"""Sealed fields: AES-256-GCM under a key per subject, each wrapped by the master key outside the database.

Deleting a subject's row in ``subject_key`` makes everything sealed for it unrecoverable, in every copy of the database.
Keyed hashes (HMAC-SHA-256) find a phone or an ID number exactly without storing it.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liren.errors import LirenError
from liren.store.tx import Row, Tx

NONCE_BYTES = 12


class VaultError(LirenError):
    """The master key is missing or is not the one that sealed this."""

    status = 503
    code = "vault"


def _seal(cipher: AESGCM, plaintext: bytes, context: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plaintext, context.encode())


def _open(cipher: AESGCM, sealed: bytes, context: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except InvalidTag as error:
        raise VaultError(
            "这一项加密内容打不开：主密钥不对，或者内容被改动过。请联系管理员。",
            "This sealed value cannot be opened: wrong master key, or it was altered. Please call the administrator.",
        ) from error


class SubjectKey:
    """The key of one subject (a person, an organisation, a key holder)."""

    __slots__ = ("_cipher", "subject")

    def __init__(self, subject: str, key: bytes) -> None:
        self.subject, self._cipher = subject, AESGCM(key)

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """:param context: what it is (``person.phone``); a value moved to another place does not open there"""
        return _seal(self._cipher, plaintext, f"{self.subject}/{context}")

    def open(self, sealed: bytes, context: str) -> bytes:
        """:raises VaultError: wrong key or altered bytes"""
        return _open(self._cipher, sealed, f"{self.subject}/{context}")


class Reader(Protocol):
    async def read(self, query: str, *args: object) -> list[Row]: ...


class Vault:
    """Holds the master key in memory."""

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise VaultError("主密钥文件不完整。请从恢复单恢复。", "The master key file is damaged; restore it.")
        self._master, self._cipher = master, AESGCM(master)
        self._hash_keys: dict[str, bytes] = {}
        self._macs: dict[str, HMAC] = {}

    @classmethod
    def open(cls, folder: Path, *, create: bool = False) -> "Vault":
        """
        :param folder: ``keys/`` of the home; the file ``master`` holds 32 bytes, readable by its owner alone
        :param create: make one where there is none (a new street only)
        :raises VaultError: no master key
        """
        path = folder / "master"
        if create and not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(os.urandom(32))
                file.flush()
                os.fsync(file.fileno())
        if not path.exists():
            raise VaultError(
                f"找不到主密钥 {path}。加密的内容要用它打开：请把另存的密钥放回来，"
                "或从恢复单恢复（liren ledger restore-key master）。",
                f"The master key {path} is missing; sealed fields need it. Put back the copy "
                "you kept, or type the words of the recovery sheet: liren ledger restore-key master.",
            )
        return cls(path.read_bytes())

    def derived(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA-256, RFC 5869), e.g. ``csrf``."""
        if purpose not in self._hash_keys:
            hkdf = HKDF(SHA256(), length=32, salt=None, info=f"liren/{purpose}".encode())
            self._hash_keys[purpose] = hkdf.derive(self._master)
        return self._hash_keys[purpose]

    def keyed_hash(self, kind: str, value: str) -> str:
        """64 hex digits; equal values of one kind have equal hashes, and only this street can compute them."""
        mac = self._macs.get(kind)
        if mac is None:
            mac = self._macs[kind] = HMAC(self.derived(f"hash/{kind}"), SHA256())
        mac = mac.copy()  # keyed once: a third of the time, and a list of a city needs millions
        mac.update(value.encode())
        return mac.finalize().hex()

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Under the master key itself: for keys, not for fields."""
        return _seal(self._cipher, plaintext, context)

    def unseal(self, sealed: bytes, context: str) -> bytes:
        return _open(self._cipher, sealed, context)

    def _unwrap(self, subject: str, wrapped: bytes) -> SubjectKey:
        return SubjectKey(subject, self.unseal(wrapped, f"subject/{subject}"))

    async def ensure_keys(self, tx: Tx, subjects: Iterable[str]) -> dict[str, SubjectKey]:
        """The keys of these subjects, made where they have none yet (one statement for all of those)."""
        wanted = list(dict.fromkeys(subjects))
        found = await self._known(_Within(tx), wanted)
        new, rows = self.new_keys([subject for subject in wanted if subject not in found])
        if rows:
            await tx.many("INSERT INTO subject_key (subject, wrapped) VALUES (?, ?)", rows)
        return found | new

    def new_keys(self, subjects: Iterable[str]) -> tuple[dict[str, SubjectKey], list[Row]]:
        """Keys of subjects nobody has heard of yet, and the rows (subject, wrapped) of ``subject_key`` to write."""
        found, rows = {}, []
        for subject in subjects:
            key = os.urandom(32)
            rows.append((subject, self.seal(key, f"subject/{subject}")))
            found[subject] = SubjectKey(subject, key)
        return found, list[Row](rows)

    async def keys(self, reader: Reader, subjects: Iterable[str]) -> dict[str, SubjectKey]:
        """The keys that exist; an erased subject has none.

        :param reader: the store
        """
        return await self._known(reader, list(dict.fromkeys(subjects)))

    async def destroy(self, tx: Tx, subject: str) -> None:
        """Make everything sealed for ``subject`` unrecoverable."""
        await tx.sql("DELETE FROM subject_key WHERE subject = ?", subject)

    async def _known(self, reader: Reader, subjects: list[str]) -> dict[str, SubjectKey]:
        known: dict[str, SubjectKey] = {}
        for start in range(0, len(subjects), 500):
            part = subjects[start : start + 500]
            marks = ", ".join("?" * len(part))
            query = f"SELECT subject, wrapped FROM subject_key WHERE subject IN ({marks})"  # noqa: S608 - marks only
            for subject, wrapped in await reader.read(query, *part):
                known[subject] = self._unwrap(subject, bytes(wrapped))
        return known


class _Within:
    """Reads inside a transaction, as a :class:`Reader`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def read(self, query: str, *args: object) -> list[Row]:
        return await self._tx.sql(query, *args)
