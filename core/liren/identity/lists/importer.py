# SPDX-License-Identifier: Apache-2.0
"""A list of residents into the register: read, judged, then written a few at a time and shown all at once.

Units and dwellings are built on the way: street → community → grid → building → stair → room, any but the
community left out where the list does not tell. Memory does not grow with the list: rows come in batches
(``list_reading.py``), the register is asked for a batch at a time (``import_register.py``).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.identity.lists.import_register import PREPARED, Register
from liren.identity.lists.import_rules import IN_ORDER, TAKEN, Bounds, Candidate, Judged
from liren.identity.lists.list_reading import Begun, Rows, UnclearColumns, judged, read_list
from liren.identity.register import pending
from liren.identity.register.directory import Directory
from liren.identity.register.entries import NewPerson, prepare, write
from liren.identity.register.in_flight import InFlight
from liren.store import Store, Tx, Vault
from liren.store.parts import in_parts, marks
from liren.units.build import Builder
from liren.units.ids import new_id
from liren.units.rules import name_key
from liren.units.service import UnitsService

__all__ = ["Imported", "Report", "UnclearColumns", "check", "import_people", "read_list", "register_list", "rows_of"]

WRONG_KEPT: Final = 2000
"""Rows to mend that a report names; it counts the others."""

AT_ONCE: Final = 2
"""Chunks under way: one is worked out while the disk takes the other; whoever else writes waits for so many at most."""

Progress = Callable[[str, int, int], None]
"""``progress(what, done, total)``"""
Ways = frozenset[tuple[tuple[str, str], ...]]
"""Where the people of a list live: (level, name) from the community down."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found; of bounded size."""

    counts: dict[str, int]
    """Verdict code → rows."""
    wrong: tuple[Judged, ...]
    """Rows to mend, the first of them."""
    ways: Ways = frozenset()
    titles: tuple[str, ...] = ()
    """Of the columns of the rows to mend."""

    @property
    def wrong_rows(self) -> int:
        return sum(n for code, n in self.counts.items() if code not in IN_ORDER)

    @property
    def new(self) -> int:
        return sum(self.counts.get(code, 0) for code in TAKEN)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a registration did."""

    registered: int
    moved: int


async def rows_of(
    data: bytes,
    directory: Directory,
    bounds: Bounds,
    *,
    own: str = "",
    progress: Progress | None = None,
    titles: list[str] | None = None,
) -> AsyncGenerator[list[Judged], None]:
    """Every row with its final verdict, a batch at a time.

    :param own: the registration that runs
    :param titles: takes up the titles of the columns
    :raises SheetError, UnclearColumns: the file cannot be used
    """
    against = Register(directory.store, directory.hash_of, own)
    total = done = 0
    async with aclosing(judged(data, bounds)) as frames:
        async for frame in frames:
            if isinstance(frame, Begun):
                total = frame.rows
                if titles is not None:
                    titles += frame.titles
            elif isinstance(frame, Rows):
                rows = await against.compare(frame.judged)
                yield rows
                done += len(rows)
                if progress is not None:
                    progress("rows", done, max(total, done))
                await asyncio.sleep(0)  # let pages through


async def bounds_of(directory: Directory, units: UnitsService, *, new_communities: bool) -> Bounds:
    """:param new_communities: whether the list may bring communities the street does not have yet"""
    if new_communities:
        return Bounds(directory.today())
    names = frozenset(name_key("community", card.name) for card in await units.all("community"))
    return Bounds(directory.today(), names)


async def check(
    data: bytes,
    directory: Directory,
    units: UnitsService,
    *,
    new_communities: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Read and judge a workbook; nothing is written.

    :raises SheetError, UnclearColumns: see :func:`read_list`
    """
    bounds = await bounds_of(directory, units, new_communities=new_communities)
    counts: Counter[str] = Counter()
    wrong: list[Judged] = []
    ways: set[tuple[tuple[str, str], ...]] = set()
    titles: list[str] = []
    async with aclosing(rows_of(data, directory, bounds, progress=progress, titles=titles)) as batches:
        async for rows in batches:
            counts.update(row.code for row in rows)
            ways.update(row.candidate.places for row in rows if row.candidate is not None)
            if len(wrong) < WRONG_KEPT:
                wrong += [row for row in rows if row.code not in IN_ORDER]
    return Report(dict(counts), tuple(wrong[:WRONG_KEPT]), frozenset(ways), tuple(titles))


