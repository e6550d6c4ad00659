# SPDX-License-Identifier: Apache-2.0
"""What the market decides, from values alone."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liren_market import errors, rules
from liren_market.rules import Offer, Wish, Wrong

RICE = Offer("大米 5 千克", 30, 4, 2, True, "老街信用超市", "open")


def refused(wish: Wish, *, used: int = 0, balance: int = 100, offer: Offer = RICE) -> str:
    found = rules.refusal(offer, wish, used=used, balance=balance)
    return found.code if found else "taken"


def test_a_wish_within_stock_limit_and_points_is_taken() -> None:
    assert refused(Wish(2, 30), balance=60) == "taken"


@pytest.mark.parametrize(
    ("wish", "used", "balance", "code"),
    [
        (Wish(1, 30), 0, 29, "not-enough-points"),
        (Wish(1, 28), 0, 100, "price-changed"),
        (Wish(5, 30), 0, 1000, "out-of-stock"),
        (Wish(1, 30), 2, 100, "limit-reached"),
        (Wish(2, 30), 1, 100, "limit-reached"),
        (Wish(0, 30), 0, 100, "bad-count"),
        (Wish(-3, 30), 0, 100, "bad-count"),
        (Wish(11, 30), 0, 1000, "bad-count"),
    ],
)
def test_every_refusal_says_which_rule_it_was(wish: Wish, used: int, balance: int, code: str) -> None:
    assert refused(wish, used=used, balance=balance) == code


def test_a_closed_or_suspended_merchant_takes_no_orders_and_unlisted_goods_are_gone() -> None:
    for state in ("applied", "suspended", "closed"):
        offer = Offer("米", 1, 1, 0, True, "店", state)
        assert refused(Wish(1, 1), offer=offer) == "merchant-not-open"
    assert refused(Wish(1, 1), offer=Offer("米", 1, 1, 0, False, "店", "open")) == "goods-gone"


def test_every_refusal_speaks_both_languages_and_is_the_askers_matter() -> None:
    now = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
    family: list[errors.MarketError] = [
        errors.MerchantNotOpen("店"),
        errors.GoodsGone("米"),
        errors.PriceChanged("米", 1, 2),
        errors.BadCount(10),
        errors.OutOfStock("米", 0),
        errors.OutOfStock("米", 2),
        errors.LimitReached("米", 2, 2),
        errors.NotEnoughPoints(5, 3),
        errors.WrongCode(),
        errors.WrongCode(foreign=True),
        errors.CodeUsed(now),
        errors.CodeOver(expired=True),
        errors.CodeOver(expired=False),
        errors.TooManyWrongCodes(3),
        errors.CannotCancel("settled"),
        errors.CannotRefund("refunded"),
        errors.RefundTooLate(now.date(), 7),
        errors.ChangedMeanwhile(),
        errors.NameTaken("店"),
    ]
    for error in family:
        assert 400 <= error.status < 500
        assert any("\u4e00" <= c <= "\u9fff" for c in error.zh)
        assert error.en.endswith(".")
        assert error.zh.endswith("。")


@given(st.integers(0, 10**8 - 1))
def test_a_code_is_read_however_it_is_typed(number: int) -> None:
    code = f"{number:08d}"
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    for typed in (code, rules.in_groups(code), f" {code[:4]}-{code[4:]} ", wide, f"{wide[:4]}　{wide[4:]}"):
        assert rules.read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "1234567", "123456789", "abcdefgh", "1234567a", "²³⁴⁵⁶⁷⁸", "١٢٣٤٥٦٧٨", "🍎" * 8])
def test_what_is_not_eight_digits_is_no_code(typed: str) -> None:
    assert rules.read_code(typed) is None


@given(st.binary(min_size=32, max_size=32))
def test_a_code_from_any_hash_has_eight_digits(digest: bytes) -> None:
    code = rules.code_from(digest.hex())
    assert len(code) == 8
    assert rules.read_code(code) == code


def test_wrong_codes_lock_a_counter_until_the_window_is_over() -> None:
    wrong = Wrong(0, 0)
    for second in range(10):
        assert rules.locked_minutes(wrong, second * 1000 + 10**12, 10) == 0
        wrong = rules.one_more_wrong(wrong, second * 1000 + 10**12)
    assert rules.locked_minutes(wrong, 10**12 + 9_000, 10) == 10
    assert rules.locked_minutes(wrong, 10**12 + 9 * 60_000, 10) == 1
    assert rules.locked_minutes(wrong, 10**12 + rules.WRONG_WINDOW_MS, 10) == 0
    assert rules.one_more_wrong(wrong, 10**12 + rules.WRONG_WINDOW_MS) == Wrong(1, 10**12 + rules.WRONG_WINDOW_MS)


def test_a_code_settles_only_an_order_that_waits() -> None:
    at = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
    assert rules.why_not_redeem("placed", None) is None
    for state, settled_at, code in [
        ("settled", at, "code-used"),
        ("refunded", at, "code-used"),
        ("voided", None, "code-over"),
        ("expired", None, "code-over"),
    ]:
        found = rules.why_not_redeem(state, settled_at)
        assert found is not None
        assert found.code == code


def test_a_refund_is_possible_up_to_its_last_day() -> None:
    settled = date(2026, 2, 27)
    assert rules.why_not_refund("settled", settled, date(2026, 3, 6), 7) is None
    late = rules.why_not_refund("settled", settled, date(2026, 3, 7), 7)
    assert late is not None
    assert late.code == "refund-too-late"
    twice = rules.why_not_refund("refunded", settled, settled, 7)
    assert twice is not None
    assert twice.code == "cannot-refund"
    assert rules.last_pickup_day(date(2028, 2, 26), 7) == date(2028, 3, 4)


@given(
    st.builds(
        Offer, st.just("米"), st.integers(1, 50), st.integers(0, 20), st.integers(0, 5), st.just(True), st.just("店"),
        st.just("open"),
    ),
    st.integers(0, 6),
    st.integers(0, 300),
)  # fmt: skip
def test_the_page_offers_exactly_the_numbers_the_rules_take(offer: Offer, used: int, balance: int) -> None:
    most = rules.pieces_to_offer(offer, used=used, balance=balance)
    for count in range(1, rules.MOST_PIECES + 1):
        taken = rules.refusal(offer, Wish(count, offer.points), used=used, balance=balance) is None
        assert taken == (count <= most)
