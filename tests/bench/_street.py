# SPDX-License-Identifier: Apache-2.0
"""One founded street on one event loop, and what it posts: awards with lots, orders, settlements.

Awards carry two signatures, a sealed reason and a request key, as in the demo street. Their points end at three
different days, so that a spend has lots to choose from and often takes two.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import liren.ledger
from liren.app.serve import collect_seldom
from liren.ledger.engine.participant import Ledger
from liren.ledger.engine.posting import LedgerState
from liren.ledger.keys.founding import found
from liren.plugins.points import Award, Budget, PointRule, PostDraft, Posted, Settle, Spend, Subject
from liren.store import MigrationSource, Store, Tx, Vault, migrate

T = TypeVar("T")
TZ = ZoneInfo("Asia/Shanghai")
REVIEWER = "p-reviewer"
PEOPLE = 3000
SINCE = date(2020, 1, 1)
RULES = [
    PointRule("FX-01", "resident", "h", 1, 100, SINCE, "never", 1),
    PointRule("FX-02", "resident", "h", 1, 100, SINCE, "next-year-end", 1),
    PointRule("FX-03", "resident", "h", 1, 100, SINCE, "months:8", 1),
]
MIGRATIONS = MigrationSource("ledger", Path(liren.ledger.__file__).with_name("piccolo_migrations"))


def yesterday() -> date:
    return (datetime.now(TZ) - timedelta(days=1)).date()


def award(n: int, amount: int = 1, *, people: int = PEOPLE) -> Award:
    """The ``n``-th award: to one of ``people`` in turn, under one rule after the other."""
    person = Subject("h", f"p{n % people}")
    reason = {"title": "楼道清扫", "quantity": 2, "claim": f"c{n}"}
    rule = RULES[n // people % len(RULES)].code
    return Award(person, "01", rule, amount, yesterday(), reviewer=REVIEWER, reason=reason)


class Bench:
    """:param database: a file path or a ``postgresql://`` address; a street that is there is opened again"""

    def __init__(self, folder: Path, database: str) -> None:
        collect_seldom()  # as the server does
        self.folder, self.database = folder, database
        self.loop = asyncio.new_event_loop()
        self.count = 0
        self.spends: list[str] = []
        """Orders that can be settled."""
        self.run(self._open())

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(work)  # type: ignore[arg-type]

    async def _open(self) -> None:
        vault = Vault.open(self.folder / "keys", create=True)
        self.ledger = Ledger(vault, tz=TZ, anchor=self.folder / "anchor")
        self.store = await Store.open(self.database, participants=[self.ledger])
        await migrate(self.store, [MIGRATIONS])
        await self.ledger.start(self.store)
        keys = self.folder / "keys"
        await found(self.store, keys_folder=keys, street="s.example", unit="00", communities=["01"], reviewer=REVIEWER)

        async def begin(state: LedgerState) -> bool:
            await state.adopt(RULES, reviewer=REVIEWER)
            await state.post(Budget("01", 10**9, REVIEWER))
            return True

        await self.once("begin", begin, bool)

    def close(self) -> None:
        async def end() -> None:
            await self.ledger.stop()
            await self.store.close()

        self.run(end())
        self.loop.close()

    async def once(self, key: str, body: Callable[[LedgerState], Awaitable[T]], returns: Any = Any) -> T:
        async def run(tx: Tx) -> T:
            return await body(tx.part("ledger"))

        done: T = await self.store.once("job:bench", key, key, run, returns=returns, limit_s=600)
        return done

    # --- what it posts

    def furnish(self, each: int = 3) -> None:
        """Everybody holds every lot: spending does not depend on which measure ran before."""
        drafts = [award(n, 20) for n in range(PEOPLE * each)]
        for start in range(0, len(drafts), 5000):
            self.post_many(drafts[start : start + 5000])

    def post_many(self, drafts: Sequence[PostDraft]) -> list[Posted]:
        self.count += 1
        key = f"many {self.size} {self.count}"
        kept: list[Posted] = []

        async def body(state: LedgerState) -> int:
            kept.extend(await state.post_many(drafts))
            return len(kept)

        self.run(self.once(key, body, int))
        return kept

    @property
    def size(self) -> int:
        return self.ledger.book.size

    def mixed(self, count: int) -> list[PostDraft]:
        """Four awards, two spends, two settlements of earlier orders in eight."""
        drafts: list[PostDraft] = []
        settled = [self.spends.pop() for _ in range(min(len(self.spends), count // 4))]
        for n in range(count):
            number = self.size + n
            if n % 4 == 1:
                drafts.append(Spend(Subject("h", f"p{number % PEOPLE}"), "market.order", 1))
            elif n % 4 == 3 and settled:
                drafts.append(Settle(settled.pop(), "m1", "market.settle"))
            else:
                drafts.append(award(number))
        return drafts

    def batch(self, count: int) -> float:
        """Records a second of one transaction of ``count``, lots and escrow included."""
        drafts = self.mixed(count)
        started = time.perf_counter()
        posted = self.post_many(drafts)
        took_s = time.perf_counter() - started
        self.spends += [p.rid for p, d in zip(posted, drafts, strict=True) if isinstance(d, Spend)]
        return count / took_s
