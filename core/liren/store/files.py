# SPDX-License-Identifier: Apache-2.0
"""Sealed files beside the database: ten megabytes of photographs would wait in the one writer's queue before everybody.

A file is written before the row that names it is committed; what a rollback leaves behind is swept a day later. Who
uses this seals what it writes: destroying the subject's key makes its files unreadable in every backup too.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from liren import clock

ORPHAN_MS: Final = 24 * 3600 * 1000
_PART: Final = 200

Known = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Which of these names a row still has."""


class SealedFiles:
    """One folder of sealed files, each under a random name in a sub-folder of its first two characters."""

    def __init__(self, folder: Path) -> None:
        """:param folder: e.g. ``files/cases`` of the home; made when the first file comes"""
        self._folder = folder

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    async def write(self, name: str, sealed: bytes) -> None:
        """On the disk for good when this returns."""
        await asyncio.to_thread(_write, self._path(name), sealed)

    async def read(self, name: str) -> bytes | None:
        """None where there is no such file."""
        path = self._path(name)
        return await asyncio.to_thread(path.read_bytes) if path.is_file() else None

    async def sweep(self, known: Known) -> int:
        """Remove files no row names: those of a transaction that was rolled back, or of somebody forgotten."""
        before_ms = clock.now_ms() - ORPHAN_MS
        found = await asyncio.to_thread(_older_than, self._folder, before_ms)
        gone = 0
        for start in range(0, len(found), _PART):
            part = found[start : start + _PART]
            still = await known(part)
            for name in part:
                if name not in still:
                    await asyncio.to_thread(self._path(name).unlink, missing_ok=True)
                    gone += 1
        return gone


def _write(path: Path, sealed: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())


def _older_than(folder: Path, before_ms: int) -> list[str]:
    return [path.name for path in folder.glob("??/*") if path.stat().st_mtime * 1000 < before_ms]
