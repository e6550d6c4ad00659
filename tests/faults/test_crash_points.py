# SPDX-License-Identifier: Apache-2.0
"""kill −9 at each point between a posting and its published signature, of a real process over real files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.prove import figures, kind_of

from liren.ledger.archive.check import rebuild, verify
from liren.ledger.log.anchor import Anchor
from liren.store import Store
from liren.testing.patience import PATIENCE_S

CHILD = Path(__file__).with_name("dying_process.py")
ROOT = CHILD.parents[2]
POINTS = {
    "before-commit": (False, False),
    "after-commit": (True, False),
    "before-signing": (True, True),
    "before-anchor": (True, True),
    "before-checkpoint": (True, True),
}
"""Whether the posting is stored afterwards, and whether anybody was told (the last two die in the background, so that
the answer may be out or not)."""


def run(home: Path, database: str, point: str) -> dict[str, str]:
    """What the process said until its end."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(CHILD), str(home), database, point]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == (0 if point == "none" else -9), done.stderr[-2000:]
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)


@pytest.mark.slow
@pytest.mark.proves("kill-points")
async def test_whatever_the_moment_a_posting_is_there_once_or_not_at_all(database: str, tmp_path: Path) -> None:
    for point, (stored, told) in POINTS.items():
        home, where = tmp_path / point, database
        home.mkdir()
        if database.startswith("postgres"):
            await _emptied(database)
        else:
            where = str(home / "liren.sqlite")
        said = run(home, where, point)
        size, anchored = int(said["size"]), Anchor(home / "anchor").read()
        if point in ("before-commit", "after-commit"):
            assert "answer" not in said
        assert not told or point != "before-signing" or "answer" in said
        store = await Store.open(where, read_only=True)
        kept = await store.read("SELECT rid FROM pebble")
        signed = [at for (at,) in await store.read("SELECT size FROM checkpoint ORDER BY size")]
        assert (len(kept) == 1) == stored, point
        assert await store.read("SELECT size FROM log_head") == [(size + stored,)]
        assert signed[-1] == size, "no checkpoint of what was not anchored first"
        assert anchored is not None
        assert anchored.size == size + (point == "before-checkpoint")
        await store.close()
        again = run(home, where, "none")
        assert "answer" in again
        if stored:
            assert again["answer"] == kept[0][0], "the same request key returns the first result"
        if "answer" in said:
            assert said["answer"] == again["answer"]
        store = await Store.open(where, read_only=True)
        assert [rid for (rid,) in await store.read("SELECT rid FROM pebble")] == [again["answer"]]
        assert await store.read("SELECT max(size) FROM checkpoint") == [(size + 1,)], "the restart signs the head"
        assert await verify(store) == []
        assert await rebuild(store) == []
        await store.close()
    line = f"killed at {', '.join(POINTS)}: once or not at all, the repetition gets the first answer"
    figures(line, fault="kill-points", on=kind_of(database))


async def _emptied(database: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(database)
    await connection.execute("DROP SCHEMA public CASCADE")
    await connection.execute("CREATE SCHEMA public")
    await connection.close()
