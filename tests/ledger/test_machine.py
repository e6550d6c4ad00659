# SPDX-License-Identifier: Apache-2.0
"""Any sequence of drafts against a dictionary: the same verdicts, the same balances, and a log that verifies.

The oracle below knows the rules of posting and nothing of records, keys, trees or databases.
"""

import asyncio
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.conftest import REVIEWER, Clock, Street, founded

from liren.ledger.archive.check import rebuild, verify
from liren.ledger.archive.export import export
from liren.ledger.errors import LedgerError
from liren.plugins.points import (
    Award,
    Clear,
    Close,
    Deduct,
    Expire,
    PostDraft,
    Posted,
    Refund,
    Reverse,
    Settle,
    Spend,
    Subject,
    Void,
)
from liren_verify.cli import main as liren_verify

PEOPLE = ("anna", "bela", "carl")
SHOP = Subject("o", "shop")
CODES = {"FX-01": date(2027, 12, 31), "FX-02": date(2026, 12, 31), "FX-03": date.max}
TODAY = date(2026, 11, 21)
NEW_YEAR = date(2027, 1, 5)
STEPS = st.tuples(
    st.sampled_from(
        (
            *("award", "award", "spend", "spend", "settle", "void", "refund", "reverse", "expire", "year"),
            *("grant", "deduct", "close", "clear"),
        )
    ),
    st.sampled_from(PEOPLE),
    st.sampled_from(list(CODES)),
    st.integers(1, 40),
    st.integers(0, 5),
)


