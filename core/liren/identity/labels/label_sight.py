# SPDX-License-Identifier: Apache-2.0
"""Who may see which labels: a permission in scope, and for some kinds one role besides."""

from collections.abc import Sequence
from typing import Final

from liren.identity.labels import labels
from liren.identity.labels.labels import Label
from liren.identity.service import Identity
from liren.plugins.context import Context

LABELS: Final = "identity.labels"


async def roles_at(ctx: Context, identity: Identity, unit: str) -> frozenset[str]:
    """The visitor's roles that reach a unit."""
    tree = await identity.units.tree()
    here = {card.code for card in tree.way(unit)}
    return frozenset(role for role, code in await identity.who.held(ctx.actor) if code in here)


def visible(found: Sequence[Label], roles: frozenset[str]) -> list[Label]:
    """Those whose kind names no role, or one the visitor has there."""
    return [each for each in found if not each.seen_by or each.seen_by in roles]


async def plain_labels(ctx: Context, identity: Identity, person: str, unit: str) -> list[str]:
    """Titles that are not sensitive, for everybody who may see the person."""
    found = [each for each in await labels.of(identity.store, [person]) if not each.sensitive]
    return [each.title for each in visible(found, await roles_at(ctx, identity, unit))] if found else []
