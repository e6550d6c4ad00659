# SPDX-License-Identifier: Apache-2.0
"""The passbook on paper, for a resident and for the worker who prints it for somebody without a phone."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from litestar import Response
from markupsafe import Markup

from liren.ledger.at_hand import reader_of
from liren.ledger.lines import lines
from liren.ledger.log.history import end_of, position_at
from liren.ledger.papers.passbook import Passbook, Row, passbook
from liren.ledger.papers.receipts import fingerprint, root_of
from liren.ledger.reading import whose
from liren.ledger.rules.days import day_of
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.plugins.services import EntryView
from liren.web import SIGNED_IN, current, get, qr

ROWS: Final = {"a4": 18, "a5": 10}
"""Lines on a printed page, by paper."""
LATEST: Final = 20


@dataclass(frozen=True, slots=True)
class Leaf:
    """One printed page."""

    carried: int
    rows: tuple[Row, ...]
    picture: Markup | None
    """The everyday code of its last record: whoever checks that one knows that the page is genuine so far."""


@get("/ledger/passbook", allow=SIGNED_IN, name="passbook")
async def own_passbook(ctx: Context, year: str = "", paper: str = "a4", of: str = "") -> Response[Any]:
    """One's own passbook, or that of an organisation one acts for.

    :raises NotFound: not theirs
    """
    subject = await whose.own(ctx, of)
    names = dict(await whose.organisations(ctx)) if of else {}
    name = names.get(of) or (ctx.visitor.name if ctx.visitor else "")
    return await sheet(ctx, subject, name, year, paper)


@get("/ledger/people/{person:str}/passbook", allow=whose.PEOPLE, name="their_passbook")
async def their_passbook(ctx: Context, person: str, year: str = "", paper: str = "a4") -> Response[Any]:
    """A resident's passbook, printed at the window.

    :raises NotFound: nobody, or not in the visitor's area
    """
    card = await whose.in_area(ctx, person)
    await whose.looked(ctx, person, "passbook")
    return await sheet(ctx, Subject("h", person), card.name, year, paper)


@get("/ledger/people/{person:str}", allow=whose.PEOPLE, name="person")
async def person_page(ctx: Context, person: str) -> Response[Any]:
    """What a worker may print for somebody: passbook, statements, single receipts.

    :raises NotFound: nobody, or not in the visitor's area
    """
    card = await whose.in_area(ctx, person)
    await whose.looked(ctx, person, "points")
    entries = await ctx.ledger.entries(Subject("h", person), limit=LATEST)
    months = await reader_of(ctx).store.read("SELECT month FROM statement ORDER BY month DESC LIMIT 12")
    return await ctx.render(
        "person.html",
        card=card,
        balance=await ctx.ledger.balance(Subject("h", person)),
        lines=await lines(ctx, entries),
        months=[date.fromisoformat(f"{month}-01") for (month,) in months],
        years=await years(ctx, Subject("h", person)),
    )


async def sheet(ctx: Context, subject: Subject, name: str, year: str, paper: str) -> Response[Any]:
    """A year of records on as many pages as it takes."""
    reader, today = reader_of(ctx), ctx.today()
    shown = int(year) if year.isdecimal() and len(year) == 4 and 1970 < int(year) <= today.year else today.year
    first = date(shown, 1, 1)
    start = await position_at(reader.store.read, end_of(first - timedelta(days=1), reader.tz))
    end = await position_at(reader.store.read, end_of(date(shown, 12, 31), reader.tz))
    book = await passbook(ctx, reader, subject, whose.asset_of(subject), start, end)
    size = paper if paper in ROWS else "a4"
    return await ctx.render(
        "passbook.html",
        name=name,
        year=shown,
        years=await years(ctx, subject),
        paper=size,
        of=subject.id if subject.kind == "o" else None,
        person=subject.id if subject.kind == "h" and subject.id != ctx.actor else None,
        book=book,
        leaves=await _leaves(ctx, book, ROWS[size]),
        lots=(await ctx.ledger.balance(subject, whose.asset_of(subject))).lots if shown == today.year else (),
        print=fingerprint(await root_of(reader.store)),
    )


async def years(ctx: Context, subject: Subject) -> list[int]:
    """From the first record of the subject to this year, newest first."""
    reader = reader_of(ctx)
    rows = await reader.store.read(
        "SELECT MIN(e.admitted_ms) FROM log_entry e JOIN posting p ON p.pos = e.pos JOIN account a ON a.id = p.account"
        " WHERE a.holder IN (SELECT holder FROM pseudonym WHERE kind = ? AND subject = ?)",
        subject.kind,
        subject.id,
    )
    this = ctx.today().year
    since = day_of(rows[0][0], reader.tz).year if rows and rows[0][0] else this
    return list(range(this, min(since, this) - 1, -1))


async def _leaves(ctx: Context, book: Passbook, size: int) -> list[Leaf]:
    found = []
    for carried, rows in book.leaves(size):
        picture = await everyday_code(ctx, rows[-1].entry) if rows else None
        found.append(Leaf(carried, rows, picture))
    return found


async def everyday_code(ctx: Context, entry: EntryView) -> Markup:
    """The everyday code of a record; capitals keep it small."""
    token = await ctx.ledger.receipt_token(entry.rid)
    return qr(f"{current().site.public_url}/r/{token}".upper(), label=ctx.t("这一笔的二维码"))


ROUTES = (own_passbook, their_passbook, person_page)
