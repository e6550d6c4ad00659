# SPDX-License-Identifier: Apache-2.0
"""What a merge, a split or a closing would do, counted before it is done: for the page that asks once more."""

import hashlib
from dataclasses import dataclass, field

from liren.plugins.context import Context
from liren.plugins.services import UnitCard
from liren.plugins.types import Holding
from liren.units.rules import depth, name_key
from liren.units.scope import service
from liren.units.tree import Tree


@dataclass(frozen=True, slots=True)
class Preview:
    """What lies in a unit and what would happen to it."""

    holdings: tuple[Holding, ...]
    children: int
    renamed: tuple[str, ...] = field(default=())
    """Names that would get the old unit's in front, because the heir has them already."""
    budget: int = 0
    """Points left in the unit's budget: they stay under its code."""

    @property
    def residents(self) -> int:
        return sum(each.count for each in self.holdings if each.blocks)

    @property
    def seen(self) -> str:
        """Equal for equal previews: what is confirmed is what was shown."""
        text = f"{[(h.title, h.count) for h in self.holdings]}{self.children}{self.renamed}{self.budget}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


async def of(ctx: Context, tree: Tree, card: UnitCard, heir: UnitCard | None = None) -> Preview:
    """Asks every package and plugin what it keeps of the unit."""
    answers = await ctx.every("unit_holds", unit=card.code)
    holdings = tuple(each for _, found in answers for each in found if each.count)
    budget = await ctx.ledger.balance_of(f"budget/{card.code}") if depth(card.level) <= 1 else 0
    return Preview(
        holdings, len(tree.children(card.code)), await _renamed(ctx, tree, card, heir) if heir else (), budget
    )


async def _renamed(ctx: Context, tree: Tree, card: UnitCard, heir: UnitCard) -> tuple[str, ...]:
    there = {(each.level, name_key(each.level, each.name)) for each in tree.children(heir.code)}
    units = [each.name for each in tree.children(card.code) if (each.level, name_key(each.level, each.name)) in there]
    rows = await service(ctx).store.read(
        "SELECT a.number FROM dwelling a JOIN dwelling b ON b.unit = ? AND b.number = a.number"
        " WHERE a.unit = ? AND a.closed IS NULL ORDER BY length(a.number), a.number LIMIT 200",
        heir.code, card.code,
    )  # fmt: skip
    return (*units, *(row[0] for row in rows))
