# SPDX-License-Identifier: Apache-2.0
"""What each funder owes for a month, by site: a sheet with its hash attested in the ledger, so that nobody changes it
afterwards. Money moves elsewhere; the sheet is what it moves by.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from liren.api import Context, Outbox, Tx, _
from liren.web import gettext
from liren.web.sheets import Heading, Page, write_book
from liren_canteen import orders, queries, sites, subsidy, words
from liren_canteen.errors import ClaimedAlready, MonthMoved, MonthNotOver, NothingToClaim, nothing_here
from liren_canteen.order_flow import ORDER
from liren_canteen.rulebook import SUBSIDY
from liren_canteen.tables import Claim, MealOrder, Site, SubsidyShare, new_id

AT_ONCE: Final = 200
"""Orders settled in one transaction."""
MOST_ROWS: Final = 200_000


class ClaimForm(msgspec.Struct, frozen=True):
    month: Annotated[str, Meta(title=_("哪个月"), pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class Claimed(msgspec.Struct, frozen=True):
    claims: int


@dataclass(frozen=True, slots=True)
class Owed:
    """One site's part of a funder's month."""

    site: str
    meals: int
    people: int
    fen: int


@dataclass(frozen=True, slots=True)
class Eaten:
    """What one funder gives for one meal."""

    id: str
    """Of the share."""
    state: str
    person: str
    title: str
    fen: int
    meal_order: str
    site: str
    day: date
    meal: str
    price_fen: int


def first_of(month: str) -> date:
    year, number = month.split("-")
    return date(int(year), int(number), 1)


def after(month: str) -> date:
    """First day of the month that follows."""
    return (first_of(month) + timedelta(days=31)).replace(day=1)


async def owed(month: str) -> dict[str, list[Owed]]:
    """Funder → its sites, what was eaten and earned; one statement."""
    rows = await SubsidyShare.raw(
        "SELECT s.funder, o.site, COUNT(*) AS meals, COUNT(DISTINCT s.person) AS people, SUM(s.fen) AS fen"
        " FROM canteen_share s JOIN canteen_order o ON o.id = s.meal_order"
        " WHERE s.month = {} AND s.state IN ('earned', 'claimed') AND s.fen > 0"
        " GROUP BY s.funder, o.site ORDER BY s.funder, o.site LIMIT 5000",
        month,
    )
    found: dict[str, list[Owed]] = {}
    for row in rows:
        found.setdefault(row["funder"], []).append(
            Owed(row["site"], int(row["meals"]), int(row["people"]), int(row["fen"]))
        )
    return found


async def seal(ctx: Context, key: str, form: ClaimForm) -> int:
    """Every funder's sheet of a month that is over, each attested.

    :returns: how many
    :raises MonthNotOver: meals may still be eaten in it
    :raises ClaimedAlready: sealed before
    :raises MonthMoved: a meal of it was entered meanwhile
    :raises NothingToClaim: nobody owes anything
    """
    ctx.require(SUBSIDY)
    if after(form.month) > ctx.today():
        raise MonthNotOver(after(form.month))
    # A city's month is tens of thousands of rows: read once, and written before anybody else has to wait for this
    # transaction, which only marks them.
    found = await _read(form.month)
    books = {funder: await _book(ctx, form.month, funder, eaten) for funder, eaten in found.items()}

    async def body(tx: Tx) -> Claimed:
        if await Claim.exists().where(Claim.month == form.month):
            raise ClaimedAlready(form.month)
        if not found:
            raise NothingToClaim(form.month)
        earned = (SubsidyShare.month == form.month) & (SubsidyShare.state == "earned")
        marked = (
            await SubsidyShare.update({SubsidyShare.state: "claimed"})
            .where(earned)
            .returning(SubsidyShare.id, SubsidyShare.fen)
        )
        known = {(each.id, each.fen) for eaten in found.values() for each in eaten if each.state == "earned"}
        if {(row["id"], int(row["fen"])) for row in marked if row["fen"] > 0} != known:
            raise MonthMoved(form.month)
        street = await ctx.units.street()
        for funder, eaten in found.items():
            await _seal_one(ctx, tx, form.month, funder, eaten, books[funder], street.code)
        return Claimed(len(found))

    return (await ctx.once(key, form, body, Claimed)).claims


async def _seal_one(
    ctx: Context, tx: Tx, month: str, funder: str, eaten: Sequence[Eaten], content: bytes, unit: str
) -> None:
    digest, claim = hashlib.sha256(content), new_id()
    posted = await tx.attest(f"doc/canteen/claim-{claim}", digest.digest(), code="canteen.claim", unit=unit)
    await Claim.insert(
        Claim(
            id=claim,
            month=month,
            funder=funder,
            meals=len(eaten),
            people=len({each.person for each in eaten}),
            fen=sum(each.fen for each in eaten),
            content=content,
            digest=digest.hexdigest(),
            record=posted.rid,
            made_ms=orders.milliseconds(ctx.now()),
            made_by=ctx.actor,
        )
    )
    await tx.audit("claim-sealed", claim, month=month, fen=sum(each.fen for each in eaten))


async def _read(month: str) -> dict[str, list[Eaten]]:
    """Funder → every meal it gives something for; one statement."""
    rows = await SubsidyShare.raw(
        "SELECT s.id, s.funder, s.state, s.person, s.title, s.fen, o.id AS meal_order, o.site, o.day, o.meal,"
        " o.price_fen FROM canteen_share s JOIN canteen_order o ON o.id = s.meal_order"
        " WHERE s.month = {} AND s.fen > 0 AND s.state IN ('earned', 'claimed') ORDER BY o.day, o.id LIMIT {}",
        month,
        MOST_ROWS,
    )
    found: dict[str, list[Eaten]] = {}
    for row in rows:
        numbers = {"fen": int(row["fen"]), "price_fen": int(row["price_fen"]), "day": queries.day_of(row["day"])}
        found.setdefault(row["funder"], []).append(Eaten(**{k: v for k, v in row.items() if k != "funder"} | numbers))
    return {funder: found[funder] for funder in sorted(found)}


async def _book(ctx: Context, month: str, funder: str, eaten: Sequence[Eaten]) -> bytes:
    """Two sheets: by site, and every meal with a masked name. Amounts in 分, as whole numbers."""
    names = {site.id: site for site in await sites.all_sites()}
    title = gettext("%(month)s 助餐补贴结算单：%(funder)s", month=month, funder=funder)
    at: dict[str, list[Eaten]] = {}
    for each in eaten:
        at.setdefault(each.site, []).append(each)
    rows: list[list[Any]] = [
        [_name(names, site), len(meals), len({each.person for each in meals}), sum(each.fen for each in meals)]
        for site, meals in sorted(at.items())
    ]
    rows.append([gettext("合计"), len(eaten), None, sum(each.fen for each in eaten)])
    by_site = Page(
        gettext("各食堂"),
        [
            Heading(gettext("食堂"), 24),
            Heading(gettext("餐数"), 10, "number"),
            Heading(gettext("人数"), 10, "number"),
            Heading(gettext("金额（分）"), 14, "number"),
        ],
        rows,
        above=[title],
    )
    meals_page = Page(
        gettext("每一餐"),
        [
            Heading(gettext("日期"), 12, "day"),
            Heading(gettext("哪一餐"), 8),
            Heading(gettext("食堂"), 24),
            Heading(gettext("姓名"), 10),
            Heading(gettext("补给谁"), 24),
            Heading(gettext("价格（分）"), 12, "number"),
            Heading(gettext("金额（分）"), 12, "number"),
            Heading(gettext("单号"), 16),
        ],
        await _meals(ctx, eaten, names),
        above=[title],
    )
    return await asyncio.to_thread(write_book, [by_site, meals_page])


def _name(names: dict[str, Site], site: str) -> str:
    return names[site].name if site in names else site


async def _meals(ctx: Context, eaten: Sequence[Eaten], names: dict[str, Site]) -> list[list[Any]]:
    cards = await ctx.people.cards([each.person for each in eaten if each.person])
    masked = {person: card.masked for person, card in cards.items()}
    return [
        [
            each.day,
            gettext(words.MEALS[each.meal]),
            _name(names, each.site),
            masked.get(each.person, ""),
            each.title,
            each.price_fen,
            each.fen,
            each.meal_order,
        ]
        for each in eaten
    ]


async def settle_month(ctx: Context, month: str) -> int:
    """Eaten and missed meals of a sealed month are over: 已结算. A few hundred at a time; safe to be run again."""
    done = 0
    while True:
        rows = (
            await MealOrder.select(MealOrder.id)
            .where(
                (MealOrder.day >= first_of(month))
                & (MealOrder.day < after(month))
                & MealOrder.state.is_in(["taken", "missed"])
            )
            .limit(AT_ONCE)
        )
        if not rows:
            return done
        async with ctx.transaction() as tx:
            for row in rows:
                await _settle(ctx, tx, row["id"])
        done += len(rows)


async def _settle(ctx: Context, tx: Outbox, order: str) -> None:
    case = await ctx.cases.of(ORDER.name, order)
    if case is not None:
        await ctx.cases.move(tx, case, "settle")
    else:  # taken over from the system before: there never was a case
        await MealOrder.update({MealOrder.state: "settled"}).where(MealOrder.id == order)


async def settle_due(ctx: Context) -> None:
    """The job: what a sealed month left."""
    rows = await Claim.raw("SELECT DISTINCT month FROM canteen_claim ORDER BY month DESC LIMIT {}", 3)
    for row in rows:
        await settle_month(ctx, row["month"])


# --- reading


async def sealed(limit: int, offset: int) -> tuple[list[Claim], int]:
    """(some of them, how many there are), the latest first, without their content."""
    rows = (
        await Claim.objects().order_by(Claim.month, ascending=False).order_by(Claim.funder).limit(limit).offset(offset)
    )
    return rows, await Claim.count()


async def is_sealed(month: str) -> bool:
    return await Claim.exists().where(Claim.month == month)


async def claim_of(claim: str) -> Claim:
    """:raises NotFound: no such claim"""
    found = await Claim.objects().where(Claim.id == claim).first()
    if found is None:
        raise nothing_here()
    return found


def last_month(today: date) -> str:
    return subsidy.month_of(today.replace(day=1) - timedelta(days=1))