async def register_list(
    store: Store,
    vault: Vault,
    directory: Directory,
    data: bytes,
    *,
    import_id: str,
    bounds: Bounds,
    ways: Ways,
    actor: str,
    street: str,
    day: date,
    consent: tuple[str, str, str] | None = None,
    progress: Progress | None = None,
    at_the_end: Callable[[Tx], Awaitable[None]] | None = None,
) -> Imported:
    """Register the new people of a list and move the known ones.

    :param import_id: of this registration; under the same one it goes on where it was interrupted
    :param street: name of the street, used where none is set up yet
    :param consent: (purpose, version, how) everybody on the list gave, e.g. ``("points", "2026-01", "paper")``
    :param at_the_end: runs in the transaction that makes the people visible
    :raises Conflict: another list is being registered
    """
    if await pending.is_pending(store, import_id) or not await pending.moves_left(store, import_id):
        writing = _Writing(store, vault, import_id, actor, day, consent)
        await writing.begin(street, ways)
        try:
            async with (
                aclosing(rows_of(data, directory, bounds, own=import_id, progress=progress)) as batches,
                InFlight(AT_ONCE) as flight,
            ):
                async for rows in batches:
                    for part in in_parts(rows, pending.CHUNK):
                        await flight.add(writing.take(part))
                        await asyncio.sleep(0)
        except Exception:
            await pending.give_up(store, import_id, actor)
            raise
        registered = writing.registered
    else:
        registered = 0
    moved = 0
    while True:
        async with store.transaction(actor, limit_s=60) as tx:
            if moved == 0 and await tx.sql("SELECT 1 FROM people_pending WHERE id = ?", import_id):
                await pending.show(tx, import_id, registered=registered)
            some = await pending.move_some(tx, import_id, day)
            if some < pending.CHUNK and at_the_end is not None:
                await at_the_end(tx)
        moved += some
        if some < pending.CHUNK:
            return Imported(registered, moved)


class _Writing:
    """One registration, chunk after chunk."""

    def __init__(
        self, store: Store, vault: Vault, import_id: str, actor: str, day: date, consent: tuple[str, str, str] | None
    ) -> None:
        self._store, self._vault, self._import = store, vault, import_id
        self._actor, self._day, self._consent = actor, day, consent
        self._units: dict[tuple[tuple[str, str], ...], str] = {}
        self.registered = 0

    async def begin(self, street: str, ways: Ways) -> None:
        """The units of the list; they are the street's own, whoever comes to live there."""
        async with self._store.transaction(self._actor, limit_s=60) as tx:
            await pending.begin(tx, self._import)
            self._builder = await Builder.load(tx, self._day, dwellings=False)
            self._root = self._builder.root() or self._builder.unit("street", street, None)
            for way in sorted(ways):
                self._unit(way)
            await self._builder.write(tx)

    def _unit(self, way: tuple[tuple[str, str], ...]) -> str:
        unit = self._units.get(way)
        if unit is None:
            unit = self._root
            for level, name in way:
                unit = self._builder.unit(level, name, unit)
            self._units[way] = unit
        return unit

    async def take(self, rows: Sequence[Judged]) -> None:
        """One chunk in one transaction, worked out before it begins."""
        self.registered += sum(row.code == PREPARED for row in rows)
        homes = [(row.candidate, self._unit(row.candidate.places)) for row in rows if row.candidate is not None]
        if not homes:
            return
        new = [(each, unit) for each, unit in homes if each.person is None]
        entries = prepare(
            self._vault,
            [NewPerson(each.name, each.private, unit, None, each.role, each.heard) for each, unit in new],
            self._day,
            consent=self._consent,
            import_id=self._import,
        )
        async with self._store.transaction(self._actor, limit_s=60) as tx:
            await self._builder.know_dwellings(tx, [(unit, each.room) for each, unit in homes if each.room])
            rooms = {home: self._builder.dwelling(*home) for home in {(u, c.room) for c, u in homes} if home[1]}
            await self._builder.write(tx)
            await write(tx, entries, [rooms.get((unit, each.room)) for each, unit in new])
            await pending.count(tx, self._import, [(unit, each.role) for each, unit in new])
            known = [(each, unit, rooms.get((unit, each.room))) for each, unit in homes if each.person is not None]
            await self._note_moves(tx, known)
        self.registered += len(new)

    async def _note_moves(self, tx: Tx, placed: Sequence[tuple[Candidate, str, str | None]]) -> None:
        if not placed:
            return
        query = f"SELECT person, unit, dwelling FROM residence WHERE until IS NULL AND person IN ({marks(placed)})"  # noqa: S608
        rows = await tx.sql(query, *(each.person for each, _, _ in placed))
        now = {person: (unit, dwelling) for person, unit, dwelling in rows}
        moves = [
            (each.person, unit, dwelling, each.role)
            for each, unit, dwelling in placed
            if each.person is not None and now.get(each.person) != (unit, dwelling)
        ]
        if moves:
            await pending.will_move(tx, self._import, moves)


async def import_people(
    store: Store,
    vault: Vault,
    directory: Directory,
    units: UnitsService,
    data: bytes,
    *,
    actor: str,
    street: str,
    day: date,
    consent: tuple[str, str, str] | None = None,
    new_communities: bool = True,
    progress: Progress | None = None,
    import_id: str | None = None,
) -> tuple[Report, Imported]:
    """The whole way in one call, as the demo and the command line take it.

    :param import_id: under the same one, a registration that was interrupted goes on
    """
    report = await check(data, directory, units, new_communities=new_communities)
    bounds = await bounds_of(directory, units, new_communities=new_communities)
    done = await register_list(
        store, vault, directory, data, import_id=import_id or new_id(), bounds=bounds, ways=report.ways, actor=actor,
        street=street, day=day, consent=consent, progress=progress,
    )  # fmt: skip
    return report, done
