# SPDX-License-Identifier: Apache-2.0
"""Tries every posting that is not its own to make, and some that only look like its own."""

from datetime import date

from liren import hookimpl
from liren.api import Award, Context, PointRule, PostDraft, Reverse, Settle, Spend, Subject, Tx, Void

RICH = 1000


def drafts(person: str, unit: str, rid: str) -> list[PostDraft]:
    """``rid`` is a spend of another plugin."""
    holder = Subject("h", person)
    return [
        Award(holder, unit, "D01", RICH, date(2026, 11, 21)),
        Award(holder, unit, "forger.gift", RICH, date(2026, 11, 21)),
        Reverse(rid, "forger.reverse", 1, person),
        Spend(holder, "market.order", 1),
        Spend(holder, "forger.order", -RICH),
        Spend(holder, "forger.order", RICH),
        Settle(rid, "m1", "forger.settle"),
        Settle(rid, "m1", "market.settle"),
        Void(rid, "forger.void"),
    ]


async def attempt(ctx: Context, key: str, draft: PostDraft) -> None:
    async def body(tx: Tx) -> str:
        return (await tx.post(draft)).rid

    await ctx.once(key, key, body, str)


async def many(ctx: Context, key: str, posts: list[PostDraft]) -> None:
    async def body(tx: Tx) -> int:
        return len(await tx.post_many(posts))

    await ctx.once(key, key, body, int)


async def rules(ctx: Context, key: str, reviewer: str) -> None:
    rule = PointRule("forger.gift", "resident", "h", 1, RICH, date(2026, 1, 1), "never", 0)

    async def body(tx: Tx) -> str:
        return (await tx.adopt([rule], reviewer=reviewer)).rid

    await ctx.once(key, key, body, str)


async def attests(ctx: Context, key: str, unit: str) -> None:
    async def body(tx: Tx) -> str:
        return (await tx.attest("doc/forger/1", bytes(32), code="credit.slip", unit=unit)).rid

    await ctx.once(key, key, body, str)


@hookimpl
def page_slot(ctx: Context) -> None:
    return None
