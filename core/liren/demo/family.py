# SPDX-License-Identifier: Apache-2.0
"""The family of the resident who signs in: a son, a grandchild and who answers for the child; whose home it is; two
labels with their consents, so that every page of the register has something to show.
"""

from datetime import date
from fractions import Fraction
from typing import Final

from liren.app import Street
from liren.demo import cast
from liren.identity.labels import guardians, kinds, labels
from liren.identity.on_paper import POINTS
from liren.identity.register import ownership
from liren.identity.register.people import NewPerson, register
from liren.identity.sealed import Private
from liren.store import Tx

SON, CHILD = "卢建平", "卢小满"
SON_PHONE: Final = "19900010031"
CHILD_AGE: Final = 8
SINCE: Final = date(2008, 5, 20)
"""The family bought its home."""
NEIGHBOURS: Final = 6
"""Homes on the same stair whose heads own them."""
CARER: Final = "identity.carer"
ALONE: Final = ("alone", "独居老人", "网格员每周上门看一次，天热天冷多打电话。只有标签专员能看到，您随时可以撤回。")
FETCHED: Final = ("fetched", "放学要人接", "家里没空的时候，志愿者去学校接。只有标签专员能看到，监护人随时可以撤回。")


async def move_in(street: Street) -> None:
    """Done once: a second time it finds the son."""
    people = street.identity.people
    if await people.lookup(SON):
        return
    phone = people.hash_of("phone", cast.RESIDENT_PHONE)
    rows = await street.store.read(
        "SELECT p.id, r.unit, r.dwelling FROM person p JOIN residence r ON r.person = p.id AND r.until IS NULL"
        " WHERE p.phone_hash = ?",
        phone,
    )
    if not rows:
        return
    grandmother, unit, home = rows[0]
    alone = await _alone(street, unit, grandmother)
    today = street.today()
    born = today.replace(year=today.year - CHILD_AGE, day=min(today.day, 28))
    async with street.store.transaction(cast.ACTOR, limit_s=30) as tx:
        new = [
            NewPerson(SON, Private(phone=SON_PHONE, birthday=date(1985, 3, 9)), unit, home),
            NewPerson(CHILD, Private(phone=SON_PHONE, birthday=born), unit, home),
        ]
        son, child = await register(tx, street.vault, new, today, consent=POINTS)
        await guardians.appoint(
            tx, street.vault, guardian=son, ward=child, kind="minor", evidence="household", basis="", since=today,
            ages={child: CHILD_AGE, son: today.year - 1986}, unit=unit,
        )  # fmt: skip
        await _owners(tx, unit, home, (grandmother, son))
        await _label(tx, ALONE, alone, today, agree=None)
        await _label(tx, FETCHED, child, today, agree=son)


async def _alone(street: Street, unit: str, but: str) -> str:
    """Somebody of the building, of one of its smallest households."""
    rows = await street.store.read(
        "SELECT min(person) FROM residence WHERE until IS NULL AND unit IN"
        " (SELECT code FROM unit WHERE parent = (SELECT parent FROM unit WHERE code = ?))"
        " GROUP BY coalesce(dwelling, id) ORDER BY count(*), 1 LIMIT 2",
        unit,
    )
    return next(str(person) for (person,) in rows if person != but)


async def _owners(tx: Tx, unit: str, home: str | None, family: tuple[str, str]) -> None:
    """Mother and son half each; the neighbours all of theirs."""
    if home is None:
        return
    for person in family:
        await ownership.own(tx, dwelling=home, share=Fraction(1, 2), since=SINCE, person=person)
    heads = await tx.sql(
        "SELECT dwelling, min(person) FROM residence WHERE unit = ? AND until IS NULL AND dwelling <> ?"
        " GROUP BY dwelling ORDER BY dwelling LIMIT ?",
        unit, home, NEIGHBOURS,
    )  # fmt: skip
    for dwelling, head in heads:
        await ownership.own(tx, dwelling=dwelling, share=Fraction(1), since=SINCE, person=head)


async def _label(tx: Tx, what: tuple[str, str, str], person: str, day: date, *, agree: str | None) -> None:
    """:param agree: the guardian who does; None: the person themself, on paper"""
    code, title, text = what
    made = await kinds.add(tx, code=code, title=title, sensitive=True, seen_by=CARER, text=text, day=day)
    kind = kinds.Kind(made, code, title, True, CARER, None, 1, text)
    counts = None if agree is None else (agree,)
    await labels.give(tx, person, kind, day=day, how="paper", given_by=agree, counts=counts)
