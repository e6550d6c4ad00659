# SPDX-License-Identifier: Apache-2.0
"""Files handed in with a step: sealed under the case's own key, one file each below ``files/cases``.

How they lie there: :mod:`liren.store.files`. Destroying the case's key makes its files unreadable in every backup too.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from liren.plugins.flows import CaseFile
from liren.plugins.services import NewFile
from liren.store import Store, Tx, Vault
from liren.store.files import SealedFiles
from liren.units.ids import new_id
from liren.workflow import errors

KINDS: Final = ("jpg", "png", "pdf", "xlsx", "xls")
MOST: Final = 9
_CONTEXT: Final = "workflow_file"


def _subject(case: str) -> str:
    return f"case/{case}"


class Files:
    """One per process."""

    def __init__(self, store: Store, vault: Vault, folder: Path) -> None:
        """:param folder: ``files/`` of the home"""
        self._store, self._vault = store, vault
        self._files = SealedFiles(folder / "cases")

    async def keep(self, tx: Tx, case: str, step: int, files: Sequence[NewFile]) -> None:
        """:raises NeedsMore: too many, or not a picture or document"""
        if not files:
            return
        check(files)
        key = (await self._vault.ensure_keys(tx, [_subject(case)]))[_subject(case)]
        for each in files:
            identity, name = new_id(), each.name[:120] or "file"
            sealed = key.seal(each.content, f"{_CONTEXT}/{identity}")
            await self._files.write(identity, sealed)
            await tx.sql(
                "INSERT INTO workflow_file (id, case_id, step, name, kind, size) VALUES (?, ?, ?, ?, ?, ?)",
                identity, case, step, name, each.kind, len(each.content),
            )  # fmt: skip

    async def content(self, case: str, file: CaseFile) -> bytes:
        """:raises NotFound: its person was forgotten, or the file is gone from the disk
        :raises VaultError: it was altered
        """
        key = (await self._vault.keys(self._store, [_subject(case)])).get(_subject(case))
        sealed = await self._files.read(file.id) if key is not None else None
        if key is None or sealed is None:
            raise errors.no_such_case()
        return key.open(sealed, f"{_CONTEXT}/{file.id}")

    async def forget(self, tx: Tx, case: str) -> int:
        """Make every file of a case unreadable for good; the sweep removes them from the disk.

        :returns: how many there were
        """
        rows = await tx.sql("DELETE FROM workflow_file WHERE case_id = ? RETURNING id", case)
        await self._vault.destroy(tx, _subject(case))
        return len(rows)

    async def sweep(self) -> int:
        """Remove files no row names: those of a transaction that was rolled back, or of somebody forgotten."""
        return await self._files.sweep(self._known)

    async def _known(self, names: Sequence[str]) -> set[str]:
        query = f"SELECT id FROM workflow_file WHERE id IN ({', '.join('?' * len(names))})"  # noqa: S608 - marks only
        return {row[0] for row in await self._store.read(query, *names)}


def check(files: Sequence[NewFile]) -> None:
    """:raises NeedsMore: too many, or not a picture or document"""
    if len(files) > MOST:
        raise errors.too_many_files(MOST)
    for each in files:
        if each.kind not in KINDS:
            raise errors.bad_file(each.name)
