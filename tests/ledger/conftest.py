# SPDX-License-Identifier: Apache-2.0
"""A founded street on both databases: real store, real keys, real files."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

import liren.ledger
from liren.ledger.engine.participant import Ledger
from liren.ledger.engine.posting import LedgerState
from liren.ledger.errors import LedgerError, Refused
from liren.ledger.keys.founding import found
from liren.ledger.reading.reader import Reader
from liren.plugins.points import Award, Budget, PointRule, PostDraft, Posted, Subject
from liren.plugins.services import Balance
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


class Clock:
    """The machine's clock, as far as the ledger looks at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real = time.time_ns
        self._offset_ns = 0
        monkeypatch.setattr(time, "time_ns", lambda: self._real() + self._offset_ns)

    def set(self, *when: int) -> None:
        """To year, month, day, hour … of street time; it runs on from there."""
        moment = datetime(*when, tzinfo=TZ)  # type: ignore[arg-type, misc]
        self._offset_ns = int(moment.timestamp() * 1e9) - self._real()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """It is the morning of 21 November 2026."""
    made = Clock(monkeypatch)
    made.set(2026, 11, 21, 9, 0)
    return made


@dataclass
class Street:
    """A street's ledger, and short words for what tests do with it."""

    home: Path
    store: Store
    ledger: Ledger

    async def once(self, body: Callable[[LedgerState], Awaitable[T]], returns: Any = Any, actor: str = "p-tester") -> T:
        key = token_hex(8)

        async def run(tx: Tx) -> T:
            return await body(tx.part("ledger"))

        return await self.store.once(actor, key, key, run, returns=returns)

    async def post(self, draft: PostDraft) -> Posted:
        return await self.once(lambda state: state.post(draft))

    async def refused(self, draft: PostDraft, error: type[LedgerError] = Refused) -> str:
        """Post what must be refused; nothing may have changed. Returns the English message."""
        before = await self.store.read("SELECT size, root FROM log_head")
        with pytest.raises(error) as caught:
            await self.post(draft)
        assert await self.store.read("SELECT size, root FROM log_head") == before
        assert caught.value.zh
        return caught.value.en

    async def balance(self, person: str, asset: str = "resident") -> int:
        inside = await self.once(lambda state: state.balance(Subject("h", person), asset), Balance)
        assert inside == await self.reader.balance(Subject("h", person), asset)
        return inside.total

    @property
    def reader(self) -> Reader:
        return Reader(self.store, self.ledger)

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
async def street(clock: Clock, database: str, tmp_path: Path) -> AsyncIterator[Street]:
    made = await founded(database, tmp_path)
    yield made
    await made.ledger.stop()
    await made.store.close()
