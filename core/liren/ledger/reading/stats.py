# SPDX-License-Identifier: Apache-2.0
"""Sums over all accounts: what was issued, and where it lies. One pass over the table; for reports, not for pages."""

from dataclasses import dataclass
from typing import Final

from liren.store import Store

KINDS: Final = ("budget", "h", "o", "escrow", "merchant", "fund", "redeemed", "expired")


@dataclass(frozen=True, slots=True)
class AssetStats:
    """Where the points of one asset lie. They add up to ``issued``."""

    asset: str
    issued: int
    """What left ``issuance`` so far."""
    held: dict[str, int]
    """Sum by kind of account."""

    @property
    def liability(self) -> int:
        """What holders may still redeem: their points and their open orders."""
        return self.held["h"] + self.held["o"] + self.held["escrow"]


@dataclass(frozen=True, slots=True)
class Stats:
    origin: str
    size: int
    accounts: int
    assets: tuple[AssetStats, ...]


async def stats(store: Store) -> Stats:
    """Sums of the committed ledger."""
    rows = await store.read(
        "SELECT asset, CASE WHEN address LIKE 'h/%' THEN 'h' WHEN address LIKE 'o/%' THEN 'o'"
        " WHEN address LIKE 'budget/%' THEN 'budget' WHEN address LIKE 'escrow/%' THEN 'escrow'"
        " WHEN address LIKE 'merchant/%' THEN 'merchant' WHEN address LIKE 'fund/%' THEN 'fund'"
        " ELSE address END AS kind, SUM(balance), COUNT(*) FROM account GROUP BY 1, 2"
    )
    head = await store.read("SELECT origin, size FROM log_head")
    by_asset: dict[str, dict[str, int]] = {}
    for asset, kind, balance, _ in rows:
        by_asset.setdefault(asset, dict.fromkeys((*KINDS, "issuance"), 0))[kind] = int(balance)
    assets = tuple(AssetStats(asset, -held.pop("issuance"), held) for asset, held in sorted(by_asset.items()))
    origin, size = head[0] if head else ("", 0)
    return Stats(origin, size, sum(row[3] for row in rows), assets)
