# SPDX-License-Identifier: Apache-2.0
"""A founded street on both databases: real store, real keys, real files."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

import liren.ledger
from liren.ledger.founding import found
from liren.ledger.participant import Ledger
from liren.ledger.posting import LedgerState
from liren.plugins.points import Award, Budget, PointRule, PostDraft, Posted, Subject
from liren.store import MigrationSource, Store, Tx, Vault, migrate

T = TypeVar("T")
MIGRATIONS = MigrationSource("ledger", Path(liren.ledger.__file__).with_name("piccolo_migrations"))
TZ = ZoneInfo("Asia/Shanghai")
REVIEWER = "p-reviewer"
RULES = [
    PointRule("FX-01", "resident", "h", 1, 100, date(2026, 1, 1), "next-year-end", 1),
    PointRule("FX-02", "resident", "h", 1, 100, date(2026, 1, 1), "year-end", 0),
    PointRule("FX-03", "resident", "h", 1, 100, date(2026, 1, 1), "never", 0),
    PointRule("HB-01", "partner", "o", 1, 1000, date(2026, 1, 1), "months:6", 1),
]


@dataclass
class Street:
    """A street's ledger, and short words for what tests do with it."""

    home: Path
    store: Store
    ledger: Ledger
    keys: int = field(default=0)

    async def once(self, body: Callable[[LedgerState], Awaitable[T]], returns: Any = Any, actor: str = "p-tester") -> T:
        self.keys += 1

        async def run(tx: Tx) -> T:
            return await body(tx.part("ledger"))

        return await self.store.once(actor, f"k{self.keys}", self.keys, run, returns=returns)

    async def post(self, draft: PostDraft) -> Posted:
        return await self.once(lambda state: state.post(draft))

    async def award(self, person: str, amount: int, code: str = "FX-01") -> Posted:
        return await self.post(award(person, amount, code))


def award(person: str, amount: int, code: str = "FX-01", eff: date | None = None) -> Award:
    eff = eff or date(2026, 11, 1)
    return Award(Subject("h", person), "01", code, amount, eff, reviewer=REVIEWER, reason={"what": "楼道清扫"})


async def opened(database: str, home: Path) -> Street:
    """Open (or reopen) a street."""
    ledger = Ledger(Vault.open(home / "keys", create=True), tz=TZ, anchor=home / "anchor")
    store = await Store.open(database, participants=[ledger])
    await migrate(store, [MIGRATIONS])
    await ledger.start(store)
    return Street(home, store, ledger)


async def founded(database: str, home: Path) -> Street:
    """A new street with a policy and 100 000 points of budget in each community."""
    street = await opened(database, home)
    await found(
        street.store,
        keys_folder=home / "keys",
        street="liren.example",
        unit="00",
        communities=["01", "02"],
        reviewer=REVIEWER,
    )
    await street.once(lambda state: state.adopt(RULES, reviewer=REVIEWER))
    await street.post(Budget("01", 100_000, REVIEWER))
    await street.post(Budget("02", 100_000, REVIEWER))
    await street.post(Budget("01", 100_000, REVIEWER, asset="partner"))
    return street


@pytest.fixture
async def street(database: str, tmp_path: Path) -> AsyncIterator[Street]:
    made = await founded(database, tmp_path)
    yield made
    await made.ledger.stop()
    await made.store.close()
