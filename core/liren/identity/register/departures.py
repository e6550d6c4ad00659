# SPDX-License-Identifier: Apache-2.0
"""Moving away and death: what ends with it is shown before, and a wrong one can be taken back for a day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import msgspec

from liren.errors import Conflict
from liren.identity.errors import BadPerson, no_such_person
from liren.identity.events import Departed, DepartureUndone, tell
from liren.identity.register import ownership
from liren.identity.register.people import VERSION
from liren.identity.roles.administrators import keep_an_administrator
from liren.plugins.context import Context
from liren.store import Store, Tx
from liren.store.audit import write as audit
from liren.units import appointments
from liren.units.ids import new_id
from liren.units.version import raise_version

UNDO_MS: Final = 24 * 3600 * 1000
_DATED: Final = ("residence", "organisation_member", "ownership", "person_label")
"""Tables of relations that end with a departure; an heir's ownership is registered anew."""
_TERMS: Final = ("role_grant", "appointment", "team_member")
"""Tables of what is held for a term."""


class Closed(msgspec.Struct, frozen=True):
    """What a departure ended, so that exactly this can be opened again."""

    dated: dict[str, list[str]]
    """Table → ids of rows that had no end."""
    terms: list[tuple[str, str, str | None]]
    """(table, id, the end it had) of roles, posts and seats in teams"""
    account: str | None
    """Disabled by it."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What would end, for the page that asks."""

    residence: str | None
    """Code of the unit they live in."""
    organisations: int
    ownerships: int
    roles: tuple[tuple[str, str], ...]
    """(role, unit)"""
    posts: int
    """Appointments and seats in teams."""
    account: bool


@dataclass(frozen=True, slots=True)
class Departure:
    id: str
    day: date
    died: bool
    at_ms: int


async def ends(store: Store, person: str, day: date) -> Ends:
    """What a departure on ``day`` would end."""
    home = await store.read("SELECT unit FROM residence WHERE person = ? AND until IS NULL", person)
    organisations = await store.read(
        "SELECT count(*) FROM organisation_member WHERE person = ? AND until IS NULL", person
    )
    ownerships = await store.read("SELECT count(*) FROM ownership WHERE person = ? AND until IS NULL", person)
    roles = await store.read(
        "SELECT role, unit FROM role_grant WHERE person = ? AND (until IS NULL OR until > ?) ORDER BY unit, role",
        person, day,
    )  # fmt: skip
    posts = await store.read(
        "SELECT (SELECT count(*) FROM appointment WHERE person = ? AND (until IS NULL OR until > ?))"
        " + (SELECT count(*) FROM team_member WHERE person = ? AND (until IS NULL OR until > ?))",
        person, day, person, day,
    )  # fmt: skip
    account = await store.read("SELECT 1 FROM login_account WHERE person = ? AND disabled_ms IS NULL", person)
    return Ends(
        home[0][0] if home else None,
        int(organisations[0][0]),
        int(ownerships[0][0]),
        tuple((role, unit) for role, unit in roles),
        int(posts[0][0]),
        bool(account),
    )


async def leave(tx: Tx, ctx: Context, person: str, day: date, *, died: bool) -> str:
    """:func:`depart`, and every package and module ends what runs on of itself, or nothing happened."""
    departure = await depart(tx, person, day, died=died)
    await ctx.every("person_left", person=person, reason="died" if died else "moved", on=day)
    return departure


async def depart(tx: Tx, person: str, day: date, *, died: bool = False) -> str:
    """Close every relation and the account; the history stays. :returns: the departure's id, for taking it back.

    :raises NotFound: no such person
    :raises BadPerson: gone already, or before they came
    """
    await _check(tx, person, day)
    await keep_an_administrator(tx, person)
    closed = await _close(tx, person, day, died=died)
    column = "died" if died else "left_on"
    await tx.sql(f"UPDATE person SET {column} = ? WHERE id = ?", day, person)  # noqa: S608 - one of two own names
    identity = new_id()
    await tx.sql(
        "INSERT INTO departure (id, person, day, died, actor, at_ms, closed) VALUES (?, ?, ?, ?, ?, ?, ?)",
        identity, person, day, int(died), tx.actor, tx.now_ms, msgspec.json.encode(closed).decode(),
    )  # fmt: skip
    await raise_version(tx, VERSION)
    await tell(tx, Departed(person, identity, day.isoformat(), died))
    await audit(tx, "identity", "identity.died" if died else "identity.left", person)
    return identity


async def _check(tx: Tx, person: str, day: date) -> None:
    rows = await tx.sql("SELECT died, left_on FROM person WHERE id = ? AND merged_into IS NULL", person)
    if not rows:
        raise no_such_person()
    if rows[0] != (None, None):
        raise BadPerson("已经登记为迁出或去世了。", "They are registered as moved away or dead already.")
    if await tx.sql("SELECT 1 FROM residence WHERE person = ? AND until IS NULL AND since > ?", person, day):
        raise BadPerson("日期早于现住址的开始日期。", "The day lies before the present residence began.")


