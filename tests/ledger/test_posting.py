# SPDX-License-Identifier: Apache-2.0
"""What a draft becomes, what is refused, and that a refusal leaves nothing behind. On both databases."""

from datetime import date

import pytest
from tests.ledger.conftest import REVIEWER, Clock, Street, award

from liren.ledger.archive.check import rebuild, verify
from liren.ledger.authority.keyring import RootMissing
from liren.ledger.errors import NotEnough, NotSigned, Refused
from liren.ledger.keys.founding import add_unit, appoint_reviewer
from liren.ledger.rules import addresses
from liren.plugins.points import (
    Award,
    Budget,
    Clear,
    Close,
    Deduct,
    Expire,
    Refund,
    Reverse,
    Settle,
    Spend,
    Subject,
    Void,
)
from liren.plugins.services import Lot

ANNA = Subject("h", "anna")


def spend(amount: int, person: str = "anna") -> Spend:
    return Spend(Subject("h", person), "market.order", amount)


async def test_an_award_shows_with_its_reason_and_its_last_day(street: Street) -> None:
    posted = await street.award("anna", 30)
    balance = await street.reader.balance(ANNA)
    assert (balance.total, balance.lots) == (30, (Lot(date(2027, 12, 31), 30),))
    (entry,) = await street.reader.entries(ANNA)
    assert (entry.rid, entry.why, entry.code, entry.unit, entry.amount) == (posted.rid, "award", "FX-01", "01", 30)
    assert entry.reason == {"what": "楼道清扫"}
    assert entry.eff == date(2026, 11, 1)
    assert await street.reader.balance_of("budget/01") == 99_970


async def test_the_sealed_reason_is_not_readable_in_the_database(street: Street) -> None:
    await street.award("anna", 30)
    ((stored,),) = await street.store.read("SELECT ciphertext FROM opening")
    assert "楼道清扫".encode() not in bytes(stored)
    bodies = await street.store.read("SELECT body FROM log_entry")
    assert not any(b"anna" in bytes(body) or "楼道".encode() in bytes(body) for (body,) in bodies)


async def test_awards_outside_policy_unit_or_budget_are_refused(street: Street) -> None:
    assert "no rule" in await street.refused(award("anna", 5, "ZZ-99"))
    assert "1 to 100" in await street.refused(award("anna", 101))
    assert "not come yet" in await street.refused(award("anna", 5, eff=date(2026, 11, 22)))
    assert "another asset" in await street.refused(award("anna", 5, "HB-01"))
    assert "did not apply" in await street.refused(award("anna", 5, eff=date(2025, 12, 31)))
    no_reviewer = Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1))
    assert "second person" in await street.refused(no_reviewer)
    elsewhere = Award(ANNA, "09", "FX-02", 5, date(2026, 11, 1))
    await street.refused(elsewhere)
    await street.post(Budget("02", -99_998, REVIEWER))
    beyond = Award(ANNA, "02", "FX-02", 3, date(2026, 11, 1))
    assert "budget holds 2" in await street.refused(beyond, NotEnough)


async def test_a_second_signature_comes_from_an_appointed_reviewer_only(street: Street) -> None:
    stranger = Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1), reviewer="p-stranger")
    assert "appoints reviewers" in await street.refused(stranger, NotSigned)
    await appoint_reviewer(street.store, person="p-stranger", unit="02", key="a")
    await street.refused(stranger, NotSigned)
    await appoint_reviewer(street.store, person="p-stranger", unit="01", key="b")
    await street.post(stranger)
    rows = await street.store.read("SELECT count(*) FROM key WHERE role = 'reviewer'")
    assert rows == [(3,)]


async def test_a_reviewer_the_roles_know_gets_a_key_on_the_spot(street: Street) -> None:
    async def gate(person: str, unit: str) -> str | None:
        return "00" if person == "p-new" else None

    street.ledger.gate = gate
    for _ in range(2):
        await street.post(Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1), reviewer="p-new"))
    other = Award(ANNA, "01", "FX-01", 5, date(2026, 11, 1), reviewer="p-other")
    await street.refused(other, NotSigned)
    assert await street.store.read("SELECT count(*) FROM key WHERE role = 'reviewer'") == [(2,)]


