# SPDX-License-Identifier: Apache-2.0
"""People a list is still bringing: written in small transactions, visible to nobody before the last one.

One transaction for 326 000 people would keep everybody else from writing for minutes. So each row names its
registration (``person.import_id``), and while that stands in ``people_pending`` its people do not exist for anybody;
one short transaction takes it out. A registration that was interrupted goes on where it stopped, or is given up.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from liren.errors import Conflict
from liren.identity.errors import BadPerson
from liren.identity.register.people import VERSION, move
from liren.store import Store, Tx
from liren.store.audit import write as audit
from liren.store.parts import marks
from liren.units.version import raise_version

VISIBLE: Final = "NOT EXISTS (SELECT 1 FROM people_pending q WHERE q.id = p.import_id)"
"""Condition on ``person p``: whoever lists or finds people puts it into the query."""

CHUNK: Final = 100
"""People in one transaction: a page that writes waits for some hundredths of a second."""


async def begin(tx: Tx, import_id: str) -> None:
    """One registration at a time; beginning the same one again goes on with it.

    :raises Conflict: another list is being registered
    """
    rows = await tx.sql("SELECT id FROM people_pending WHERE id <> ?", import_id)
    if rows:
        raise Conflict(
            "另一份名单正在登记，或者登记到一半停下了。请等它登记完，或请上传的人先放弃那一份。",
            "Another list is being registered, or was interrupted. Wait for it, or ask its uploader to give it up.",
        )
    await tx.sql(
        "INSERT INTO people_pending (id, actor, started_ms) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
        import_id, tx.actor, tx.now_ms,
    )  # fmt: skip


async def count(tx: Tx, import_id: str, homes: Sequence[tuple[str, str]]) -> None:
    """(unit, role in the household) of each person of this registration: not counted by anybody yet."""
    if not homes:
        return
    await tx.many(
        "INSERT INTO people_pending_unit (import_id, unit, role, n) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (import_id, unit, role) DO UPDATE SET n = people_pending_unit.n + excluded.n",
        [(import_id, *home, n) for home, n in Counter(homes).items()],
    )


async def will_move(tx: Tx, import_id: str, moves: Sequence[tuple[str, str, str | None, str]]) -> None:
    """(person, unit, dwelling, role) of known people who live elsewhere by this list: moved once it is visible."""
    await tx.many(
        "INSERT INTO people_pending_move (import_id, person, unit, dwelling, role) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (import_id, person) DO NOTHING",
        [(import_id, *each) for each in moves],
    )


async def show(tx: Tx, import_id: str, *, registered: int) -> None:
    """From this transaction on the people of the registration are there, all at once."""
    await tx.sql("DELETE FROM people_pending_unit WHERE import_id = ?", import_id)
    await tx.sql("DELETE FROM people_pending WHERE id = ?", import_id)
    await raise_version(tx, VERSION)
    await audit(tx, "identity", "identity.imported", import_id, detail={"people": registered})


async def move_some(tx: Tx, import_id: str, day: date) -> int:
    """Move the next known people of the list; :returns: how many, 0 at the end."""
    rows = await tx.sql(
        "SELECT person, unit, dwelling, role FROM people_pending_move WHERE import_id = ? LIMIT ?", import_id, CHUNK
    )
    for person, unit, dwelling, role in rows:
        # Whoever was merged or left since the list was compared stays as they are.
        if await tx.sql(
            "SELECT 1 FROM person WHERE id = ? AND merged_into IS NULL AND died IS NULL AND left_on IS NULL", person
        ):
            with suppress(BadPerson):  # moved in later than this list's day
                await move(tx, person, unit=unit, dwelling=dwelling, role=role, day=day)
        await tx.sql("DELETE FROM people_pending_move WHERE import_id = ? AND person = ?", import_id, person)
    return len(rows)


async def give_up(store: Store, import_id: str, actor: str) -> int:
    """Take back what an interrupted registration wrote; nobody ever saw it.

    :returns: how many people; 0 where the registration is not pending
    """
    taken = 0
    while True:
        async with store.transaction(actor, limit_s=30) as tx:
            if not await tx.sql("SELECT 1 FROM people_pending WHERE id = ?", import_id):
                return taken
            people = [row[0] for row in await tx.sql("SELECT id FROM person WHERE import_id = ? LIMIT 500", import_id)]
            if people:
                await _forget(tx, people)
                taken += len(people)
                continue
            await tx.sql("DELETE FROM people_pending_unit WHERE import_id = ?", import_id)
            await tx.sql("DELETE FROM people_pending_move WHERE import_id = ?", import_id)
            await tx.sql("DELETE FROM people_pending WHERE id = ?", import_id)
            await audit(tx, "identity", "identity.import-given-up", import_id, detail={"people": taken})


async def _forget(tx: Tx, people: Sequence[str]) -> None:
    for table, column in (("residence", "person"), ("consent", "person"), ("subject_key", "subject"), ("person", "id")):
        await tx.sql(f"DELETE FROM {table} WHERE {column} IN ({marks(people)})", *people)  # noqa: S608 - own names, marks


async def is_pending(store: Store, import_id: str) -> bool:
    """Whether it was begun and neither shown nor given up."""
    return bool(await store.read("SELECT 1 FROM people_pending WHERE id = ?", import_id))


async def moves_left(store: Store, import_id: str) -> bool:
    return bool(await store.read("SELECT 1 FROM people_pending_move WHERE import_id = ? LIMIT 1", import_id))
