# SPDX-License-Identifier: Apache-2.0
"""Every value of every row of a small log, and of every derived table, with one byte changed, first, middle and last:
all is found. The log's by ``verify``, the derived tables' by ``rebuild``; each change is taken back before the next.

The tables' columns are read from the database, so that one that is added later is not forgotten here.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from liren.ledger.archive.check import rebuild, verify
from liren.ledger.reading import months
from liren.plugins.points import Close, Reverse, Settle, Spend, Subject, Void
from liren.store import Store
from tests.ledger.conftest import REVIEWER, Clock, Street, award, founded
from tests.ledger.test_recovery import closed
from tests.prove import PROVING, figures

LOG: Final = {"log_head": "one", "log_entry": "pos", "checkpoint": "size", "policy": "digest"}
DERIVED: Final = {
    "account": "id",
    "posting": "account pos",
    "key": "vkey",
    "ledger_month": "month asset why",
    "ledger_budget": "month unit asset",
}
NODES: Final = {"log_node": "level idx"}
"""Table → what names a row. The last has rows only beyond 256 entries."""
UNSIGNED: Final = {
    ("checkpoint", "at_ms"): "when a signature was stored: of this server alone, nobody relies on it",
    ("log_head", "regrouped"): "a count by which processes see that they must read again who is whose",
}
CHECKED: Final = {("log_head", "one"): "the database takes nothing but 1"}
Look = Callable[[Store], Awaitable[Sequence[object]]]
BITS: Final = (1, 1 << 24, 1 << 56)
"""Of a number's first, middle and last byte."""

pytestmark = pytest.mark.skipif(not PROVING, reason="minutes: make prove")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(monkeypatch)
    made.set(2026, 11, 21, 9, 0)
    return made


async def lived(database: str, home: Path, awards: int) -> Store:
    """A street with a short life, and its database opened without the ledger, as a thief would."""
    street: Street = await founded(database, home)
    first = await street.award("anna", 40)
    order = await street.post(Spend(Subject("h", "anna"), "market.order", 20))
    await street.post(Settle(order.rid, "m1", "market.settle", 10))
    await street.post(Void(order.rid, "market.cancel"))
    await street.post(Reverse(first.rid, "FX-01", 5, REVIEWER))
    await street.ledger.checkpoints.sign()
    await street.once(lambda state: state.post_many([award(f"p{n % 5}", 1) for n in range(awards)]))
    await street.post(Close(Subject("h", "p4"), "01", REVIEWER))
    await street.once(lambda state: state.erase(Subject("h", "p4")))
    await months.count(street.reader)
    await closed(street)
    return await Store.open(database)


@dataclass(frozen=True, slots=True)
class Flip:
    """One byte of one value."""

    table: str
    column: str
    row: dict[str, Any]
    """What names it."""
    old: Any
    new: Any

    async def put(self, store: Store) -> bool:
        """Whether the database took the value."""
        return await self._update(store, self.old, self.new)

    async def take_back(self, store: Store) -> bool:
        return await self._update(store, self.new, self.old)

    async def _update(self, store: Store, old: Any, new: Any) -> bool:
        row = self.row | {self.column: old}
        where = " AND ".join(f"{name} = ?" for name in row)
        try:
            async with store.transaction("p-thief") as tx:
                await tx.sql(f"UPDATE {self.table} SET {self.column} = ? WHERE {where}", new, *row.values())
        except Exception:
            return False
        return True


def changed(value: Any) -> list[Any]:
    """The value with one byte changed: first, middle, last."""
    if isinstance(value, int):
        return [value ^ bit for bit in BITS]
    data = value.encode() if isinstance(value, str) else bytes(value)
    found = []
    for at in sorted({0, len(data) // 2, len(data) - 1}):
        broken = bytearray(data)
        broken[at] ^= 1
        found.append(bytes(broken).decode() if isinstance(value, str) else bytes(broken))
    return found


async def columns_of(store: Store, table: str) -> list[str]:
    if store.kind == "sqlite":
        rows = await store.read(f"SELECT name FROM pragma_table_info('{table}') ORDER BY cid")
    else:
        query = (
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position"
        )
        rows = await store.read(query, table)
    return [name for (name,) in rows]


async def flips(store: Store, table: str, key: str) -> list[Flip]:
    """Of every value of every row."""
    names, keys, found = await columns_of(store, table), key.split(), list[Flip]()
    for row in await store.read(f"SELECT {', '.join(names)} FROM {table}"):
        values = dict(zip(names, row, strict=True))
        for name, value in values.items():
            if value is not None and (table, name) not in UNSIGNED | CHECKED:
                named = {each: values[each] for each in keys}
                found += [Flip(table, name, named, value, new) for new in changed(value)]
    return found


async def every_flip(store: Store, what: str, tables: dict[str, str], look: Look, fault: str) -> None:
    assert await look(store) == []
    tried, refused, rows, missed, values = 0, 0, 0, list[Flip](), set[tuple[str, str]]()
    for table, key in tables.items():
        rows += len(await store.read(f"SELECT 1 FROM {table}"))
        for flip in await flips(store, table, key):
            if not await flip.put(store):
                refused += 1
                continue
            tried += 1
            values.add((table, flip.column))
            if not await look(store):
                missed.append(flip)
            assert await flip.take_back(store)
    assert missed == []
    assert await look(store) == []
    figures(
        f"{what}: first, middle and last byte of every value of {rows} rows, {len(values)} columns of {len(tables)}"
        f" tables: {tried:,} changes one by one, {tried:,} found ({refused} more the database itself refused)",
        fault=fault,
        on=store.kind,
    )


@pytest.mark.proves("flip-log")
async def test_every_changed_byte_of_the_log_is_found(clock: Clock, database: str, tmp_path: Path) -> None:
    store = await lived(database, tmp_path, 30)
    await every_flip(store, "the log", LOG, verify, "flip-log")
    await store.close()


@pytest.mark.proves("flip-derived")
async def test_every_changed_byte_of_a_derived_table_is_found(clock: Clock, database: str, tmp_path: Path) -> None:
    store = await lived(database, tmp_path, 30)
    await every_flip(store, "derived tables", DERIVED, rebuild, "flip-derived")
    await store.close()


@pytest.mark.proves("flip-derived")
async def test_every_changed_byte_of_a_stored_subtree_is_found(clock: Clock, database: str, tmp_path: Path) -> None:
    store = await lived(database, tmp_path, 270)
    await every_flip(store, "stored subtrees", NODES, rebuild, "flip-derived")
    await store.close()
