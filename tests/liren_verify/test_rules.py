# SPDX-License-Identifier: Apache-2.0
"""Every rule of the spec, broken once: a log that breaks it is found, whoever signed it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.liren_verify.judge import of_log, verdict
from tests.liren_verify.street import DAY_MS, Street, b64u, sha

FOUR = ("unit/03", "reviewer/2")
STREET = ("unit/street", "reviewer/1")
END, NEXT = "2026-12-31", "2027-12-31"

Story = Callable[[Street], object]


def test_a_street_that_used_every_move_is_clean(lived: Street, tmp_path: Path) -> None:
    assert verdict(lived.export(), tmp_path) == set()


def test_a_street_that_only_laid_its_root_is_clean_but_for_the_missing_log_key(tmp_path: Path) -> None:
    street = Street()
    street.add_key("root", "root", "root", unit="street")
    assert verdict(street.export(), tmp_path) == {("checkpoint", "checkpoint-unsigned")}


def _two_awards(s: Street) -> None:
    s.award(10, *FOUR, code="FX-02", expiry=END)
    s.award(10)


# -- moves, postings, balances

MOVES: dict[str, tuple[str, Story]] = {
    "more than the budget holds": ("negative-balance", lambda s: [s.award(100) for _ in range(11)]),
    "spending what is not there": ("negative-balance", lambda s: (s.award(5), s.spend((NEXT, 6)))),
    "settling more than was set aside": (
        "negative-balance",
        lambda s: (s.award(9), s.settle(s.spend((NEXT, 5)), 6)),
    ),
    "an award out of nothing": (
        "move-wrong",
        lambda s: s.post("award", [["resident", "issuance", s.h(), 5]], "unit/03", code="FX-01"),
    ),
    "a gift from one person to another": (
        "move-wrong",
        lambda s: (s.award(5), s.post("spend", [["resident", s.h(), s.h(holder=s.id()), 5]], "service/market")),
    ),
    "cash for points": (
        "move-wrong",
        lambda s: s.post("clear", [["resident", "fund/x", "merchant/market.a", 5]], *STREET, unit="street", ref=s.id()),
    ),
    "a budget in money": ("move-wrong", lambda s: s.budget(5, "fen")),
    "an award of two postings": (
        "posting-wrong",
        lambda s: s.post(
            "award",
            [["resident", "budget/03", s.h(), 5], ["resident", "budget/03", s.h(END), 5]],
            "unit/03",
            code="FX-01",
        ),
    ),
    "two holders in one spend": (
        "posting-wrong",
        lambda s: s.post(
            "spend",
            [["resident", s.h(), f"escrow/{'A' * 22}", 5], ["resident", s.h(holder=s.id()), f"escrow/{'A' * 22}", 5]],
            "service/market",
            rid="A" * 22,
            code="market.order",
        ),
    ),
    "two assets in one spend": (
        "posting-wrong",
        lambda s: s.post(
            "spend",
            [["resident", s.h(), f"escrow/{'A' * 22}", 5], ["partner", s.h(), f"escrow/{'A' * 22}", 5]],
            "service/market",
            rid="A" * 22,
            code="market.order",
        ),
    ),
    "a spend into another escrow": (
        "posting-wrong",
        lambda s: (
            s.award(5),
            s.post("spend", [["resident", s.h(), f"escrow/{s.id()}", 5]], "service/market", code="market.order"),
        ),
    ),
    "later points before earlier ones": ("order-wrong", lambda s: (_two_awards(s), s.spend((NEXT, 5)))),
    "takings of another plugin": (
        "posting-wrong",
        lambda s: (s.award(5), s.settle(s.spend((NEXT, 5)), 5, "canteen.a")),
    ),
    "a commitment left out": ("entry-malformed", lambda s: s.award(5, commit=None)),
    "a reference where none belongs": ("entry-malformed", lambda s: s.award(5, ref=s.records[0]["rid"])),
    "another unit's budget": (
        "unit-wrong",
        lambda s: s.post("award", [["resident", "budget/04", s.h(), 5]], "unit/03", code="FX-01"),
    ),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_wrong_move_is_found(street: Street, tmp_path: Path, name: str) -> None:
    code, story = MOVES[name]
    story(street)
    assert code in of_log(street, tmp_path)


# -- awards under the policy

AWARDS: dict[str, tuple[str, Story]] = {
    "no such rule": ("rule-missing", lambda s: s.award(5, code="FX-99")),
    "above the rule": ("rule-broken", lambda s: s.award(101)),
    "to the wrong kind of subject": ("rule-broken", lambda s: s.award(5, to=f"o/{s.holder}/{NEXT}")),
    "an expiry of its own": ("rule-broken", lambda s: s.award(5, expiry="never")),
    "a rule that has ended": ("rule-broken", lambda s: s.later(500).award(5, *FOUR, code="FX-02", expiry="2028-05-31")),
    "before the rule began": ("rule-broken", lambda s: s.award(5, eff="2025-12-31", expiry=END)),
    "an effective day still to come": ("eff-wrong", lambda s: s.award(5, eff="2026-11-22")),
    "an old policy": (
        "policy-stale",
        lambda s: (s.adopt(s.body(deduct_h={"SX-9": "条例"})), s.award(5, policy=b64u(sha(b"x")))),
    ),
    "no policy named": ("policy-stale", lambda s: s.award(5, policy=None)),
    "one signature where the rule asks for two": (
        "signature-missing",
        lambda s: s.award(5, "unit/03", code="FX-02", expiry=END),
    ),
}


@pytest.mark.parametrize("name", AWARDS)
def test_an_award_against_the_rules_is_found(street: Street, tmp_path: Path, name: str) -> None:
    code, story = AWARDS[name]
    story(street)
    assert of_log(street, tmp_path) == {code}


def test_an_award_before_any_policy_is_found(tmp_path: Path) -> None:
    street = Street().keyed()
    street.budget(100)
    street.award(5)
    assert of_log(street, tmp_path) == {"rule-missing"}


def test_a_past_eff_decides_rule_and_expiry(street: Street, tmp_path: Path) -> None:
    street.award(5, eff="2026-03-01")
    street.later(60)
    street.award(5, eff="2026-12-30")
    assert of_log(street, tmp_path) == set()


# -- returns


def _spent(s: Street) -> str:
    _two_awards(s)
    return s.spend((END, 10), (NEXT, 6))


RETURNS: dict[str, tuple[str, Story]] = {
    "to the account that ends first": ("return-wrong", lambda s: s.void(_spent(s), (END, 6))),
    "to nobody's old account": ("return-wrong", lambda s: s.void(_spent(s), ("2028-12-31", 6))),
    "to another person": (
        "return-wrong",
        lambda s: s.refund(s.settle(_spent(s), 6), ("merchant/market.shop1", NEXT, 6), holder=s.id()),
    ),
    "more than was settled": (
        "too-much",
        lambda s: s.refund(s.settle(_spent(s), 6), ("merchant/market.shop1", NEXT, 6), ("redeemed", END, 1)),
    ),
    "twice": (
        "too-much",
        lambda s: [s.refund(t, ("merchant/market.shop1", NEXT, 6)) for t in [s.settle(_spent(s), 6)] * 2],
    ),
    "from the common account while the merchant has points": (
        "posting-wrong",
        lambda s: s.refund(s.settle(_spent(s), 6), ("redeemed", NEXT, 6)),
    ),
    "of something that is no settlement": (
        "ref-wrong",
        lambda s: s.refund(_spent(s), ("merchant/market.shop1", NEXT, 6)),
    ),
    "of something that does not exist": (
        "ref-wrong",
        lambda s: s.refund(s.id(), ("merchant/market.shop1", NEXT, 6)),
    ),
    "to an account that is past": (
        "account-past",
        lambda s: (spend := _spent(s), s.later(45), s.void(spend, (NEXT, 6), (END, 4))),
    ),
}


@pytest.mark.parametrize("name", RETURNS)
def test_a_wrong_return_is_found(street: Street, tmp_path: Path, name: str) -> None:
    code, story = RETURNS[name]
    story(street)
    assert code in of_log(street, tmp_path)


def test_what_comes_back_to_a_past_account_goes_to_the_first_month_end_thirty_days_ahead(
    street: Street, tmp_path: Path
) -> None:
    spend = _spent(street)
    street.later(41)  # 1 January: 30 days ahead is 31 January, a month end
    street.void(spend, (NEXT, 6), ("2027-01-31", 3))
    street.later(1)  # 2 January: now it is the end of February
    street.void(spend, ("2027-02-28", 7))
    assert of_log(street, tmp_path) == set()


# -- expiry, deduction, closing, reversal, clearing

ENDS: dict[str, tuple[str, Story]] = {
    "expired on its last day": (
        "not-expired",
        lambda s: (
            _two_awards(s),
            s.later(40),
            s.post("expire", [["resident", s.h(END), "expired", 10]], "service/ledger"),
        ),
    ),
    "expired in part": (
        "not-whole",
        lambda s: (
            _two_awards(s),
            s.later(41),
            s.post("expire", [["resident", s.h(END), "expired", 9]], "service/ledger"),
        ),
    ),
    "points that never end, expired": (
        "not-expired",
        lambda s: s.post("expire", [["resident", s.h("never"), "expired", 9]], "service/ledger"),
    ),
    "spent after their last day": ("account-past", lambda s: (_two_awards(s), s.later(41), s.spend((END, 5)))),
    "closed in part": (
        "not-whole",
        lambda s: (s.award(9), s.post("close", [["resident", s.h(), "expired", 8]], *FOUR)),
    ),
    "deducted from a person without a legal basis": (
        "deduct-off",
        lambda s: (s.award(9), s.post("deduct", [["resident", s.h(), "expired", 8]], *FOUR, code="SX-1")),
    ),
    "reversed twice": (
        "too-much",
        lambda s: [
            s.post("reverse", [["resident", s.h(), "budget/03", 9]], *FOUR, ref=r)
            for r in [s.award(9), s.award(9)][:1] * 2
        ],
    ),
    "reversed out of another account": (
        "posting-wrong",
        lambda s: (
            s.award(9, *FOUR, code="FX-02", expiry=END),
            s.post("reverse", [["resident", s.h(END), "budget/03", 9]], *FOUR, ref=s.award(9)),
        ),
    ),
    "reversed in another unit's name": (
        "unit-wrong",
        lambda s: s.post("reverse", [["resident", s.h(), "budget/03", 9]], *STREET, ref=s.award(9), unit="street"),
    ),
    "a spend reversed": (
        "ref-wrong",
        lambda s: (s.award(9), s.post("reverse", [["resident", s.h(), "budget/03", 1]], *FOUR, ref=s.spend((NEXT, 5)))),
    ),
    "cleared without a slip": (
        "ref-wrong",
        lambda s: (
            s.award(9),
            s.settle(s.spend((NEXT, 5)), 5),
            s.post(
                "clear",
                [["resident", "merchant/market.shop1", "redeemed", 5]],
                *STREET,
                unit="street",
                ref=s.records[-1]["rid"],
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_wrong_end_is_found(street: Street, tmp_path: Path, name: str) -> None:
    code, story = ENDS[name]
    story(street)
    assert code in of_log(street, tmp_path)


def test_a_deduction_with_a_legal_basis_is_clean_and_can_be_taken_back_once(street: Street, tmp_path: Path) -> None:
    street.adopt(street.body(deduct_h={"SX-1": "某条例第十条"}))
    street.award(9)
    deduct = street.post("deduct", [["resident", street.h(), "expired", 8]], *FOUR, code="SX-1")
    street.post("reverse", [["resident", "expired", street.h(), 8]], *FOUR, ref=deduct)
    assert of_log(street, tmp_path) == set()
    street.post("reverse", [["resident", "expired", street.h(), 1]], *FOUR, ref=deduct)
    assert "too-much" in of_log(street, tmp_path)


# -- order and identity of records


def test_time_that_goes_back_is_found(street: Street, tmp_path: Path) -> None:
    street.ms -= 1
    street.award(5)
    assert of_log(street, tmp_path) == {"time-back"}


def test_a_record_that_stands_twice_is_found(street: Street, tmp_path: Path) -> None:
    street.award(5)
    street.entries.append(street.entries[-1])
    street.records.append(street.records[-1])
    street.times.append(street.times[-1])
    assert of_log(street, tmp_path) == {"rid-repeated"}


def test_a_record_of_another_street_is_found(street: Street, tmp_path: Path) -> None:
    street.award(5, log="other.example/log/1")
    assert of_log(street, tmp_path) == {"log-wrong"}


def test_an_effective_day_that_is_not_the_admission_day_is_found(street: Street, tmp_path: Path) -> None:
    street.award(5)
    street.spend((NEXT, 5), eff="2026-11-20")
    assert of_log(street, tmp_path) == {"eff-wrong"}


def test_the_day_turns_at_midnight_in_shanghai(street: Street, tmp_path: Path) -> None:
    street.ms = street.ms // DAY_MS * DAY_MS + 16 * 3_600_000  # 00:00 of the next day in Shanghai
    street.award(5, eff="2026-11-22")
    street.ms -= 1
    assert of_log(street, tmp_path) == set()
    assert street.day() == "2026-11-21"
