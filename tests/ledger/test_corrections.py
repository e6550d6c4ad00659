# SPDX-License-Identifier: Apache-2.0
"""Deductions, clearings and what is taken back of them; orders of a person with two pseudonyms; balances of a past day.

Every street ends with its own check, a rebuild, and the independent verifier. On both databases.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.ledger.conftest import REVIEWER, RULES, Clock, Street, award, founded, opened

from liren.errors import Conflict
from liren.ledger.archive.check import rebuild, verify
from liren.ledger.archive.export import export
from liren.ledger.errors import NotEnough, Refused
from liren.plugins.chunks import post_in_chunks
from liren.plugins.points import (
    Award,
    Budget,
    Clear,
    Close,
    Deduct,
    Expire,
    Posted,
    Refund,
    Reverse,
    Settle,
    Spend,
    Subject,
    Void,
)
from liren.store import Tx
from liren_verify.cli import main as liren_verify

ANNA, SHOP = Subject("h", "anna"), Subject("o", "shop")


@pytest.fixture
async def street(clock: Clock, database: str, tmp_path: Path) -> AsyncIterator[Street]:
    made = await founded(database, tmp_path)
    yield made
    assert await verify(made.store) == []
    assert await rebuild(made.store) == []
    await made.ledger.checkpoints.sign()
    archive = await export(made.store, tmp_path / "export.zip")
    await made.ledger.stop()
    await made.store.close()
    assert liren_verify([str(archive.path), "--lang", "en"]) == 0


async def slip(street: Street, subject: str = "slip/2026-10-m1") -> str:
    posted = await street.once(lambda state: state.attest(subject, bytes(32), code="market.slip", unit="00"))
    return posted.rid


async def test_points_are_deducted_as_far_as_they_go_and_from_people_only_under_a_law(street: Street) -> None:
    await street.post(Award(SHOP, "01", "HB-01", 100, date(2026, 11, 1), asset="partner", reviewer=REVIEWER))
    taken = await street.post(Deduct(SHOP, "01", "HB-09", 30, REVIEWER, reason={"title": "店外经营"}))
    assert taken.moves[0][2:] == ("expired", 30)
    rest = await street.post(Deduct(SHOP, "01", "HB-09", 90, REVIEWER))
    assert rest.moves[0][3] == 70, "at most what is there"
    await street.refused(Deduct(SHOP, "01", "HB-09", 1, REVIEWER), NotEnough)

    await street.award("anna", 20)
    against = Deduct(ANNA, "01", "FX-09", 5, REVIEWER, asset="resident")
    assert "no legal basis" in await street.refused(against)
    law = {"FX-09": "《某市文明行为促进条例》第三十条"}
    await street.once(lambda state: state.adopt(RULES, reviewer=REVIEWER, deduct_h=law))
    posted = await street.post(against)
    assert "no legal basis" in await street.refused(replace(against, code="FX-08"))

    await street.post(Reverse(posted.rid, "FX-09", 2, REVIEWER))
    assert "At most 3" in await street.refused(Reverse(posted.rid, "FX-09", 4, REVIEWER))
    await street.post(Reverse(posted.rid, "FX-09", 3, REVIEWER))
    assert "At most 0" in await street.refused(Reverse(posted.rid, "FX-09", 1, REVIEWER))
    assert await street.balance("anna") == 20
    await street.post(Reverse(taken.rid, "HB-09", 30, REVIEWER))
    assert (await street.reader.balance(SHOP, "partner")).total == 30


async def test_takings_are_cleared_against_an_attested_slip_and_the_money_beside_them(street: Street) -> None:
    await street.award("anna", 60)
    order = await street.post(Spend(ANNA, "market.order", 50))
    settled = await street.post(Settle(order.rid, "m1", "market.settle"))
    await street.post(Budget("help", 10_000, REVIEWER, asset="fen"))
    attested = await slip(street)
    clear = Clear(attested, "market.m1", 40, REVIEWER, fund="help", fen=4_000)
    posted = await street.post(clear)
    assert posted.moves == (
        ("resident", "merchant/market.m1", "redeemed", 40),
        ("fen", "fund/help", "merchant/market.m1", 4_000),
    )
    assert "holds 10" in await street.refused(replace(clear, points=11), NotEnough)
    assert "settlement slip" in await street.refused(replace(clear, slip=settled.rid))
    assert "settlement slip" in await street.refused(replace(clear, slip=await slip(street, "audit/2026-11-01")))
    await street.refused(replace(clear, points=0, fund="", fen=0))

    back = await street.post(Refund(settled.rid, "market.refund", 30))
    assert sorted((move[1], move[3]) for move in back.moves) == [("merchant/market.m1", 10), ("redeemed", 20)]
    await street.post(Clear(attested, "market.m1", 0, REVIEWER, fund="help", fen=-2_000))
    assert await street.reader.balance_of("fund/help", "fen") == 8_000
    await street.post(Reverse(posted.rid, "ledger.clear", 15, REVIEWER))
    assert "At most 25" in await street.refused(Reverse(posted.rid, "ledger.clear", 26, REVIEWER))
    await street.post(Reverse(posted.rid, "ledger.clear", 500, REVIEWER, asset="fen"))
    assert await street.reader.balance_of("merchant/market.m1") == 15
    assert await street.reader.balance_of("fund/help", "fen") == 8_500
    await street.post(Budget("help", -8_500, REVIEWER, asset="fen"))
    rest = await street.post(Reverse(posted.rid, "ledger.clear", 25, REVIEWER))
    assert rest.moves[0][3] == 5, "at most what is left in redeemed, after a refund out of it: the rest is written off"
    await street.refused(Reverse(posted.rid, "ledger.clear", 20, REVIEWER), NotEnough)


async def two_in_one(street: Street, before: Callable[[], Awaitable[object]] | None = None) -> None:
    """anna holds 10 to 2026-12, 10 to 2027-12; bela holds 10 to 2027-12, 10 for ever; they are one person."""
    for person, amount, code in (
        ("anna", 10, "FX-02"),
        ("anna", 10, "FX-01"),
        ("bela", 10, "FX-01"),
        ("bela", 10, "FX-03"),
    ):
        await street.award(person, amount, code)

    if before is not None:
        await before()

    async def merge(tx: Tx) -> bool:
        await tx.part("ledger").merge(kept="anna", gone="bela")
        return True

    await street.store.once("p-registrar", "merge", "merge", merge, returns=bool)


async def test_an_order_of_a_merged_person_draws_on_both_pseudonyms_and_stays_one_order(street: Street) -> None:
    await two_in_one(street)
    assert await street.balance("anna") == 40
    assert await street.balance("bela") == 0
    order = await street.post(Spend(ANNA, "market.order", 35, reason={"title": "粮油"}))
    assert (len(order.more), sum(move[3] for move in order.moves)) == (1, 35)
    assert await street.balance("anna") == 5
    await street.refused(Void(order.rid, "market.cancel", 36), NotEnough)
    await street.post(Void(order.rid, "market.cancel", 7))
    settled = await street.post(Settle(order.rid, "m1", "market.settle"))
    assert await street.reader.balance_of("merchant/market.m1") == 28
    await street.refused(Void(order.rid, "market.cancel"))
    attested = await slip(street)
    await street.post(Clear(attested, "market.m1", 20, REVIEWER))
    back = await street.post(Refund(settled.rid, "market.refund", 27))
    taken = {source: 0 for _, source, _, _ in back.moves}
    for _, source, _, amount in back.moves:
        taken[source] += amount
    assert taken == {"merchant/market.m1": 8, "redeemed": 19}
    await street.post(Refund(settled.rid, "market.refund"))
    assert await street.balance("anna") == 40
    await street.refused(Refund(settled.rid, "market.refund"))
    assert len({entry.rid for entry in await street.reader.entries(ANNA)}) == 10


async def test_what_comes_back_to_a_merged_person_ends_last_whosever_it_was(street: Street) -> None:
    """anna's spend holds what ends first and what never ends; bela's the year between."""
    for person, amount, code in (("anna", 10, "FX-02"), ("anna", 10, "FX-03"), ("bela", 10, "FX-01")):
        await street.award(person, amount, code)

    await street.once(lambda state: state.merge(kept="anna", gone="bela"))
    order = await street.post(Spend(ANNA, "market.order", 30))

    def ends(posted: Posted) -> list[tuple[str, int]]:
        return sorted((target[25:], amount) for _, _, target, amount in posted.moves)

    assert ends(await street.post(Void(order.rid, "market.cancel", 4))) == [("never", 4)]
    assert ends(await street.post(Void(order.rid, "market.cancel", 8))) == [("2027-12-31", 2), ("never", 6)]
    settled = await street.post(Settle(order.rid, "m1", "market.settle"))
    assert ends(await street.post(Refund(settled.rid, "market.refund", 5))) == [("2027-12-31", 5)]
    back = await street.post(Refund(settled.rid, "market.refund"))
    assert ends(back) == [("2026-12-31", 10), ("2027-12-31", 3)]
    assert await verify(street.store) == []


async def test_a_merged_person_closes_and_erases_both_pseudonyms(street: Street) -> None:
    await two_in_one(street)
    order = await street.post(Spend(ANNA, "market.order", 35))
    await street.post(Settle(order.rid, "m1", "market.settle"))
    closed = await street.post(Close(ANNA, "01", REVIEWER, {"title": "搬离"}))
    assert sum(move[3] for move in closed.moves) == 5
    assert len(await street.once(lambda state: state.erase(ANNA))) == 2
    assert await street.store.read("SELECT count(*) FROM record_part WHERE first = ?", order.rid) == [(0,)]
    assert "erased" in await street.refused(Reverse(closed.rid, "FX-01", 1, REVIEWER))


async def test_an_order_still_open_when_its_person_was_erased_is_settled_whole(street: Street) -> None:
    await two_in_one(street)
    order = await street.post(Spend(ANNA, "market.order", 35))
    await street.post(Close(ANNA, "01", REVIEWER))
    await street.once(lambda state: state.erase(ANNA))
    await street.post(Settle(order.rid, "m1", "market.settle"))
    assert await street.reader.balance_of("merchant/market.m1") == 35


async def test_what_is_closed_and_erased_in_one_batch_keeps_no_reason(street: Street) -> None:
    await street.award("anna", 5)
    await street.award("bela", 5)
    await asyncio.gather(
        street.post(Close(ANNA, "01", REVIEWER, {"title": "搬离"})), street.once(lambda state: state.erase(ANNA))
    )
    kept = await street.store.read(
        "SELECT DISTINCT a.holder FROM opening o JOIN posting p ON p.pos = o.pos JOIN account a ON a.id = p.account"
        " WHERE a.holder IS NOT NULL"
    )
    assert kept == await street.store.read("SELECT holder FROM pseudonym WHERE subject = 'bela'")


async def test_a_merge_is_known_to_every_process_at_once(street: Street, database: str) -> None:
    if not database.startswith("postgres"):
        return  # SQLite has one writing process
    other = await opened(database, street.home)
    try:
        await two_in_one(street, before=lambda: other.balance("anna"))
        assert [await other.balance(person) for person in ("anna", "bela")] == [40, 0]
        assert len((await other.post(Spend(ANNA, "market.order", 35))).more) == 1
        assert await street.balance("anna") == 5
    finally:
        await other.ledger.stop()
        await other.store.close()


async def test_the_balance_of_any_past_day_is_what_could_be_spent_that_evening(street: Street, clock: Clock) -> None:
    await street.award("anna", 10, "FX-02")  # to the end of the year
    clock.set(2026, 11, 22, 23, 59)
    await street.award("anna", 5, "FX-01")
    clock.set(2026, 11, 23, 0, 1)
    await street.post(Spend(ANNA, "market.order", 12))
    clock.set(2027, 1, 1, 9, 0)
    await street.award("anna", 1, "FX-01")

    async def on(*day: int) -> int:
        return (await street.reader.balance_on(ANNA, date(*day))).total

    assert [await on(2026, 11, 20), await on(2026, 11, 21), await on(2026, 11, 22), await on(2026, 11, 23)] == [
        0,
        10,
        15,
        3,
    ]
    assert [await on(2026, 12, 31), await on(2027, 1, 1)] == [3, 4]
    assert await street.balance("anna") == 4


@pytest.mark.proves("clock")
async def test_leap_day_and_year_end_are_the_streets_days_and_nothing_expires_twice(
    street: Street, clock: Clock
) -> None:
    rules = [replace(RULES[0], code="MM-01", expiry="months:1", reviewers=0)]
    await street.once(lambda state: state.adopt([*RULES, *rules], reviewer=REVIEWER))
    clock.set(2028, 1, 31, 12, 0)
    posted = await street.post(award("anna", 8, "MM-01", eff=date(2028, 1, 31)))
    address = posted.moves[0][2]
    assert address.endswith("/2028-02-29")
    clock.set(2028, 2, 29, 23, 59, 59)
    await street.refused(Expire("resident", address))
    order = await street.post(Spend(ANNA, "market.order", 3))
    clock.set(2028, 3, 1, 0, 0)
    await street.post(Expire("resident", address))
    assert "no points any more" in await street.refused(Expire("resident", address))
    back = await street.post(Void(order.rid, "market.cancel"))
    assert back.moves[0][2].endswith("/2028-03-31")
    clock.set(2028, 4, 1, 0, 0)
    await street.post(Expire("resident", back.moves[0][2]))
    assert await street.balance("anna") == 0


class Chunks:
    """As much of a module's context as posting in chunks takes; dies before chunk ``dies``."""

    def __init__(self, street: Street, dies: int = -1) -> None:
        self.street, self.dies, self.asked = street, dies, 0

    async def once(self, key: str, command: object, body: object, returns: type) -> object:
        if self.asked == self.dies:
            raise ConnectionError("killed")
        self.asked += 1

        async def run(tx: Tx) -> object:
            return await body(tx.part("ledger"))  # type: ignore[operator]

        return await self.street.store.once("p-tester", key, command, run, returns=returns)


async def test_more_than_a_transaction_takes_goes_in_chunks_and_resumes_where_it_was_killed(street: Street) -> None:
    drafts = [award(f"p{n % 20}", 1) for n in range(600)]
    with pytest.raises(ConnectionError):
        await post_in_chunks(Chunks(street, dies=2), "list-1", drafts)  # type: ignore[arg-type]
    ((first,),) = await street.store.read("SELECT count(*) FROM log_entry WHERE why = 'award'")
    assert first == 512
    seen: list[int] = []
    rids = await post_in_chunks(Chunks(street), "list-1", drafts, progress=seen.append)  # type: ignore[arg-type]
    assert (len(set(rids)), seen) == (600, [256, 512, 600])
    assert await street.store.read("SELECT count(*) FROM log_entry WHERE why = 'award'") == [(600,)]
    with pytest.raises(Conflict):
        await post_in_chunks(Chunks(street), "list-1", drafts[::-1])  # type: ignore[arg-type]
    with pytest.raises(Refused):
        await post_in_chunks(Chunks(street), "list-2", [award("p1", 1, "ZZ-1")])  # type: ignore[arg-type]
