# SPDX-License-Identifier: Apache-2.0
"""Any sequence of what happens to a ledger against a page of dictionaries: the same verdicts, the same balances, and a
log that verifies. ``make prove`` plays more and longer sequences.
"""

import asyncio
import random
import tempfile
from datetime import date, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.conftest import REVIEWER, RULES, Clock, Street, founded
from tests.ledger.oracle import Oracle, Taken
from tests.prove import PROVING

from liren.ledger.archive.check import rebuild, verify
from liren.ledger.archive.export import export
from liren.ledger.errors import LedgerError
from liren.ledger.keys import life as key_life
from liren.plugins.points import (
    Award,
    Budget,
    Clear,
    Close,
    Deduct,
    Expire,
    PointRule,
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
BEGIN = date(2026, 11, 21)
START = date(2026, 1, 1)
LAW = {"FX-09": "《某市文明行为促进条例》第三十条"}
OFTEN = ("award", "award", "award", "spend", "spend", "settle", "settle", "void", "refund", "refund", "reverse")
SELDOM = ("expire", "days", "close", "clear", "pay", "merge", "erase", "deduct", "fine", "policy", "rotate", "undo")
KEYS = ("unit/00", "unit/01", "reviewer/1", "service/market", "log/1")
Step = tuple[str, str, str, int, int]
STEPS = st.tuples(
    st.sampled_from((*OFTEN, *OFTEN, *SELDOM)),
    st.sampled_from(PEOPLE),
    st.sampled_from(("FX-01", "FX-02", "FX-03", "FX-04")),
    st.integers(1, 40),
    st.integers(0, 9),
)


def rules(most: int) -> list[PointRule]:
    [first, second, _, shop] = RULES
    third = PointRule("FX-03", "resident", "h", 1, most, START, "never", 0)
    return [first, second, third, PointRule("FX-04", "resident", "h", 1, 100, START, "months:1", 0), shop]


class Driver:
    """Plays each step on the ledger and on the oracle, and compares."""

    def __init__(self, street: Street, clock: Clock) -> None:
        self.street, self.clock, self.oracle = street, clock, Oracle(BEGIN)
        self.slip = ""
        self.awards, self.orders, self.settles, self.taken, self.clears = [list[str]() for _ in range(5)]  # rids

    async def step(self, what: str, person: str, code: str, amount: int, pick: int) -> None:
        await getattr(self, what)(person, code, amount, pick)

    async def compare(self, draft: PostDraft, good: bool) -> Posted | None:
        posted: Posted | None
        try:
            posted = await self.street.post(draft)
        except LedgerError:
            posted = None
        assert (posted is not None) == good, draft
        return posted

    def known(self, holder: str) -> bool:
        return any(holder in names for names in self.oracle.owned.values())

    # --- what happens, one verb each

    async def award(self, person: str, code: str, amount: int, pick: int) -> None:
        oracle, eff = self.oracle, self.oracle.today - timedelta(days=10 * pick)
        end = oracle.award(code, amount, eff)
        draft = Award(Subject("h", person), "01", code, amount, eff, reviewer=REVIEWER, reason={"n": pick})
        if posted := await self.compare(draft, end is not None):
            assert end is not None
            _, holder, last = posted.moves[0][2].split("/")
            assert last == ("never" if end == date.max else end.isoformat())
            oracle.owned[person] = sorted({*oracle.owned[person], holder})
            oracle.lots[holder, end] += amount
            oracle.awards.append([holder, end, amount, 0])
            self.awards.append(posted.rid)

    async def spend(self, person: str, code: str, amount: int, pick: int) -> None:
        good = self.oracle.balance(person) >= amount
        if posted := await self.compare(Spend(Subject("h", person), "market.order", amount), good):
            order = self.oracle.draw(person, amount)
            for part in order:
                part.held = sum(n for _, n in part.lots)
            assert len(posted.more) == len(order) - 1
            self.oracle.orders.append(order)
            self.orders.append(posted.rid)

    async def settle(self, person: str, code: str, amount: int, pick: int) -> None:
        if not self.orders:
            return
        n = pick % len(self.orders)
        shares = self.oracle.shares(self.oracle.orders[n], amount)
        if posted := await self.compare(Settle(self.orders[n], "m1", "market.settle", amount), bool(shares)):
            self.oracle.merchant += amount
            self.oracle.settles.append([[part, share, 0] for part, share in shares])
            self.settles.append(posted.rid)

    async def void(self, person: str, code: str, amount: int, pick: int) -> None:
        if not self.orders:
            return
        n = pick % len(self.orders)
        good = self.oracle.void(self.oracle.orders[n], amount)
        await self.compare(Void(self.orders[n], "market.cancel", amount), good)

    async def refund(self, person: str, code: str, amount: int, pick: int) -> None:
        if self.settles:
            n = pick % len(self.settles)
            good = self.oracle.refund(self.oracle.settles[n], amount)
            await self.compare(Refund(self.settles[n], "market.refund", amount), good)

    async def reverse(self, person: str, code: str, amount: int, pick: int) -> None:
        if self.awards:
            n = pick % len(self.awards)
            award = self.oracle.awards[n]
            good = self.oracle.reverse_award(award, amount, known=self.known(award[0]))
            await self.compare(Reverse(self.awards[n], "FX-01", amount, REVIEWER), good)

    async def undo(self, person: str, code: str, amount: int, pick: int) -> None:
        """Take back a deduction or a closing; or, where there is none, a clearing."""
        if self.taken:
            n = pick % len(self.taken)
            taken = self.oracle.taken[n]
            good = self.oracle.reverse_taken(taken, amount, known=self.known(taken.holder))
            await self.compare(Reverse(self.taken[n], "FX-01", amount, REVIEWER), good)
        elif self.clears:
            n, oracle = pick % len(self.clears), self.oracle
            cleared, done = oracle.clears[n]
            come = min(amount, oracle.redeemed) if done + amount <= cleared else 0
            await self.compare(Reverse(self.clears[n], "FX-01", amount, REVIEWER), come > 0)
            come = max(come, 0)
            oracle.merchant, oracle.redeemed, oracle.clears[n] = (
                oracle.merchant + come,
                oracle.redeemed - come,
                [cleared, done + come],
            )

    async def expire(self, person: str, code: str, amount: int, pick: int) -> None:
        """Every account that holds something, past or not: only those past their last day, and those whole."""
        for (holder, end), held in list(self.oracle.lots.items()):
            address = f"h/{holder}/{'never' if end == date.max else end.isoformat()}"
            past = end < self.oracle.today
            if past or held:
                await self.compare(Expire("resident", address), past and held > 0)
            if past:
                self.oracle.lots[holder, end] = 0

    async def days(self, person: str, code: str, amount: int, pick: int) -> None:
        self.oracle.today += timedelta(days=amount)
        self.clock.set(self.oracle.today.year, self.oracle.today.month, self.oracle.today.day, 9, 0)

    async def close(self, person: str, code: str, amount: int, pick: int) -> None:
        closed = self.oracle.close(person)
        self.took(await self.compare(Close(Subject("h", person), "01", REVIEWER, {"n": 1}), bool(closed)), closed)

    async def fine(self, person: str, code: str, amount: int, pick: int) -> None:
        """Points deducted from a person: only under a law, and no more than there is."""
        good = self.oracle.law and self.oracle.balance(person) > 0
        taken = self.oracle.draw(person, amount) if good else []
        draft = Deduct(Subject("h", person), "01", "FX-09", amount, REVIEWER, asset="resident", reason={"n": 1})
        self.took(await self.compare(draft, good), taken)

    def took(self, posted: Posted | None, taken: list[Taken]) -> None:
        if posted is not None:
            assert len(posted.more) == len(taken) - 1
            self.taken += [posted.rid, *posted.more]
            self.oracle.taken += taken

    async def deduct(self, person: str, code: str, amount: int, pick: int) -> None:
        """Points of an organisation: given, or taken as far as they go."""
        if pick < 5:
            grant = Award(SHOP, "01", "HB-01", amount, self.oracle.today, "partner", REVIEWER, {"n": pick})
            self.oracle.shop += amount
            await self.compare(grant, True)
        else:
            taken = min(amount, self.oracle.shop)
            self.oracle.shop -= taken
            await self.compare(Deduct(SHOP, "01", "HB-01", amount, REVIEWER, reason={"n": 1}), taken > 0)

    async def clear(self, person: str, code: str, amount: int, pick: int) -> None:
        good = amount <= self.oracle.merchant
        if posted := await self.compare(Clear(await self.a_slip(), "market.m1", amount, REVIEWER), good):
            self.oracle.merchant, self.oracle.redeemed = self.oracle.merchant - amount, self.oracle.redeemed + amount
            self.oracle.clears.append([amount, 0])
            self.clears.append(posted.rid)

    async def pay(self, person: str, code: str, amount: int, pick: int) -> None:
        """Money: into the fund, on to the merchant, and back."""
        oracle = self.oracle
        if pick < 3:
            oracle.fund += amount
            await self.compare(Budget("help", amount, REVIEWER, asset="fen"), True)
            return
        fen = amount if pick < 7 else -amount
        good = (oracle.fund if fen > 0 else oracle.paid) >= amount
        await self.compare(Clear(await self.a_slip(), "market.m1", 0, REVIEWER, fund="help", fen=fen), good)
        if good:
            oracle.fund, oracle.paid = oracle.fund - fen, oracle.paid + fen

    async def a_slip(self) -> str:
        if not self.slip:
            made = self.street.once(lambda s: s.attest("slip/x", bytes(32), code="market.slip", unit="00"))
            self.slip = (await made).rid
        return self.slip

    async def merge(self, person: str, code: str, amount: int, pick: int) -> None:
        """Two entries were one person. The entry that went has no points, and may begin anew."""
        gone = PEOPLE[pick % len(PEOPLE)]
        if gone != person:
            await self.street.once(lambda s: s.merge(kept=person, gone=gone))
            owned = self.oracle.owned
            owned[person], owned[gone] = sorted([*owned[person], *owned[gone]]), []

    async def erase(self, person: str, code: str, amount: int, pick: int) -> None:
        good = self.oracle.erase(person)
        try:
            await self.street.once(lambda s: s.erase(Subject("h", person)))
        except LedgerError:
            assert not good
        else:
            assert good

    async def policy(self, person: str, code: str, amount: int, pick: int) -> None:
        self.oracle.most, self.oracle.law = amount, pick % 2 == 0
        law = LAW if self.oracle.law else {}
        await self.street.once(lambda s: s.adopt(rules(amount), reviewer=REVIEWER, deduct_h=law))

    async def rotate(self, person: str, code: str, amount: int, pick: int) -> None:
        name = f"liren.example/{KEYS[pick % len(KEYS)]}"
        for key in await key_life.listed(self.street.store):
            if key.name == name and key.valid:
                folder = self.street.home / "keys"
                await key_life.rotate(self.street.store, vkey=key.vkey, key=token_hex(4), keys_folder=folder)

    async def agree(self) -> None:
        oracle, reader, store = self.oracle, self.street.reader, self.street.store
        for person in PEOPLE:
            assert await self.street.balance(person) == oracle.balance(person)
        held = dict(await store.read("SELECT address, balance FROM account WHERE asset = 'resident' AND balance <> 0"))
        held = {address: n for address, n in held.items() if address.startswith("h/")}
        real = {(who, end): n for (who, end), n in oracle.lots.items() if n}
        assert held == {f"h/{w}/{'never' if e == date.max else e.isoformat()}": n for (w, e), n in real.items()}
        assert (await reader.balance(SHOP, "partner")).total == oracle.shop
        for address, n in (("merchant/market.m1", oracle.merchant), ("redeemed", oracle.redeemed)):
            assert await reader.balance_of(address) == n
        assert await reader.balance_of("fund/help", "fen") == oracle.fund
        assert await reader.balance_of("merchant/market.m1", "fen") == oracle.paid
        sums: dict[str, int] = {}
        for asset, n in await store.read("SELECT asset, balance FROM account"):
            sums[asset] = sums.get(asset, 0) + n
        assert not any(sums.values()), "every asset sums to zero"
        assert await verify(store) == []
        assert await rebuild(store) == []
        await self.street.ledger.checkpoints.sign()
        archive = await export(store, self.street.home / "e.zip")
        assert liren_verify([str(archive.path), "--lang", "en"]) == 0


async def play(database: str, home: Path, clock: Clock, steps: list[Step]) -> None:
    clock.set(2026, 11, 21, 9, 0)
    street = await founded(database, home)
    try:
        driver = Driver(street, clock)
        await driver.policy("anna", "FX-01", 40, 1)
        for step in steps:
            await driver.step(*step)
        await driver.agree()
    finally:
        await street.ledger.stop()
        await street.store.close()


@settings(
    max_examples=500 if PROVING else 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=5, max_size=100 if PROVING else 40))
def test_any_sequence_agrees_with_the_oracle(clock: Clock, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(play(f"{home}/liren.sqlite", Path(home), clock, steps))


@pytest.mark.parametrize("seed", range(40 if PROVING else 3))
async def test_long_sequences_agree_on_both_databases(clock: Clock, database: str, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)

    def step() -> Step:
        code: Any = dice.choice(("FX-01", "FX-02", "FX-03", "FX-04"))
        what = dice.choice((*OFTEN, *OFTEN, *OFTEN, *SELDOM))
        return what, dice.choice(PEOPLE), code, dice.randint(1, 30), dice.randint(0, 9)

    await play(database, tmp_path, clock, [step() for _ in range(150)])
