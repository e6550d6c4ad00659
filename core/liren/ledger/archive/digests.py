# SPDX-License-Identifier: Apache-2.0
"""``liren ledger rebuild --digests``: SHA-256 of the sorted rows of every derived table, as stored and as replayed.

The replay goes into a scratch file, for the postings of a long log do not fit into memory; both sides are then read
in the same order. Two people with two copies of a log can compare these lines over the telephone.
"""

import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from liren.ledger.archive import check, recovery
from liren.ledger.archive.replay import COLUMNS, Replay
from liren.ledger.reading import months
from liren.store import Store

CHUNK: Final = 5000
TABLES: Final = {
    "account": ("id, asset, address, holder, expires_on, balance", "id"),
    "posting": ("account, pos, amount, balance", "account, pos"),
    "log_node": ("level, idx, hash", "level, idx"),
    "key": ("vkey, role, unit, may, added, revoked", "added"),
    "ledger_month": ("month, asset, why, records, held, moved", "month, asset, why"),
    "ledger_budget": ("month, unit, asset, funded, awarded", "month, unit, asset"),
}
"""Table → its columns, and the order its rows are read in."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One derived table."""

    table: str
    rows: int
    stored: str
    """SHA-256, hex."""
    replayed: str

    @property
    def equal(self) -> bool:
        return self.stored == self.replayed


async def digests(store: Store, progress: check.Progress | None = None) -> list[Digest]:
    """Of every derived table, the log below them being the same while it runs: with the web stopped."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = sqlite3.connect(Path(folder) / "replayed.sqlite", isolation_level=None)
        try:
            scratch.execute("PRAGMA synchronous = OFF")
            scratch.execute("BEGIN")
            for table, (columns, _) in TABLES.items():
                scratch.execute(f"CREATE TABLE {table} ({columns})")
            await _replay(store, scratch, progress)
            found = []
            for table, (columns, order) in TABLES.items():
                query = f"SELECT {columns} FROM {table} ORDER BY {order}"  # noqa: S608 - our own names
                rows, stored = await _digest(store.stream(_bytewise(store, query), size=CHUNK))
                replayed = sha256()
                for row in scratch.execute(query):
                    replayed.update(_line(row))
                found.append(Digest(table, rows, stored, replayed.hexdigest()))
            return found
        finally:
            scratch.close()


async def _replay(store: Store, scratch: sqlite3.Connection, progress: check.Progress | None) -> None:
    bodies = {digest: bytes(body) for digest, body in await store.read("SELECT digest, body FROM policy")}
    replay = Replay(bodies, dict(await recovery.bodies(store)), rights=False)
    counting = check.Counting(await months.counted(store))
    ((total,),) = await store.read("SELECT count(*) FROM log_entry")
    async for rows in store.stream(f"SELECT {COLUMNS} FROM log_entry ORDER BY pos", size=CHUNK):  # noqa: S608
        postings: list[tuple[Any, ...]] = []
        for row in rows:
            for _ in replay.take(row):
                pass
            postings += replay.postings
            counting.take(row, replay)
        _insert(scratch, "posting", postings)
        if progress is not None:
            progress(replay.edge.size, total)
    _insert(scratch, "account", [check.account_row(key, held) for key, held in replay.accounts.items()])
    _insert(scratch, "log_node", [(*place, node) for place, node in replay.nodes.items()])
    _insert(scratch, "key", list(check.key_rows(replay).values()))
    _insert(scratch, "ledger_month", [(*key, *line) for key, line in counting.sums.moves.items()])
    _insert(scratch, "ledger_budget", [(*key, *line) for key, line in counting.sums.budgets.items()])


def _insert(scratch: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(TABLES[table][0].split(",")))
    scratch.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own names


def _bytewise(store: Store, query: str) -> str:
    """Texts sort by their bytes on both databases, whatever PostgreSQL's own collation."""
    if store.kind == "sqlite":
        return query
    for name in ("month", "asset", "why", "unit"):
        head, order, tail = query.partition(" ORDER BY ")
        query = head + order + ", ".join(f'{c} COLLATE "C"' if c == name else c for c in tail.split(", "))
    return query


async def _digest(stream: AsyncIterator[list[tuple[Any, ...]]]) -> tuple[int, str]:
    count, digest = 0, sha256()
    async for rows in stream:
        count += len(rows)
        for row in rows:
            digest.update(_line(row))
    return count, digest.hexdigest()


def _line(row: Sequence[Any]) -> bytes:
    values = (value.hex() if isinstance(value, bytes | bytearray | memoryview) else repr(value) for value in row)
    return "\t".join(values).encode() + b"\n"
