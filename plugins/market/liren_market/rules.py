# SPDX-License-Identifier: Apache-2.0
"""What the market decides, from values alone: no database, no request, no clock.

States are data, so that pages, verbs and the documentation read one table.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from liren_market import errors
from liren_market.errors import MarketError

OrderState = Literal["placed", "settled", "voided", "refunded", "expired"]
OrderMove = Literal["settle", "cancel", "expire", "refund"]

ORDER_MOVES: Final[dict[tuple[str, str], OrderState]] = {
    ("placed", "settle"): "settled",
    ("placed", "cancel"): "voided",
    ("placed", "expire"): "expired",
    ("settled", "refund"): "refunded",
}

HELD: Final[tuple[OrderState, ...]] = ("placed", "settled")
"""What counts against a person's monthly limit: points that are gone or in escrow."""

CATEGORIES: Final = ("daily", "food", "service", "books", "care", "leisure", "travel")
"""The seven scenes of 信易+; titles stand in :mod:`liren_market.words`. Extras only: never medical care itself."""

MOST_PIECES: Final = 10
"""Of one thing in one order."""

CODE_DIGITS: Final = 8
WRONG_WINDOW_MS: Final = 10 * 60 * 1000


# --- ordering


@dataclass(frozen=True, slots=True)
class Offer:
    """Goods as they stand at the moment of ordering."""

    title: str
    points: int
    stock: int
    monthly_limit: int
    """Pieces a person may take a month; 0: as many as there are."""
    listed: bool
    merchant: str
    merchant_state: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for."""

    count: int
    seen_points: int
    """The price apiece that the page showed."""


def refusal(offer: Offer, wish: Wish, *, used: int, balance: int) -> MarketError | None:
    """Why this order cannot be taken, or None.

    :param used: pieces of these goods the person took or holds this month
    :param balance: points the person can spend now
    """
    cost = offer.points * wish.count
    if offer.merchant_state != "open":
        return errors.MerchantNotOpen(offer.merchant)
    if not offer.listed:
        return errors.GoodsGone(offer.title)
    if not 1 <= wish.count <= MOST_PIECES:
        return errors.BadCount(MOST_PIECES)
    if wish.seen_points != offer.points:
        return errors.PriceChanged(offer.title, wish.seen_points, offer.points)
    if wish.count > offer.stock:
        return errors.OutOfStock(offer.title, offer.stock)
    if offer.monthly_limit and used + wish.count > offer.monthly_limit:
        return errors.LimitReached(offer.title, offer.monthly_limit, used)
    if cost > balance:
        return errors.NotEnoughPoints(cost, balance)
    return None


def pieces_to_offer(offer: Offer, *, used: int, balance: int) -> int:
    """How many a person could take now: what the page's choice of numbers ends with."""
    rest = offer.monthly_limit - used if offer.monthly_limit else MOST_PIECES
    return max(0, min(MOST_PIECES, offer.stock, rest, balance // offer.points))


# --- collecting


def code_from(hash_hex: str) -> str:
    """The eight digits of an order, from a keyed hash that only this street can compute."""
    return f"{int(hash_hex[:16], 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def read_code(typed: str) -> str | None:
    """Eight digits from what a clerk typed: full-width digits, spaces and dashes are forgiven."""
    kept = [c for c in unicodedata.normalize("NFKC", typed) if not (c.isspace() or c in "-–—·.")]
    code = "".join(kept)
    return code if len(code) == CODE_DIGITS and code.isascii() and code.isdigit() else None


def in_groups(code: str) -> str:
    """``1234 5678``: how the code is shown and read aloud."""
    return f"{code[:4]} {code[4:]}"


def why_not_redeem(state: str, settled_at: datetime | None) -> MarketError | None:
    """Why a known order of this merchant is not handed out, or None."""
    if (state, "settle") in ORDER_MOVES:
        return None
    if state in ("settled", "refunded") and settled_at is not None:
        return errors.CodeUsed(settled_at)
    return errors.CodeOver(expired=state == "expired")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Wrong codes typed at one counter: how many since when (Unix ms)."""

    count: int
    since_ms: int


def locked_minutes(wrong: Wrong, now_ms: int, limit: int) -> int:
    """Minutes until this counter may try again; 0: now."""
    rest_ms = wrong.since_ms + WRONG_WINDOW_MS - now_ms
    if wrong.count < limit or rest_ms <= 0:
        return 0
    return -(-rest_ms // 60_000)


def one_more_wrong(wrong: Wrong, now_ms: int) -> Wrong:
    if wrong.since_ms + WRONG_WINDOW_MS <= now_ms:
        return Wrong(1, now_ms)
    return Wrong(wrong.count + 1, wrong.since_ms)


# --- days


def last_pickup_day(placed_on: date, pickup_days: int) -> date:
    """Inclusive."""
    return placed_on + timedelta(days=pickup_days)


def why_not_refund(state: str, settled_on: date | None, today: date, days: int) -> MarketError | None:
    if (state, "refund") not in ORDER_MOVES or settled_on is None:
        return errors.CannotRefund(state)
    last = settled_on + timedelta(days=days)
    if today > last:
        return errors.RefundTooLate(last, days)
    return None
