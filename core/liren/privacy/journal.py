# SPDX-License-Identifier: Apache-2.0
"""What a restored backup cannot take back: which entries were erased, which consents were withdrawn. Kept outside the
database, beside the anchor.

The table ``privacy_erasure`` and the ledger's ``erase`` records lie in the database and go back in time with it. This
file does not: one line an entry, its random id and the day, nothing else. It names nobody, and it only grows.
"""

import fcntl
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from liren.errors import LirenError
from liren.store import durable

FIRST: Final = "liren/erased/v1"
WITHDRAWN: Final = "liren/withdrawn/v1"
"""First line of the journal of consents taken back: an entry is the random id of a consent, which names nobody."""


class JournalDamaged(LirenError):
    """A line of the journal cannot be read: nobody may guess who was erased."""

    status = 503
    code = "erasure-journal"


class Journal:
    """The file at ``path``; see :attr:`liren.settings.Settings.erased` and ``withdrawn``."""

    def __init__(self, path: Path, first: str = FIRST) -> None:
        """:param first: the file's first line"""
        self.path, self._first = path, first

    def read(self) -> dict[str, date]:
        """Id → day.

        :raises JournalDamaged: a line is none; a last line that was cut off by a crash is left out
        """
        try:
            text = self.path.read_text("ascii")
        except FileNotFoundError:
            return {}
        except UnicodeDecodeError as error:
            raise _damaged(self.path, 0) from error
        head, *lines = text.split("\n")
        if head != self._first:
            raise _damaged(self.path, 1)
        found = {}
        for number, line in enumerate(lines[:-1], 2):
            person, _, day = line.partition(" ")
            try:
                found[person] = date.fromisoformat(day)
            except ValueError as error:
                raise _damaged(self.path, number) from error
        return found

    def add(self, entries: Mapping[str, date]) -> int:
        """Remember these too; returns once they are on the disk: how many were new."""
        if not entries:
            return 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self.read()
            new = {person: day for person, day in entries.items() if person not in known}
            if new:
                self._replace(known | new)
            return len(new)
        finally:
            os.close(lock)

    def _replace(self, entries: Mapping[str, date]) -> None:
        lines = [self._first, *(f"{person} {day.isoformat()}" for person, day in entries.items()), ""]
        durable.replace(self.path, "\n".join(lines).encode("ascii"))


def _damaged(path: Path, line: int) -> JournalDamaged:
    return JournalDamaged(
        f"名单 {path} 第 {line} 行读不懂，暂不启动：已经删除的人、已经撤回的同意不能又回来。请从备份恢复这个文件。",
        f"Line {line} of the journal {path} cannot be read. The street does not start: nobody who was erased, and no"
        " consent taken back, may come back. Restore this file from a backup.",
    )
