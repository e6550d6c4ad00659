# SPDX-License-Identifier: Apache-2.0
"""Who owns a dwelling (业主), in shares that never exceed the whole on any day.

Verbs run in the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from liren.errors import Conflict
from liren.identity.errors import BadOwnership
from liren.store import Store, Tx
from liren.store.audit import write as audit
from liren.units.ids import new_id

LARGEST: Final = 10_000
"""Of a share's denominator."""


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner of a dwelling on a day."""

    id: str
    """Of the relation."""
    person: str | None
    organisation: str | None
    name: str
    share: Fraction
    since: date
    until: date | None


def fits(shares: Sequence[tuple[Fraction, date, date | None]], new: tuple[Fraction, date, date | None]) -> bool:
    """Whether a share can be added: on no day do the owners then own more than the whole.

    :param shares: (share, first day, first day on which it no longer holds) of the others
    """
    share, since, until = new
    days = [since, *(begin for _, begin, _ in shares if begin >= since and (until is None or begin < until))]
    return all(
        share + sum((each for each, begin, end in shares if begin <= day and (end is None or day < end)), Fraction())
        <= 1
        for day in days
    )


def parse_share(text: str) -> Fraction | None:
    """``1/2``, ``50%``, ``1``; None for what is no share between nothing and the whole."""
    plain = text.replace(" ", "").replace("／", "/").replace("％", "%")
    try:
        share = Fraction(plain[:-1]) / 100 if plain.endswith("%") else Fraction(plain)
    except (ValueError, ZeroDivisionError):
        return None
    return share if 0 < share <= 1 and share.denominator <= LARGEST else None


async def own(
    tx: Tx, *, dwelling: str, share: Fraction, since: date, person: str | None = None, organisation: str | None = None
) -> str:
    """From ``since`` on this person or organisation owns a share; :returns: the relation's id.

    :raises BadOwnership: both or neither are named, or the shares exceed the whole on some day
    """
    if (person is None) == (organisation is None):
        raise BadOwnership("业主是一个人或者一家组织。", "An owner is one person or one organisation.")
    rows = await tx.sql("SELECT share_of, share_in, since, until FROM ownership WHERE dwelling = ?", dwelling)
    if not fits([(Fraction(of, whole), begin, end) for of, whole, begin, end in rows], (share, since, None)):
        raise BadOwnership(
            "这处房屋的份额加起来超过了全部。请先结束原来业主的份额。",
            "The shares of this dwelling add up to more than the whole. End the former owner's share first.",
        )
    identity = new_id()
    await tx.sql(
        "INSERT INTO ownership (id, dwelling, person, organisation, share_of, share_in, since)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        identity, dwelling, person, organisation, share.numerator, share.denominator, since,
    )  # fmt: skip
    await audit(tx, "identity", "identity.owns", person or organisation or "", detail={"dwelling": dwelling})
    return identity


async def end(tx: Tx, ownership: str, day: date) -> None:
    """Sold or passed on: the share ends on ``day``.

    :raises BadOwnership: no such share, or it began later
    """
    rows = await tx.sql(
        "UPDATE ownership SET until = ? WHERE id = ? AND until IS NULL AND since <= ?"
        " RETURNING dwelling, coalesce(person, organisation)",
        day, ownership, day,
    )  # fmt: skip
    if not rows:
        raise _none()
    await audit(tx, "identity", "identity.owned", rows[0][1], detail={"dwelling": rows[0][0]})


async def refuse_full(tx: Tx, ownership: str) -> None:
    """Whether a share that ended could be open again.

    :raises Conflict: the others own too much by now
    """
    rows = await tx.sql("SELECT dwelling, share_of, share_in, since FROM ownership WHERE id = ?", ownership)
    for dwelling, of, whole, since in rows:
        others = await tx.sql(
            "SELECT share_of, share_in, since, until FROM ownership WHERE dwelling = ? AND id <> ?", dwelling, ownership
        )
        if not fits([(Fraction(*each[:2]), each[2], each[3]) for each in others], (Fraction(of, whole), since, None)):
            raise Conflict(
                "名下的房屋已经登记给了别人。请先到那处房屋的页面改回来，再撤回。",
                "The property has been recorded for somebody else. Mend that on the dwelling's page first.",
            )


async def transfer(
    tx: Tx,
    ownership: str,
    *,
    dwelling: str,
    share: Fraction,
    day: date,
    person: str | None = None,
    organisation: str | None = None,
) -> str:
    """Sold, given or inherited: from ``day`` on a share, or a part of it, is another's.

    :returns: the new relation's id
    :param dwelling: where the share is, for it was asked for on that dwelling's page
    :raises BadOwnership: no such share, it began later, or it is smaller than what is passed on
    """
    rows = await tx.sql(
        "SELECT person, organisation, share_of, share_in FROM ownership"
        " WHERE id = ? AND dwelling = ? AND until IS NULL",
        ownership, dwelling,
    )  # fmt: skip
    if not rows:
        raise _none()
    before_person, before_organisation, of, whole = rows[0]
    rest = Fraction(of, whole) - share
    if rest < 0:
        raise BadOwnership("过户的份额比原来业主的还多。", "More is passed on than the former owner has.")
    if (before_person, before_organisation) == (person, organisation):
        raise BadOwnership("原来就是这位业主的。", "It is this owner's already.")
    await end(tx, ownership, day)
    if rest:
        await own(tx, dwelling=dwelling, share=rest, since=day, person=before_person, organisation=before_organisation)
    return await own(tx, dwelling=dwelling, share=share, since=day, person=person, organisation=organisation)


def _none() -> BadOwnership:
    return BadOwnership("没有这份产权，或者它开始得更晚。", "There is no such share, or it begins later.")


def share_text(share: Fraction) -> str:
    """``1/2``; ``全部`` is the page's word for the whole."""
    return f"{share.numerator}/{share.denominator}" if share != 1 else ""


@dataclass(frozen=True, slots=True)
class Owned:
    """A dwelling somebody owns today."""

    dwelling: str
    unit: str
    number: str
    share: Fraction
    since: date


async def of_person(store: Store, person: str) -> list[Owned]:
    """What a person owns today."""
    rows = await store.read(
        "SELECT d.id, d.unit, d.number, w.share_of, w.share_in, w.since FROM ownership w"
        " JOIN dwelling d ON d.id = w.dwelling WHERE w.person = ? AND w.until IS NULL ORDER BY w.since, w.id",
        person,
    )
    return [
        Owned(dwelling, unit, number, Fraction(of, whole), since) for dwelling, unit, number, of, whole, since in rows
    ]


async def owners(store: Store, dwelling: str, day: date | None = None) -> list[Owner]:
    """Who owns a dwelling on a day; everybody who ever did where ``day`` is None."""
    rows = await store.read(
        "SELECT w.id, w.person, w.organisation, coalesce(p.name, o.name), w.share_of, w.share_in, w.since, w.until"
        " FROM ownership w LEFT JOIN person p ON p.id = w.person LEFT JOIN organisation o ON o.id = w.organisation"
        " WHERE w.dwelling = ? ORDER BY w.since, w.id",
        dwelling,
    )
    made = [
        Owner(identity, person, organisation, name, Fraction(of, whole), since, until)
        for identity, person, organisation, name, of, whole, since, until in rows
    ]
    return [each for each in made if day is None or (each.since <= day and (each.until is None or day < each.until))]
