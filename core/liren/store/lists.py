# SPDX-License-Identifier: Apache-2.0
"""An uploaded list between its check and its taking: sealed, its uploader's alone, forgotten when taken or old.

One table for every kind of list (units, dwellings, appointments, people …), another for their files, which go with
their row (``ON DELETE CASCADE``); what a kind means stands above this floor.
"""

import re
import secrets
from dataclasses import dataclass

from liren.errors import NotFound
from liren.store.audit import write as audit
from liren.store.store import Store
from liren.store.tx import Tx
from liren.store.vault import Vault

_ID = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One list, as its uploader sees it."""

    id: str
    kind: str
    """``<plugin>.<what>``, e.g. ``units.dwellings``."""
    file_name: str
    options: bytes
    """What was asked beside the file, JSON."""
    summary: bytes
    """What the check found, JSON."""
    task: str | None
    """The task that takes it, once started."""
    done: bool


class Lists:
    """One per process."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self.store, self._vault = store, vault

    async def keep(
        self, actor: str, *, kind: str, file_name: str, content: bytes, options: bytes, summary: bytes
    ) -> str:
        """Store a checked list under a key of its own; :returns: its id."""
        identity = secrets.token_hex(12)
        async with self.store.transaction(actor) as tx:
            key = (await self._vault.ensure_keys(tx, [_subject(identity)]))[_subject(identity)]
            await tx.sql(
                "INSERT INTO uploaded_list (id, kind, actor, file_name, at_ms, options, summary)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                identity, kind, actor, file_name[:120], tx.now_ms, key.seal(options, "uploaded_list.options"),
                key.seal(summary, "uploaded_list.summary"),
            )  # fmt: skip
            await _fill(tx, identity, key.seal(content, "uploaded_list.content"))
            await audit(tx, kind.partition(".")[0], "list.checked", identity, detail={"kind": kind})
        return identity

    async def find(self, actor: str, kind: str, identity: str) -> Uploaded:
        """:raises NotFound: no such list, somebody else's, or forgotten already"""
        if not _ID.fullmatch(identity):
            raise _gone()
        rows = await self.store.read(
            "SELECT file_name, options, summary, task, done_ms FROM uploaded_list"
            " WHERE id = ? AND actor = ? AND kind = ?",
            identity, actor, kind,
        )  # fmt: skip
        key = (await self._vault.keys(self.store, [_subject(identity)])).get(_subject(identity))
        if not rows or key is None:
            raise _gone()
        file_name, options, summary, task, done_ms = rows[0]
        return Uploaded(
            identity,
            kind,
            file_name,
            key.open(bytes(options), "uploaded_list.options"),
            key.open(bytes(summary), "uploaded_list.summary"),
            task,
            done_ms is not None,
        )

    async def content(self, identity: str) -> bytes:
        """:raises NotFound: taken or forgotten already"""
        rows = await self.store.read(
            "SELECT c.content FROM uploaded_content c JOIN uploaded_list l ON l.id = c.list"
            " WHERE c.list = ? AND l.done_ms IS NULL",
            identity,
        )
        key = (await self._vault.keys(self.store, [_subject(identity)])).get(_subject(identity))
        if not rows or key is None:
            raise _gone()
        return key.open(bytes(rows[0][0]), "uploaded_list.content")

    async def checked(self, actor: str, identity: str, summary: bytes) -> None:
        """What the check found, where it came after the keeping."""
        async with self.store.transaction(actor) as tx:
            key = (await self._vault.ensure_keys(tx, [_subject(identity)]))[_subject(identity)]
            sealed = key.seal(summary, "uploaded_list.summary")
            await tx.sql("UPDATE uploaded_list SET summary = ? WHERE id = ? AND done_ms IS NULL", sealed, identity)

    async def filled(self, actor: str, identity: str, content: bytes) -> None:
        """A file that was made here, where it came after the keeping."""
        async with self.store.transaction(actor) as tx:
            key = (await self._vault.ensure_keys(tx, [_subject(identity)]))[_subject(identity)]
            if await tx.sql("SELECT 1 FROM uploaded_list WHERE id = ?", identity):
                await _fill(tx, identity, key.seal(content, "uploaded_list.content"))

    async def started(self, actor: str, identity: str, task: str) -> None:
        """Which task takes it."""
        async with self.store.transaction(actor) as tx:
            await tx.sql("UPDATE uploaded_list SET task = ? WHERE id = ?", task, identity)


async def _fill(tx: Tx, identity: str, sealed: bytes) -> None:
    await tx.sql(
        "INSERT INTO uploaded_content (list, content) VALUES (?, ?)"
        " ON CONFLICT (list) DO UPDATE SET content = excluded.content",
        identity, sealed,
    )  # fmt: skip


async def taken(tx: Tx, identity: str) -> None:
    """In the transaction that takes it: the file itself is no longer needed, what was found stays for a week.

    :raises NotFound: somebody took it a moment ago
    """
    rows = await tx.sql(
        "UPDATE uploaded_list SET done_ms = ? WHERE id = ? AND done_ms IS NULL RETURNING id", tx.now_ms, identity
    )
    if not rows:
        raise _gone()
    await tx.sql("DELETE FROM uploaded_content WHERE list = ?", identity)


async def sweep(tx: Tx, before_ms: int) -> int:
    """Forget what was uploaded before; :returns: how many."""
    rows = await tx.sql("DELETE FROM uploaded_list WHERE at_ms <= ? RETURNING id", before_ms)
    for (identity,) in rows:
        await tx.sql("DELETE FROM subject_key WHERE subject = ?", _subject(identity))
    return len(rows)


async def forget(tx: Tx, actor: str) -> int:
    """Somebody is erased: what they uploaded goes, and every file of residents that was made here for a colleague;
    it is made again where it is still needed. :returns: how many
    """
    rows = await tx.sql("DELETE FROM uploaded_list WHERE actor = ? OR kind LIKE '%-out' RETURNING id", actor)
    for (identity,) in rows:
        await tx.sql("DELETE FROM subject_key WHERE subject = ?", _subject(identity))
    return len(rows)


def _subject(identity: str) -> str:
    return f"list/{identity}"


def _gone() -> NotFound:
    return NotFound(
        "没有这份名单，或者已经收下、过期清理了。请重新上传。",
        "There is no such list, or it was taken or cleared already. Please upload it again.",
    )
