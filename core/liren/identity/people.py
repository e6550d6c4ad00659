# SPDX-License-Identifier: Apache-2.0
"""What is done to people: registered, moved, departed, merged. Each verb runs inside the caller's transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from liren.errors import Conflict
from liren.identity.administrators import keep_an_administrator
from liren.identity.errors import BadPerson, PersonTaken, no_such_person
from liren.identity.names import Sound, given_of, is_name, normalise, sound
from liren.identity.sealed import Private, hashes, number_tail, seal, twin_hash
from liren.store import Tx, Vault
from liren.store.audit import write as audit
from liren.units.ids import new_id
from liren.units.version import raise_version

VERSION: Final = "people"
HOUSEHOLD_ROLES: Final = ("head", "member", "tenant")
CHUNK: Final = 1000


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


async def register(
    tx: Tx,
    vault: Vault,
    people: Sequence[NewPerson],
    day: date,
    *,
    consent: tuple[str, str, str] | None = None,
    progress: Callable[[int], None] | None = None,
    import_id: str | None = None,
) -> list[str]:
    """Write many people at once; about 6 000 in two seconds.

    :param day: since when they live there, and when they agreed
    :param consent: (purpose, version, how) everybody gave, e.g. ``("points", "2026-01", "paper")``
    :param progress: called with how many are written
    :param import_id: the registration that brings them: while it is pending nobody sees them (``pending.py``)
    :returns: their public ids, in order
    :raises BadPerson: a name that is none
    :raises PersonTaken: an ID number is in the register already, or twice among ``people``
    """
    for person in people:
        if not is_name(person.name) or person.role not in HOUSEHOLD_ROLES:
            raise BadPerson(f"“{person.name}”不像姓名。", f"“{person.name}” does not look like a name.")
    await _refuse_known(tx, vault, people)
    ids = [new_id() for _ in people]
    for start in range(0, len(people), CHUNK):
        part, part_ids = people[start : start + CHUNK], ids[start : start + CHUNK]
        await _insert(tx, vault, part, part_ids, day, import_id)
        if consent is not None:
            rows = [(new_id(), person, *consent, day) for person in part_ids]
            await tx.many(
                "INSERT INTO consent (id, person, purpose, version, how, given) VALUES (?, ?, ?, ?, ?, ?)", rows
            )
        if progress is not None:
            progress(start + len(part))
        await asyncio.sleep(0)  # let pages through between chunks
    if import_id is not None:
        return ids
    await raise_version(tx, VERSION)
    subject = ids[0] if len(ids) == 1 else "import"
    await audit(tx, "identity", "identity.registered", subject, detail={"people": len(ids)})
    return ids


async def _refuse_known(tx: Tx, vault: Vault, people: Sequence[NewPerson]) -> None:
    wanted = [h for h in (hashes(vault, p.private)[2] for p in people) if h is not None]
    if len(set(wanted)) != len(wanted):
        raise PersonTaken("名单里有重复的身份证号。", "An ID number stands twice in the list.")
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        marks = ", ".join("?" * len(part))
        query = f"SELECT name FROM person WHERE merged_into IS NULL AND id_number_hash IN ({marks})"  # noqa: S608 - marks
        if await tx.sql(query, *part):
            raise PersonTaken(
                "这个身份证号已经登记过了。请先查一查，看是不是同一个人。",
                "This ID number is registered already. Look the person up first.",
            )


async def _insert(
    tx: Tx, vault: Vault, people: Sequence[NewPerson], ids: Sequence[str], day: date, import_id: str | None
) -> None:
    keys = await vault.ensure_keys(tx, ids)
    rows, homes = [], []
    for person, identity in zip(people, ids, strict=True):
        name = normalise(person.name)
        heard = person.heard or sound(name)
        private = person.private
        rows.append(
            (identity, name, given_of(name), heard.pinyin, heard.initials, *hashes(vault, private),
             number_tail(vault, private.id_number), twin_hash(vault, name, private.birthday),
             *seal(keys[identity], private), tx.now_ms, import_id)
        )  # fmt: skip
        if person.unit is not None:
            homes.append((new_id(), identity, person.unit, person.dwelling, person.role, day))
    await tx.many(
        "INSERT INTO person (id, name, given, pinyin, initials, phone_hash, phone_tail, id_number_hash,"
        " number_tail, twin_hash, phone_sealed, id_number_sealed, birthday_sealed, address_sealed, created_ms,"
        " import_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    if homes:
        await tx.many(
            "INSERT INTO residence (id, person, unit, dwelling, role, since) VALUES (?, ?, ?, ?, ?, ?)", homes
        )


async def move(
    tx: Tx, person: str, *, unit: str | None, day: date, dwelling: str | None = None, role: str = "member"
) -> None:
    """From ``day`` on the person lives in ``unit`` (None: has left the street's register of residents)."""
    await _known(tx, person)
    current = await tx.sql("SELECT id, since FROM residence WHERE person = ? AND until IS NULL", person)
    if current and current[0][1] > day:
        raise BadPerson("搬迁日期早于现住址的开始日期。", "The day of moving lies before the present residence began.")
    if current:
        await tx.sql("UPDATE residence SET until = ? WHERE id = ?", day, current[0][0])
    if unit is not None:
        await tx.sql(
            "INSERT INTO residence (id, person, unit, dwelling, role, since) VALUES (?, ?, ?, ?, ?, ?)",
            new_id(), person, unit, dwelling, role, day,
        )  # fmt: skip
    await raise_version(tx, VERSION)
    await audit(tx, "identity", "identity.moved", person, unit=unit)


async def merge(tx: Tx, *, kept: str, gone: str, day: date) -> None:
    """Two entries were one person: ``gone`` points to ``kept``; both histories stay.

    The caller then asks every plugin (``person_merged``) in the same transaction.
    """
    if kept == gone:
        raise Conflict("不能把一个人和自己合并。", "A person cannot be merged with themself.")
    await _known(tx, kept)
    await _known(tx, gone)
    await keep_an_administrator(tx, gone)
    await tx.sql("UPDATE person SET merged_into = ? WHERE id = ? OR merged_into = ?", kept, gone, gone)
    await _hand_over(tx, kept, gone, day)
    await _pending_moves(tx, kept, gone)
    await tx.sql("UPDATE role_grant SET until = ? WHERE person = ? AND (until IS NULL OR until > ?)", day, gone, day)
    await tx.sql("UPDATE login_account SET disabled_ms = ? WHERE person = ? AND disabled_ms IS NULL", tx.now_ms, gone)
    await tx.sql("DELETE FROM login_session WHERE account IN (SELECT id FROM login_account WHERE person = ?)", gone)
    await raise_version(tx, VERSION)
    await audit(tx, "identity", "identity.merged", kept, detail={"gone": gone})


async def _pending_moves(tx: Tx, kept: str, gone: str) -> None:
    """A list under way moves the entry that stays; where it names both, what it says of that one counts."""
    await tx.sql(
        "UPDATE people_pending_move SET person = ? WHERE person = ? AND import_id NOT IN"
        " (SELECT import_id FROM people_pending_move WHERE person = ?)",
        kept, gone, kept,
    )  # fmt: skip
    await tx.sql("DELETE FROM people_pending_move WHERE person = ?", gone)


async def _hand_over(tx: Tx, kept: str, gone: str, day: date) -> None:
    """What holds today goes on for the entry that stays, unless it has the like; what was, stays with the other.

    Roles end with the other entry: nobody gets a permission by a merge.
    """
    homes = await tx.sql(
        "UPDATE residence SET until = ? WHERE person = ? AND until IS NULL RETURNING unit, dwelling, role", day, gone
    )
    if homes and not await tx.sql("SELECT 1 FROM residence WHERE person = ? AND until IS NULL", kept):
        await tx.sql(
            "INSERT INTO residence (id, person, unit, dwelling, role, since) VALUES (?, ?, ?, ?, ?, ?)",
            new_id(), kept, *homes[0], day,
        )  # fmt: skip
    members = await tx.sql(
        "UPDATE organisation_member SET until = ? WHERE person = ? AND until IS NULL RETURNING organisation, role",
        day, gone,
    )  # fmt: skip
    for organisation, role in members:
        await tx.sql(
            "INSERT INTO organisation_member (id, organisation, person, role, since) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            new_id(), organisation, kept, role, day,
        )  # fmt: skip
    owned = await tx.sql(
        "UPDATE ownership SET until = ? WHERE person = ? AND until IS NULL RETURNING dwelling, share_of, share_in",
        day, gone,
    )  # fmt: skip
    for dwelling, of, whole in owned:
        await tx.sql(
            "INSERT INTO ownership (id, dwelling, person, share_of, share_in, since) VALUES (?, ?, ?, ?, ?, ?)",
            new_id(), dwelling, kept, of, whole, day,
        )  # fmt: skip


async def _known(tx: Tx, person: str) -> None:
    if not await tx.sql("SELECT 1 FROM person WHERE id = ? AND merged_into IS NULL", person):
        raise no_such_person()
