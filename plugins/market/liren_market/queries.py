# SPDX-License-Identifier: Apache-2.0
"""What pages read. Each is one statement with a limit, or a constant few; none grows with the street."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from liren_market.orders import nothing_here
from liren_market.tables import Goods, MarketOrder, Merchant
from liren_market.views import (
    GOODS_COLUMNS,
    MERCHANT_COLUMNS,
    ORDER_COLUMNS,
    GoodsView,
    MerchantLine,
    MerchantView,
    Month,
    OrderView,
    Shelf,
    Takings,
)

SHELVES_A_PAGE = 8
GOODS_A_SHELF = 6
GOODS_OF_ONE = 200
"""All goods of one merchant, on its own page and on the managers'."""
MOST_MERCHANTS = 500
RECENT = 12


# --- goods


async def shelves(
    *, category: str = "", merchant: str = "", most_points: int | None = None, unit: str = "", offset: int = 0
) -> tuple[list[Shelf], int]:
    """Open merchants with something to offer, those of ``unit`` first, and how many there are.

    :param most_points: only goods that cost at most this much
    """
    where = "m.state = 'open' AND g.listed = {} AND g.points <= {}"
    args: list[Any] = [True, most_points if most_points is not None else 2**53]
    if category:
        where, args = where + " AND m.category = {}", [*args, category]
    if merchant:
        where, args = where + " AND m.id = {}", [*args, merchant]
    found = await Merchant.raw(
        f"SELECT {MERCHANT_COLUMNS}, COUNT(g.id) AS kinds, COUNT(*) OVER () AS total"  # noqa: S608 - own names
        f" FROM market_merchant m JOIN market_goods g ON g.merchant = m.id WHERE {where}"
        " GROUP BY m.id ORDER BY CASE WHEN m.unit = {} THEN 0 ELSE 1 END, m.name, m.id LIMIT {} OFFSET {}",
        *args, unit, SHELVES_A_PAGE, offset,
    )  # fmt: skip
    merchants = [MerchantView.of(row) for row in found]
    goods = await _first_goods([m.id for m in merchants], args[1], GOODS_OF_ONE if merchant else GOODS_A_SHELF)
    made = [
        Shelf(one, tuple(goods.get(one.id, ())), int(row["kinds"]), bool(unit) and one.unit == unit)
        for one, row in zip(merchants, found, strict=True)
    ]
    return made, int(found[0]["total"]) if found else 0


async def offered_categories() -> set[str]:
    """Of open merchants: a choice that leads nowhere is not offered."""
    rows = await Merchant.raw("SELECT DISTINCT category FROM market_merchant WHERE state = 'open'")
    return {row["category"] for row in rows}


async def _first_goods(merchants: Sequence[str], most_points: int, each: int) -> dict[str, list[GoodsView]]:
    if not merchants:
        return {}
    marks = ", ".join("{}" for _ in merchants)
    rows = await Goods.raw(
        f"SELECT * FROM (SELECT {GOODS_COLUMNS}, ROW_NUMBER() OVER (PARTITION BY g.merchant"  # noqa: S608 - own names
        " ORDER BY CASE WHEN g.stock > 0 THEN 0 ELSE 1 END, g.points, g.title, g.id) AS place"
        f" FROM market_goods g WHERE g.listed = {{}} AND g.points <= {{}} AND g.merchant IN ({marks})) AS ranked"
        " WHERE place <= {} ORDER BY merchant, place",
        True, most_points, *merchants, each,
    )  # fmt: skip
    found: dict[str, list[GoodsView]] = {}
    for row in rows:
        found.setdefault(row["merchant"], []).append(GoodsView.of(row))
    return found


async def goods(identity: str) -> tuple[GoodsView, MerchantView]:
    """:raises NotFound: no such goods"""
    rows = await Goods.raw(
        f"SELECT {GOODS_COLUMNS}, {MERCHANT_COLUMNS} FROM market_goods g"  # noqa: S608 - own names
        " JOIN market_merchant m ON m.id = g.merchant WHERE g.id = {}",
        identity,
    )
    if not rows:
        raise nothing_here()
    return GoodsView.of(rows[0]), MerchantView.of(rows[0])


async def goods_of(merchant: str) -> list[GoodsView]:
    """Listed or not, for those who manage them."""
    rows = await Goods.raw(
        f"SELECT {GOODS_COLUMNS} FROM market_goods g WHERE g.merchant = {{}}"  # noqa: S608 - own names
        " ORDER BY CASE WHEN g.listed THEN 0 ELSE 1 END, g.title, g.id LIMIT {}",
        merchant, GOODS_OF_ONE,
    )  # fmt: skip
    return [GoodsView.of(row) for row in rows]


# --- orders

_ORDERS = f"SELECT {ORDER_COLUMNS}, {MERCHANT_COLUMNS} FROM market_order o JOIN market_merchant m ON m.id = o.merchant"  # noqa: S608


async def order(identity: str) -> OrderView | None:
    rows = await MarketOrder.raw(f"{_ORDERS} WHERE o.id = {{}}", identity)
    return OrderView.of(rows[0]) if rows else None


