# SPDX-License-Identifier: Apache-2.0
"""A holder's monthly statement: on screen, on paper, and as the file that anyone can check."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from litestar import Response

from liren.ledger.at_hand import reader_of
from liren.ledger.papers.passbook import Passbook, held_at, passbook, summed
from liren.ledger.papers.receipts import fingerprint, root_of
from liren.ledger.papers.statement_job import statements_of
from liren.ledger.papers.statement_tree import expiry
from liren.ledger.papers.statements import SUFFIX, Statement, month_before, no_statement
from liren.ledger.reading import whose
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.web import SIGNED_IN, download, get

SOON_DAYS: Final = 92
"""Points that end within so many days after the month are announced."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One month of one subject."""

    statement: Statement
    first: date
    holders: tuple[str, ...]
    """Pseudonyms with a leaf in it: usually one."""
    entries: int
    """Posts since the beginning, over all of them."""
    lots: tuple[tuple[date | None, int], ...]
    """(last day, points) at the month's end."""
    book: Passbook

    @property
    def soon(self) -> tuple[tuple[date | None, int], ...]:
        until = self.statement.last_day + timedelta(days=SOON_DAYS)
        return tuple((day, amount) for day, amount in self.lots if day is not None and day <= until)


@get("/ledger/statements", allow=SIGNED_IN, name="statements")
async def all_statements(ctx: Context, of: str = "") -> Response[Any]:
    """The months one has a statement of, newest first.

    :raises NotFound: not an organisation one acts for
    """
    subject = await whose.own(ctx, of)
    made = await statements_of(ctx).all()
    holders = await _holders(ctx, subject)
    mine = [one for one in made if any([await statements_of(ctx).leaf(one, holder) for holder in holders])]
    return await ctx.render(
        "statements.html",
        months=[(date.fromisoformat(f"{one.month}-01"), one) for one in mine],
        of=of or None,
        organisations=await whose.organisations(ctx),
    )


@get("/ledger/statements/{month:str}", allow=SIGNED_IN, name="statement")
async def statement(ctx: Context, month: str, of: str = "") -> Response[Any]:
    """:raises NotFound: no statement of this month, or none of theirs"""
    shown = await stated(ctx, await whose.own(ctx, of), month)
    return await ctx.render("statement.html", shown=shown, of=of or None)


@get("/ledger/statements/{month:str}/paper", allow=SIGNED_IN, name="statement_paper")
async def statement_paper(ctx: Context, month: str, of: str = "") -> Response[Any]:
    """:raises NotFound: no statement of this month, or none of theirs"""
    subject = await whose.own(ctx, of)
    name = dict(await whose.organisations(ctx)).get(of) or (ctx.visitor.name if ctx.visitor else "")
    return await _paper(ctx, subject, month, name)


@get("/ledger/people/{person:str}/statements/{month:str}", allow=whose.PEOPLE, name="their_statement")
async def their_statement(ctx: Context, person: str, month: str) -> Response[Any]:
    """A resident's statement, printed at the window.

    :raises NotFound: nobody, not in the visitor's area, or no statement of this month
    """
    card = await whose.in_area(ctx, person)
    await whose.looked(ctx, person, f"statement/{month[:7]}")
    return await _paper(ctx, Subject("h", person), month, card.name)


@get("/ledger/statements/{month:str}/file", allow=SIGNED_IN, name="statement_file")
async def statement_file(ctx: Context, month: str, of: str = "", n: str = "1") -> Response[bytes]:
    """The ``.liren-statement``, for its holder alone.

    :param n: which of one's pseudonyms, from 1: who was merged from two entries has two
    :raises NotFound: no statement of this month, or none of theirs
    """
    shown = await stated(ctx, await whose.own(ctx, of), month)
    number = int(n) if n.isdecimal() and len(n) < 4 else 1
    if not 1 <= number <= len(shown.holders):
        raise no_statement()
    file = await statements_of(ctx).file(shown.statement, shown.holders[number - 1])
    end = "" if number == 1 else f"-{number}"
    return download(file, f"{month}{end}{SUFFIX}", media_type="application/zip")


async def stated(ctx: Context, subject: Subject, month: str) -> Stated:
    """What the statement of a month says of a subject.

    :raises NotFound: there is none, or none of theirs
    """
    statements, reader, asset = statements_of(ctx), reader_of(ctx), whose.asset_of(subject)
    found = await statements.find(month)
    if found is None:
        raise no_statement()
    held = [await statements.leaf(found, holder) for holder in await _holders(ctx, subject)]
    leaves = [leaf for leaf in held if leaf is not None]
    if not leaves:
        raise no_statement()
    earlier = await statements.find(month_before(month))
    start = earlier.size if earlier is not None else 0
    lots = summed([lot for leaf in leaves for lot in leaf.balances], asset)
    book = await passbook(ctx, reader, subject, asset, start, found.size)
    if not book.rows:
        book = Passbook(await held_at(reader, subject, asset, found.size), ())
    return Stated(
        found,
        date.fromisoformat(f"{month}-01"),
        tuple(leaf.holder for leaf in leaves),
        sum(leaf.entries for leaf in leaves),
        tuple((expiry(end), amount) for end, amount in lots.items()),
        book,
    )


async def _paper(ctx: Context, subject: Subject, month: str, name: str) -> Response[Any]:
    return await ctx.render(
        "statement_paper.html",
        shown=await stated(ctx, subject, month),
        name=name,
        print=fingerprint(await root_of(reader_of(ctx).store)),
    )


async def _holders(ctx: Context, subject: Subject) -> list[str]:
    rows = await reader_of(ctx).store.read(
        "SELECT holder FROM pseudonym WHERE kind = ? AND subject = ? ORDER BY holder", subject.kind, subject.id
    )
    return [holder for (holder,) in rows]


ROUTES = (all_statements, statement, statement_paper, statement_file, their_statement)
