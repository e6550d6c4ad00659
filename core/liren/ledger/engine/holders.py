# SPDX-License-Identifier: Apache-2.0
"""People and organisations as the log knows them: random pseudonyms, and what must be in memory before they move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from liren.ledger.log.records import Post
from liren.ledger.rules import addresses
from liren.ledger.rules.addresses import new_id
from liren.plugins.points import Subject

if TYPE_CHECKING:
    from liren.ledger.engine.posting import LedgerState


async def of(
    state: LedgerState, subjects: Sequence[Subject], *, create: bool = False
) -> Mapping[Subject, tuple[str, ...]]:
    """The pseudonyms of these subjects with all their accounts loaded.

    :param create: give one to those who have none, and load the keys their reasons are sealed under
    """
    view = state.view
    unknown = [subject for subject in subjects if subject not in view.pseudonyms]
    await view.book.load_pseudonyms(state.tx.sql, unknown)
    new = [s for s in dict.fromkeys(subjects) if not view.holders_of(s)] if create else []
    if new:
        named = [(new_id(), subject) for subject in new]
        await state.tx.many(
            "INSERT INTO pseudonym (holder, kind, subject) VALUES (?, ?, ?)",
            [(holder, subject.kind, subject.id) for holder, subject in named],
        )
        for holder, subject in named:
            view.pseudonyms[subject] = (holder,)
            view.book.holders[holder] = []  # a new pseudonym has no account anywhere
    found = {subject: view.holders_of(subject) for subject in subjects}
    names = [holder for held in found.values() for holder in held]
    await view.book.load_holders(state.tx.sql, names)
    if create:
        await load_keys(state, names)
    return found


async def owned(state: LedgerState, subject: Subject) -> tuple[str, ...]:
    """The pseudonyms of one subject with all their accounts loaded: at once where they are in memory."""
    known = state.view.holders_of(subject)
    if known and all(name in state.view.book.holders for name in known):
        return known
    return (await of(state, [subject]))[subject]


async def merge(state: LedgerState, *, kept: Subject, gone: Subject) -> None:
    """``kept`` owns the pseudonyms of ``gone`` too; records and accounts stay as they are."""
    found = await of(state, [kept, gone])
    await regrouped(state)
    await state.tx.sql("UPDATE pseudonym SET subject = ? WHERE kind = ? AND subject = ?", kept.id, gone.kind, gone.id)
    for subject in (kept, gone):
        state.view.book.pseudonyms.pop(subject, None)  # of the cache: whoever asks next reads them again
    state.view.pseudonyms[kept] = tuple(sorted((*found[kept], *found[gone])))
    state.view.pseudonyms[gone] = ()


async def regrouped(state: LedgerState) -> None:
    """Pseudonyms change hands and no record says so: every other process must read them again."""
    await state.tx.sql("UPDATE log_head SET regrouped = regrouped + 1")


async def credited(state: LedgerState, subject: Subject) -> str:
    """The first pseudonym of a subject, ready to be credited."""
    known = state.view.holders_of(subject)
    if not known or not _ready(state, known[0]):
        known = (await of(state, [subject], create=True))[subject]
    return known[0]


async def of_record(state: LedgerState, record: Post) -> str | None:
    """The one holder a record touches, accounts loaded; None where it touches none."""
    found = addresses.holder_of(record.p)
    if found is None:
        return None
    await state.view.book.load_holders(state.tx.sql, [found[1]])
    return found[1]


async def load_keys(state: LedgerState, holders: Sequence[str]) -> None:
    """The keys of these holders, made where they have none."""
    wanted = [name for holder in holders if state.view.subject_key(name := f"holder/{holder}") is None]
    if wanted:
        state.view.subject_keys.update(await state.vault.ensure_keys(state.tx, wanted))


def _ready(state: LedgerState, holder: str) -> bool:
    """Its accounts and key are in memory."""
    return holder in state.view.book.holders and state.view.subject_key(f"holder/{holder}") is not None
