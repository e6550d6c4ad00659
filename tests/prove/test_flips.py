# SPDX-License-Identifier: Apache-2.0
"""Every stored value of the log and of every derived table with one byte changed, first, middle and last: all is found.

The log's by ``verify``, the derived tables' by ``rebuild``; on both databases, each change taken back before the next.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from liren.ledger.archive.check import rebuild, verify
from liren.ledger.reading import months
from liren.plugins.points import Reverse, Settle, Spend, Subject, Void
from liren.store import Store
from tests.ledger.conftest import REVIEWER, Clock, Street, award, founded
from tests.ledger.test_recovery import closed
from tests.prove import FIGURES, figures

LOG = {
    "log_head": ("one", "origin size root edge last_ms"),
    "log_entry": ("pos", "rid kind why unit admitted_ms eff ref body leaf"),
    "checkpoint": ("size", "note"),
    "policy": ("digest", "body"),
}
DERIVED = {
    "account": ("id", "asset address holder expires_on balance"),
    "posting": ("pos", "amount balance"),
    "log_node": ("idx", "level hash"),
    "key": ("added", "vkey role unit may revoked"),
    "ledger_month": ("why", "month asset records held moved"),
    "ledger_budget": ("unit", "month asset funded awarded"),
}
"""Table → (what names a row, the columns that are changed)."""

pytestmark = pytest.mark.skipif(not os.environ.get(FIGURES), reason="minutes: make prove")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(monkeypatch)
    made.set(2026, 11, 21, 9, 0)
    return made


async def lived(database: str, home: Path) -> Store:
    """A street with a short life, and its database opened without the ledger, as a thief would."""
    street: Street = await founded(database, home)
    first = await street.award("anna", 40)
    order = await street.post(Spend(Subject("h", "anna"), "market.order", 20))
    await street.post(Settle(order.rid, "m1", "market.settle", 10))
    await street.post(Void(order.rid, "market.cancel"))
    await street.post(Reverse(first.rid, "FX-01", 5, REVIEWER))
    await street.once(lambda state: state.post_many([award(f"p{n % 5}", 1) for n in range(250)]))
    await months.count(street.reader)
    await closed(street)
    return await Store.open(database)


def changed(value: Any) -> list[Any]:
    """The value with one byte changed: first, middle, last; a number by its lowest bit."""
    if isinstance(value, int):
        return [value ^ 1]
    data = value.encode() if isinstance(value, str) else bytes(value)
    found = []
    for at in sorted({0, len(data) // 2, len(data) - 1}):
        broken = bytearray(data)
        broken[at] ^= 1
        found.append(bytes(broken).decode() if isinstance(value, str) else bytes(broken))
    return found


async def flips(store: Store, tables: dict[str, tuple[str, str]], rows: int) -> list[tuple[str, str, Any, Any, Any]]:
    """(table, column, key, old, new) of ``rows`` rows a table, spread over it, and every column of each."""
    found = []
    for table, (key, columns) in tables.items():
        names = columns.split()
        stored = await store.read(f"SELECT {key}, {', '.join(names)} FROM {table} ORDER BY {key}")
        step = max(1, len(stored) // rows)
        for row in stored[::step]:
            for name, value in zip(names, row[1:], strict=True):
                if value is not None:
                    found += [(table, name, row[0], value, new) for new in changed(value)]
    return found


async def put(store: Store, table: str, column: str, key: str, row: Any, old: Any, new: Any) -> bool:
    """Whether the database took the value."""
    query = f"UPDATE {table} SET {column} = ? WHERE {key} = ? AND {column} = ?"
    try:
        async with store.transaction("p-thief") as tx:
            await tx.sql(query, new, row, old)
    except Exception:
        return False
    return True


async def test_every_changed_byte_of_a_stored_value_is_found(clock: Clock, database: str, tmp_path: Path) -> None:
    store = await lived(database, tmp_path)
    kind = "PostgreSQL" if database.startswith("postgres") else "SQLite"
    for what, tables, look, rows in (("log", LOG, verify, 24), ("derived tables", DERIVED, rebuild, 24)):
        assert await look(store) == []
        tried, refused, missed = 0, 0, []
        for table, column, row, old, new in await flips(store, tables, rows):
            if not await put(store, table, column, tables[table][0], row, old, new):
                refused += 1
                continue
            tried += 1
            if not await look(store):
                missed.append((table, column, row, old, new))
            assert await put(store, table, column, tables[table][0], row, new, old)
        assert missed == []
        assert await look(store) == []
        columns = sum(len(columns.split()) for _, columns in tables.values())
        figures(f"{kind}, {what}: {tried} single bytes in {columns} columns of {len(tables)} tables changed, all found")
    await store.close()
