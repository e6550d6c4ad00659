# SPDX-License-Identifier: Apache-2.0
"""Whose points a page shows: one's own, those of an organisation one acts for, or of a person in a worker's area."""

from liren.ledger.reading.reader import not_there
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.plugins.services import PersonCard

PEOPLE = "identity.people"
"""Who may look a person up may print their papers, where they look after them."""
PRINTED = "printed"
"""Audit code, below ``ledger.``: a worker looked at a person's points, or printed something of theirs."""


async def own(ctx: Context, organisation: str = "") -> Subject:
    """The visitor, or an organisation they act for today.

    :raises NotFound: not theirs
    """
    if not organisation:
        return Subject("h", ctx.actor)
    if not any(card.id == organisation for card in await ctx.people.organisations_of(ctx.actor)):
        raise not_there()
    return Subject("o", organisation)


async def organisations(ctx: Context) -> list[tuple[str, str]]:
    """(id, name) of those the visitor acts for."""
    return [(card.id, card.name) for card in await ctx.people.organisations_of(ctx.actor)]


async def in_area(ctx: Context, person: str) -> PersonCard:
    """Somebody the visitor looks after.

    :raises NotFound: nobody, or not in the visitor's area
    """
    card = (await ctx.people.cards([person])).get(person)
    if card is None:
        raise not_there()
    ctx.require(PEOPLE, card.community or (await ctx.units.street()).code)
    return card


async def looked(ctx: Context, person: str, what: str) -> None:
    """Put on record that a worker saw or printed it; the person reads that on their own page."""
    async with ctx.transaction() as tx:
        await tx.audit(PRINTED, person, paper=what)


def asset_of(subject: Subject) -> str:
    """Which points their papers are about."""
    return "resident" if subject.kind == "h" else "partner"


async def is_own(ctx: Context, owner: Subject) -> bool:
    """Whether the visitor is the holder, or acts for the organisation that is."""
    if owner.kind == "h":
        return owner.id == ctx.actor
    return any(card.id == owner.id for card in await ctx.people.organisations_of(ctx.actor))