async def test_a_new_unit_needs_the_root(street: Street) -> None:
    await street.refused(Budget("03", 10, REVIEWER))
    await add_unit(street.store, keys_folder=street.home / "keys", unit="03")
    await street.post(Budget("03", 10, REVIEWER))
    (street.home / "keys" / "root").rename(street.home / "on-paper")
    with pytest.raises(RootMissing):
        await add_unit(street.store, keys_folder=street.home / "keys", unit="04")


async def test_spending_takes_what_ends_first_and_void_returns_what_ends_last(street: Street) -> None:
    await street.award("anna", 10, "FX-03")
    await street.award("anna", 10, "FX-01")
    await street.award("anna", 10, "FX-02")
    order = await street.post(spend(25))
    ends = [addresses.parse(source).expires_on for _, source, _, _ in order.moves]
    assert ends == [date(2026, 12, 31), date(2027, 12, 31), None]
    assert [move[3] for move in order.moves] == [10, 10, 5]
    first = await street.post(Void(order.rid, "market.cancel", 8))
    assert [(m[2][-5:], m[3]) for m in first.moves] == [("never", 5), ("12-31", 3)]
    rest = await street.post(Void(order.rid, "market.cancel"))
    assert [(m[2][-10:], m[3]) for m in rest.moves] == [("2027-12-31", 7), ("2026-12-31", 10)]
    assert await street.balance("anna") == 30
    assert "already been dealt with" in await street.refused(Void(order.rid, "market.cancel"))


async def test_more_than_there_is_cannot_be_spent(street: Street) -> None:
    await street.award("anna", 10)
    assert "10 can be spent, 11 are needed" in await street.refused(spend(11), NotEnough)
    assert "0 can be spent" in await street.refused(spend(1, "nobody"), NotEnough)
    assert "above 0" in await street.refused(spend(0))
    assert "above 0" in await street.refused(spend(-5))


async def test_an_order_is_settled_once_and_refunded_no_further_than_settled(street: Street) -> None:
    await street.award("anna", 50)
    order = await street.post(spend(40))
    settled = await street.post(Settle(order.rid, "market.m1", "market.settle", 30))
    assert settled.moves == (("resident", f"escrow/{order.rid}", "merchant/market.m1", 30),)
    assert "holds 10" in await street.refused(Settle(order.rid, "market.m1", "market.settle", 11), NotEnough)
    await street.post(Void(order.rid, "market.cancel"))
    assert "dealt with" in await street.refused(Settle(order.rid, "market.m1", "market.settle"))
    await street.post(Refund(settled.rid, "market.refund", 12))
    assert "At most 18" in await street.refused(Refund(settled.rid, "market.refund", 19), NotEnough)
    back = await street.post(Refund(settled.rid, "market.refund"))
    assert sum(move[3] for move in back.moves) == 18
    assert "refunded in full" in await street.refused(Refund(settled.rid, "market.refund"))
    assert await street.balance("anna") == 50
    assert await street.reader.balance_of("merchant/market.m1") == 0


async def test_a_module_touches_its_own_orders_only(street: Street) -> None:
    await street.award("anna", 50)
    order = await street.post(spend(40))
    assert "another module" in await street.refused(Settle(order.rid, "canteen.c1", "canteen.settle"))
    assert "another module" in await street.refused(Void(order.rid, "canteen.cancel"))
    assert "another module" in await street.refused(Settle(order.rid, "canteen.c1", "market.settle"))
    assert "no spend" in await street.refused(Void("A" * 22, "market.cancel"))
    settled = await street.post(Settle(order.rid, "m1", "market.settle"))
    assert "no spend" in await street.refused(Void(settled.rid, "market.cancel"))
    assert "no settle" in await street.refused(Refund(order.rid, "market.refund"))


async def test_a_reversal_takes_no_more_than_is_left_and_no_more_than_was_awarded(street: Street) -> None:
    posted = await street.award("anna", 50)
    await street.post(spend(30))
    assert "At most 50" in await street.refused(Reverse(posted.rid, "FX-01", 51, REVIEWER))
    assert (await street.post(Reverse(posted.rid, "FX-01", 5, REVIEWER))).moves[0][3] == 5
    assert (await street.post(Reverse(posted.rid, "FX-01", 45, REVIEWER))).moves[0][3] == 15
    assert "nothing is left" in await street.refused(Reverse(posted.rid, "FX-01", 30, REVIEWER), NotEnough)
    assert "At most 30" in await street.refused(Reverse(posted.rid, "FX-01", 31, REVIEWER))
    assert await street.balance("anna") == 0