async def _close(tx: Tx, person: str, day: date, *, died: bool) -> Closed:
    dated: dict[str, list[str]] = {}
    for table in _DATED:
        rows = await tx.sql(
            f"UPDATE {table} SET until = ? WHERE person = ? AND until IS NULL RETURNING id",  # noqa: S608 - own names
            day, person,
        )  # fmt: skip
        dated[table] = [row[0] for row in rows]
    dated["guardianship"] = await _close_guardianships(tx, person, day, died=died)
    terms: list[tuple[str, str, str | None]] = []
    for table in _TERMS:
        rows = await tx.sql(
            f"SELECT id, until FROM {table} WHERE person = ? AND (until IS NULL OR until > ?)",  # noqa: S608 - own names
            person, day,
        )  # fmt: skip
        terms += [(table, row, until.isoformat() if until else None) for row, until in rows]
    await appointments.depart(tx, person, day)
    await tx.sql("UPDATE role_grant SET until = ? WHERE person = ? AND (until IS NULL OR until > ?)", day, person, day)
    account = await tx.sql(
        "UPDATE login_account SET disabled_ms = ? WHERE person = ? AND disabled_ms IS NULL RETURNING id",
        tx.now_ms, person,
    )  # fmt: skip
    await tx.sql("DELETE FROM login_session WHERE account IN (SELECT id FROM login_account WHERE person = ?)", person)
    return Closed(dated, terms, account[0][0] if account else None)


async def _close_guardianships(tx: Tx, person: str, day: date, *, died: bool) -> list[str]:
    """Who leaves is answered for elsewhere; who moves away may still answer for a child that stays; death ends both."""
    either = "(ward = ? OR guardian = ?)" if died else "ward = ?"
    rows = await tx.sql(
        f"UPDATE guardianship SET until = ? WHERE until IS NULL AND {either} RETURNING id",  # noqa: S608 - own words
        *((day, person, person) if died else (day, person)),
    )
    return [row[0] for row in rows]


async def last(store: Store, person: str, now_ms: int) -> Departure | None:
    """The departure that can still be taken back; None where there is none."""
    rows = await store.read(
        "SELECT id, day, died, at_ms FROM departure WHERE person = ? AND undone_ms IS NULL AND at_ms > ?"
        " ORDER BY at_ms DESC LIMIT 1",
        person, now_ms - UNDO_MS,
    )  # fmt: skip
    return Departure(rows[0][0], rows[0][1], bool(rows[0][2]), rows[0][3]) if rows else None


async def undo(tx: Tx, departure: str, person: str, *, single: Collection[str] = ()) -> None:
    """It was the wrong person: open exactly what the departure closed.

    :param single: posts with one seat a unit: one that was given to somebody else since stays theirs
    :raises Conflict: too late, taken back already; a home, share or seat has gone to somebody else since
    """
    rows = await tx.sql(
        "UPDATE departure SET undone_ms = ? WHERE id = ? AND person = ? AND undone_ms IS NULL AND at_ms > ?"
        " RETURNING closed",
        tx.now_ms, departure, person, tx.now_ms - UNDO_MS,
    )  # fmt: skip
    if not rows or not await tx.sql("SELECT 1 FROM person WHERE id = ? AND merged_into IS NULL", person):
        raise Conflict(
            "过了 24 小时，或者已经撤回过了。请重新登记迁入。",
            "More than 24 hours ago, or taken back already. Please register them anew.",
        )
    closed = msgspec.json.decode(rows[0][0], type=Closed)
    await _refuse_taken(tx, person, closed, single)
    await tx.sql("UPDATE person SET died = NULL, left_on = NULL WHERE id = ?", person)
    for table in (*_DATED, "guardianship"):
        await _reopen(tx, table, closed.dated.get(table, ()))
    for table, row, until in closed.terms:
        if table in _TERMS:
            await tx.sql(f"UPDATE {table} SET until = ? WHERE id = ?", _day(until), row)  # noqa: S608 - own names
    if closed.account is not None:
        await tx.sql("UPDATE login_account SET disabled_ms = NULL WHERE id = ?", closed.account)
    await raise_version(tx, VERSION)
    await tell(tx, DepartureUndone(person, departure))
    await audit(tx, "identity", "identity.departure-undone", person)


async def _refuse_taken(tx: Tx, person: str, closed: Closed, single: Collection[str]) -> None:
    """What would be opened must still be free: shares, single seats, the person's own home."""
    if await tx.sql("SELECT 1 FROM residence WHERE person = ? AND until IS NULL", person):
        raise Conflict("这位居民已经另有住址了。", "They live somewhere again already.")
    for share in closed.dated.get("ownership", ()):
        await ownership.refuse_full(tx, share)
    await raise_version(tx, appointments.VERSION)
    for table, row, until in closed.terms:
        if table == "appointment":
            await appointments.refuse_taken(tx, row, _day(until), single)


async def _reopen(tx: Tx, table: str, rows: Sequence[str]) -> None:
    for row in rows:
        await tx.sql(f"UPDATE {table} SET until = NULL WHERE id = ?", row)  # noqa: S608 - own names


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
