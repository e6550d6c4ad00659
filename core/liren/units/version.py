# SPDX-License-Identifier: Apache-2.0
"""When something read into memory must be read again: a version row, raised in the transaction that changes it.

Checking costs one small query, so it is spared: at most once in ``CALM_S`` while nobody here has written. After a
write of this process every call checks, until that transaction must be over. Another process's write shows within
``CALM_S``.
"""

import time
from typing import Final

from liren.store import Store, Tx

CALM_S: Final = 1.0
UNSETTLED_S: Final = 180.0
"""Longer than any transaction may take (the import's limit)."""

_raised_at: dict[str, float] = {}


async def raise_version(tx: Tx, name: str) -> None:
    """Say, in the transaction of the change, that what is known of ``name`` is out of date."""
    await tx.sql(
        "INSERT INTO register_version (name, version) VALUES (?, 1)"
        " ON CONFLICT (name) DO UPDATE SET version = register_version.version + 1",
        name,
    )
    _raised_at[name] = time.monotonic()


class Watch:
    """The version of one name, as one reader last saw it."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._seen = -1
        self._looked_at = 0.0

    async def current(self) -> int:
        """Grows with every change; 0 before the first."""
        now = time.monotonic()
        unsettled = now - _raised_at.get(self._name, -UNSETTLED_S) < UNSETTLED_S
        if self._seen < 0 or unsettled or now - self._looked_at > CALM_S:
            rows = await self._store.read("SELECT version FROM register_version WHERE name = ?", self._name)
            self._seen = rows[0][0] if rows else 0
            self._looked_at = now
        return self._seen
