# SPDX-License-Identifier: Apache-2.0
"""Finds the keys in our custody that may sign a record at its position, or says plainly that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from liren.ledger.authority import keys
from liren.ledger.authority.keys import KnownKey
from liren.ledger.errors import NotSigned
from liren.ledger.log.note import NoteSigner
from liren.ledger.log.records import Record, Role

if TYPE_CHECKING:
    from liren.ledger.engine.posting import LedgerState

_ROLE_ZH: Final = {"root": "根", "unit": "单位", "reviewer": "审核", "service": "服务", "log": "日志"}


def key_for(state: LedgerState, role: Role, record: Record, *, unit: str | None = None, name: str = "") -> NoteSigner:
    """The key of a role that may sign this record here.

    :raises NotSigned: there is none
    """
    known = state.view.keys.find(role, state.view.position, unit=unit, name=name)
    key = state.view.ring.get(known.vkey) if known is not None else None
    if known is None or key is None or not keys.covers(known, record, state.view.keys.unit_of(record)):
        raise NotSigned(
            f"没有可用的{_ROLE_ZH[role]}密钥（{unit or name or ''}），没有记入。请管理员在账本页面办理。",
            f"No {role} key may sign this here ({unit or name or 'any'}): the administrator certifies one.",
        )
    return key


def alone(state: LedgerState, record: Record) -> tuple[NoteSigner, ...]:
    """The one signer of a record that needs no second person."""
    ((role, of),) = keys.wanted(record, state.view.keys.street, reviewers=0)
    if role == "service":
        street = state.log.rpartition("/log/")[0]
        return (key_for(state, "service", record, name=f"{street}/service/{of}"),)
    return (key_for(state, role, record, unit=of),)


def reviewer_key_of(state: LedgerState, record: Record, person: str) -> NoteSigner | None:
    """The newest key of a person that may review this record."""
    for vkey in reversed(state.view.ring.of(person)):
        known = state.view.keys.get(vkey)
        if known is not None and may_second(state, known, record):
            return state.view.ring.get(vkey)
    return None


def may_second(state: LedgerState, known: KnownKey, record: Record) -> bool:
    """Whether a key may give this record its second signature here."""
    return (
        known.role == "reviewer"
        and known.valid_at(state.view.position)
        and keys.covers(known, record, state.view.keys.unit_of(record))
    )
