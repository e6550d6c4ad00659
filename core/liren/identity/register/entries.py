# SPDX-License-Identifier: Apache-2.0
"""New people as rows: worked out before the transaction, so that it only writes.

Hashing, sealing and drawing ids is most of the computing of a registration; done beforehand, a hundred people keep the
writer for some hundredths of a second.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from liren.identity.errors import BadPerson, PersonTaken
from liren.identity.register.names import Sound, given_of, is_name, normalise, sound
from liren.identity.register.numbers import too_young_to_agree
from liren.identity.sealed import Private, hashes, number_tail, seal, twin_hash
from liren.store import Tx, Vault
from liren.store.parts import in_parts, marks
from liren.store.tx import Row
from liren.units.ids import new_id
from liren.units.rules import area_of

HOUSEHOLD_ROLES: Final = ("head", "member", "tenant")
CHUNK: Final = 1000
_ID_NUMBER: Final = 7
"""Where the hash of the ID number stands in a row of ``person``."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to register, already checked (``import_rules.py`` or a form)."""

    name: str
    private: Private = field(default_factory=Private)
    unit: str | None = None
    """Code of the deepest unit known to hold the dwelling; None for somebody who lives elsewhere (staff, merchants)."""
    dwelling: str | None = None
    role: str = "member"
    """In the household: head, member or tenant."""
    heard: Sound | None = None
    """How the name sounds, where that was worked out already."""


@dataclass(frozen=True, slots=True)
class Entries:
    """People as they will stand in the register."""

    ids: tuple[str, ...]
    people: Sequence[NewPerson]
    person_rows: list[Row]
    key_rows: list[Row]
    consent_rows: list[Row]
    day: date

    @property
    def numbers(self) -> list[str]:
        """Hashes of the ID numbers there are."""
        return [row[_ID_NUMBER] for row in self.person_rows if row[_ID_NUMBER] is not None]


def prepare(
    vault: Vault,
    people: Sequence[NewPerson],
    day: date,
    *,
    consent: tuple[str, str, str] | None = None,
    import_id: str | None = None,
) -> Entries:
    """Pure computing, some 50 µs a person.

    :param day: since when they live there, and when they agreed
    :param consent: (purpose, version, how) everybody gave who can (not below fourteen)
    :param import_id: the registration that brings them
    :raises BadPerson: a name that is none
    :raises PersonTaken: an ID number stands twice among them
    """
    for person in people:
        if not is_name(person.name) or person.role not in HOUSEHOLD_ROLES:
            raise BadPerson(f"“{person.name}”不像姓名。", f"“{person.name}” does not look like a name.")
    ids = tuple(new_id() for _ in people)
    keys, key_rows = vault.new_keys(ids)
    rows: list[Row] = []
    for person, identity in zip(people, ids, strict=True):
        name, private = normalise(person.name), person.private
        heard = person.heard or sound(name)
        rows.append(
            (identity, name, given_of(name), heard.pinyin, heard.initials, *hashes(vault, private),
             number_tail(vault, private.id_number), twin_hash(vault, name, private.birthday),
             *seal(keys[identity], private), import_id)
        )  # fmt: skip
    consents: list[Row] = []
    if consent is not None:  # nobody under fourteen agrees by a list: their guardian does, at the counter
        of_age = (not too_young_to_agree(person.private.birthday, day) for person in people)
        consents = [(new_id(), identity, *consent, day) for identity, can in zip(ids, of_age, strict=True) if can]
    entries = Entries(ids, people, rows, key_rows, consents, day)
    if len(set(entries.numbers)) != len(entries.numbers):
        raise PersonTaken("名单里有重复的身份证号。", "An ID number stands twice in the list.")
    return entries


async def write(tx: Tx, entries: Entries, dwellings: Sequence[str | None]) -> None:
    """
    :param dwellings: where each of them lives, in order
    :raises PersonTaken: an ID number is in the register already
    """
    await _refuse_known(tx, entries.numbers)
    areas = await _areas(tx, [person.unit for person in entries.people])
    homes = [
        (new_id(), identity, person.unit, dwelling, person.role, entries.day)
        for identity, person, dwelling in zip(entries.ids, entries.people, dwellings, strict=True)
        if person.unit is not None
    ]
    for query, rows in (
        ("INSERT INTO subject_key (subject, wrapped) VALUES (?, ?)", entries.key_rows),
        (
            "INSERT INTO person (id, name, given, pinyin, initials, phone_hash, phone_tail, id_number_hash,"
            " number_tail, twin_hash, phone_sealed, id_number_sealed, birthday_sealed, address_sealed, import_id,"
            " created_ms, area)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (*row, tx.now_ms, areas.get(person.unit))
                for row, person in zip(entries.person_rows, entries.people, strict=True)
            ],
        ),
        ("INSERT INTO residence (id, person, unit, dwelling, role, since) VALUES (?, ?, ?, ?, ?, ?)", homes),
        (
            "INSERT INTO consent (id, person, purpose, version, how, given) VALUES (?, ?, ?, ?, ?, ?)",
            entries.consent_rows,
        ),
    ):
        if rows:
            await tx.many(query, rows)
            await asyncio.sleep(0)  # let pages through


async def _areas(tx: Tx, units: Sequence[str | None]) -> dict[str | None, str]:
    """The community of each unit: a trigger of ``residence`` keeps it, and has nothing to write where it is right."""
    wanted = list({unit for unit in units if unit is not None})
    found: dict[str | None, str] = {}
    for part in in_parts(wanted, CHUNK):
        rows = await tx.sql(f"SELECT code, path FROM unit WHERE code IN ({marks(part)})", *part)  # noqa: S608 - marks
        found |= {code: area for code, path in rows if (area := area_of(path)) is not None}
    return found


async def _refuse_known(tx: Tx, numbers: Sequence[str]) -> None:
    for part in in_parts(numbers, CHUNK):
        query = f"SELECT name FROM person WHERE merged_into IS NULL AND id_number_hash IN ({marks(part)})"  # noqa: S608 - marks
        if await tx.sql(query, *part):
            raise PersonTaken(
                "这个身份证号已经登记过了。请先查一查，看是不是同一个人。",
                "This ID number is registered already. Look the person up first.",
            )
