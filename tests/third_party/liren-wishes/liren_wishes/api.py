# SPDX-License-Identifier: Apache-2.0
"""What other modules may use: make a wish, count them, listen to what happens."""

import secrets
from collections.abc import Sequence

from liren.api import Context, Event, Settle, Slip, Spend, Subject, Tx, _
from liren_wishes.tables import OVER, Wish


class WishMade(Event, frozen=True):
    name = "wishes.made"
    title = _("许了一个心愿")
    wish: str
    unit: str


async def make(ctx: Context, text: str, unit: str) -> str:
    """A wish, its case and its event, or none of them; :returns: its id"""
    wish = Wish(
        id=secrets.token_hex(8), text=text, person=ctx.visitor.person if ctx.visitor else "", heard=0, unit=unit
    )
    guardians = (await ctx.people.guardians([wish.person], ctx.today())).get(wish.person, ())
    async with ctx.transaction() as tx:
        await wish.save()
        await ctx.cases.open(tx, "wish", subject=wish.id, unit=unit, title=text)
        await tx.emit(WishMade(wish.id, unit))
        await tx.audit("made", wish.id)
        for guardian in guardians:  # a child's wish
            await ctx.notify(guardian.person, ctx.t("孩子许了一个心愿"), ctx.url("wishes"))
    return str(wish.id)


async def wishes_of(ctx: Context, name: str) -> int:
    """How many wishes are open of whoever is called so; a list is judged like this, not by reading everybody."""
    people = [keys.id for keys in await ctx.people.keys_of(names=[name])]
    return int(await Wish.count().where(Wish.person.is_in(people) & (Wish.heard < OVER))) if people else 0


async def make_for(ctx: Context, mandate: str, text: str) -> Slip:
    """The same for somebody else, by their consent."""
    theirs = await ctx.acting.mandate(mandate, "wishes.make")
    wish = Wish(id=secrets.token_hex(8), text=text, person=theirs.person, heard=0)
    async with ctx.transaction() as tx:
        await wish.save()
        await ctx.cases.open(tx, "wish", subject=wish.id, unit=theirs.unit, title=text, holder=theirs.person)
        return await ctx.acting.did(tx, theirs, "wishes.make", amount=1, text=f"许愿：{text}", subject=wish.id)


async def give(ctx: Context, key: str, wish: str, points: int) -> str:
    """Points of the visitor for a wish; :returns: rid of the settlement"""

    async def body(tx: Tx) -> str:
        spent = await tx.post(Spend(Subject("h", ctx.actor), "wishes.give", points))
        return (await tx.post(Settle(spent.rid, wish, "wishes.given"))).rid

    return await ctx.once(key, ["give", wish, points], body, str)


async def called(ctx: Context, code: str) -> str:
    """What a record's code is called, whoever posted it."""
    return (await ctx.titles([code])).code(code)


async def unmake(ctx: Context, tx: Tx, slip: Slip) -> None:
    """Not their wish after all."""
    await Wish.delete().where(Wish.id == slip.subject)
    await tx.audit("unmade", slip.subject)


async def latest(limit: int) -> Sequence[Wish]:
    return await Wish.objects().order_by(Wish.id).limit(limit)


async def count() -> int:
    return int(await Wish.count())
