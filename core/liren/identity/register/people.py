# SPDX-License-Identifier: Apache-2.0
"""What is done to people: registered, moved, departed, merged. Each verb runs inside the caller's transaction."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from liren.errors import Conflict
from liren.identity.errors import BadPerson, no_such_person
from liren.identity.events import Merged, tell
from liren.identity.register.entries import CHUNK, HOUSEHOLD_ROLES, NewPerson, prepare, write
from liren.identity.roles.administrators import keep_an_administrator
from liren.store import Tx, Vault
from liren.store.audit import write as audit
from liren.store.parts import in_parts
from liren.units.ids import new_id
from liren.units.version import raise_version

__all__ = ["HOUSEHOLD_ROLES", "VERSION", "NewPerson", "merge", "move", "register"]

VERSION: Final = "people"


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
    :param consent: (purpose, version, how) everybody gave who can (not below fourteen), e.g.
        ``("points", "2026-01", "paper")``
    :param progress: called with how many are written
    :param import_id: the registration that brings them: while it is pending nobody sees them (``pending.py``)
    :returns: their public ids, in order
    :raises BadPerson: a name that is none
    :raises PersonTaken: an ID number is in the register already, or twice among ``people``
    """
    ids: list[str] = []
    for part in in_parts(people, CHUNK):
        entries = prepare(vault, part, day, consent=consent, import_id=import_id)
        await write(tx, entries, [person.dwelling for person in part])
        ids += entries.ids
        if progress is not None:
            progress(len(ids))
    if import_id is not None:
        return ids
    await raise_version(tx, VERSION)
    subject = ids[0] if len(ids) == 1 else "import"
    await audit(tx, "identity", "identity.registered", subject, detail={"people": len(ids)})
    return ids


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
    await tell(tx, Merged(kept, gone))
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
