# SPDX-License-Identifier: Apache-2.0
"""Photos of signed papers: sealed under the person's own key, one file each below ``files/acting``.

Written before the row that names it is committed; what no row names is swept a day later. Erasing the person destroys
the key, so that a photo is unreadable in every backup too.
"""

import asyncio
import os
from pathlib import Path
from typing import Final

from liren import clock
from liren.acting import errors
from liren.plugins.services import NewFile
from liren.store import Store, Tx, Vault
from liren.units.ids import is_id, new_id
from liren.web.pictures import without_metadata

KINDS: Final = ("jpg", "png")
ORPHAN_MS: Final = 24 * 3_600_000
_CONTEXT: Final = "acting_paper"


class Papers:
    """One per process."""

    def __init__(self, store: Store, vault: Vault, folder: Path) -> None:
        """:param folder: ``files/`` of the home"""
        self._store, self._vault = store, vault
        self._folder = folder / "acting"

    def _path(self, paper: str) -> Path:
        return self._folder / paper[:2] / paper

    async def keep(self, tx: Tx, person: str, photo: NewFile) -> str:
        """:returns: what the row names it by; :raises BadPaper: not a picture"""
        if photo.kind not in KINDS:
            raise errors.bad_paper()
        key = (await self._vault.ensure_keys(tx, [person]))[person]
        paper = new_id()
        sealed = key.seal(without_metadata(photo.content), f"{_CONTEXT}/{paper}")
        await asyncio.to_thread(_write, self._path(paper), sealed)
        return paper

    async def content(self, person: str, paper: str) -> bytes:
        """:raises NotFound: its person was erased, or its time is over"""
        key = (await self._vault.keys(self._store, [person])).get(person)
        path = self._path(paper)
        if key is None or not path.is_file():
            raise errors.nothing_here()
        return key.open(await asyncio.to_thread(path.read_bytes), f"{_CONTEXT}/{paper}")

    async def sweep(self) -> int:
        """Remove photos no row names any more; :returns: how many"""
        named = {row[0] for row in await self._store.read("SELECT paper FROM acting_mandate WHERE paper IS NOT NULL")}
        old = await asyncio.to_thread(_older_than, self._folder, clock.now_ms() - ORPHAN_MS)
        gone = [paper for paper in old if is_id(paper) and paper not in named]
        for paper in gone:
            await asyncio.to_thread(self._path(paper).unlink, missing_ok=True)
        return len(gone)


def _write(path: Path, sealed: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())


def _older_than(folder: Path, before_ms: int) -> list[str]:
    return [path.name for path in folder.glob("??/*") if path.stat().st_mtime * 1000 < before_ms]
