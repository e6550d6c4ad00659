# SPDX-License-Identifier: Apache-2.0
"""Sums by month of admission, counted entry by entry as the log grows, so that no page ever adds up a month.

Nothing here is believed by the ledger: forget both tables and the next run counts from entry 0 again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from liren.ledger.engine.plans import read_post
from liren.ledger.log.records import Post
from liren.ledger.reading.reader import Reader
from liren.ledger.rules import addresses
from liren.ledger.rules.days import day_of
from liren.plugins.context import Context
from liren.plugins.types import Figure
from liren.store import Store, Tx

CHUNK: Final = 2000
ACTOR: Final = "job:ledger.months"
TREND: Final = 12
OWED: Final = ("award", "reverse", "expire", "deduct", "close", "refund")
"""Moves that change what holders may still redeem, by what they do to the holders' accounts; settle is the other."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One move in one month."""

    month: str
    asset: str
    why: str
    records: int
    held: int
    """What it did to holders' accounts, signed."""
    moved: int
    """All its postings."""


async def count(reader: Reader) -> int:
    """Take the entries that were not counted yet; :returns: how far the log is counted now."""
    store = reader.store
    while True:
        pos = await counted(store)
        rows = await store.read(
            "SELECT pos, admitted_ms, kind, body FROM log_entry WHERE pos >= ? ORDER BY pos LIMIT ?", pos, CHUNK
        )
        if not rows:
            return pos
        found = Counted({}, {})
        for _, admitted_ms, kind, body in rows:
            if kind == "post":
                found.add(f"{day_of(admitted_ms, reader.tz):%Y-%m}", read_post(bytes(body)))
        async with store.transaction(ACTOR) as tx:
            await _keep(tx, pos, rows[-1][0] + 1, found)
        await asyncio.sleep(0)


async def counted(store: Store) -> int:
    """How many entries of the log are in the sums."""
    rows = await store.read("SELECT pos FROM ledger_counted")
    return int(rows[0][0]) if rows else 0


@dataclass(frozen=True, slots=True)
class Counted:
    """Sums of some entries."""

    moves: dict[tuple[str, str, str], list[int]]
    """(month, asset, why) → records, held, moved."""
    budgets: dict[tuple[str, str, str], list[int]]
    """(month, unit, asset) → funded, awarded."""

    def add(self, month: str, post: Post) -> None:
        touched = set()
        for asset, source, target, amount in post.p:
            line = self.moves.setdefault((month, asset, post.why), [0, 0, 0])
            touched.add(asset)
            line[1] += amount * (addresses.parse(target).of_holder - addresses.parse(source).of_holder)
            line[2] += amount
            for address, change in ((source, -amount), (target, amount)):
                if address.startswith("budget/"):
                    budget = self.budgets.setdefault((month, address.partition("/")[2], asset), [0, 0])
                    if post.why == "budget":
                        budget[0] += change
                    else:
                        budget[1] -= change
        for asset in touched:
            self.moves[month, asset, post.why][0] += 1


async def _keep(tx: Tx, old: int, new: int, found: Counted) -> None:
    rows = await tx.sql("SELECT pos FROM ledger_counted")
    if (int(rows[0][0]) if rows else 0) != old:
        return  # another process was faster
    await tx.sql(
        "INSERT INTO ledger_counted (one, pos) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET pos = excluded.pos", new
    )
    await tx.many(
        "INSERT INTO ledger_month (month, asset, why, records, held, moved) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (month, asset, why) DO UPDATE SET records = ledger_month.records + excluded.records,"
        " held = ledger_month.held + excluded.held, moved = ledger_month.moved + excluded.moved",
        [(*key, *line) for key, line in found.moves.items()],
    )
    await tx.many(
        "INSERT INTO ledger_budget (month, unit, asset, funded, awarded) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (month, unit, asset) DO UPDATE SET funded = ledger_budget.funded + excluded.funded,"
        " awarded = ledger_budget.awarded + excluded.awarded",
        [(*key, *line) for key, line in found.budgets.items()],
    )


async def budgets(store: Store, year: int) -> dict[tuple[str, str], tuple[int, int]]:
    """(unit, asset) → (funded, awarded) of a year."""
    rows = await store.read(
        "SELECT unit, asset, SUM(funded), SUM(awarded) FROM ledger_budget WHERE month >= ? AND month <= ?"
        " GROUP BY unit, asset",
        f"{year}-01",
        f"{year}-12",
    )
    return {(unit, asset): (int(funded), int(awarded)) for unit, asset, funded, awarded in rows}


async def sums(store: Store, asset: str = "resident") -> Sequence[Sum]:
    """Every month's, oldest first."""
    rows = await store.read(
        "SELECT month, asset, why, records, held, moved FROM ledger_month WHERE asset = ? ORDER BY month, why", asset
    )
    return [Sum(*row) for row in rows]


def owed(found: Sequence[Sum]) -> int:
    """What holders may still redeem, open orders included, from the beginning on."""
    return sum(one.held for one in found if one.why in OWED) - sum(one.moved for one in found if one.why == "settle")


def of_month(found: Sequence[Sum], month: str, *why: str) -> int:
    """Points these moves made in a month: given to holders or taken, whichever way; of settle: fetched."""
    return sum(one.moved if one.why == "settle" else abs(one.held) for one in found if _is(one, month, why))


def records_of(found: Sequence[Sum], month: str, *why: str) -> int:
    return sum(one.records for one in found if _is(one, month, why))


def _is(one: Sum, month: str, why: tuple[str, ...]) -> bool:
    return one.month == month and one.why in why


async def counting(ctx: Context) -> None:
    """The job."""
    assert isinstance(ctx.ledger, Reader)
    await count(ctx.ledger)


async def figures(ctx: Context) -> Sequence[Figure]:
    """What the street owes in points, and this month's flow."""
    assert isinstance(ctx.ledger, Reader)
    found = await sums(ctx.ledger.store)
    if not found:
        return []
    this = f"{ctx.today():%Y-%m}"
    months = sorted({one.month for one in found if one.month < this})[-TREND:]
    points, records = ctx.t("分"), ctx.t("笔")

    def figure(key: str, title: str, *why: str) -> Figure:
        trend = tuple(of_month(found, month, *why) for month in months)
        value, n = of_month(found, this, *why), records_of(found, this, *why)
        return Figure(f"ledger.{key}", title, value, points, n=n, of=records, trend=trend, url=ctx.url("board"))

    past = tuple(owed([one for one in found if one.month <= month]) for month in months)
    return [
        Figure("ledger.owed", ctx.t("居民手里还没兑换的积分"), owed(found), points, trend=past, url=ctx.url("board")),
        figure("issued", ctx.t("本月记入的积分"), "award"),
        figure("redeemed", ctx.t("本月兑换的积分"), "settle"),
        figure("expired", ctx.t("本月到期的积分"), "expire"),
    ]


def told(found: Sequence[Sum]) -> list[str]:
    """The months there are, newest first."""
    return sorted({one.month for one in found}, reverse=True)