@pytest.mark.proves("clock")
async def test_points_past_their_last_day_expire_once_and_cannot_be_spent(street: Street, clock: Clock) -> None:
    await street.award("anna", 10, "FX-02")
    await street.award("anna", 5, "FX-01")
    order = await street.post(spend(4))
    posted = await street.award("anna", 3, "FX-02")
    address = posted.moves[0][2]
    clock.set(2026, 12, 31, 23, 59)
    assert "not expired" in await street.refused(Expire("resident", address))
    clock.set(2027, 1, 1, 0, 0)
    assert await street.balance("anna") == 5
    assert "5 can be spent" in await street.refused(spend(6), NotEnough)
    assert "expired" in await street.refused(Reverse(posted.rid, "FX-02", 1, REVIEWER))
    expired = await street.post(Expire("resident", address))
    assert expired.moves == (("resident", address, "expired", 9),)
    assert "no points any more" in await street.refused(Expire("resident", address))
    back = await street.post(Void(order.rid, "market.cancel"))
    assert [(m[2][-10:], m[3]) for m in back.moves] == [("2027-01-31", 4)]
    assert await street.balance("anna") == 9


async def test_closing_takes_everything_and_can_be_reversed(street: Street) -> None:
    await street.award("anna", 10, "FX-02")
    await street.award("anna", 5, "FX-03")
    closed = await street.post(Close(ANNA, "01", REVIEWER, {"why": "搬离"}))
    assert [move[3] for move in closed.moves] == [10, 5]
    assert await street.balance("anna") == 0
    assert "nothing to close" in await street.refused(Close(ANNA, "01", REVIEWER))
    back = await street.post(Reverse(closed.rid, "ledger.close", 12, REVIEWER))
    assert [(m[2][-5:], m[3]) for m in back.moves] == [("never", 5), ("12-31", 7)]
    assert "At most 3" in await street.refused(Reverse(closed.rid, "ledger.close", 4, REVIEWER))
    await street.post(Reverse(closed.rid, "ledger.close", 3, REVIEWER))
    assert await street.balance("anna") == 15


async def test_erasing_a_person_changes_no_root_and_leaves_nothing_readable(street: Street) -> None:
    posted = await street.award("anna", 10)
    await street.award("bela", 10)
    token = await street.reader.receipt_token(posted.rid)
    with pytest.raises(Refused, match="still holds points"):
        await street.once(lambda state: state.erase(ANNA))
    await street.post(Close(ANNA, "01", REVIEWER))
    before = await street.store.read("SELECT pos, leaf FROM log_entry ORDER BY pos")
    await street.once(lambda state: state.erase(ANNA))
    after = await street.store.read("SELECT pos, leaf FROM log_entry ORDER BY pos")
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    assert await street.reader.opening(posted.rid) is None
    assert await street.reader.record_of_token(token) is None
    assert await street.reader.entries(ANNA) == []
    assert await street.store.read("SELECT count(*) FROM pseudonym") == [(1,)]
    entry = await street.reader.entry(posted.rid)
    assert entry is not None
    assert entry.reason == {}
    await street.award("anna", 7)
    assert await street.balance("anna") == 7


async def test_organisations_hold_points_of_their_own(street: Street) -> None:
    shop = Subject("o", "anna")
    posted = await street.post(Award(shop, "01", "HB-01", 200, date(2026, 11, 1), asset="partner", reviewer=REVIEWER))
    assert posted.moves[0][2].startswith("o/")
    assert posted.moves[0][2].endswith("/2027-05-31")
    assert (await street.reader.balance(shop, "partner")).total == 200
    assert await street.balance("anna") == 0


async def test_money_is_budgeted_to_funds(street: Street) -> None:
    posted = await street.post(Budget("help", 5_000, REVIEWER, asset="fen"))
    assert posted.moves == (("fen", "issuance", "fund/help", 5_000),)
    assert await street.reader.balance_of("fund/help", "fen") == 5_000


async def test_a_document_is_attested_under_its_modules_own_key(street: Street) -> None:
    posted = await street.once(lambda state: state.attest("slip/2026-11", bytes(32), code="market.slip", unit="00"))
    rows = await street.store.read("SELECT kind, unit, why FROM log_entry WHERE rid = ?", posted.rid)
    assert rows == [("attest", "00", None)]


