# SPDX-License-Identifier: Apache-2.0
"""The anchor: the largest (size, root) this street has ever published, kept beside the database.

It may lie on another disk. A database that comes back older than its anchor (a restored backup, a lost tail)
would sign a second history; the anchor is how the ledger notices. It only grows.
"""

import fcntl
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from liren.ledger.errors import Malformed
from liren.store import durable


@dataclass(frozen=True, slots=True)
class Mark:
    """What the anchor remembers: the three lines of a checkpoint."""

    origin: str
    size: int
    root: bytes

    def text(self) -> bytes:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n".encode()

    @classmethod
    def parse(cls, text: bytes) -> "Mark":
        """:raises Malformed: not three lines of a checkpoint"""
        try:
            origin, size, root, end = text.decode().split("\n")
            mark = cls(origin, int(size), b64decode(root, validate=True))
        except ValueError as error:
            raise _damaged() from error
        if end or mark.text() != text or len(mark.root) != 32:
            raise _damaged()
        return mark


def number_of(origin: str) -> int:
    """Which of a street's logs it is: a recovery goes on under the next number."""
    return int(origin.rpartition("/")[2])


class Anchor:
    """The file at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Mark | None:
        """:raises Malformed: the file is damaged"""
        try:
            return Mark.parse(self.path.read_bytes())
        except FileNotFoundError:
            return None

    def grow(self, mark: Mark) -> None:
        """Remember ``mark`` unless a larger one is remembered; returns once it is on the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self.read()
            if known is not None and known.origin != mark.origin:
                if number_of(known.origin) > number_of(mark.origin):
                    return
                self.path.with_name(f"{self.path.name}.log-{number_of(known.origin)}").write_bytes(known.text())
            elif known is not None and known.size >= mark.size:
                return
            durable.replace(self.path, mark.text(), 0o644)  # public: whoever compares may read it
        finally:
            os.close(lock)


def _damaged() -> Malformed:
    return Malformed(
        "锚文件损坏，账本暂停记账。请从另一份备份恢复锚文件，或联系维护人员。",
        "The anchor file is damaged. Restore it from a copy before the ledger may write again.",
        status=503,
    )
