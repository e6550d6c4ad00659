# SPDX-License-Identifier: Apache-2.0
"""Portraits of who serves where: given to be published, yet sealed on the disk, so that they leave with the person.

A picture comes drawn anew from its form (:mod:`liren.web.pictures`), without where it was taken or on whose phone; it
is sealed under its person's key.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from liren.store import Store, Tx, Vault
from liren.store.files import SealedFiles
from liren.units.errors import BadAppointment, no_such_appointment
from liren.units.ids import new_id
from liren.web import Upload
from liren.web.pictures import KINDS

MAX_BYTES: Final = 3 * 1024 * 1024
_CONTEXT: Final = "appointment_photo"


class Photos:
    """One per process."""

    def __init__(self, store: Store, vault: Vault, folder: Path) -> None:
        """:param folder: ``files/`` of the home"""
        self._store, self._vault = store, vault
        self._files = SealedFiles(folder / "portraits")

    async def keep(self, tx: Tx, person: str, sent: Upload) -> str:
        """:returns: the name of the file

        :raises BadAppointment: not a photograph, or too large
        """
        if sent.kind not in KINDS:
            raise BadAppointment("照片要用 JPG 或 PNG。", "A photograph is a JPG or a PNG.")
        if len(sent.content) > MAX_BYTES:
            raise BadAppointment("照片最大 3 MB，请压小再传。", "A photograph has 3 MB at most.")
        key = (await self._vault.ensure_keys(tx, [person]))[person]
        name = new_id()
        await self._files.write(name, key.seal(sent.content, f"{_CONTEXT}/{name}"))
        return name

    async def content(self, person: str, name: str) -> tuple[bytes, str]:
        """The picture and its type.

        :raises NotFound: its person was forgotten, or the file is gone
        """
        key = (await self._vault.keys(self._store, [person])).get(person)
        sealed = await self._files.read(name) if key is not None else None
        if key is None or sealed is None:
            raise no_such_appointment()
        content = key.open(sealed, f"{_CONTEXT}/{name}")
        return content, "image/png" if Upload("", content).kind == "png" else "image/jpeg"

    async def sweep(self) -> int:
        """Remove what no appointment names any more."""
        return await self._files.sweep(self._known)

    async def _known(self, names: Sequence[str]) -> set[str]:
        query = f"SELECT photo FROM appointment WHERE photo IN ({', '.join('?' * len(names))})"  # noqa: S608 - marks
        return {row[0] for row in await self._store.read(query, *names)}
