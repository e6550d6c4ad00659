# SPDX-License-Identifier: Apache-2.0
"""What it costs that SQLite overwrites what is deleted: the same rows with ``secure_delete`` and without."""

import sqlite3
import tempfile
import time
from pathlib import Path

from tests.bench import Measure, median_of

ROWS, COMMITS = 60_000, 1_500


def _filled(path: Path, *, overwriting: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", f"secure_delete = {'ON' if overwriting else 'OFF'}"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE notice (id INTEGER PRIMARY KEY, person TEXT, text TEXT)")
    connection.execute("CREATE INDEX notice_person ON notice (person)")
    connection.execute("BEGIN")
    rows = ((n, f"p{n % 5_000}", "x" * 200) for n in range(ROWS))
    connection.executemany("INSERT INTO notice VALUES (?, ?, ?)", rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return connection


def _deleting(path: Path, *, overwriting: bool) -> float:
    """Rows deleted a second, a person at a time, in one transaction: as a nightly sweep does."""
    connection = _filled(path, overwriting=overwriting)
    started = time.perf_counter()
    connection.execute("BEGIN")
    for person in range(5_000):
        connection.execute("DELETE FROM notice WHERE person = ?", (f"p{person}",))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    took_s = time.perf_counter() - started
    connection.close()
    return ROWS / took_s


def _everyday(path: Path, *, overwriting: bool) -> float:
    """Commits a second of one row in, one row changed, one row out."""
    connection = _filled(path, overwriting=overwriting)
    started = time.perf_counter()
    for n in range(COMMITS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO notice VALUES (?, 'new', ?)", (ROWS + n, "y" * 200))
        connection.execute("UPDATE notice SET text = ? WHERE id = ?", ("z" * 180, (n * 7_919) % ROWS))
        connection.execute("DELETE FROM notice WHERE id = ?", ((n * 104_729) % ROWS,))
        connection.execute("COMMIT")
    took_s = time.perf_counter() - started
    connection.close()
    return COMMITS / took_s


def measures() -> list[Measure]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        fresh = iter(range(1000))
        for what, run, unit, goal in (
            ("secure_delete: a row in, one changed, one out", _everyday, "commits/s", "≥ 0.8"),
            ("secure_delete: deleting 60 000 rows of 5 000 people, and the checkpoint", _deleting, "rows/s", ""),
        ):
            ours, beside = (
                median_of(lambda run=run, on=on: run(Path(folder) / f"{next(fresh)}.sqlite", overwriting=on))  # type: ignore[misc]
                for on in (True, False)
            )
            found.append(Measure(what, f"{ours:,.0f} {unit}", f"without it: {beside:,.0f}", ours / beside, goal))
    return found
