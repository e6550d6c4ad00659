# SPDX-License-Identifier: Apache-2.0
"""A list of residents into the register: read, judged, then written in one transaction, all or nothing.

Units and dwellings are built on the way: street → community → grid → building → stair → room, any but the
community left out where the list does not tell.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from liren.errors import LirenError
from liren.identity.directory import Directory
from liren.identity.import_columns import COLUMNS
from liren.identity.import_rules import Candidate, Known, Report, judge
from liren.identity.people import NewPerson, move, register
from liren.store import Store, Tx, Vault
from liren.store.audit import write as audit
from liren.units.build import Builder
from liren.units.rules import name_key
from liren.units.service import UnitsService
from liren.web.sheets import Table, choose_table, find_tables, read_book

LIMIT_S = 170.0
"""One transaction for a whole list; 50 000 rows take about 20 s."""

Progress = Callable[[str, int, int], None]
"""``progress(what, done, total)``"""


class UnclearColumns(LirenError):
    """A needed column was not found, or two could be meant: the page asks."""

    status = 422
    code = "unclear-columns"

    def __init__(self, table: Table) -> None:
        self.table = table
        missing = "、".join(_TITLES[doubt.key] for doubt in table.doubts)
        super().__init__(
            f"没有认出这些列：{missing}。请在表头写明，再上传一次。",
            f"These columns were not recognised: {missing}. Name them in the header row and upload the file again.",
        )


_TITLES: Mapping[str, str] = {column.key: column.words[0] for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Imported:
    """What a commit did."""

    registered: int
    moved: int
    communities: tuple[str, ...]
    """Codes of the communities the list named."""


def read_list(data: bytes, *, sheet: str = "", last: int = 0, columns: Mapping[str, int] | None = None) -> Table:
    """The best sheet of a workbook, its columns recognised.

    :param columns: key → column index, where a person pointed them out on ``sheet`` with the header in row ``last``
    :raises SheetError: no workbook, nothing in it
    :raises UnclearColumns: which column holds the name or the community?
    """
    book = read_book(data)
    if columns is not None:
        table = choose_table(book, COLUMNS, sheet=sheet, last=last, columns=columns)
    else:
        table = find_tables(book, COLUMNS)[0]
    if any(doubt.key in ("name", "community") for doubt in table.doubts):
        raise UnclearColumns(table)
    return table


async def known(directory: Directory, units: UnitsService, *, new_communities: bool) -> Known:
    """What the register holds, for judging a list.

    :param new_communities: whether the list may bring communities the street does not have yet
    """
    by_id_number: dict[str, tuple[str, str]] = {}
    by_phone: dict[str, dict[str, str]] = {}
    without_number: set[str] = set()
    for key in await directory.keys():
        if key.id_number_hash is not None:
            by_id_number[key.id_number_hash] = (key.id, key.name)
        else:
            without_number.add(key.id)
        if key.phone_hash is not None:
            by_phone.setdefault(key.phone_hash, {})[key.name] = key.id
    communities = None
    if not new_communities:
        communities = {name_key("community", card.name) for card in await units.all("community")}
    return Known(directory.hash_of, directory.today(), by_id_number, by_phone, without_number, communities)


async def check(data: bytes, directory: Directory, units: UnitsService, *, new_communities: bool = False) -> Report:
    """Read and judge a workbook; the work happens in a thread.

    :raises SheetError, UnclearColumns: see :func:`read_list`
    """
    register_holds = await known(directory, units, new_communities=new_communities)
    return await asyncio.to_thread(lambda: judge(read_list(data), register_holds))


async def commit(
    tx: Tx,
    vault: Vault,
    report: Report,
    *,
    street: str,
    day: date,
    consent: tuple[str, str, str] | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Register the new people of a report and move the known ones, in the caller's transaction.

    :param street: name of the street, used where none is set up yet
    :param consent: (purpose, version, how) everybody on the list gave, e.g. ``("points", "2026-01", "paper")``
    """
    builder = await Builder.load(tx, day)
    root = builder.root() or builder.unit("street", street, None)
    homes = [_home(builder, root, candidate) for candidate in (*report.new, *report.known)]
    await builder.write(tx)
    people = [
        NewPerson(c.name, c.private, unit, dwelling, c.role)
        for c, (unit, dwelling) in zip(report.new, homes, strict=False)
    ]

    def tell(done: int) -> None:
        if progress is not None:
            progress("people", done, len(people))

    await register(tx, vault, people, day, consent=consent, progress=tell)
    moved = await _move_known(tx, report.known, homes[len(report.new) :], day)
    communities = {builder.community_of(unit) for unit, _ in homes}
    await audit(tx, "identity", "identity.imported", "import", detail={"people": len(people), "moved": moved})
    return Imported(len(people), moved, tuple(sorted(code for code in communities if code is not None)))


def _home(builder: Builder, root: str, candidate: Candidate) -> tuple[str, str | None]:
    unit = root
    for level, name in candidate.places:
        unit = builder.unit(level, name, unit)
    return unit, builder.dwelling(unit, candidate.room) if candidate.room else None


async def _move_known(
    tx: Tx, known_people: tuple[Candidate, ...], homes: list[tuple[str, str | None]], day: date
) -> int:
    if not known_people:
        return 0
    now = {
        person: (unit, dwelling)
        for person, unit, dwelling in await tx.sql("SELECT person, unit, dwelling FROM residence WHERE until IS NULL")
    }
    moved = 0
    for candidate, (unit, dwelling) in zip(known_people, homes, strict=True):
        assert candidate.person is not None
        if now.get(candidate.person) != (unit, dwelling):
            await move(tx, candidate.person, unit=unit, dwelling=dwelling, role=candidate.role, day=day)
            moved += 1
    return moved


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
) -> tuple[Report, Imported]:
    """The whole way in one call, as the demo and the command line take it."""
    report = await check(data, directory, units, new_communities=new_communities)
    async with store.transaction(actor, limit_s=LIMIT_S) as tx:
        done = await commit(tx, vault, report, street=street, day=day, consent=consent, progress=progress)
    return report, done