async def test_a_batch_of_drafts_is_all_or_nothing(street: Street) -> None:
    seen: list[int] = []
    drafts = [award(f"p{n % 50}", 1) for n in range(250)]
    posted = await street.once(lambda state: state.post_many(drafts, seen.append))
    assert len(posted) == 250
    assert seen == [100, 200, 250]
    assert await street.balance("p7") == 5
    size = await street.store.read("SELECT size FROM log_head")
    with pytest.raises(Refused, match="no rule"):
        await street.once(lambda state: state.post_many([*drafts, award("p7", 1, "ZZ-1")]))
    assert await street.store.read("SELECT size FROM log_head") == size
    assert await street.balance("p7") == 5


async def test_a_list_has_five_thousand_lines_at_most_and_tells_how_far_it_is(street: Street) -> None:
    with pytest.raises(Refused, match="At most 5000"):
        await street.once(lambda state: state.post_many([award("anna", 1)] * 5001))
    seen: list[int] = []
    await street.once(lambda state: state.post_many([award("anna", 1)] * 230, seen.append))
    assert seen == [100, 200, 230]
    assert await street.balance("anna") == 230


async def test_any_move_may_be_the_first_after_a_restart(street: Street, clock: Clock) -> None:
    """The process remembers no account: each is read before it moves, and none is taken for a new one."""
    shop = Subject("o", "shop")
    given = await street.award("anna", 50)
    await street.award("bela", 5, "FX-02")
    await street.post(Award(shop, "01", "HB-01", 9, date(2026, 11, 1), "partner", REVIEWER))
    await street.post(Budget("help", 100, REVIEWER, asset="fen"))
    order = await street.post(spend(30))
    settled = await street.post(Settle(order.rid, "m1", "market.settle", 20))
    slip = await street.once(lambda state: state.attest("slip/1", bytes(32), code="market.slip", unit="00"))
    cleared = Clear(slip.rid, "market.m1", 5, REVIEWER, fund="help", fen=50)
    drafts = [
        award("anna", 5),
        spend(5),
        Settle(order.rid, "m1", "market.settle", 2),
        Void(order.rid, "market.cancel", 2),
        Refund(settled.rid, "market.refund", 2),
        Reverse(given.rid, "FX-01", 2, REVIEWER),
        Budget("01", -5, REVIEWER),
        Budget("help", -5, REVIEWER, asset="fen"),
        Deduct(shop, "01", "HB-01", 3, REVIEWER),
        cleared,
    ]
    for draft in drafts:
        street.ledger.forget()
        posted = await street.post(draft)
    for asset in (None, "fen"):
        street.ledger.forget()
        await street.post(Reverse(posted.rid, "ledger.clear", 2, REVIEWER, asset=asset))
    street.ledger.forget()
    closed = await street.post(Close(ANNA, "01", REVIEWER))
    street.ledger.forget()
    await street.post(Reverse(closed.rid, "FX-01", 5, REVIEWER))
    clock.set(2027, 1, 1, 0, 20)
    ((address,),) = await street.store.read("SELECT address FROM account WHERE expires_on = '2026-12-31'")
    street.ledger.forget()
    await street.post(Expire("resident", address))
    assert await rebuild(street.store) == []
    assert await verify(street.store) == []


async def test_one_transaction_sees_its_own_postings(street: Street) -> None:
    async def whole_life(state: object) -> int:
        from liren.ledger.engine.posting import LedgerState

        assert isinstance(state, LedgerState)
        posted = await state.post(award("anna", 20))
        order = await state.post(spend(15))
        settled = await state.post(Settle(order.rid, "m1", "market.settle", 10))
        await state.post(Void(order.rid, "market.cancel"))
        await state.post(Refund(settled.rid, "market.refund", 4))
        await state.post(Reverse(posted.rid, "FX-01", 2, REVIEWER))
        return (await state.balance(ANNA)).total

    assert await street.once(whole_life, int) == 12
    assert await street.balance("anna") == 12


async def test_sums_say_where_the_points_lie(street: Street) -> None:
    from liren.ledger.reading.stats import stats

    await street.award("anna", 50)
    order = await street.post(spend(40))
    await street.post(Settle(order.rid, "m1", "market.settle", 15))
    found = await stats(street.store)
    resident = next(asset for asset in found.assets if asset.asset == "resident")
    assert resident.issued == 200_000 == sum(resident.held.values())
    assert resident.held["h"] == 10
    assert resident.held["merchant"] == 15
    assert resident.liability == 35
