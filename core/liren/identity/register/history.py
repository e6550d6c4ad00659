# SPDX-License-Identifier: Apache-2.0
"""What was so on a day: who lived in a dwelling, to which community somebody belonged, everything dated of one person.

Days are half-open: a relation holds on ``since`` and no longer on ``until``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from liren.identity.register.pending import VISIBLE
from liren.store import Store
from liren.store.parts import in_parts, marks
from liren.units.ids import is_id
from liren.units.tree import Tree


@dataclass(frozen=True, slots=True)
class Lived:
    """Somebody in a dwelling, from when to when."""

    person: str
    name: str
    role: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Relation:
    """One dated relation of a person."""

    kind: str
    """home, organisation, role, ownership"""
    unit: str | None
    """Code of the unit where it is one."""
    what: str
    """Room, organisation's name, role, or dwelling's number."""
    role: str
    """In the household or organisation; a share as ``1/2``; empty otherwise."""
    since: date
    until: date | None
    target: str = ""
    """Id of the organisation or dwelling, for a link."""


async def lived_in(store: Store, dwelling: str, day: date | None = None) -> list[Lived]:
    """Who lived in a dwelling on a day; everybody who ever did where ``day`` is None. The head first."""
    rows = await store.read(
        "SELECT p.id, p.name, r.role, r.since, r.until FROM residence r JOIN person p ON p.id = r.person"  # noqa: S608
        f" WHERE r.dwelling = ? AND {VISIBLE}"
        " ORDER BY r.since DESC, CASE r.role WHEN 'head' THEN 0 ELSE 1 END, p.pinyin, p.id",
        dwelling,
    )
    found = [Lived(*row) for row in rows]
    return [each for each in found if day is None or (each.since <= day and (each.until is None or day < each.until))]


async def community_on(store: Store, tree: Tree, people: Sequence[str], day: date) -> dict[str, str]:
    """Code of the community each of them belonged to on that day; who lived nowhere in the street is left out.

    A person may move within a day: the later home counts.
    """
    found: dict[str, str] = {}
    wanted = [each for each in dict.fromkeys(people) if is_id(each)]
    for part in in_parts(wanted):
        rows = await store.read(
            "SELECT person, unit FROM residence WHERE since <= ? AND (until IS NULL OR until > ?)"  # noqa: S608 - marks
            f" AND person IN ({marks(part)}) ORDER BY since, until",
            day, day, *part,
        )  # fmt: skip
        for person, unit in rows:
            card = tree.ancestor(unit, "community")
            if card is not None:
                found[person] = card.code
    return found


async def relations_of(store: Store, person: str) -> list[Relation]:
    """Everything dated of one person, the latest first."""
    homes = await store.read(
        "SELECT 'home', r.unit, coalesce(d.number, ''), r.role, r.since, r.until, coalesce(r.dwelling, '')"
        " FROM residence r LEFT JOIN dwelling d ON d.id = r.dwelling WHERE r.person = ?",
        person,
    )
    members = await store.read(
        "SELECT 'organisation', NULL, o.name, m.role, m.since, m.until, o.id FROM organisation_member m"
        " JOIN organisation o ON o.id = m.organisation WHERE m.person = ?",
        person,
    )
    roles = await store.read("SELECT 'role', unit, role, '', since, until, '' FROM role_grant WHERE person = ?", person)
    owned = await store.read(
        "SELECT 'ownership', d.unit, d.number, CAST(w.share_of AS TEXT) || '/' || CAST(w.share_in AS TEXT), w.since,"
        " w.until, d.id FROM ownership w JOIN dwelling d ON d.id = w.dwelling WHERE w.person = ?",
        person,
    )
    found = [Relation(*row) for row in (*homes, *members, *roles, *owned)]
    return sorted(found, key=lambda each: (each.until is None, each.since), reverse=True)
