# SPDX-License-Identifier: Apache-2.0
"""What the communities have left to give out, and whether it is enough."""

from collections.abc import Collection, Sequence

from liren.api import Context
from liren_credit import errors
from liren_credit.rows import GoodRow


async def left_to(ctx: Context, units: Collection[str]) -> dict[str, int]:
    """Community → what is left to give out."""
    return {unit: await ctx.ledger.balance_of(f"budget/{unit}") for unit in sorted(units)}


async def need(ctx: Context, waiting: Sequence[GoodRow]) -> None:
    needed: dict[str, int] = {}
    for row in waiting:
        needed[row.unit] = needed.get(row.unit, 0) + row.points
    left = await left_to(ctx, needed.keys())
    short = []
    for unit, amount in needed.items():
        if left[unit] < amount:
            card = await ctx.units.get(unit)
            short.append((card.name if card else unit, amount, left[unit]))
    if short:
        raise errors.budget_short(short)
