# SPDX-License-Identifier: Apache-2.0
"""A database that came back from a backup forgets again whom the street had erased since.

Runs at every start, before anybody is served: whoever stands in the journal beside the anchor and in the register is
erased once more. The ledger may be read-only then (it is older than what was published): openings, pseudonyms and
keys go all the same; the record of it is written where the ledger takes records.
"""

from collections.abc import Collection, Sequence
from typing import cast

import msgspec
import structlog

from liren.ledger.engine.posting import LedgerState
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.privacy import duties
from liren.privacy.journal import Journal
from liren.store import Store, Tx, Vault
from liren.store.parts import in_parts, marks

log = structlog.get_logger("liren.privacy")


class Again(msgspec.Struct, frozen=True):
    """Command: an erased person came back and is erased again."""

    person: str


async def replay(store: Store, vault: Vault, ctx: Context, journal: Journal, loaded: Collection[str]) -> int:
    """:returns: how many entries were erased again

    :raises JournalDamaged: nobody can say who was erased
    """
    await duties.remember(store, journal)  # what a crash kept from the journal
    back = await _came_back(store, list(journal.read()))
    for person in back:
        await _erase_again(store, vault, ctx, person, loaded)
    if back:
        log.warning("erased again after a restored backup", entries=len(back))
    return len(back)


async def _came_back(store: Store, erased: Sequence[str]) -> list[str]:
    """Entries that are there although they were erased; first those that take merged ones along."""
    found: list[tuple[str, bool]] = []
    for part in in_parts(erased):
        query = f"SELECT id, merged_into IS NULL FROM person WHERE id IN ({marks(part)})"  # noqa: S608 - marks only
        found += [(str(person), bool(alone)) for person, alone in await store.read(query, *part)]
    return [person for person, _ in sorted(found, key=lambda one: (not one[1], one[0]))]


async def _erase_again(store: Store, vault: Vault, ctx: Context, person: str, loaded: Collection[str]) -> None:
    async def body(tx: Tx) -> int:
        if not await tx.sql("SELECT 1 FROM person WHERE id = ?", person):
            return 0  # went with the entry it was merged into
        entries = await duties.entries_of(tx, person)
        records = 0
        for entry in entries:
            records += await cast(LedgerState, tx.part("ledger")).forget(Subject("h", entry))
        return (await duties.forget(tx, vault, ctx, entries, records, loaded)).rows

    # The size of the log tells one restored backup from the next: each may bring the person back.
    size = (await ctx.ledger.head())[0]
    await store.once(ctx.actor, f"privacy/again/{person}/{size}", Again(person), body, returns=int)
