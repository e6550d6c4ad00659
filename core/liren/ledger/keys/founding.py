# SPDX-License-Identifier: Apache-2.0
"""The first entries of a street's log: the root, and the keys it certifies."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from liren.ledger.authority import keyring, keys
from liren.ledger.engine import certify
from liren.ledger.engine.posting import LedgerState
from liren.store import Store, Tx

ACTOR = "job:ledger.founding"


async def found(
    store: Store, *, keys_folder: Path, street: str, unit: str, communities: Sequence[str], reviewer: str
) -> int:
    """Found the ledger of a street; safe to repeat, safe to kill.

    :param keys_folder: ``keys/`` of the home; the root key is made there and should move to paper
    :param street: the name that begins every key and the origin, e.g. ``liren.example``
    :param unit: code of the street's own unit
    :param communities: unit codes that get a key of their own
    :param reviewer: person id of the street's first reviewer
    :returns: how many entries the log has now
    """
    root = keyring.make_root(keys_folder, f"{street}/root")

    async def body(tx: Tx) -> int:
        state = cast(LedgerState, tx.part("ledger"))
        state.check_open()
        if state.view.origin is None:
            state.view.origin = f"{street}/log/1"
            await certify.begin(state, root, unit)
            await certify.unit(state, unit, root)
            await certify.by_root(state, state.log, "log", None, None, root, None)
            may = keys.reviewer_may(unit, street=True)
            await certify.by_root(state, f"{street}/reviewer/1", "reviewer", unit, may, root, reviewer)
            await certify.service_key(state, keys.CORE)
        for code in communities:
            await certify.unit(state, code, root)
        return state.view.position

    command = {"street": street, "unit": unit, "communities": list(communities), "reviewer": reviewer}
    key = f"found/{street}/{','.join(communities)}"
    return await store.once(ACTOR, key, command, body, returns=int)


async def add_unit(store: Store, *, keys_folder: Path, unit: str) -> None:
    """Give one more unit its key; needs the root key in ``keys_folder``.

    :raises liren.ledger.authority.keyring.RootMissing: the root lies on paper, where it belongs
    """

    async def body(tx: Tx) -> bool:
        state = cast(LedgerState, tx.part("ledger"))
        state.check_open()
        street = certify.street_name(state)
        await certify.unit(state, unit, keyring.read_root(keys_folder, f"{street}/root"))
        return True

    await store.once(ACTOR, f"unit/{unit}", unit, body, returns=bool)


async def appoint_reviewer(store: Store, *, person: str, unit: str, key: str) -> None:
    """Give a person a reviewer's key for a unit (the street's code: for every unit).

    :param key: request key
    """

    async def body(tx: Tx) -> bool:
        state = cast(LedgerState, tx.part("ledger"))
        state.check_open()
        held = (state.view.keys.get(vkey) for vkey in state.view.ring.of(person))
        if not any(k is not None and k.unit == unit and k.valid_at(state.view.position) for k in held):
            await certify.reviewer(state, person, unit)
        return True

    await store.once(ACTOR, key, [person, unit], body, returns=bool)
