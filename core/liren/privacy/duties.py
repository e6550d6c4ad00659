# SPDX-License-Identifier: Apache-2.0
"""What the law asks for a person: everything held of them, their erasure, the merge of two entries into one.

The core and every plugin are asked through the same three hooks, disabled plugins too. Erasing and merging happen in
one transaction: where one plugin fails, nothing has happened.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
import structlog

from liren.errors import Conflict, Denied
from liren.identity.register import people
from liren.identity.roles.administrators import keep_an_administrator
from liren.ledger.engine.posting import LedgerState
from liren.plugins.context import Context
from liren.plugins.points import Close, Subject
from liren.plugins.types import PersonalData, Retain
from liren.privacy.journal import Journal
from liren.privacy.tables import Erasure, ErasureRequest, Retained
from liren.store import Store, Tx, Vault, lists
from liren.store.audit import write as audit
from liren.units.version import raise_version

log = structlog.get_logger("liren.privacy")
OF_THE_CORE: Final = ("plugins", "store")
"""Migrations of no plugin."""


class Erase(msgspec.Struct, frozen=True):
    """Command: a person is forgotten."""

    person: str


class Merge(msgspec.Struct, frozen=True):
    """Command: two entries were one person."""

    kept: str
    gone: str


@dataclass(frozen=True, slots=True)
class Held:
    """One table of what one plugin holds of a person."""

    plugin: str
    data: PersonalData


class Erased(msgspec.Struct, frozen=True):
    """What an erasure did."""

    rows: int
    records: int
    """``erase`` records in the ledger, one for each pseudonym."""
    retained: tuple[str, ...]
    """``<plugin>: <law> <day>``."""


async def held(ctx: Context, person: str) -> Sequence[Held]:
    """Everything the core and all plugins hold, in load order; tables without rows are left out.

    :raises Exception: a plugin failed: half an answer would be a wrong one
    """
    answers = await ctx.every("export_person", person=person)
    return [Held(plugin, data) for plugin, tables in answers for data in tables if data.rows]


async def erase(
    store: Store, vault: Vault, ctx: Context, key: str, person: str, *, loaded: Collection[str], journal: Journal
) -> Erased:
    """Close the account where it holds points, ask every plugin, delete the private side, record ``erase``.

    A plugin that did not load cannot be asked: its part is due the day it is back.

    :param loaded: ids of the plugins that run, on or off
    :param journal: learns of it after the commit; what a crash keeps from it, the next start writes
    :raises Denied: one's own entry; or points are left and the visitor is no reviewer
    """
    if person == ctx.actor:
        raise Denied("自己的信息要请另一位同事来删除。", "Somebody else has to erase your own entry.")

    async def body(tx: Tx) -> Erased:
        await _known(tx, person)
        await keep_an_administrator(tx, person)
        entries = await entries_of(tx, person)
        records = 0
        for entry in entries:
            records += await _out_of_the_ledger(tx, ctx, entry)
        return await forget(tx, vault, ctx, entries, records, loaded)

    done = await store.once(ctx.actor, f"privacy/{key}", Erase(person), body, returns=Erased)
    await remember(store, journal)
    return done


async def entries_of(tx: Tx, person: str) -> list[str]:
    """The entry itself, and those that were merged into it: one person, and all of them go."""
    merged = await tx.sql("SELECT id FROM person WHERE merged_into = ? ORDER BY id", person)
    return [person, *(str(entry) for (entry,) in merged)]


async def remember(store: Store, journal: Journal) -> None:
    """What the table knows, the journal beside the anchor knows too. A full disk is no reason to keep a person: the
    next erasure, and the next start, write it."""
    rows = await store.read("SELECT person, day FROM privacy_erasure")
    try:
        await asyncio.to_thread(journal.add, dict(rows))
    except OSError:
        log.exception("the erasure journal could not be written; the next erasure and the next start try again")


async def forget(
    tx: Tx, vault: Vault, ctx: Context, entries: Sequence[str], records: int, loaded: Collection[str]
) -> Erased:
    """Everything but the ledger's part, inside ``tx``: plugins, keys, what is remembered of requests.

    :param entries: the person's entry first, then those merged into it
    """
    person, today = entries[0], ctx.today()
    kept: dict[str, Retain] = {}
    rows = 0
    for entry in reversed(entries):  # the entry itself last: what it holds refers to nobody any more by then
        for plugin, answer in await ctx.every("erase_person", person=entry):
            rows += answer.rows
            if isinstance(answer, Retain):
                kept[f"{entry}/{plugin}"] = answer
        for plugin in await _away(tx, loaded):
            kept[f"{entry}/{plugin}"] = Retain(today, "")
        await tx.sql("DELETE FROM request WHERE actor = ?", entry)
        await tx.sql("DELETE FROM task WHERE actor = ?", entry)
        await lists.forget(tx, entry)
        await vault.destroy(tx, entry)
        await ErasureRequest.delete().where(ErasureRequest.person == entry)
        await Erasure.delete().where(Erasure.person == entry)  # known from before a restored backup
        await Erasure.insert(Erasure(person=entry, day=today, by=ctx.actor))
    for name, retain in kept.items():
        entry, _, plugin = name.partition("/")
        await Retained.delete().where(Retained.id == name)
        await Retained.insert(Retained(id=name, person=entry, plugin=plugin, until=retain.until, law=retain.law))
    await raise_version(tx, people.VERSION)
    await audit(tx, "privacy", "privacy.erased", person)
    said = [f"{name.partition('/')[2]}: {one.law} {one.until.isoformat()}" for name, one in kept.items() if one.law]
    return Erased(rows, records, tuple(dict.fromkeys(said)))


async def _away(tx: Tx, loaded: Collection[str]) -> list[str]:
    """Plugins whose tables are here and whose program is not: quarantined, refused, or taken away by hand."""
    apps = [str(app) for (app,) in await tx.sql("SELECT DISTINCT app FROM migration ORDER BY app")]
    return [app for app in apps if app not in loaded and app not in OF_THE_CORE]


async def _known(tx: Tx, person: str) -> None:
    if not await tx.sql("SELECT 1 FROM person WHERE id = ?", person):
        raise Conflict("这位居民的信息已经删除了。", "This person's entry has been erased already.")


async def _out_of_the_ledger(tx: Tx, ctx: Context, person: str) -> int:
    """Points left are closed first (the ledger erases no account that holds any); :returns: ``erase`` records."""
    state, subject = cast(LedgerState, tx.part("ledger")), Subject("h", person)
    if await state.holds(subject):
        street = (await ctx.units.street()).code
        ctx.require("ledger.review", street)
        await state.post(Close(subject, street, ctx.actor, {"title": "注销"}))
    return len(await state.erase(subject))


async def merge(store: Store, ctx: Context, key: str, *, kept: str, gone: str) -> str:
    """``gone`` points to ``kept`` from now on; every plugin moves its rows.

    :returns: the entry that stays
    :raises Conflict: an entry with itself
    """

    async def body(tx: Tx) -> str:
        await people.merge(tx, kept=kept, gone=gone, day=ctx.today())
        await cast(LedgerState, tx.part("ledger")).merge(kept=kept, gone=gone)
        await ctx.every("person_merged", kept=kept, gone=gone)
        return kept

    return await store.once(ctx.actor, f"privacy/{key}", Merge(kept, gone), body, returns=str)


async def let_go_of_retained(ctx: Context) -> None:
    """The daily job: ask again where the law's term is over; a plugin may name a later day."""
    today = ctx.today()
    for row in await Retained.objects().where(Retained.until <= today).order_by(Retained.until).limit(500):
        async with ctx.transaction() as tx:
            answers = await ctx.every("erase_person", plugin=row.plugin, person=row.person)
            if not answers and await Retained.raw("SELECT 1 FROM migration WHERE app = {}", row.plugin):
                continue  # its program is away or did not load, its tables are still here: the duty waits
            answer = answers[0][1] if answers else None  # its plugin was removed, and its tables with it
            if isinstance(answer, Retain) and answer.until > today:
                later: dict[Any, Any] = {Retained.until: answer.until, Retained.law: answer.law}
                await Retained.update(later).where(Retained.id == row.id)
            else:
                await Retained.delete().where(Retained.id == row.id)
            await tx.audit("term-over", row.person, plugin=row.plugin)
