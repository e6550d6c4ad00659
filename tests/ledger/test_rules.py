# SPDX-License-Identifier: Apache-2.0
"""Addresses, days, allocation and the table of moves: the pure rules of posting."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liren.ledger.errors import LedgerError, Malformed, Refused
from liren.ledger.rules import addresses, allocation, days, moves
from liren.ledger.rules.addresses import Address
from liren.ledger.rules.allocation import Part

HOLDER, OTHER, RID = "A" * 22, "B" * 21 + "A", "C" * 21 + "Q"
H = f"h/{HOLDER}/2027-12-31"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("issuance", Address("issuance")),
        ("budget/03", Address("budget", "03")),
        (H, Address("h", HOLDER, date(2027, 12, 31))),
        (f"o/{HOLDER}/never", Address("o", HOLDER)),
        (f"escrow/{RID}", Address("escrow", RID)),
        ("merchant/market.m1", Address("merchant", "market.m1")),
        ("fund/help", Address("fund", "help")),
    ],
)
def test_addresses_read_as_what_they_say(text: str, address: Address) -> None:
    assert addresses.parse(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bank/1",
        "issuance/1",
        "budget/",
        "budget/a/b",
        f"h/{HOLDER}",
        f"h/{HOLDER}/2027-12-30",
        f"h/{HOLDER}/2027-02-29",
        f"h/{'B' * 22}/never",
        f"h/{HOLDER[1:]}/never",
        "merchant/m1",
        "merchant/Market.m1",
        "fund/Help",
        "redeemed ",
        "redeemed\n",
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    with pytest.raises(Malformed):
        addresses.parse(text)


def test_new_ids_read_back() -> None:
    for _ in range(100):
        assert len(addresses.decode_id(addresses.new_id())) == 16
    with pytest.raises(Malformed):
        addresses.decode_id("B" * 22)


def test_a_day_is_the_streets_day() -> None:
    moment = int(datetime(2026, 12, 31, 16, 0, tzinfo=UTC).timestamp() * 1000)
    assert days.day_of(moment, ZoneInfo("Asia/Shanghai")) == date(2027, 1, 1)
    assert days.day_of(moment - 1, ZoneInfo("Asia/Shanghai")) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("rule", "eff", "end"),
    [
        ("never", date(2026, 3, 1), None),
        ("year-end", date(2026, 12, 31), date(2026, 12, 31)),
        ("next-year-end", date(2026, 1, 1), date(2027, 12, 31)),
        ("months:1", date(2028, 1, 31), date(2028, 2, 29)),
        ("months:12", date(2026, 11, 21), date(2027, 11, 30)),
        ("months:120", date(2026, 12, 1), date(2036, 12, 31)),
    ],
)
def test_points_end_on_a_month_end(rule: str, eff: date, end: date | None) -> None:
    assert days.last_day(rule, eff) == end


@pytest.mark.parametrize("rule", ["", "months:0", "months:121", "months:01", "soon"])
def test_an_unknown_expiry_is_refused(rule: str) -> None:
    with pytest.raises(Malformed):
        days.last_day(rule, date(2026, 1, 1))


def test_what_comes_back_after_its_end_lives_at_least_thirty_days() -> None:
    today = date(2027, 1, 1)
    assert days.returned_until(date(2026, 12, 31), today) == date(2027, 1, 31)
    assert days.returned_until(date(2026, 12, 31), date(2027, 1, 2)) == date(2027, 2, 28)
    assert days.returned_until(date(2027, 1, 31), today) == date(2027, 1, 31)
    assert days.returned_until(None, today) is None


@given(
    st.lists(
        st.tuples(st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(0, 50)),
        unique_by=lambda lot: lot[0],
        max_size=6,
    ),
    st.integers(1, 200),
    st.data(),
)
def test_spending_takes_what_ends_first_and_returns_what_ends_last(
    lots: list[tuple[date | None, int]], amount: int, data: st.DataObject
) -> None:
    today = date(2027, 6, 1)
    parts = [Part(end, held) for end, held in lots]
    usable = [part for part in parts if part.expires_on is None or part.expires_on >= today]
    drawn = allocation.spend(parts, amount, today)
    if sum(part.amount for part in usable) < amount:
        assert drawn is None
        return
    assert drawn is not None
    assert sum(part.amount for part in drawn) == amount
    latest = max(part.expires_on or date.max for part in drawn)
    taken = {part.expires_on: part.amount for part in drawn}
    for part in usable:
        if (part.expires_on or date.max) < latest and part.amount:
            assert taken[part.expires_on] == part.amount
    first = data.draw(st.integers(0, amount))
    back = allocation.give_back(drawn, 0, first) + allocation.give_back(drawn, first, amount - first)
    total: dict[date | None, int] = {}
    for part in back:
        total[part.expires_on] = total.get(part.expires_on, 0) + part.amount
    assert total == taken
    with pytest.raises(ValueError, match="drawn"):
        allocation.give_back(drawn, first, amount - first + 1)


ALLOWED = {
    "budget": ("issuance", "budget/01"),
    "award": ("budget/01", H),
    "spend": (H, f"escrow/{RID}"),
    "settle": (f"escrow/{OTHER}", "merchant/market.m1"),
    "void": (f"escrow/{OTHER}", H),
    "refund": ("redeemed", H),
    "clear": ("merchant/market.m1", "redeemed"),
    "expire": (H, "expired"),
    "deduct": (H, "expired"),
    "reverse": (H, "budget/01"),
    "close": (H, "expired"),
}


@pytest.mark.parametrize("why", ALLOWED)
def test_each_move_of_the_table_passes_and_its_ref_is_told_apart(why: str) -> None:
    ref = OTHER if moves.MOVES[why].ref else None
    moves.check_shape(why, RID, [("resident", *ALLOWED[why], 5)], ref)
    with pytest.raises(Malformed):
        moves.check_shape(why, RID, [("resident", *ALLOWED[why], 5)], None if ref else OTHER)


ADDRESSES = ["issuance", "budget/01", H, f"o/{HOLDER}/never", f"escrow/{RID}", f"escrow/{OTHER}"]
ADDRESSES += ["merchant/market.m1", "fund/help", "redeemed", "expired"]


@given(st.sampled_from(list(ALLOWED)), st.sampled_from(ADDRESSES), st.sampled_from(ADDRESSES))
def test_no_other_way_exists(why: str, source: str, target: str) -> None:
    move = moves.MOVES[why]
    a, b = addresses.parse(source), addresses.parse(target)
    ref = OTHER if move.ref else None
    own_escrow = all(x.name == (RID if why == "spend" else ref) for x in (a, b) if x.kind == "escrow")
    if (a.kind, b.kind) in move.ways and own_escrow:
        moves.check_shape(why, RID, [("resident", source, target, 1)], ref)
    else:
        with pytest.raises(LedgerError):
            moves.check_shape(why, RID, [("resident", source, target, 1)], ref)


def test_a_record_touches_one_holder_one_asset_and_no_pair_twice() -> None:
    spend = ("resident", H, f"escrow/{RID}", 1)
    cases = [
        ("spend", [spend, ("resident", f"h/{OTHER}/never", f"escrow/{RID}", 1)]),
        ("spend", [spend, ("resident", f"o/{HOLDER}/never", f"escrow/{RID}", 1)]),
        ("spend", [spend, ("partner", f"h/{HOLDER}/never", f"escrow/{RID}", 1)]),
        ("spend", [spend, spend]),
        ("spend", [("resident", H, f"escrow/{RID}", 0)]),
        ("spend", []),
        ("award", [("resident", "budget/01", H, 1), ("resident", "budget/01", f"h/{HOLDER}/never", 1)]),
        ("budget", [("resident", "issuance", f"budget/{n:02}", 1) for n in range(33)]),
    ]
    for why, p in cases:
        with pytest.raises(Malformed):
            moves.check_shape(why, RID, p, None)


def test_money_knows_funds_and_points_know_budgets() -> None:
    moves.check_shape("budget", RID, [("fen", "issuance", "fund/help", 100)], None)
    for asset, target in (("fen", "budget/01"), ("resident", "fund/help")):
        with pytest.raises(Refused):
            moves.check_shape("budget", RID, [(asset, "issuance", target, 100)], None)
