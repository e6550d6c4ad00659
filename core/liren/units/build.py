# SPDX-License-Identifier: Apache-2.0
"""Builds units and dwellings in bulk, as an import meets them: found or made in memory, written at the end."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice

from liren.plugins.services import UnitCard
from liren.store import Tx
from liren.store.audit import write as audit
from liren.store.parts import in_parts
from liren.units.errors import UnitInUse, no_such_unit
from liren.units.ids import new_id
from liren.units.rules import check_parent, clean_name, codes_in, make_code, name_key, path_of
from liren.units.verbs import COLUMNS, VERSION, card_of
from liren.units.version import raise_version

CHUNK = 1000


class Builder:
    """Finds or makes units and dwellings inside one transaction. Load, ask, then :meth:`write`."""

    def __init__(self, opened: date) -> None:
        self._opened = opened
        self._cards: dict[str, UnitCard] = {}
        self._named: dict[tuple[str | None, str, str], str] = {}
        self._dwellings: dict[tuple[str, str], str] = {}
        self._new_units: dict[str, UnitCard] = {}
        self._new_dwellings: list[tuple[str, str, str]] = []

    @classmethod
    async def load(cls, tx: Tx, opened: date, *, dwellings: bool = True) -> "Builder":
        """Read what there is.

        :param dwellings: all of them; False where :meth:`know_dwellings` asks for some (a city has a hundred thousand)
        """
        builder = cls(opened)
        for row in await tx.sql(f"SELECT {COLUMNS} FROM unit"):  # noqa: S608 - own column names
            builder._keep(card_of(row))
        if dwellings:
            for dwelling, unit, number in await tx.sql("SELECT id, unit, number FROM dwelling"):
                builder._dwellings[unit, number] = dwelling
        return builder

    async def know_dwellings(self, tx: Tx, wanted: Iterable[tuple[str, str]]) -> None:
        """Look these (unit, number) up, and forget the others: bounded memory, whatever the length of the list."""
        self._dwellings = {}
        pairs = sorted({(unit, clean_name(number)) for unit, number in wanted})
        for part in in_parts(pairs, 250):
            pairs_of_marks = ", ".join(["(?, ?)"] * len(part))
            # Asked as a join: SQLite reads the whole table for pairs "IN (VALUES …)".
            query = (
                f"WITH w (unit, number) AS (VALUES {pairs_of_marks}) SELECT d.id, d.unit, d.number"  # noqa: S608 - marks
                " FROM w CROSS JOIN dwelling d WHERE d.unit = w.unit AND d.number = w.number"
            )
            for dwelling, unit, number in await tx.sql(query, *(value for pair in part for value in pair)):
                self._dwellings[unit, number] = dwelling

    def _keep(self, card: UnitCard) -> None:
        self._cards[card.code] = card
        if card.closed is None:
            self._named[card.parent, card.level, name_key(card.level, card.name)] = card.code

    def find(self, level: str, name: str, parent: str | None) -> str | None:
        """The code of an open unit of this name below ``parent``."""
        return self._named.get((parent, level, name_key(level, name)))

    def unit(self, level: str, name: str, parent: str | None) -> str:
        """The code of this unit, made where there was none.

        :raises BadUnit: level or name that makes no tree
        """
        found = self.find(level, name, parent)
        if found is not None:
            return found
        above = self._cards.get(parent) if parent is not None else None
        if parent is not None and above is None:
            raise no_such_unit()
        if above is not None and above.closed is not None:
            raise UnitInUse(f"{above.name}已经撤销。", f"{above.name} is closed.")
        check_parent(level, above.level if above else None)
        code = make_code(level, name, parent, self._cards.__contains__)
        path = path_of(code, above.path if above else None)
        card = UnitCard(code, code, level, clean_name(name), None, path, parent)
        self._keep(card)
        self._new_units[code] = card
        return code

    def dwelling(self, unit: str, number: str) -> str:
        """The id of this dwelling, made where there was none."""
        key = (unit, clean_name(number))
        if key not in self._dwellings:
            self._dwellings[key] = new_id()
            self._new_dwellings.append((self._dwellings[key], *key))
        return self._dwellings[key]

    def root(self) -> str | None:
        """The code of the street, if there is one."""
        return next((card.code for card in self._cards.values() if card.parent is None and card.closed is None), None)

    def community_of(self, code: str) -> str | None:
        """The community a unit lies in."""
        way = (self._cards[c] for c in codes_in(self._cards[code].path))
        return next((card.code for card in way if card.level == "community"), None)

    async def write(self, tx: Tx) -> None:
        """Insert what was made; parents come before their children."""
        units = [
            (c.code, c.level, c.parent, c.path, c.name, c.party_name, self._opened) for c in self._new_units.values()
        ]
        await _in_chunks(
            tx,
            "INSERT INTO unit (code, level, parent, path, name, party_title, opened) VALUES (?, ?, ?, ?, ?, ?, ?)",
            units,
        )
        await _in_chunks(tx, "INSERT INTO dwelling (id, unit, number) VALUES (?, ?, ?)", self._new_dwellings)
        if units or self._new_dwellings:
            detail = {"units": len(units), "dwellings": len(self._new_dwellings)}
            await audit(tx, "units", "units.built", "import", detail=detail)
        if units:  # dwellings stand in no tree that anybody keeps in memory
            await raise_version(tx, VERSION)
        self._new_units, self._new_dwellings = {}, []


async def _in_chunks(tx: Tx, query: str, rows: Sequence[tuple[object, ...]]) -> None:
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        await tx.many(query, chunk)
