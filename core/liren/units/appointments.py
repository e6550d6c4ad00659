# SPDX-License-Identifier: Apache-2.0
"""Who holds a post, where, for which term. Each verb runs inside the caller's transaction.

Days are half-open: an appointment holds on ``since`` and no longer on ``until``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from liren.store import Store, Tx
from liren.store.audit import write as audit
from liren.units.errors import BadAppointment, SeatTaken, SelfAppointment, no_such_appointment
from liren.units.ids import is_id, new_id
from liren.units.posts import PostCard
from liren.units.verbs import known
from liren.units.version import raise_version

VERSION: Final = "appointments"
LONGEST: Final = timedelta(days=366 * 10)
PHONE_MAX: Final = 20
COLUMNS: Final = "id, post, unit, person, since, until, phone, photo"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One person in one post at one unit."""

    id: str
    post: str
    unit: str
    person: str
    since: date
    until: date | None
    """First day on which it no longer holds."""
    phone: str = ""
    """Work phone, given to be published."""
    photo: str | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Term:
    """What is asked for."""

    post: PostCard
    unit: str
    person: str
    since: date
    until: date | None
    phone: str = ""


def check_term(since: date, until: date | None, today: date) -> None:
    """:raises BadAppointment: it ends before it begins, is over, or lasts too long"""
    if until is not None and until <= since:
        raise BadAppointment("任期的结束日期必须晚于开始日期。", "A term must end after it begins.")
    if until is not None and until <= today:
        raise BadAppointment(
            f"任期在 {until} 就结束了，已经过去。请填今天以后的日期。",
            f"The term ended on {until}: that is past. Give a later day.",
        )
    if until is not None and until - since > LONGEST:
        raise BadAppointment("任期最长十年。", "A term lasts ten years at most.")


