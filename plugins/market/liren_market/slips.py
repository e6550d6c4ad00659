# SPDX-License-Identifier: Apache-2.0
"""Settling with a merchant: a month's slip, drafted by the street, agreed to by the merchant, attested in the ledger.

The points themselves are cleared by the core, with the street's and a reviewer's signature, against the attested slip.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from liren.api import Context, Tx
from liren.web import typed_day
from liren_market.errors import MarketError
from liren_market.orders import nothing_here
from liren_market.tables import MarketOrder, MarketSlip, Merchant, new_id

TAG = b"liren/attest/v1\n"
"""Of the digests of attested documents (docs/ledger-spec.md 10)."""
MOST = 2000


class NothingToSettle(MarketError):
    code = "nothing-to-settle"


class SlipChanged(MarketError):
    code = "slip-changed"


@dataclass(frozen=True, slots=True)
class Line:
    """Goods of one kind handed out in the month."""

    title: str
    orders: int
    pieces: int
    points: int


@dataclass(frozen=True, slots=True)
class Month:
    """What stands on a slip."""

    merchant: str
    month: str
    lines: tuple[Line, ...]

    @property
    def orders(self) -> int:
        return sum(line.orders for line in self.lines)

    @property
    def points(self) -> int:
        return sum(line.points for line in self.lines)

    def document(self, slip: str) -> bytes:
        """The bytes both sides agree to: canonical JSON."""
        told = {
            "lines": [[line.title, line.orders, line.pieces, line.points] for line in self.lines],
            "merchant": f"market.{self.merchant}",
            "month": self.month,
            "points": self.points,
            "slip": slip,
        }
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def first_of(month: str, today: date) -> date:
    """:raises NotFound: not a month, or one that is not over"""
    first = typed_day(f"{month}-01")
    if first is None or first >= today.replace(day=1):
        raise nothing_here()
    return first


async def month_of(merchant: str, first: date) -> Month:
    """What the merchant handed out in a month and nobody brought back."""
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    rows: list[dict[str, Any]] = await MarketOrder.raw(
        "SELECT title, COUNT(*) AS orders, CAST(SUM(pieces) AS BIGINT) AS pieces, CAST(SUM(points) AS BIGINT) AS points"
        " FROM market_order WHERE merchant = {} AND state = 'settled' AND settled_on >= {} AND settled_on < {}"
        " GROUP BY title ORDER BY title LIMIT {}",
        *(merchant, first, after, MOST),
    )
    lines = (Line(row["title"], int(row["orders"]), int(row["pieces"]), int(row["points"])) for row in rows)
    return Month(merchant, f"{first:%Y-%m}", tuple(sorted(lines, key=lambda line: line.title)))


async def slip_of(merchant: str, month: str) -> MarketSlip | None:
    return await MarketSlip.objects().where(MarketSlip.place == f"{merchant}/{month}").first()


async def draft(ctx: Context, key: str, merchant: Merchant, first: date) -> None:
    """The street's side: write the month's slip, anew until the merchant has agreed.

    :raises NothingToSettle: nothing was handed out
    """
    told = await month_of(merchant.id, first)
    if not told.points:
        raise NothingToSettle("这个月没有核销，不用结算。", "Nothing was handed out in this month: nothing to settle.")
    place = f"{merchant.id}/{told.month}"

    async def body(tx: Tx) -> str:
        old = await MarketSlip.objects().where(MarketSlip.place == place).first()
        if old is not None and old.rid is not None:
            return str(old.id)
        await MarketSlip.delete().where(MarketSlip.place == place)
        slip = MarketSlip(
            id=new_id(),
            place=place,
            merchant=merchant.id,
            month=told.month,
            orders=told.orders,
            points=told.points,
            drafted_by=ctx.actor,
            drafted_ms=tx.now_ms,
        )
        await MarketSlip.insert(slip)
        await tx.audit("slip-drafted", slip.id, points=told.points)
        return str(slip.id)

    await ctx.once(key, [place, told.points], body, str)


async def agree(ctx: Context, key: str, slip: MarketSlip, first: date) -> str:
    """The merchant's side: from now on it stands, and its digest stands in the ledger.

    :returns: rid of the record
    :raises SlipChanged: something was brought back since it was drafted
    """
    told = await month_of(slip.merchant, first)
    street = (await ctx.units.street()).code

    async def body(tx: Tx) -> str:
        now = await MarketSlip.objects().where(MarketSlip.id == slip.id).first()
        if now is None or now.points != told.points or now.orders != told.orders:
            raise SlipChanged(
                "结算单和现在的核销记录对不上，请街道重新出一张。",
                "The slip no longer fits what was handed out: ask the street for a new one.",
            )
        if now.rid is not None:
            return str(now.rid)
        salt = secrets.token_bytes(32)
        digest = sha256(TAG + salt + told.document(slip.id)).digest()
        posted = await tx.attest(f"slip/{slip.id}", digest, code="market.slip", unit=street)
        await MarketSlip.update(
            {
                MarketSlip.agreed_by: ctx.actor,
                MarketSlip.agreed_ms: tx.now_ms,
                MarketSlip.salt: salt.hex(),
                MarketSlip.rid: posted.rid,
            }
        ).where(MarketSlip.id == slip.id)
        await tx.audit("slip-agreed", slip.id, points=told.points)
        return posted.rid

    return await ctx.once(key, slip.id, body, str)
