# SPDX-License-Identifier: Apache-2.0
"""kill −9 of a process that posts: what was acknowledged is there once, and the log verifies.

A killed process is not a power cut: what the operating system had taken over still reaches the disk.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.ledger.conftest import opened
from tests.prove import figures, kind_of

from liren.ledger.archive.check import rebuild, verify
from liren.ledger.archive.export import export
from liren.store import Store
from liren_verify.cli import main as liren_verify

CHILD = Path(__file__).with_name("posting_process.py")
KILLS = int(os.environ.get("LIREN_KILLS") or 8)
MANY = KILLS > 20
POSTINGS = 200
"""At most so many between two kills: a hundred kills spread over ten thousand postings."""


def post_until_killed(home: Path, database: str, first: int, after: int, ready_s: list[float]) -> dict[int, str]:
    """Let a process post from ``first`` on and kill it some moment after its ``after``-th acknowledgement."""
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(home), database, str(first)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        ready_s.append(time.monotonic() - started)
        lines = [process.stdout.readline() for _ in range(after)]
        time.sleep(random.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
    acknowledged = [line.split() for line in lines if line.endswith("\n")]
    return {int(n): rid for n, rid in acknowledged}


async def look(database: str, home: Path, acknowledged: dict[int, str]) -> set[int]:
    """Check the database the killed process left; the numbers that are stored."""
    store = await Store.open(database, read_only=True)
    try:
        stored: dict[int, str] = dict(await store.read("SELECT n, rid FROM pebble"))
        assert await store.read("SELECT n FROM pebble GROUP BY n HAVING count(*) > 1") == []
        assert acknowledged.items() <= stored.items()
        awards = await store.read("SELECT rid FROM log_entry WHERE why = 'award'")
        assert {rid for (rid,) in awards} == set(stored.values())
        assert await verify(store) == []
        assert await rebuild(store) == []
        return set(stored)
    finally:
        await store.close()


async def crash(database: str, home: Path, times: int) -> None:
    acknowledged: dict[int, str] = {}
    ready_s: list[float] = []
    first, dice = 0, random.Random(f"{times} {home.name}")
    for _ in range(times):
        seen = post_until_killed(home, database, first, dice.randrange(1, POSTINGS), ready_s)
        for n in seen.keys() & acknowledged.keys():
            assert seen[n] == acknowledged[n]  # a repetition gets the first answer
        acknowledged |= seen
        stored = await look(database, home, acknowledged)
        # The next process repeats requests stored but never acknowledged, and a few that were.
        first = max(min(n for n in range(max(stored) + 2) if n not in acknowledged) - 5, 0)
    assert len(acknowledged) > 20 * times
    slowest = max(ready_s)  # alone it takes about a second
    figures(
        f"{times} kills in {max(stored) + 1:,} postings; {len(acknowledged):,} acknowledged, 0 lost, 0 twice;"
        f" verified and rebuilt after each; ready again in {sorted(ready_s)[times // 2]:.1f} s (median),"
        f" {slowest:.1f} s at most",
        fault="kill-posting",
        on=kind_of(database),
    )


@pytest.mark.slow
@pytest.mark.proves("kill-posting")
async def test_kills_at_random_points_lose_nothing_that_was_acknowledged_and_double_nothing(
    tmp_path: Path, database: str
) -> None:
    await crash(database, tmp_path, KILLS if MANY or kind_of(database) == "sqlite" else 3)
    street = await opened(database, tmp_path)  # a start signs what was left unsigned
    try:
        archive = await export(street.store, tmp_path / "export.zip")
        assert liren_verify([str(archive.path), "--lang", "en"]) == 0
    finally:
        await street.ledger.stop()
        await street.store.close()
