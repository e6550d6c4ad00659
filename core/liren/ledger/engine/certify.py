# SPDX-License-Identifier: Apache-2.0
"""New keys, certified by the keys that may (``docs/ledger-spec.md`` 7): each is a ``key`` record in the log.

Service keys come on demand: the first spend of a plugin makes its key. Reviewers are people, so somebody
appoints them; unit keys take the root.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from liren.ledger.authority import keys
from liren.ledger.engine import signing
from liren.ledger.errors import Malformed, NotSigned
from liren.ledger.log.note import NoteSigner, VerifierKey
from liren.ledger.log.records import Key, May, Record, Role
from liren.ledger.rules import addresses
from liren.ledger.rules.addresses import new_id

if TYPE_CHECKING:
    from liren.ledger.engine.posting import LedgerState


def street_name(state: LedgerState) -> str:
    """The part of the origin before ``/log/``."""
    return state.log.rpartition("/log/")[0]


async def service_key(state: LedgerState, plugin: str) -> None:
    """See to it that a plugin's service key stands in the log; street and a reviewer sign it."""
    name = f"{street_name(state)}/service/{plugin}"
    if state.view.keys.find("service", state.view.position, name=name) is not None:
        return
    if not re.fullmatch(addresses.PLUGIN, plugin):
        raise Malformed(
            f"“{plugin[:40]}”不是模块名，记录代码应写成“模块.事项”。",
            f"“{plugin[:40]}” is no module: a code is written <module>.<what>.",
        )
    await add(state, name, "service", None, keys.service_may(plugin), None)


async def reviewer(state: LedgerState, person: str, unit: str) -> VerifierKey:
    """Make ``person`` a reviewer of ``unit``: signed by that unit's key and another reviewer.

    :raises NotSigned: the unit has no key, or there is no reviewer to sign beside it
    """
    known = [key for key in state.view.keys if key.role == "reviewer"]
    name = f"{street_name(state)}/reviewer/{len(known) + 1}"
    street = unit == state.view.keys.street
    key = await add(state, name, "reviewer", unit, keys.reviewer_may(unit, street=street), person)
    return key.verifier


async def unit(state: LedgerState, code: str, root: NoteSigner) -> None:
    """Give a unit its key; the root signs. Nothing happens where it has one."""
    if state.view.keys.find("unit", state.view.position, unit=code) is not None:
        return
    name = f"{street_name(state)}/unit/{code}"
    street = code == state.view.keys.street
    await add(state, name, "unit", code, keys.unit_may(street=street), None, root)


async def by_root(
    state: LedgerState, name: str, role: Role, unit: str | None, may: May | None, root: NoteSigner, owner: str | None
) -> None:
    """Any other key the root itself certifies: the log's and the first reviewer's."""
    await add(state, name, role, unit, may, owner, root)


async def revoke(state: LedgerState, vkey: VerifierKey, root: NoteSigner | None = None) -> None:
    """End a key's validity from the next position on.

    :raises NotSigned: nobody here may revoke it
    """
    known = state.view.keys.get(vkey)
    if known is None:
        raise NotSigned("没有这把密钥。", "There is no such key.")
    record = Key(act="revoke", eff=state.eff, log=state.log, rid=new_id(), role=known.role, vkey=str(vkey))
    await _append(state, record, _signers(state, record, known.unit, root, but=vkey))


async def begin(state: LedgerState, root: NoteSigner, street_unit: str) -> None:
    """Entry 0: the root, signed by itself."""
    record = Key(
        act="add",
        eff=state.eff,
        log=state.log,
        rid=new_id(),
        role="root",
        unit=street_unit,
        vkey=str(root.verifier),
    )
    await _append(state, record, (root,))


async def reviewer_key(state: LedgerState, record: Record, person: str) -> NoteSigner:
    """The key of a person who may give the second signature; made on the spot where identity's roles say so.

    :raises NotSigned: the person reviews nothing here
    """
    found = signing.reviewer_key_of(state, record, person)
    if found is None and state.gate is not None:
        unit = await state.gate(person, state.view.keys.unit_of(record))
        if unit is not None:
            await reviewer(state, person, unit)
            found = signing.reviewer_key_of(state, record, person)
    if found is None:
        raise NotSigned(
            "这位审核人没有可用于这笔记录的审核密钥。请管理员先把他设为审核员。",
            "This person holds no reviewer key for this record: an administrator appoints reviewers.",
        )
    return found


async def add(
    state: LedgerState,
    name: str,
    role: Role,
    unit: str | None,
    may: May | None,
    owner: str | None,
    root: NoteSigner | None = None,
) -> NoteSigner:
    key, sealed, custody = state.custody.make(name)
    record = Key(
        act="add",
        eff=state.eff,
        log=state.log,
        may=may if may is not None else UNSET,
        rid=new_id(),
        role=role,
        unit=unit if unit is not None else UNSET,
        vkey=str(key.verifier),
    )
    signers = _signers(state, record, unit, root)
    await state.tx.sql(
        "INSERT INTO key_secret (vkey, sealed, owner, custody) VALUES (?, ?, ?, ?)",
        str(key.verifier),
        sealed,
        owner,
        custody,
    )
    await _append(state, record, signers)
    state.view.ring = state.view.ring.copy()
    state.view.ring.add(key, owner)
    return key


def _signers(
    state: LedgerState, record: Key, unit: str | None, root: NoteSigner | None, but: VerifierKey | None = None
) -> tuple[NoteSigner, ...]:
    if root is not None and record.role != "service":
        return (root,)
    if record.role not in ("service", "reviewer"):
        raise NotSigned("这一步要用根密钥。", "Only the root key can sign this.")
    of = unit if record.role == "reviewer" else state.view.keys.street
    first = signing.key_for(state, "unit", record, unit=of)
    for known in state.view.keys:
        second = state.view.ring.get(known.vkey)
        if second is not None and known.vkey != but and signing.may_second(state, known, record):
            return first, second
    raise NotSigned(
        "街道还没有审核人，不能办理密钥。请先完成开站步骤。",
        "There is no reviewer to sign beside the unit: found the street first.",
    )


async def _append(state: LedgerState, record: Key, signers: tuple[NoteSigner, ...]) -> None:
    position = state.view.position
    unit = record.unit if isinstance(record.unit, str) else None
    may = msgspec.json.encode(record.may).decode() if isinstance(record.may, May) else None
    book = state.view.keys.copy()
    book.apply(record, position)
    row = (record.act, record.vkey, record.role, unit, may)
    state.append(record, signers, unit=unit, key_row=row)
    state.view.keys = book
