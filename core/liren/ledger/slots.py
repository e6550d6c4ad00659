# SPDX-License-Identifier: Apache-2.0
"""What the ledger shows on other pages: a resident's balance, and how anyone can check the whole log."""

from datetime import date
from typing import cast

from liren.ledger import health
from liren.ledger.desk import departed
from liren.ledger.desk.closing import is_gone
from liren.ledger.desk.proposals import PROPOSE, REVIEW, Proposals
from liren.ledger.keys.pages import KEYS
from liren.ledger.lines import lines
from liren.ledger.reading import whose
from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.plugins.types import Fragment
from liren.web.html import join

MONTHS = 6


async def fill(ctx: Context, slot: str, subject: str | None) -> Fragment | None:
    if slot == "home.balance" and subject:
        return await _balance(ctx, subject)
    if slot == "organisation.main" and subject:
        account = Subject("o", subject)
        found = await lines(ctx, await ctx.ledger.entries(account, limit=5))
        balance = await ctx.ledger.balance(account, whose.asset_of(account))
        return Fragment(await ctx.fragment("slot_organisation.html", balance=balance, lines=found), 10)
    if slot == "person.main" and subject and ctx.can(whose.PEOPLE):
        balance = await ctx.ledger.balance(Subject("h", subject))
        street = (await ctx.units.street()).code
        close = balance.total > 0 and Proposals(ctx).may_see(street) and await is_gone(ctx, subject)
        return Fragment(await ctx.fragment("slot_person.html", person=subject, balance=balance, close=close), 40)
    if slot == "desk.main":
        return await _desk(ctx)
    if slot == "home.side":
        size, _ = await ctx.ledger.head()
        return Fragment(await ctx.fragment("slot_line.html", size=size), 90)
    if slot == "board.main":
        size, _ = await ctx.ledger.head()
        return Fragment(await ctx.fragment("slot_proof.html", size=size), 90)
    return None


async def _desk(ctx: Context) -> Fragment | None:
    """What waits for a signature; above it what whoever keeps the keys must not overlook."""
    parts = []
    if ctx.can(KEYS):
        writes, kept = await health.writable(ctx), await health.sheet_kept(ctx)
        if not (writes.ok and kept.ok):
            parts.append(await ctx.fragment("slot_trouble.html", writes=writes, kept=kept))
    order = 5 if parts else 60
    if ctx.can(PROPOSE) or ctx.can(REVIEW):
        proposals = Proposals(ctx)
        left = await departed.waiting(ctx) if ctx.can(PROPOSE, await proposals.street()) else []
        waiting = await proposals.count("open")
        parts.append(await ctx.fragment("slot_desk.html", waiting=waiting, departed=len(left)))
    return Fragment(join(parts), order) if parts else None


async def _balance(ctx: Context, person: str) -> Fragment:
    subject, today = Subject("h", person), ctx.today()
    reader = cast(Reader, ctx.ledger)
    months = _last_months(today)
    earned = await reader.earned(subject, months[0])
    balance = await reader.balance(subject)
    ending = sum(lot.amount for lot in balance.lots if lot.expires_on and lot.expires_on.year == today.year)
    html = await ctx.fragment(
        "slot_balance.html",
        balance=balance,
        ending=ending,
        this_month=earned.get(f"{today:%Y-%m}", 0),
        bars=[(month, max(earned.get(f"{month:%Y-%m}", 0), 0)) for month in months],
        shelves=_shelves(ctx),
    )
    return Fragment(html, 10)


def _last_months(today: date) -> list[date]:
    """The first days of the last six months, this one last."""
    count = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(count - MONTHS + 1, count + 1)]


def _shelves(ctx: Context) -> str | None:
    """Where points are redeemed, if a module for that is on."""
    try:
        return ctx.url("market.shelves")
    except LookupError:
        return None
