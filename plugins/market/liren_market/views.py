# SPDX-License-Identifier: Apache-2.0
"""What pages show: frozen values, read once, so that no template ever queries."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from liren_market import rules


@dataclass(frozen=True, slots=True)
class MerchantView:
    id: str
    name: str
    category: str
    unit: str
    address: str
    hours: str
    state: str
    organisation: str = ""

    @classmethod
    def of(cls, row: dict[str, Any]) -> "MerchantView":
        """From columns selected as :data:`MERCHANT_COLUMNS` names them."""
        return cls(*(row[f"m_{name}"] for name in MERCHANT_FIELDS))


MERCHANT_FIELDS = ("id", "name", "category", "unit", "address", "hours", "state", "organisation")
MERCHANT_COLUMNS = ", ".join(f"m.{name} AS m_{name}" for name in MERCHANT_FIELDS)


@dataclass(frozen=True, slots=True)
class GoodsView:
    id: str
    merchant: str
    title: str
    kind: str
    detail: str
    points: int
    stock: int
    monthly_limit: int
    listed: bool

    @classmethod
    def of(cls, row: dict[str, Any]) -> "GoodsView":
        return cls(**{name: row[name] for name in GOODS_FIELDS})

    def offer(self, merchant: MerchantView) -> rules.Offer:
        """As the rules see it."""
        return rules.Offer(
            self.title, self.points, self.stock, self.monthly_limit, self.listed, merchant.name, merchant.state
        )


GOODS_FIELDS = ("id", "merchant", "title", "kind", "detail", "points", "stock", "monthly_limit", "listed")
GOODS_COLUMNS = ", ".join(f"g.{name}" for name in GOODS_FIELDS)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One merchant and the first of its goods."""

    merchant: MerchantView
    goods: tuple[GoodsView, ...]
    kinds: int
    """How many goods there are in all."""
    near: bool
    """In the visitor's own community."""


@dataclass(frozen=True, slots=True)
class OrderView:
    id: str
    person: str
    goods: str
    title: str
    pieces: int
    points: int
    state: str
    code_try: int
    spend: str
    settle: str | None
    back: str | None
    placed_ms: int
    expires_on: date
    settled_ms: int | None
    settled_on: date | None
    ended_ms: int | None
    merchant: MerchantView

    @classmethod
    def of(cls, row: dict[str, Any]) -> "OrderView":
        return cls(**{name: row[name] for name in ORDER_FIELDS}, merchant=MerchantView.of(row))

    @property
    def open(self) -> bool:
        return self.state == "placed"

    def refundable(self, today: date, days: int) -> bool:
        """Whether the merchant may still take it back."""
        return rules.why_not_refund(self.state, self.settled_on, today, days) is None


ORDER_FIELDS = (
    "id", "person", "goods", "title", "pieces", "points", "state", "code_try", "spend", "settle", "back",
    "placed_ms", "expires_on", "settled_ms", "settled_on", "ended_ms",
)  # fmt: skip
ORDER_COLUMNS = ", ".join(f"o.{name}" for name in ORDER_FIELDS)


@dataclass(frozen=True, slots=True)
class Takings:
    """What a counter did in a span of time, and what waits there."""

    redemptions: int
    points: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """Redemptions that stand (refunded ones are not counted)."""

    redemptions: int
    points: int
    merchants: int = 0


@dataclass(frozen=True, slots=True)
class MerchantLine:
    """A row of the managers' list."""

    merchant: MerchantView
    goods: int
    sold_out: int
    redemptions: int
    """This month."""
    points: int


def start_of(day: date, like: datetime) -> int:
    """Unix ms of the day's first moment in the time zone of ``like``."""
    return int(datetime(day.year, day.month, day.day, tzinfo=like.tzinfo).timestamp() * 1000)
