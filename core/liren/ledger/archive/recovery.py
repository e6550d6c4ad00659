# SPDX-License-Identifier: Apache-2.0
"""Guided recovery: a log behind what was published goes on under its next origin (``docs/ledger-spec.md`` 16).

Its first record there attests what was restored and what the anchor remembers; the root certifies a log key of the
new name. Positions, tree, accounts and keys go on, so that every older receipt keeps its proof.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from liren.ledger.authority import keyring
from liren.ledger.engine import certify, signing
from liren.ledger.engine.participant import Ledger
from liren.ledger.engine.posting import LedgerState
from liren.ledger.engine.recovered import CODE, SUBJECT, attested, body_of
from liren.ledger.errors import Behind, Refused
from liren.ledger.log import canonical, records
from liren.ledger.log.anchor import Mark, number_of
from liren.ledger.log.records import Attest
from liren.ledger.rules.addresses import encode_id, new_id
from liren.store import Store, Tx

ACTOR: Final = "job:ledger.recovery"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done."""

    origin: str
    """The new one."""
    restored: Mark
    """The log as it came back."""
    published: Mark
    """What the anchor remembers; None of it beyond ``restored`` is in this log."""

    @property
    def lost(self) -> int:
        """Entries that were published and are not here; at least, for the anchor may be of another history."""
        return max(self.published.size - self.restored.size, 0)


async def recover(ledger: Ledger, store: Store, keys_folder: Path, *, key: str) -> Recovered:
    """Let a log that is behind its anchor go on.

    :param key: request key
    :raises Refused: it is not behind, or there is nothing to go on from
    :raises RootMissing: the root lies on paper: put it back for this
    """
    published = ledger.anchor.read()
    if not isinstance(ledger.blocked, Behind) or published is None:
        raise Refused("账本没有落后于锚，不需要恢复。", "The log is not behind its anchor: nothing to recover.")
    if not await store.read("SELECT 1 FROM log_head"):
        raise Refused(
            "数据库里没有账本。请先恢复备份，或用 liren ledger import 导入导出的账本。",
            "There is no log in this database: restore a backup, or import an export, first.",
        )

    async def body(tx: Tx) -> list[str | int]:
        state = cast(LedgerState, tx.part("ledger"))
        state.reopen()
        root = keyring.read_root(keys_folder, f"{certify.street_name(state)}/root")
        restored = Mark(state.log, state.view.position, state.view.book.root)
        state.view.origin = next_origin(restored.origin, published.origin)
        await _attest(state, restored, published)
        before = [known for known in state.view.keys if known.role == "log" and known.valid_at(state.view.position)]
        await certify.by_root(state, state.log, "log", None, None, root, None)
        for known in before:
            await certify.revoke(state, known.vkey, root)
        return [state.log, restored.origin, restored.size, restored.root.hex()]

    origin, was, size, root_hex = await store.once(ACTOR, key, published.text().decode(), body, returns=list[str | int])
    restored = Mark(str(was), int(size), bytes.fromhex(str(root_hex)))
    await ledger.start(store)
    return Recovered(str(origin), restored, published)


def next_origin(*origins: str) -> str:
    """Above every number used before."""
    return f"{origins[0].rpartition('/')[0]}/{max(map(number_of, origins)) + 1}"


async def _attest(state: LedgerState, restored: Mark, published: Mark) -> None:
    salt = os.urandom(32)
    digest = records.attest_digest(salt, canonical.encode(attested(restored, published)))
    street = state.view.keys.street
    record = Attest(
        code=CODE,
        digest=encode_id(digest),
        eff=state.eff,
        log=state.log,
        rid=new_id(),
        subject=SUBJECT,
        unit=street,
    )
    state.append(record, signing.alone(state, record), unit=street)
    await state.tx.sql(
        "INSERT INTO recovery (rid, pos, body) VALUES (?, ?, ?)",
        record.rid,
        restored.size,
        body_of(restored, published, salt),
    )


async def bodies(store: Store) -> Sequence[tuple[str, bytes]]:
    """(rid, body) of every recovery, oldest first."""
    rows = await store.read("SELECT rid, body FROM recovery ORDER BY pos")
    return [(rid, bytes(body)) for rid, body in rows]