@dataclass
class Oracle:
    """Sixty lines that say what the ledger must say."""

    today: date = TODAY
    lots: defaultdict[tuple[str, date], int] = field(default_factory=lambda: defaultdict(int))
    merchant: int = 0
    shop: int = 0
    redeemed: int = 0
    awards: list[tuple[str, date, int, int]] = field(default_factory=list)  # person, end, amount, reversed
    spends: list[tuple[str, list[tuple[date, int]], int, int]] = field(default_factory=list)  # …, escrow, returned
    settles: list[tuple[int, int, int]] = field(default_factory=list)  # spend, amount, refunded

    def balance(self, person: str) -> int:
        return sum(n for (who, end), n in self.lots.items() if who == person and end >= self.today)

    def give_back(self, spend: int, amount: int) -> None:
        person, drawn, escrow, returned = self.spends[spend]
        skip, left = returned, amount
        for end, part in sorted(drawn, reverse=True):
            take = min(max(part - skip, 0), left)
            skip, left = max(skip - part, 0), left - take
            if end < self.today:
                later = self.today + timedelta(days=30)
                end = (later.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            self.lots[person, end] += take
        self.spends[spend] = (person, drawn, escrow, returned + amount)

    def award(self, person: str, code: str, amount: int) -> bool:
        if CODES[code] < self.today:
            return False
        self.lots[person, CODES[code]] += amount
        self.awards.append((person, CODES[code], amount, 0))
        return True

    def spend(self, person: str, amount: int) -> bool:
        if self.balance(person) < amount:
            return False
        drawn, left = [], amount
        for (who, end), held in sorted(self.lots.items(), key=lambda lot: lot[0][1]):
            take = min(held, left) if who == person and end >= self.today else 0
            if take:
                drawn.append((end, take))
                self.lots[who, end] -= take
                left -= take
        self.spends.append((person, drawn, amount, 0))
        return True

    def take(self, spend: int, amount: int) -> bool:
        person, drawn, escrow, returned = self.spends[spend]
        if amount > escrow:
            return False
        self.spends[spend] = (person, drawn, escrow - amount, returned)
        return True

    def refund(self, settle: int, amount: int) -> bool:
        spend, settled, refunded = self.settles[settle]
        if refunded + amount > settled:
            return False
        self.settles[settle] = (spend, settled, refunded + amount)
        held = min(amount, self.merchant)
        self.merchant, self.redeemed = self.merchant - held, self.redeemed - (amount - held)
        self.give_back(spend, amount)
        return True

    def deduct(self, amount: int) -> bool:
        taken = min(amount, self.shop)
        self.shop -= taken
        return taken > 0

    def clear(self, amount: int) -> bool:
        if amount > self.merchant:
            return False
        self.merchant, self.redeemed = self.merchant - amount, self.redeemed + amount
        return True

    def close(self, person: str) -> bool:
        mine = [lot for lot in self.lots if lot[0] == person and self.lots[lot]]
        for lot in mine:
            self.lots[lot] = 0
        return bool(mine)

    def reverse(self, award: int, amount: int) -> bool:
        person, end, awarded, done = self.awards[award]
        taken = min(amount, self.lots[person, end])
        if done + amount > awarded or end < self.today or not taken:
            return False
        self.lots[person, end] -= taken
        self.awards[award] = (person, end, awarded, done + taken)
        return True


class Driver:
    """Plays each step on the ledger and on the oracle, and compares."""

    def __init__(self, street: Street, clock: Clock) -> None:
        self.street, self.clock, self.oracle = street, clock, Oracle()
        self.slip = ""
        self.rids: dict[str, list[str]] = {"award": [], "spend": [], "settle": []}

    async def step(self, what: str, person: str, code: str, amount: int, pick: int) -> None:
        subject, oracle = Subject("h", person), self.oracle
        if what == "year":
            oracle.today = NEW_YEAR
            self.clock.set(2027, 1, 5, 9, 0)
        elif what == "award":
            eff = date(2026, 11, 1)
            draft = Award(subject, "01", code, amount, eff, reviewer=REVIEWER, reason={"n": pick})
            await self.compare(draft, oracle.award(person, code, amount), "award")
        elif what == "spend":
            await self.compare(Spend(subject, "market.order", amount), oracle.spend(person, amount), "spend")
        elif what == "grant":
            oracle.shop += amount
            grant = Award(SHOP, "01", "HB-01", amount, date(2026, 11, 1), "partner", REVIEWER, {"n": pick})
            await self.compare(grant, True)
        elif what == "deduct":
            await self.compare(Deduct(SHOP, "01", "HB-01", amount, REVIEWER, reason={"n": 1}), oracle.deduct(amount))
        elif what == "clear":
            if not self.slip:
                made = self.street.once(lambda s: s.attest("slip/x", bytes(32), code="market.slip", unit="00"))
                self.slip = (await made).rid
            await self.compare(Clear(self.slip, "market.m1", amount, REVIEWER), oracle.clear(amount))
        elif what == "close":
            await self.compare(Close(subject, "01", REVIEWER, {"n": 1}), oracle.close(person))
        elif what == "expire":
            await self.expire(person)
        elif what in ("settle", "void") and oracle.spends:
            n = pick % len(oracle.spends)
            good = oracle.take(n, amount)
            if what == "void":
                await self.compare(Void(self.rids["spend"][n], "market.cancel", amount), good)
                if good:
                    oracle.give_back(n, amount)
            else:
                await self.compare(Settle(self.rids["spend"][n], "m1", "market.settle", amount), good, "settle")
                if good:
                    oracle.merchant += amount
                    oracle.settles.append((n, amount, 0))
        elif what == "refund" and oracle.settles:
            n = pick % len(oracle.settles)
            draft_r = Refund(self.rids["settle"][n], "market.refund", amount)
            await self.compare(draft_r, oracle.refund(n, amount))
        elif what == "reverse" and oracle.awards:
            n = pick % len(oracle.awards)
            await self.compare(Reverse(self.rids["award"][n], "FX-01", amount, REVIEWER), oracle.reverse(n, amount))

    async def expire(self, person: str) -> None:
        rows = await self.street.store.read(
            "SELECT address FROM account a JOIN pseudonym p ON p.holder = a.holder"
            " WHERE p.subject = ? AND a.expires_on = '2026-12-31'",
            person,
        )
        for (address,) in rows:
            held = self.oracle.lots[person, date(2026, 12, 31)]
            good = self.oracle.today > date(2026, 12, 31) and held > 0
            await self.compare(Expire("resident", address), good)
            if good:
                self.oracle.lots[person, date(2026, 12, 31)] = 0

    async def compare(self, draft: PostDraft, good: bool, keep: str = "") -> None:
        posted: Posted | None
        try:
            posted = await self.street.post(draft)
        except LedgerError:
            posted = None
        assert (posted is not None) == good, draft
        if posted is not None and keep:
            self.rids[keep].append(posted.rid)

    async def agree(self) -> None:
        for person in PEOPLE:
            assert await self.street.balance(person) == self.oracle.balance(person)
        assert (await self.street.reader.balance(SHOP, "partner")).total == self.oracle.shop
        assert await self.street.reader.balance_of("merchant/market.m1") == self.oracle.merchant
        assert await self.street.reader.balance_of("redeemed") == self.oracle.redeemed
        for asset in ("resident", "partner"):
            rows = await self.street.store.read("SELECT balance FROM account WHERE asset = ?", asset)
            assert sum(balance for (balance,) in rows) == 0
        assert await verify(self.street.store) == []
        assert await rebuild(self.street.store) == []
        await self.street.ledger.checkpoints.sign()
        archive = await export(self.street.store, self.street.home / "e.zip")
        assert liren_verify([str(archive.path), "--lang", "en"]) == 0


async def play(database: str, home: Path, clock: Clock, steps: list[tuple[str, str, str, int, int]]) -> None:
    clock.set(2026, 11, 21, 9, 0)
    street = await founded(database, home)
    try:
        driver = Driver(street, clock)
        for step in steps:
            await driver.step(*step)
        await driver.agree()
    finally:
        await street.ledger.stop()
        await street.store.close()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=5, max_size=40))
def test_any_sequence_of_drafts_agrees_with_the_oracle(
    clock: Clock, steps: list[tuple[str, str, str, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(play(f"{home}/liren.sqlite", Path(home), clock, steps))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_long_sequences_agree_on_both_databases(clock: Clock, database: str, tmp_path: Path, seed: int) -> None:
    import random

    dice = random.Random(seed)
    kinds = ["award", "award", "spend", "spend", "settle", "void", "refund", "reverse", "expire"] * 3
    kinds += ["grant", "grant", "deduct", "close", "clear", "clear"]
    steps = [
        (dice.choice(kinds), dice.choice(PEOPLE), dice.choice(list(CODES)), dice.randint(1, 40), dice.randint(0, 9))
        for _ in range(150)
    ]
    steps.insert(100, ("year", "anna", "FX-01", 1, 0))
    await play(database, tmp_path, clock, steps)
