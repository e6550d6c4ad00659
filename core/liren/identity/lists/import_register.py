# SPDX-License-Identifier: Apache-2.0
"""What the register says of rows that are in order: asked for a batch of rows at a time, never read as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from liren.identity.lists.import_rules import Candidate, Judged
from liren.store import Store

PREPARED: Final = "prepared"
"""Verdict on a row this very registration wrote already, before it was interrupted; nobody sees it."""


class _Entry(NamedTuple):
    person: str
    name: str
    import_id: str | None
    number: str | None
    phone: str | None
    here: bool
    """Neither left nor dead."""


@dataclass(frozen=True, slots=True)
class Register:
    """The register as one list is compared with it."""

    store: Store
    hash_of: Callable[[str, str], str]
    """``hash_of("phone" | "id_number", value)``"""
    own: str = ""
    """Id of the registration that runs; what it wrote itself is not known to anybody yet."""

    async def compare(self, batch: Sequence[Judged]) -> list[Judged]:
        """The same rows, the verdict of each as it stands after a look into the register."""
        hashed = [self._hashes(row.candidate) for row in batch]
        numbers = await self._by("id_number_hash", [number for number, _ in hashed if number])
        phones = await self._by("phone_hash", [phone for _, phone in hashed if phone])
        by_number = {entry.number: entry for entry in numbers}
        by_phone: dict[str | None, list[_Entry]] = {}
        for entry in phones:
            if entry.here:
                by_phone.setdefault(entry.phone, []).append(entry)
        return [
            self._judge(row, by_number.get(number) if number else None, by_phone.get(phone, []) if phone else [])
            for row, (number, phone) in zip(batch, hashed, strict=True)
        ]

    def _hashes(self, candidate: Candidate | None) -> tuple[str | None, str | None]:
        if candidate is None:
            return None, None
        number, phone = candidate.private.id_number, candidate.private.phone
        return self.hash_of("id_number", number) if number else None, self.hash_of("phone", phone) if phone else None

    async def _by(self, column: str, values: Sequence[str]) -> list[_Entry]:
        if not values:
            return []
        query = (
            "SELECT id, name, import_id, id_number_hash, phone_hash, died IS NULL AND left_on IS NULL FROM person"  # noqa: S608
            f" WHERE merged_into IS NULL AND {column} IN ({', '.join('?' * len(values))})"
        )
        return [_Entry._make(row) for row in await self.store.read(query, *values)]

    def _judge(self, row: Judged, numbered: _Entry | None, holders: Sequence[_Entry]) -> Judged:
        candidate = row.candidate
        if candidate is None:
            return row
        if numbered is not None:
            if numbered.import_id == self.own:
                return replace(row, code=PREPARED, candidate=None)
            if numbered.name != candidate.name:
                return self._refused(row, candidate, "other-name")
            if not numbered.here:
                return self._refused(row, candidate, "gone")
            return replace(row, code="known", candidate=replace(candidate, person=numbered.person))
        without_number = candidate.private.id_number is None
        for entry in holders:
            # A phone and a name stand for somebody only where one of the two has no ID number.
            if entry.name == candidate.name and (without_number or entry.number is None):
                if entry.import_id == self.own:
                    return replace(row, code=PREPARED, candidate=None)
                return replace(row, code="known", candidate=replace(candidate, person=entry.person))
        others = any(entry.import_id != self.own for entry in holders)
        return replace(row, code="phone-shared") if others and row.code == "ok" else row

    def _refused(self, row: Judged, candidate: Candidate, code: str) -> Judged:
        """What was typed is gone by now; what it was read as says enough."""
        private, places = candidate.private, [name for _, name in candidate.places]
        cells = (candidate.name, private.id_number or "", private.phone or "", *places, candidate.room)
        return replace(row, code=code, candidate=None, cells=cells)
