# SPDX-License-Identifier: Apache-2.0
"""Files handed in with a step: sealed under the case's own key, one file each below ``files/cases``.

Not in the database: ten megabytes of photographs would wait in the one writer's queue before everybody's points.
Written before the row that names it is committed; what a rollback leaves behind is swept a day later. Destroying the
case's key makes its files unreadable in every backup too.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from liren import clock
from liren.plugins.flows import CaseFile
from liren.plugins.services import NewFile
from liren.store import Store, Tx, Vault
from liren.units.ids import new_id
from liren.workflow import errors
from liren.workflow.pictures import without_metadata

KINDS: Final = ("jpg", "png", "pdf", "xlsx", "xls")
MOST: Final = 9
ORPHAN_MS: Final = 24 * 3600 * 1000
_CONTEXT: Final = "workflow_file"


def _subject(case: str) -> str:
    return f"case/{case}"


class Files:
    """One per process."""

    def __init__(self, store: Store, vault: Vault, folder: Path) -> None:
        """:param folder: ``files/`` of the home"""
        self._store, self._vault = store, vault
        self._folder = folder / "cases"

    def _path(self, file: str) -> Path:
        return self._folder / file[:2] / file

    async def keep(self, tx: Tx, case: str, step: int, files: Sequence[NewFile]) -> None:
        """:raises NeedsMore: too many, or not a picture or document"""
        if not files:
            return
        check(files)
        key = (await self._vault.ensure_keys(tx, [_subject(case)]))[_subject(case)]
        for each in files:
            content = without_metadata(each.content)
            identity, name = new_id(), each.name[:120] or "file"
            sealed = key.seal(content, f"{_CONTEXT}/{identity}")
            await asyncio.to_thread(_write, self._path(identity), sealed)
            await tx.sql(
                "INSERT INTO workflow_file (id, case_id, step, name, kind, size) VALUES (?, ?, ?, ?, ?, ?)",
                identity, case, step, name, each.kind, len(content),
            )  # fmt: skip

    async def content(self, case: str, file: CaseFile) -> bytes:
        """:raises NotFound: its person was forgotten, or the file is gone from the disk
        :raises VaultError: it was altered
        """
        key = (await self._vault.keys(self._store, [_subject(case)])).get(_subject(case))
        path = self._path(file.id)
        if key is None or not path.is_file():
            raise errors.no_such_case()
        return key.open(await asyncio.to_thread(path.read_bytes), f"{_CONTEXT}/{file.id}")

    async def forget(self, tx: Tx, case: str) -> int:
        """Make every file of a case unreadable for good; the sweep removes them from the disk.

        :returns: how many there were
        """
        rows = await tx.sql("DELETE FROM workflow_file WHERE case_id = ? RETURNING id", case)
        await self._vault.destroy(tx, _subject(case))
        return len(rows)

    async def sweep(self) -> int:
        """Remove files no row names: those of a transaction that was rolled back, or of somebody forgotten."""
        before_ms = clock.now_ms() - ORPHAN_MS
        found = await asyncio.to_thread(_older_than, self._folder, before_ms)
        gone = 0
        for start in range(0, len(found), 200):
            part = found[start : start + 200]
            marks = ", ".join("?" * len(part))
            query = f"SELECT id FROM workflow_file WHERE id IN ({marks})"  # noqa: S608 - marks only
            known = {row[0] for row in await self._store.read(query, *part)}
            for name in part:
                if name not in known:
                    await asyncio.to_thread(self._path(name).unlink, missing_ok=True)
                    gone += 1
        return gone


def check(files: Sequence[NewFile]) -> None:
    """:raises NeedsMore: too many, or not a picture or document"""
    if len(files) > MOST:
        raise errors.too_many_files(MOST)
    for each in files:
        if each.kind not in KINDS:
            raise errors.bad_file(each.name)


def _write(path: Path, sealed: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())


def _older_than(folder: Path, before_ms: int) -> list[str]:
    return [path.name for path in folder.glob("??/*") if path.stat().st_mtime * 1000 < before_ms]
