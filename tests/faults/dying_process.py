# SPDX-License-Identifier: Apache-2.0
"""A process that posts one award and kills itself (SIGKILL) at a named point: ``dying_process.py HOME DATABASE POINT``.

Points: ``before-commit``, ``after-commit`` (nobody was answered), ``before-signing`` (answered, head unsigned),
``before-anchor`` (signed, the signature neither anchored nor stored), ``before-checkpoint`` (anchored, not stored),
and ``none``: it answers and stops in order. Says ``size N`` once it is open and ``answer RID`` for what was
acknowledged.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.faults.posting_process import MIGRATIONS, REVIEWER, TZ, prepare, say

from liren.ledger.engine.participant import Ledger
from liren.plugins.points import Award, Subject
from liren.store import Store, Tx, Vault, migrate


def die(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(store: Store, ledger: Ledger, point: str) -> Callable[[], None]:
    """:returns: what makes the point deadly, for the one posting that follows"""
    backend, checkpoints = store.backend, ledger.checkpoints
    commit = backend.commit

    async def commit_and_die() -> None:
        await commit()
        die()

    async def never() -> int:
        return 0

    def set_it() -> None:
        if point == "before-commit":
            backend.commit = die  # type: ignore[method-assign]
        elif point == "after-commit":
            backend.commit = commit_and_die  # type: ignore[method-assign]
        elif point == "before-signing":
            checkpoints.sign = never  # type: ignore[method-assign]
        elif point == "before-anchor":
            ledger.anchor.grow = die  # type: ignore[method-assign]
        elif point == "before-checkpoint":
            grow = ledger.anchor.grow
            ledger.anchor.grow = lambda mark: (grow(mark), die())[0]  # type: ignore[method-assign, func-returns-value]

    return set_it


async def main(home: Path, database: str, point: str) -> None:
    ledger = Ledger(Vault.open(home / "keys", create=True), tz=TZ, anchor=home / "anchor")
    store = await Store.open(database, participants=[ledger])
    await migrate(store, [MIGRATIONS])
    await ledger.start(store)
    await prepare(store, home)
    await ledger.checkpoints.sign()
    say(f"size {ledger.book.size}")
    day = (datetime.now(TZ) - timedelta(days=1)).date()

    async def body(tx: Tx) -> str:
        award = Award(Subject("h", "anna"), "01", "FX-01", 2, day, reviewer=REVIEWER, reason={"n": 1})
        posted = await tx.part("ledger").post(award)
        await tx.sql("INSERT INTO pebble (n, rid) VALUES (1, ?)", posted.rid)
        return str(posted.rid)

    arm(store, ledger, point)()
    rid = await store.once("job:test", "the one", 1, body, returns=str)
    say(f"answer {rid}")
    if point == "before-signing":
        die()
    await ledger.checkpoints.sign()
    await ledger.stop()
    await store.close()
    say("stopped")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
