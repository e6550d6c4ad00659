# SPDX-License-Identifier: Apache-2.0
"""Photos of signed papers: sealed under the person's own key, one file each below ``files/acting``.

Written before the row that names it is committed; what no row names is swept a day later. Erasing the person destroys
the key, so that a photo is unreadable in every backup too.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from liren.acting import errors
from liren.plugins.services import NewFile
from liren.store import Store, Tx, Vault
from liren.store.files import SealedFiles
from liren.store.parts import marks
from liren.units.ids import new_id
from liren.web.pictures import KINDS

_CONTEXT: Final = "acting_paper"


class Papers:
    """One per process."""

    def __init__(self, store: Store, vault: Vault, folder: Path) -> None:
        """:param folder: ``files/`` of the home"""
        self._store, self._vault = store, vault
        self._files = SealedFiles(folder / "acting")

    async def keep(self, tx: Tx, person: str, photo: NewFile) -> str:
        """:returns: what the row names it by; :raises BadPaper: not a picture"""
        if photo.kind not in KINDS:
            raise errors.bad_paper()
        key = (await self._vault.ensure_keys(tx, [person]))[person]
        paper = new_id()
        await self._files.write(paper, key.seal(photo.content, f"{_CONTEXT}/{paper}"))
        return paper

    async def content(self, person: str, paper: str) -> bytes:
        """:raises NotFound: its person was erased, or its time is over"""
        key = (await self._vault.keys(self._store, [person])).get(person)
        sealed = await self._files.read(paper) if key is not None else None
        if key is None or sealed is None:
            raise errors.nothing_here()
        return key.open(sealed, f"{_CONTEXT}/{paper}")

    async def sweep(self) -> int:
        """Remove photos no row names any more; :returns: how many"""

        async def known(papers: Sequence[str]) -> set[str]:
            rows = await self._store.read(f"SELECT paper FROM acting_mandate WHERE paper IN ({marks(papers)})", *papers)  # noqa: S608 - marks
            return {paper for (paper,) in rows}

        return await self._files.sweep(known)