async def open_orders(person: str, limit: int = 50) -> list[OrderView]:
    """Still to be fetched, the most urgent first."""
    rows = await MarketOrder.raw(
        f"{_ORDERS} WHERE o.person = {{}} AND o.state = 'placed' ORDER BY o.expires_on, o.placed_ms LIMIT {{}}",
        person, limit,
    )  # fmt: skip
    return [OrderView.of(row) for row in rows]


async def past_orders(person: str, size: int, offset: int) -> tuple[list[OrderView], int]:
    """Fetched or ended, the latest first, and how many there are."""
    where = "o.person = {} AND o.state <> 'placed'"
    rows = await MarketOrder.raw(
        f"{_ORDERS} WHERE {where} ORDER BY o.placed_ms DESC, o.id LIMIT {{}} OFFSET {{}}", person, size, offset
    )
    count = await MarketOrder.raw(f"SELECT COUNT(*) AS n FROM market_order o WHERE {where}", person)  # noqa: S608
    return [OrderView.of(row) for row in rows], int(count[0]["n"])


async def redemptions(merchant: str, size: int, offset: int = 0) -> list[OrderView]:
    """What a counter handed out, the latest first."""
    rows = await MarketOrder.raw(
        f"{_ORDERS} WHERE o.merchant = {{}} AND o.settled_ms IS NOT NULL"
        " ORDER BY o.settled_ms DESC, o.id LIMIT {} OFFSET {}",
        merchant, size, offset,
    )  # fmt: skip
    return [OrderView.of(row) for row in rows]


async def takings(merchant: str, since_ms: int) -> Takings:
    """Redemptions since a moment, refunded ones left out, and orders waiting to be fetched."""
    done = await MarketOrder.raw(
        "SELECT COUNT(*) AS n, SUM(points) AS points FROM market_order"
        " WHERE merchant = {} AND settled_ms >= {} AND state = 'settled'",
        merchant, since_ms,
    )  # fmt: skip
    waiting = await MarketOrder.raw(
        "SELECT COUNT(*) AS n FROM market_order WHERE merchant = {} AND state = 'placed'", merchant
    )
    return Takings(int(done[0]["n"]), int(done[0]["points"] or 0), int(waiting[0]["n"]))


# --- the whole market


async def month(first: date) -> Month:
    """From the first of a month until now."""
    rows = await MarketOrder.raw(
        "SELECT COUNT(*) AS n, SUM(points) AS points, COUNT(DISTINCT merchant) AS merchants FROM market_order"
        " WHERE settled_on >= {} AND state = 'settled'",
        first,
    )
    return Month(int(rows[0]["n"]), int(rows[0]["points"] or 0), int(rows[0]["merchants"]))


async def months(first: date, count: int) -> list[Month]:
    """The last ``count`` months, the one that starts on ``first`` last (merchants are counted for that one alone)."""
    starts = [first]
    while len(starts) < count:
        starts.insert(0, (starts[0] - timedelta(days=1)).replace(day=1))
    rows = await MarketOrder.raw(
        "SELECT settled_on, COUNT(*) AS n, SUM(points) AS points,"
        " (SELECT COUNT(DISTINCT merchant) FROM market_order WHERE settled_on >= {} AND state = 'settled') AS merchants"
        " FROM market_order WHERE settled_on >= {} AND state = 'settled' GROUP BY settled_on",
        first, starts[0],
    )  # fmt: skip
    counts, points = dict.fromkeys(starts, 0), dict.fromkeys(starts, 0)
    for row in rows:
        start = row["settled_on"].replace(day=1)
        if start in counts:
            counts[start] += int(row["n"])
            points[start] += int(row["points"])
    merchants = int(rows[0]["merchants"]) if rows else 0
    return [Month(counts[start], points[start], merchants if start == first else 0) for start in starts]


async def merchants(first: date) -> list[MerchantLine]:
    """Every merchant with its goods and what it handed out since ``first``; open ones first."""
    rows = await Merchant.raw(
        f"SELECT {MERCHANT_COLUMNS},"  # noqa: S608 - own names
        " (SELECT COUNT(*) FROM market_goods g WHERE g.merchant = m.id AND g.listed) AS goods,"
        " (SELECT COUNT(*) FROM market_goods g WHERE g.merchant = m.id AND g.listed AND g.stock = 0) AS sold_out,"
        " t.n, t.points FROM market_merchant m LEFT JOIN (SELECT merchant, COUNT(*) AS n, SUM(points) AS points"
        " FROM market_order WHERE settled_on >= {} AND state = 'settled' GROUP BY merchant) AS t ON t.merchant = m.id"
        " ORDER BY CASE m.state WHEN 'applied' THEN 0 WHEN 'signed' THEN 1 WHEN 'open' THEN 2"
        " WHEN 'suspended' THEN 3 ELSE 4 END,"
        " m.name, m.id LIMIT {}",
        first, MOST_MERCHANTS,
    )  # fmt: skip
    return [
        MerchantLine(
            MerchantView.of(row), int(row["goods"]), int(row["sold_out"]), int(row["n"] or 0), int(row["points"] or 0)
        )
        for row in rows
    ]


async def merchant(identity: str) -> MerchantView:
    """:raises NotFound: no such merchant"""
    rows = await Merchant.raw(
        f"SELECT {MERCHANT_COLUMNS} FROM market_merchant m WHERE m.id = {{}}",  # noqa: S608 - own names
        identity,
    )
    if not rows:
        raise nothing_here()
    return MerchantView.of(rows[0])
