# SPDX-License-Identifier: Apache-2.0
"""Deletes the private side of a pseudonym and records that it was done.

What is signed stays: every signature, root and proof keeps holding. The openings become unreadable in every copy
of the database, for the holder's key is destroyed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from liren.ledger.authority import keys
from liren.ledger.engine import certify, holders, orders, signing
from liren.ledger.errors import Refused
from liren.ledger.log.records import Erase
from liren.ledger.rules.addresses import new_id
from liren.plugins.points import Posted, Subject

if TYPE_CHECKING:
    from liren.ledger.engine.posting import LedgerState

_POSITIONS = "SELECT p.pos FROM posting p JOIN account a ON a.id = p.account WHERE a.holder = ?"


async def erase(state: LedgerState, subject: Subject) -> Sequence[Posted]:
    """One ``erase`` record per pseudonym: a list would link them for ever.

    :raises Refused: the subject still holds points: close the account first
    """
    done = []
    for holder in (await holders.of(state, [subject]))[subject]:
        if any(state.view.balance((a.asset, a.address)) for a in state.view.accounts_of(holder)):
            raise Refused(
                "账户里还有积分，不能删除。请先办理注销（清零）。",
                "The account still holds points: close it before erasing it.",
            )
        await certify.service_key(state, keys.CORE)
        await _forget(state, holder)
        record = Erase(eff=state.eff, holder=holder, log=state.log, rid=new_id())
        done.append(state.append(record, signing.alone(state, record)))
    state.view.pseudonyms[subject] = ()
    state.view.book.pseudonyms.pop(subject, None)
    return done


async def forget(state: LedgerState, subject: Subject, *, record: bool) -> int:
    """As :func:`erase`, but what stands in the way of a record is no reason to keep anything: a restored backup.

    :returns: records written; none of a pseudonym that holds points again, which nobody's account now holds
    """
    written = 0
    await holders.regrouped(state)
    if record:
        await certify.service_key(state, keys.CORE)
    for holder in (await holders.of(state, [subject]))[subject]:
        empty = not any(state.view.balance((a.asset, a.address)) for a in state.view.accounts_of(holder))
        await _forget(state, holder)
        if record and empty:
            again = Erase(eff=state.eff, holder=holder, log=state.log, rid=new_id())
            state.append(again, signing.alone(state, again))
            written += 1
    state.view.pseudonyms[subject] = ()
    state.view.book.pseudonyms.pop(subject, None)
    return written


async def _untie(state: LedgerState, holder: str) -> None:
    """What ties a person's pseudonyms together goes, but not that of an open order: all of it is to be settled."""
    touched = f"SELECT rid FROM log_entry WHERE pos IN ({_POSITIONS})"  # noqa: S608 - our own text
    query = f"SELECT DISTINCT first FROM record_part WHERE first IN ({touched}) OR rid IN ({touched})"  # noqa: S608
    for (first,) in await state.tx.sql(query, holder, holder):
        if not await orders.is_open(state, first):
            await state.tx.sql("DELETE FROM record_part WHERE first = ?", first)


async def _forget(state: LedgerState, holder: str) -> None:
    await state.tx.sql(
        f"DELETE FROM receipt_token WHERE rid IN (SELECT rid FROM log_entry WHERE pos IN ({_POSITIONS}))",  # noqa: S608
        holder,
    )
    await _untie(state, holder)
    await state.tx.sql(f"DELETE FROM opening WHERE pos IN ({_POSITIONS})", holder)  # noqa: S608
    state.view.forgotten.add(holder)  # and of this batch: an account closed on its way out
    await state.tx.sql("DELETE FROM pseudonym WHERE holder = ?", holder)
    name = f"holder/{holder}"
    await state.vault.destroy(state.tx, name)
    state.view.subject_keys.pop(name, None)
    state.view.book.subject_keys.pop(name, None)