def overlap(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    """Whether two half-open terms share a day."""
    return (other[1] is None or one[0] < other[1]) and (one[1] is None or other[0] < one[1])


def check_post(post: PostCard, level: str, unit_name: str, closed: date | None) -> None:
    """:raises BadAppointment: the post is not filled there"""
    if closed is not None:
        raise BadAppointment(f"{unit_name}已经撤销，不能再任命。", f"{unit_name} is closed: nobody is appointed there.")
    if post.retired is not None:
        raise BadAppointment(f"“{post.title}”已经不设了。", f"The post “{post.title}” is no longer filled.")
    if level not in post.levels:
        raise BadAppointment(
            f"“{post.title}”不设在{unit_name}这一级。", f"The post “{post.title}” does not exist at that level."
        )


async def appoint(tx: Tx, term: Term, *, today: date) -> str:
    """Whether the actor may appoint there, and grant the post's roles, is the caller's question.

    :returns: the appointment's id
    :raises SelfAppointment: nobody appoints themself
    :raises BadAppointment: closed unit, wrong level, a term that is past or ends before it begins
    :raises SeatTaken: the seat is held in that time, or this person holds the post there already
    """
    if term.person == tx.actor:
        raise SelfAppointment(
            "不能任命自己，请另一位管理员来操作。", "Nobody appoints themself: ask another administrator."
        )
    card = await known(tx, term.unit)
    check_post(term.post, card.level, card.name, card.closed)
    check_term(term.since, term.until, today)
    # The version row is locked until the commit: two appointments at once see each other.
    await raise_version(tx, VERSION)
    await _refuse_overlap(tx, term)
    identity = new_id()
    await tx.sql(
        "INSERT INTO appointment (id, post, unit, person, since, until, phone, made_by, made_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        identity, term.post.key, term.unit, term.person, term.since, term.until, term.phone[:PHONE_MAX], tx.actor,
        tx.now_ms,
    )  # fmt: skip
    await audit(tx, "units", "units.appointed", term.person, unit=term.unit, detail={"post": term.post.key})
    return identity


async def _refuse_overlap(tx: Tx, term: Term) -> None:
    rows = await tx.sql(
        "SELECT person, since, until FROM appointment WHERE unit = ? AND post = ? AND (until IS NULL OR until > ?)",
        term.unit, term.post.key, term.since,
    )  # fmt: skip
    for person, since, until in rows:
        if not overlap((term.since, term.until), (since, until)):
            continue
        if person == term.person:
            raise SeatTaken(
                f"这个人已经担任这里的“{term.post.title}”，任期重叠。",
                "This person holds the post here already; the terms overlap.",
            )
        if term.post.single:
            raise SeatTaken(
                f"这里的“{term.post.title}”只设一人，{since} 起已经有人担任。请先办结前任的任期。",
                f"This post has one seat here, held since {since}. End that term first.",
            )


async def end(tx: Tx, identity: str, day: date) -> None:
    """It no longer holds from ``day`` on; one that has not begun never holds.

    :raises NotFound: there is none, or it has ended
    """
    rows = await tx.sql(
        "UPDATE appointment SET until = CASE WHEN since > ? THEN since ELSE ? END"
        " WHERE id = ? AND (until IS NULL OR until > ?) RETURNING person, post, unit",
        day, day, identity, day,
    )  # fmt: skip
    if not rows:
        raise no_such_appointment()
    person, post, unit = rows[0]
    await audit(tx, "units", "units.appointment-ended", person, unit=unit, detail={"post": post})


async def set_contact(tx: Tx, appointment: Appointment, *, phone: str, photo: str | None) -> None:
    """The work phone and the portrait that residents see; one photo replaces another."""
    await tx.sql("UPDATE appointment SET phone = ?, photo = ? WHERE id = ?", phone[:PHONE_MAX], photo, appointment.id)
    await audit(tx, "units", "units.contact-changed", appointment.person, unit=appointment.unit)


async def depart(tx: Tx, person: str, day: date) -> int:
    """Who died or moved away holds nothing and is in no team any more; :returns: how many appointments ended."""
    rows = await tx.sql(
        "UPDATE appointment SET until = CASE WHEN since > ? THEN since ELSE ? END"
        " WHERE person = ? AND (until IS NULL OR until > ?) RETURNING id",
        day, day, person, day,
    )  # fmt: skip
    await tx.sql(
        "UPDATE team_member SET until = CASE WHEN since > ? THEN since ELSE ? END"
        " WHERE person = ? AND (until IS NULL OR until > ?)",
        day, day, person, day,
    )  # fmt: skip
    return len(rows)


async def refuse_taken(tx: Tx, appointment: str, until: date | None, single: Collection[str]) -> None:
    """Whether an appointment that ended early could run until ``until`` after all.

    :param single: posts with one seat a unit
    :raises SeatTaken: somebody else holds the seat by now
    """
    for post, unit, since in await tx.sql("SELECT post, unit, since FROM appointment WHERE id = ?", appointment):
        others = await tx.sql(
            "SELECT since, until FROM appointment WHERE unit = ? AND post = ? AND id <> ?", unit, post, appointment
        )
        if post in single and any(overlap((since, until), (each[0], each[1])) for each in others):
            raise SeatTaken(
                "原来的岗位已经有人接任。请先办结接任的任期，再撤回。",
                "Somebody else holds the post by now. End that term first.",
            )


async def merged(tx: Tx, *, kept: str, gone: str, day: date) -> None:
    """Two entries were one person: what ``gone`` holds is ``kept``'s; where both hold one seat, the later one ends."""
    mine = await tx.sql(
        "SELECT post, unit, since, until FROM appointment WHERE person = ? AND (until IS NULL OR until > ?)", kept, day
    )
    theirs = await tx.sql(
        "SELECT id, post, unit, since, until FROM appointment WHERE person = ? AND (until IS NULL OR until > ?)",
        gone, day,
    )  # fmt: skip
    for identity, post, unit, since, until in theirs:
        if any((post, unit) == row[:2] and overlap((since, until), (row[2], row[3])) for row in mine):
            await end(tx, identity, day)
    await tx.sql("UPDATE appointment SET person = ? WHERE person = ?", kept, gone)
    await tx.sql("UPDATE team_member SET person = ? WHERE person = ?", kept, gone)


async def find(store: Store, identity: str) -> Appointment:
    """:raises NotFound: none has this id"""
    rows = (
        await store.read(f"SELECT {COLUMNS} FROM appointment WHERE id = ?", identity)  # noqa: S608 - own column names
        if is_id(identity)
        else []
    )
    if not rows:
        raise no_such_appointment()
    return Appointment(*rows[0])


async def at(store: Store, units: Sequence[str], today: date, *, ended: bool = False) -> list[Appointment]:
    """Of these units: what holds today or later; with ``ended``, what is over."""
    if not units:
        return []
    term = "until <= ?" if ended else "(until IS NULL OR until > ?)"
    rows = await store.read(
        f"SELECT {COLUMNS} FROM appointment WHERE unit IN ({', '.join('?' * len(units))}) AND {term}"  # noqa: S608
        " ORDER BY since, id LIMIT 500",
        *units, today,
    )  # fmt: skip
    return [Appointment(*row) for row in rows]


async def of_person(store: Store, person: str) -> list[Appointment]:
    """All of one person's, the newest first."""
    rows = await store.read(
        f"SELECT {COLUMNS} FROM appointment WHERE person = ? ORDER BY since DESC, id LIMIT 200",  # noqa: S608
        person,
    )
    return [Appointment(*row) for row in rows]
