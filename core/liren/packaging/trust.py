# SPDX-License-Identifier: Apache-2.0
"""Whose index a street believes: verifier keys in ``LIREN_HOME/trusted-keys``, one a line; ``#`` begins a remark.

Beside it the home remembers the last serial seen of each key's name: an older index is refused, for it may list what
the newer one took back.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from liren.ledger.errors import Malformed
from liren.ledger.log.note import VerifierKey, open_note, verify_note
from liren.packaging.errors import BadIndex, NotTrusted
from liren.packaging.index import Index, write
from liren.store import Store
from liren.store.audit import write as write_audit

KEYS: Final = "trusted-keys"
SERIALS: Final = "index-serials.json"
OLD: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Trusted:
    """An index that a trusted key has signed."""

    index: Index
    signers: tuple[str, ...]
    """Names of the trusted keys under it."""
    old: bool
    """Its date is more than :data:`OLD` ago: somebody should look for a newer one."""


def keys(home: Path) -> tuple[VerifierKey, ...]:
    """:raises NotTrusted: a line is not a verifier key"""
    file = home / KEYS
    if not file.exists():
        return ()
    lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    return tuple(_parsed(line) for line in lines if line and not line.startswith("#"))


async def trust(home: Path, store: Store, actor: str, vkey: str) -> VerifierKey:
    """Believe indexes this key has signed. Safe to repeat.

    :raises NotTrusted: not a verifier key
    """
    key = _parsed(vkey.strip())
    known = keys(home)
    if key not in known:
        async with store.transaction(actor) as tx:
            await write_audit(tx, "plugins", "plugins.key-trusted", f"index-key/{key.name}", detail={"key": str(key)})
        _write_keys(home, (*known, key))
    return key


async def distrust(home: Path, store: Store, actor: str, name: str) -> int:
    """Believe no key of this name any longer; :returns: how many there were."""
    known = keys(home)
    kept = tuple(key for key in known if key.name != name)
    if kept != known:
        _write_keys(home, kept)  # first: killed in between, the key is out and only the row is missing
        async with store.transaction(actor) as tx:
            await write_audit(tx, "plugins", "plugins.key-distrusted", f"index-key/{name}")
    return len(known) - len(kept)


def verify(home: Path, note: bytes, today: date) -> Trusted:
    """
    :raises NotTrusted: no trusted key has signed it, it was altered, or a newer one has been seen
    :raises BadIndex: not an index
    """
    known = keys(home)
    if not known:
        raise NotTrusted(
            "这里还没有信任任何发布者。请核对发布者的公钥，然后运行 liren index trust 公钥。",
            "No publisher is trusted here yet. Check the publisher's key with them, then run: liren index trust KEY",
        )
    text, signers = _signed(note, known)
    index = Index.parse(text)
    for key in signers:
        _check_serial(home, key.name, index)
    return Trusted(index, tuple(key.name for key in signers), today - index.day > OLD)


def remember(home: Path, trusted: Trusted) -> None:
    """From now on nothing older is accepted from these publishers."""
    serials = _serials(home)
    seen = {name: [trusted.index.serial, _digest(trusted.index)] for name in trusted.signers}
    if serials | seen != serials:
        write(home / SERIALS, json.dumps(serials | seen, sort_keys=True).encode(), 0o600)


def _signed(note: bytes, known: tuple[VerifierKey, ...]) -> tuple[bytes, tuple[VerifierKey, ...]]:
    if note.endswith(b"\n\n"):
        raise NotTrusted(
            "这份目录还没有签名。请发布者先运行 liren index sign。",
            "This index is not signed yet. Whoever publishes it first runs: liren index sign",
        )
    try:
        _, signatures = open_note(note)
    except Malformed as error:
        raise BadIndex(
            "index.note 读不懂：不是签过名的目录，或者文件不完整。请向发布者重新要一份。",
            "index.note cannot be read: not a signed index, or not complete. "
            "Ask whoever publishes it for another copy.",
        ) from error
    ids = {(key.name, key.key_id) for key in known}
    if not any((s.name, s.key_id) in ids for s in signatures):
        names = ", ".join(s.name for s in signatures)
        raise NotTrusted(
            f"签这份目录的 {names} 不在信任名单里，没有安装。请核对公钥后再运行 liren index trust 公钥。",
            f"This index is signed by {names}, which is not trusted here; nothing was installed. "
            "Check the key with its owner before you run: liren index trust KEY",
        )
    try:
        return verify_note(note, *known)
    except Malformed as error:
        raise NotTrusted(
            "目录的签名对不上：签名之后有人改过。没有安装，请联系发布者。",
            "The signature of the index is wrong: it was changed after it was signed. Nothing was installed; "
            "tell whoever publishes it.",
        ) from error


def _check_serial(home: Path, name: str, index: Index) -> None:
    serial, digest = _serials(home).get(name, [0, ""])
    if index.serial < int(serial):
        raise NotTrusted(
            f"这份目录是旧的（第 {index.serial} 版），这里见过第 {serial} 版。没有安装，请用新的目录。",
            f"This index is an older one (serial {index.serial}); serial {serial} has been seen here. "
            "Nothing was installed; use the newer one.",
        )
    if index.serial == int(serial) and digest != _digest(index):
        raise NotTrusted(
            f"{name} 签了两份不同的第 {index.serial} 版目录。没有安装，请联系发布者。",
            f"{name} has signed two different indexes with serial {index.serial}. "
            "Nothing was installed; ask the publisher.",
        )


def _serials(home: Path) -> dict[str, list[int | str]]:
    file = home / SERIALS
    if not file.exists():
        return {}
    found: dict[str, list[int | str]] = json.loads(file.read_text("utf-8"))
    return found


def _digest(index: Index) -> str:
    return sha256(index.text()).hexdigest()


def _parsed(line: str) -> VerifierKey:
    try:
        return VerifierKey.parse(line)
    except Malformed as error:
        raise NotTrusted(
            f"“{line:.60}”不是公钥。公钥像这样：it.example/modules+1a2b3c4d+AbCd…",
            f"{line[:60]!r} is not a verifier key. One looks like it.example/modules+1a2b3c4d+AbCd…",
        ) from error


def _write_keys(home: Path, kept: tuple[VerifierKey, ...]) -> None:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    write(home / KEYS, "".join(f"{key}\n" for key in kept).encode(), 0o600)
