# SPDX-License-Identifier: Apache-2.0
"""What people typed and have not sent (``liren.web.drafts.DraftStore``): sealed, per account, for thirty days.

Sealed under the person's own key: when that key is destroyed, every draft of theirs is gone, in backups too.
"""

import hashlib
from collections.abc import Callable
from typing import Final

import msgspec

from liren.identity.housekeeping import KEEP_DRAFTS_MS
from liren.plugins.services import Visitor
from liren.store import Store, Vault
from liren.web.drafts import Draft, Values

AT_MOST: Final = 30
"""Drafts of one account; the oldest gives way."""


class Drafts:
    """One per process; the rows are shared."""

    def __init__(self, store: Store, vault: Vault, now_ms: Callable[[], int]) -> None:
        self._store, self._vault, self._now_ms = store, vault, now_ms

    async def open(self, visitor: Visitor, name: str) -> Draft | None:
        rows = await self._store.read(
            "SELECT content, at_ms FROM form_draft WHERE id = ? AND content IS NOT NULL AND at_ms > ?",
            _id(visitor, name), self._now_ms() - KEEP_DRAFTS_MS,
        )  # fmt: skip
        keys = await self._vault.keys(self._store, [visitor.person]) if rows else {}
        if visitor.person not in keys:
            return None
        plain = keys[visitor.person].open(bytes(rows[0][0]), _context(name))
        return Draft(msgspec.json.decode(plain, type=dict[str, list[str]]), rows[0][1])

    async def keep(self, visitor: Visitor, name: str, values: Values, key: str) -> int | None:
        plain, here = msgspec.json.encode(values), _id(visitor, name)
        async with self._store.transaction(visitor.person) as tx:
            keys = await self._vault.ensure_keys(tx, [visitor.person])
            rows = await tx.sql(
                "INSERT INTO form_draft (id, account, name, content, key, at_ms) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET content = excluded.content, key = excluded.key, at_ms = excluded.at_ms"
                " WHERE form_draft.content IS NOT NULL OR form_draft.key <> excluded.key RETURNING at_ms",
                here, visitor.account, name,
                keys[visitor.person].seal(plain, _context(name)), key, tx.now_ms,
            )  # fmt: skip
            await tx.sql(
                "DELETE FROM form_draft WHERE account = ? AND id <> ? AND id NOT IN (SELECT id FROM form_draft"
                " WHERE account = ? AND id <> ? ORDER BY at_ms DESC, id LIMIT ?)",
                visitor.account, here, visitor.account, here, AT_MOST - 1,
            )  # fmt: skip
        return rows[0][0] if rows else None

    async def drop(self, visitor: Visitor, name: str, key: str) -> None:
        async with self._store.transaction(visitor.person) as tx:
            await tx.sql(
                "INSERT INTO form_draft (id, account, name, content, key, at_ms) VALUES (?, ?, ?, NULL, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET content = NULL, key = excluded.key, at_ms = excluded.at_ms",
                _id(visitor, name), visitor.account, name, key, tx.now_ms,
            )  # fmt: skip


def _id(visitor: Visitor, name: str) -> str:
    """One draft an account and name; a digest, so that two columns need no key of both."""
    return hashlib.sha256(f"{visitor.account}/{name}".encode()).hexdigest()[:32]


def _context(name: str) -> str:
    return f"draft.{name}"
