# SPDX-License-Identifier: Apache-2.0
"""``index.note``: which wheels somebody vouches for, as a signed note (C2SP signed-note, the ledger's own code).

The text names the format, then come ``serial <n>``, ``date <day>`` and ``<name> <version> <sha256>`` for each wheel,
a line each. The serial only ever grows, so that nobody can hand a street yesterday's index with yesterday's holes.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from liren.ledger.errors import Malformed
from liren.ledger.log.note import SigningKey, open_note, seal_note
from liren.packaging.errors import BadIndex
from liren.packaging.wheels import Wheel, wheels_in

NAME: Final = "index.note"
FORMAT: Final = "liren-index v1"
LIMIT: Final = 4 << 20
"""Bytes of an index we read: some forty thousand wheels."""

_HEAD = re.compile(rf"{FORMAT}\nserial ([1-9][0-9]{{0,17}})\ndate (\d{{4}}-\d\d-\d\d)\n")
_LINE = re.compile(r"([a-z0-9][a-z0-9-]*) (\S{1,100}) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Entry:
    """One wheel: ``name`` in the normal form of PEP 503, ``version`` as in its file name."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Index:
    serial: int
    day: date
    entries: tuple[Entry, ...]

    def text(self) -> bytes:
        lines = [f"{entry.name} {entry.version} {entry.sha256}\n" for entry in self.entries]
        return f"{FORMAT}\nserial {self.serial}\ndate {self.day}\n{''.join(lines)}".encode()

    @classmethod
    def parse(cls, text: bytes) -> "Index":
        """:raises BadIndex: not the text of an index"""
        try:
            said = text.decode()
            head = _HEAD.match(said)
            assert head is not None
            entries = []
            for line in said[head.end() :].splitlines():
                match = _LINE.fullmatch(line)
                assert match is not None
                entries.append(Entry(match[1], match[2], match[3]))
            index = cls(int(head[1]), date.fromisoformat(head[2]), tuple(entries))
            assert index.text() == text
        except (AssertionError, UnicodeDecodeError, ValueError) as error:
            raise _unreadable() from error
        return index

    def lists(self, wheel: Wheel, sha256: str) -> bool:
        return Entry(wheel.name, str(wheel.version), sha256) in self.entries

    def names(self, wheel: Wheel) -> bool:
        """Whether some wheel of this name and version is listed, whatever its content."""
        return any((e.name, e.version) == (wheel.name, str(wheel.version)) for e in self.entries)


def read_note(path: Path) -> bytes:
    """:raises BadIndex: it is not there, or far too long"""
    try:
        with path.open("rb") as file:
            note = file.read(LIMIT + 1)
    except OSError as error:
        raise BadIndex(
            f"没有目录文件 {path}。请先运行 liren index build，或核对路径。",
            f"There is no index {path}. Run liren index build first, or check the path.",
        ) from error
    if len(note) > LIMIT:
        raise _unreadable()
    return note


def build(folder: Path, today: date, *, renew: bool = False) -> Index:
    """Write ``index.note`` for the wheels of ``folder``: unsigned, its serial one above that of the index there.

    What has not changed keeps its serial and its signatures. Safe to repeat.

    :param renew: the same wheels are vouched for again, with a new serial and today's date
    :raises BadIndex: what lies there is not an index
    :raises BadWheel: a file that is not a wheel
    """
    entries = _entries(wheels_in(folder))
    path = folder / NAME
    known = _known(path)
    if known is not None and known.entries == entries and not renew:
        return known
    index = Index(1 if known is None else known.serial + 1, today, entries)
    write(path, index.text() + b"\n")
    return index


def sign(folder: Path, key: SigningKey) -> Index:
    """Put the key's signature under the index of ``folder``; safe to repeat.

    :raises BadIndex: the index does not list exactly the wheels that lie there
    """
    note = read_note(folder / NAME)
    index = _known(folder / NAME)
    assert index is not None
    if index.entries != _entries(wheels_in(folder)):
        raise BadIndex(
            "目录和文件夹里的安装包对不上，没有签名。请先运行 liren index build。",
            "The index does not list what lies in the folder, and was not signed. Run liren index build first.",
        )
    text = index.text()
    mine = seal_note(text, key).removeprefix(text + b"\n")
    others = note.removeprefix(text + b"\n").replace(mine, b"")
    write(folder / NAME, text + b"\n" + others + mine)
    return index


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Whole or not at all: a reader never sees half of it, and neither does the next start."""
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _entries(wheels: Iterable[Wheel]) -> tuple[Entry, ...]:
    found = [Entry(canonicalize_name(w.name), str(w.version), w.sha256()) for w in wheels]
    return tuple(sorted(found, key=lambda e: (e.name, e.version, e.sha256)))


def _known(path: Path) -> Index | None:
    """The index that lies there, signed or not yet."""
    if not path.exists():
        return None
    note = read_note(path)
    try:
        text = note[:-1] if note.endswith(b"\n\n") else open_note(note)[0]
    except Malformed as error:
        raise _unreadable() from error
    return Index.parse(text)


def _unreadable() -> BadIndex:
    return BadIndex(
        f"{NAME} 读不懂：不是模块目录，或者文件不完整。请向发布者重新要一份。",
        f"{NAME} cannot be read: not an index of modules, or not complete. Ask whoever publishes it for another copy.",
    )
