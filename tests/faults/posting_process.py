# SPDX-License-Identifier: Apache-2.0
"""A process that posts until somebody kills it: ``posting_process.py HOME DATABASE FIRST``.

Writes one line per acknowledged posting to its output: number, rid. Number ``n`` always has request key ``n``, so a
later process that starts at the same number repeats the same requests.
"""

import asyncio
import itertools
import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import liren.ledger
from liren.ledger.engine.participant import Ledger
from liren.ledger.keys.founding import found
from liren.plugins.points import Award, Budget, PointRule, Spend, Subject
from liren.store import MigrationSource, Store, Tx, Vault, migrate

TZ = ZoneInfo("Asia/Shanghai")
REVIEWER = "p-reviewer"
CLIENTS = 24
RULE = PointRule("FX-01", "resident", "h", 1, 100, date(2020, 1, 1), "never", 1)
MIGRATIONS = MigrationSource("ledger", Path(liren.ledger.__file__).with_name("piccolo_migrations"))


def say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


async def prepare(store: Store, home: Path) -> None:
    """Keys, policy, budget and a table of our own; nothing happens where that was done."""
    await found(store, keys_folder=home / "keys", street="s.example", unit="00", communities=["01"], reviewer=REVIEWER)

    async def begin(tx: Tx) -> bool:
        await tx.sql("CREATE TABLE pebble (n BIGINT NOT NULL, rid TEXT NOT NULL)")
        await tx.part("ledger").adopt([RULE], reviewer=REVIEWER)
        await tx.part("ledger").post(Budget("01", 10**9, REVIEWER))
        return True

    await store.once("job:test", "begin", "begin", begin, returns=bool)


async def main(home: Path, database: str, first: int) -> None:
    ledger = Ledger(Vault.open(home / "keys", create=True), tz=TZ, anchor=home / "anchor")
    store = await Store.open(database, participants=[ledger])
    await migrate(store, [MIGRATIONS])
    await ledger.start(store)
    await prepare(store, home)
    say("ready")
    numbers = itertools.count(first)
    day = (datetime.now(TZ) - timedelta(days=1)).date()

    async def client() -> None:
        for n in numbers:
            person = Subject("h", f"p{n % 50}")

            async def body(tx: Tx, n: int = n, person: Subject = person) -> str:
                state = tx.part("ledger")
                posted = await state.post(Award(person, "01", "FX-01", 2, day, reviewer=REVIEWER, reason={"n": n}))
                if n % 3 == 0:
                    await state.post(Spend(person, "market.order", 1))
                await tx.sql("INSERT INTO pebble (n, rid) VALUES (?, ?)", n, posted.rid)
                return str(posted.rid)

            rid = await store.once("job:test", str(n), n, body, returns=str)
            say(f"{n} {rid}")

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
