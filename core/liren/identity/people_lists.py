# SPDX-License-Identifier: Apache-2.0
"""An uploaded list of residents between check and registration: kept sealed, forgotten when registered or old."""

from dataclasses import dataclass
from typing import Final

import msgspec

from liren.errors import NotFound
from liren.identity.import_rules import Report, Verdict
from liren.store import Store, Tx, Vault
from liren.store.audit import write as audit
from liren.units.ids import is_id, new_id

SHOWN: Final = 2000
"""Rows to mend that are kept for the page and its download."""


class Summary(msgspec.Struct, frozen=True):
    """What the check found."""

    counts: dict[str, int]
    wrong: list[tuple[int, str, str]]
    """(row, verdict code, name) of what has to be mended."""
    new: int

    @classmethod
    def of(cls, report: Report) -> "Summary":
        wrong = [(v.row, v.code, v.name) for v in report.wrong()[:SHOWN]]
        return cls(report.counts(), wrong, len(report.new))

    @property
    def verdicts(self) -> list[Verdict]:
        return [Verdict(*row) for row in self.wrong]


@dataclass(frozen=True, slots=True)
class PeopleList:
    """One uploaded list, as its uploader sees it."""

    id: str
    file_name: str
    consent: bool
    """Everybody on it agreed on paper to take part in points."""
    summary: Summary
    task: str | None
    done: bool


async def keep(tx: Tx, vault: Vault, *, file_name: str, content: bytes, consent: bool, summary: Summary) -> str:
    """Store a checked list; :returns: its id."""
    identity = new_id()
    key = (await vault.ensure_keys(tx, [identity]))[identity]
    await tx.sql(
        "INSERT INTO people_list (id, actor, file_name, at_ms, consent, content, summary) VALUES (?, ?, ?, ?, ?, ?, ?)",
        identity, tx.actor, file_name[:120], tx.now_ms, int(consent),
        key.seal(content, "people_list.content"), key.seal(msgspec.json.encode(summary), "people_list.summary"),
    )  # fmt: skip
    await audit(tx, "identity", "identity.list-checked", identity, detail={"new": summary.new})
    return identity


async def find(store: Store, vault: Vault, actor: str, identity: str) -> PeopleList:
    """:raises NotFound: no such list, somebody else's, or forgotten already"""
    if not is_id(identity):
        raise _gone()
    rows = await store.read(
        "SELECT file_name, consent, summary, task, done_ms FROM people_list WHERE id = ? AND actor = ?", identity, actor
    )
    key = (await vault.keys(store, [identity])).get(identity)
    if not rows or key is None:
        raise _gone()
    file_name, consent, sealed, task, done_ms = rows[0]
    summary = msgspec.json.decode(key.open(bytes(sealed), "people_list.summary"), type=Summary)
    return PeopleList(identity, file_name, bool(consent), summary, task, done_ms is not None)


async def content(store: Store, vault: Vault, identity: str) -> bytes:
    """:raises NotFound: registered or forgotten already"""
    rows = await store.read("SELECT content FROM people_list WHERE id = ? AND done_ms IS NULL", identity)
    key = (await vault.keys(store, [identity])).get(identity)
    if not rows or key is None:
        raise _gone()
    return key.open(bytes(rows[0][0]), "people_list.content")


async def started(tx: Tx, identity: str, task: str) -> None:
    await tx.sql("UPDATE people_list SET task = ? WHERE id = ?", task, identity)


async def registered(tx: Tx, identity: str) -> None:
    """The file itself is no longer needed; the summary stays for its uploader for a week.

    :raises NotFound: somebody registered it a moment ago
    """
    rows = await tx.sql(
        "UPDATE people_list SET done_ms = ?, content = ? WHERE id = ? AND done_ms IS NULL RETURNING id",
        tx.now_ms, b"", identity,
    )  # fmt: skip
    if not rows:
        raise _gone()


def _gone() -> NotFound:
    return NotFound(
        "没有这份名单，或者已经登记完、过期清理了。请重新上传。",
        "There is no such list, or it was registered or cleared already. Please upload it again.",
    )
