# SPDX-License-Identifier: Apache-2.0
"""What the register holds of one person, for their own pages and for those who look after them.

Whoever calls these has asked whether the visitor may see the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.identity.register.pending import VISIBLE
from liren.identity.sealed import FIELDS, Private, unseal
from liren.store import Store, Vault
from liren.store.parts import marks


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a household."""

    id: str
    name: str
    role: str
    """head, member, tenant"""


@dataclass(frozen=True, slots=True)
class Consented:
    """What somebody agreed to."""

    purpose: str
    version: str
    how: str
    given: date
    withdrawn: date | None
    title: str = ""
    """What a label's consent was for; empty for the purposes the core knows by name."""


async def last_home(store: Store, person: str) -> str | None:
    """Code of the unit they lived in last; None for who never lived in the street."""
    rows = await store.read(
        "SELECT unit FROM residence WHERE person = ? ORDER BY until IS NULL DESC, until DESC, since DESC LIMIT 1",
        person,
    )
    return str(rows[0][0]) if rows else None


async def private(store: Store, vault: Vault, person: str) -> Private:
    """Everything sealed, opened. Who calls this for somebody else audits it."""
    columns = ", ".join(f"{field}_sealed" for field in FIELDS)
    rows = await store.read(f"SELECT {columns} FROM person WHERE id = ?", person)  # noqa: S608 - own names
    if not rows:
        return Private()
    keys = await vault.keys(store, [person])
    return unseal(keys.get(person), dict(zip(FIELDS, rows[0], strict=True)))


async def phones(store: Store, vault: Vault, people: Sequence[str]) -> dict[str, str]:
    """The phones of those who have one, opened; pages show them masked."""
    if not people:
        return {}
    sealed = await store.read(
        f"SELECT id, phone_sealed FROM person WHERE phone_sealed IS NOT NULL AND id IN ({marks(people)})",  # noqa: S608
        *people,
    )
    keys = await vault.keys(store, [person for person, _ in sealed])
    opened = {person: unseal(keys.get(person), {"phone": value}).phone for person, value in sealed}
    return {person: phone for person, phone in opened.items() if phone is not None}


async def room_of(store: Store, person: str) -> str:
    """The number of the dwelling they live in; empty where it is not known."""
    rows = await store.read(
        "SELECT d.number FROM residence r JOIN dwelling d ON d.id = r.dwelling WHERE r.person = ? AND r.until IS NULL",
        person,
    )
    return str(rows[0][0]) if rows else ""


async def household_of(store: Store, person: str) -> list[Member]:
    """Who else lives in the same dwelling, the head first."""
    return [Member(*row) for row in await store.read(_HOUSEHOLD, person)]


async def consents_of(store: Store, person: str) -> list[Consented]:
    """Everything they ever agreed to, the oldest first; also what they took back."""
    rows = await store.read(
        "SELECT c.purpose, c.version, c.how, c.given, c.withdrawn, coalesce(k.title, '') FROM consent c"
        " LEFT JOIN label_kind k ON c.purpose = 'label/' || k.code WHERE c.person = ? ORDER BY c.given, c.id",
        person,
    )
    return [Consented(*row) for row in rows]


_HOUSEHOLD: Final = (
    "SELECT p.id, p.name, o.role FROM residence r JOIN residence o ON o.dwelling = r.dwelling"  # noqa: S608 - own names
    " AND o.until IS NULL AND o.person <> r.person JOIN person p ON p.id = o.person"
    f" WHERE r.person = ? AND r.until IS NULL AND {VISIBLE}"
    " ORDER BY CASE o.role WHEN 'head' THEN 0 ELSE 1 END, p.pinyin LIMIT 30"
)
