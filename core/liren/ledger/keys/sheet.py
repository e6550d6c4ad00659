# SPDX-License-Identifier: Apache-2.0
"""The recovery sheet: the master key and the root key as words for paper, and whether somebody really has the paper.

A word is two bytes as five letters, consonant vowel consonant vowel consonant, sixteen words a key and one that checks
them: they can be read out on the telephone. Nothing here is stored but digests of keys of 256 random bits.
"""

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from liren.errors import Denied
from liren.ledger.errors import Malformed, Refused
from liren.store import Store

Which = Literal["master", "root"]
WHICH: Final[tuple[Which, ...]] = ("master", "root")
TAG: Final = b"liren/sheet/v1\n"
ASKED: Final = 3
"""Words to type back: enough to show that the sheet was printed, too few to type it from memory of a screen."""
ACTOR: Final = "job:ledger.sheet"

CONSONANTS: Final = "bdfghjklmnprstvz"
VOWELS: Final = "aiou"


def _word(value: int) -> str:
    return (
        CONSONANTS[value >> 12]
        + VOWELS[value >> 10 & 3]
        + CONSONANTS[value >> 6 & 15]
        + VOWELS[value >> 4 & 3]
        + CONSONANTS[value & 15]
    )


def _value(word: str) -> int:
    """:raises ValueError: no such word"""
    if len(word) != 5:
        raise ValueError(word)
    consonants = [CONSONANTS.index(letter) for letter in word[::2]]
    vowels = [VOWELS.index(letter) for letter in word[1::2]]
    return consonants[0] << 12 | vowels[0] << 10 | consonants[1] << 6 | vowels[1] << 4 | consonants[2]


def _check(which: Which, key: bytes) -> bytes:
    return sha256(TAG + which.encode() + b"\n" + key).digest()


def to_words(which: Which, key: bytes) -> tuple[str, ...]:
    """Seventeen words for a key of 32 bytes."""
    data = key + _check(which, key)[:2]
    return tuple(_word(int.from_bytes(data[i : i + 2], "big")) for i in range(0, len(data), 2))


def from_words(which: Which, text: str) -> bytes:
    """
    :raises Malformed: a word is misspelt or missing, or they are another key's
    """
    words = text.lower().replace(",", " ").replace("-", " ").split()
    data = b""
    for word in words:
        try:
            data += _value(word).to_bytes(2, "big")
        except ValueError as error:
            raise Malformed(
                f"没有“{word[:20]}”这个词，请对照恢复单再输一遍。", f"“{word[:20]}” is none of the words: look again."
            ) from error
    key, check = data[:32], data[32:]
    if len(data) != 34 or _check(which, key)[:2] != check:
        raise Malformed(
            "这些词不是一把完整的密钥：应有 17 个词，可能漏了、换了位置，或是另一把密钥的。请对照恢复单。",
            "These words are no key: seventeen are needed; one is missing or out of place, or they are another key's.",
        )
    return key


@dataclass(frozen=True, slots=True)
class Part:
    """One key of the sheet, as the console sees it."""

    which: Which
    here: bool
    """The key lies on this machine."""
    checked: bool
    """Somebody has typed words of it back."""
    asked: tuple[int, ...]
    """Which words to type back, from 1."""


async def parts(store: Store, folder: Path) -> Sequence[Part]:
    rows = await store.read("SELECT kind, digest, asked, checked_ms FROM recovery_sheet")
    known: Mapping[str, tuple[bytes, str, int | None]] = {row[0]: (bytes(row[1]), row[2], row[3]) for row in rows}
    found = []
    for which in WHICH:
        key = read(folder, which)
        digest, asked, checked = known.get(which, (b"", "", None))
        same = key is None or digest == _check(which, key)  # of another key than the one here, it is worth nothing
        numbers = tuple(int(n) for n in asked.split()) if same else ()
        found.append(Part(which, key is not None, bool(checked) and same, numbers))
    return found


async def show(store: Store, folder: Path, which: Which) -> tuple[str, ...]:
    """The words of a key, for the printer; asks for some of them from then on.

    :raises Denied: it was checked already: who needs it again has the paper, or the command line
    """
    part = next(part for part in await parts(store, folder) if part.which == which)
    key = read(folder, which)
    if key is None or part.checked:
        raise Denied(
            "这把密钥已经抄好核对过，不再显示。", "This key was written down and checked: it is not shown again."
        )
    if not part.asked:
        numbers = sorted(secrets.SystemRandom().sample(range(1, 18), ASKED))
        async with store.transaction(ACTOR) as tx:
            await tx.sql(
                "INSERT INTO recovery_sheet (kind, digest, asked) VALUES (?, ?, ?) ON CONFLICT (kind) DO UPDATE SET"
                " digest = excluded.digest, asked = excluded.asked, checked_ms = NULL",
                which,
                _check(which, key),
                " ".join(map(str, numbers)),
            )
    return to_words(which, key)


async def confirm(store: Store, folder: Path, which: Which, typed: Sequence[str]) -> None:
    """
    :raises Refused: these are not the words the sheet has there
    """
    part = next(part for part in await parts(store, folder) if part.which == which)
    key = read(folder, which)
    if key is None or not part.asked:
        raise Refused("请先打印恢复单。", "Print the recovery sheet first.")
    words = to_words(which, key)
    if [word.strip().lower() for word in typed] != [words[n - 1] for n in part.asked]:
        raise Refused(
            "和恢复单上的词不一样。请看清是第几个词，再输一遍。",
            "Not the words of the sheet. Look at their numbers and type them again.",
        )
    async with store.transaction(ACTOR) as tx:
        await tx.sql("UPDATE recovery_sheet SET checked_ms = ? WHERE kind = ?", tx.now_ms, which)


async def remove_root(store: Store, folder: Path) -> None:
    """Take the root off this machine: it is on paper, and paper cannot be stolen over the network.

    :raises Refused: nobody has checked the paper yet
    """
    root = next(part for part in await parts(store, folder) if part.which == "root")
    if not root.here:
        return
    if not root.checked:
        raise Refused(
            "还没有核对过恢复单，不能移走根密钥。请先打印，再照纸输入要核对的词。",
            "Nobody has checked the sheet yet: print it and type its words back before the root is removed.",
        )
    path = folder / "root"
    with path.open("r+b") as file:  # not a promise: a disk may keep copies
        file.write(os.urandom(32))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def restore(folder: Path, which: Which, text: str) -> None:
    """Put a key back from its words.

    :raises Malformed: they are no key
    :raises Refused: there is one already
    """
    path, key = folder / which, from_words(which, text)
    if path.exists():
        raise Refused(f"{path} 已经有一把密钥，没有改动。", f"{path} holds a key already; nothing was changed.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path, which: Which) -> bytes | None:
    path = folder / which
    return path.read_bytes() if path.exists() else None
