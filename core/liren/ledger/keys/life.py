# SPDX-License-Identifier: Apache-2.0
"""What becomes of keys after the founding: rotated, revoked, reviewers appointed and dismissed.

Each is one or two ``key`` records; what a key has signed before stays valid. The rights are those of
``docs/ledger-spec.md`` 7: unit and log keys take the root, the others a unit's key and a reviewer's, or the root.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec

from liren.errors import NotFound
from liren.ledger.authority import keyring
from liren.ledger.authority.keys import KnownKey
from liren.ledger.engine import certify
from liren.ledger.engine.posting import LedgerState
from liren.ledger.errors import NotSigned, Refused
from liren.ledger.log.note import NoteSigner, VerifierKey
from liren.ledger.log.records import May
from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context
from liren.store import Store, Tx

ACTOR = "job:ledger.keys"


@dataclass(frozen=True, slots=True)
class KeyView:
    """One key as pages and commands show it."""

    vkey: str
    name: str
    role: str
    unit: str | None
    may: May | None
    added: int
    revoked: int | None
    person: str | None
    """Of a reviewer's key: whose it is."""
    custody: str | None
    """Plugin that holds it; empty: this server, sealed; None: not here (the root, on paper)."""

    @property
    def valid(self) -> bool:
        return self.revoked is None


async def listed(store: Store) -> Sequence[KeyView]:
    """Every key the log names, in order of position."""
    rows = await store.read(
        "SELECT k.vkey, k.role, k.unit, k.may, k.added, k.revoked, s.owner, s.custody FROM key k"
        " LEFT JOIN key_secret s ON s.vkey = k.vkey ORDER BY k.added"
    )
    return [
        KeyView(
            vkey,
            vkey.partition("+")[0],
            role,
            unit,
            msgspec.json.decode(may, type=May) if may else None,
            added,
            revoked,
            owner,
            custody,
        )
        for vkey, role, unit, may, added, revoked, owner, custody in rows
    ]


async def rotate(store: Store, *, vkey: str, key: str, actor: str = ACTOR, keys_folder: Path | None = None) -> str:
    """A new key in the place of another: same name, same rights; the old one ends with it.

    :param key: request key
    :param keys_folder: where the root lies, for keys that need it
    :returns: the new verifier key
    :raises NotFound: no such key, or it is revoked
    :raises RootMissing: only the root can do this, and it is on paper
    """

    async def body(tx: Tx) -> str:
        state = _state(tx)
        known = _valid(state, vkey)
        root = _root(state, known, keys_folder)
        owner = await _owner(tx, vkey)
        may = known.may
        made = await certify.add(state, known.vkey.name, known.role, known.unit, may, owner, root)
        await certify.revoke(state, known.vkey, root)
        await _forget_secret(tx, vkey)
        return str(made.verifier)

    return await store.once(actor, key, ["rotate", vkey], body, returns=str)


async def revoke(store: Store, *, vkey: str, key: str, actor: str = ACTOR, keys_folder: Path | None = None) -> None:
    """End a key: it was lost, its reviewer left, its plugin is gone.

    :raises Refused: it is the last reviewer's: nobody could sign beside a unit any more
    """

    async def body(tx: Tx) -> bool:
        state = _state(tx)
        known = _valid(state, vkey)
        await certify.revoke(state, known.vkey, _root(state, known, keys_folder))
        if known.role == "reviewer" and not _street_reviewers(state):
            raise Refused(
                "这是最后一把街道审核密钥，撤销后没人能作第二签名。请先任命另一位街道审核员。",
                "This is the street's last reviewer: appoint another one first.",
            )
        await _forget_secret(tx, vkey)
        return True

    await store.once(actor, key, ["revoke", vkey], body, returns=bool)


async def dismiss(store: Store, *, person: str, unit: str, key: str, actor: str = ACTOR) -> int:
    """Revoke every key with which a person reviews for a unit.

    :returns: how many
    """
    mine = [known for known in await listed(store) if known.valid and (known.person, known.unit) == (person, unit)]
    for n, known in enumerate(mine):
        await revoke(store, vkey=known.vkey, key=f"{key}/{n}", actor=actor)
    return len(mine)


def _state(tx: Tx) -> LedgerState:
    state = cast(LedgerState, tx.part("ledger"))
    state.check_open()
    return state


def _valid(state: LedgerState, vkey: str) -> KnownKey:
    known = state.view.keys.get(VerifierKey.parse(vkey))
    if known is None or known.role == "root" or not known.valid_at(state.view.position):
        raise NotFound("没有这把密钥，或者已经撤销。", "There is no such key, or it is revoked already.")
    return known


def _root(state: LedgerState, known: KnownKey, folder: Path | None) -> NoteSigner | None:
    """The root where a key needs it, or where it is at hand for a reviewer's.

    :raises RootMissing: it is needed and lies on paper
    """
    if known.role == "service":
        return None
    name = f"{certify.street_name(state)}/root"
    if known.role == "reviewer" and (folder is None or not (folder / "root").exists()):
        return None
    if folder is None:
        raise NotSigned("这一步要用根密钥，请在服务器上用命令行办理。", "This needs the root: use the command line.")
    return keyring.read_root(folder, name)


def _street_reviewers(state: LedgerState) -> list[KnownKey]:
    return [
        known
        for known in state.view.keys
        if known.role == "reviewer"
        and known.unit == state.view.keys.street
        and known.valid_at(state.view.position)
        and state.view.ring.get(known.vkey) is not None
    ]


async def _owner(tx: Tx, vkey: str) -> str | None:
    rows = await tx.sql("SELECT owner FROM key_secret WHERE vkey = ?", vkey)
    return rows[0][0] if rows else None


async def _forget_secret(tx: Tx, vkey: str) -> None:
    """What was revoked signs nothing any more: its private half is not kept."""
    await tx.sql("UPDATE key_secret SET sealed = ? WHERE vkey = ?", b"", vkey)


async def renew(store: Store, *, key: str, keys_folder: Path) -> Sequence[str]:
    """New keys for every valid key whose private half this process cannot use: the master key was lost.

    The root's keys come first, for the others are signed with them.

    :returns: their names
    """

    async def body(tx: Tx) -> list[str]:
        state, done = _state(tx), list[str]()
        root = keyring.read_root(keys_folder, f"{certify.street_name(state)}/root")
        lost = [
            known
            for known in state.view.keys
            if known.role != "root" and known.valid_at(state.view.position) and state.view.ring.get(known.vkey) is None
        ]
        for known in sorted(lost, key=lambda known: known.role == "service"):
            by = None if known.role == "service" else root
            owner = await _owner(tx, str(known.vkey))
            await certify.add(state, known.vkey.name, known.role, known.unit, known.may, owner, by)
            await certify.revoke(state, known.vkey, by)
            await _forget_secret(tx, str(known.vkey))
            done.append(known.vkey.name)
        return done

    return await store.once(ACTOR, key, "renew", body, returns=list[str])


async def follow_roles(ctx: Context) -> None:
    """The nightly job: who no longer reviews by identity's roles loses the key too."""
    reader = cast(Reader, ctx.ledger)
    gate = reader.ledger.gate
    if gate is None:
        return
    for known in await listed(reader.store):
        if known.role != "reviewer" or not known.valid or known.person is None or known.unit is None:
            continue
        if await gate(known.person, known.unit) is None:
            with suppress(Refused, NotSigned):  # the last one stays until there is another
                await revoke(reader.store, vkey=known.vkey, key=f"role-ended/{known.vkey}")
