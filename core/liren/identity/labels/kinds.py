# SPDX-License-Identifier: Apache-2.0
"""Kinds of labels, which the street defines itself (健康, 六色台账 …): what each is for and who sees it, in words that
people agree to (《个人信息保护法》第二十八条、第二十九条: a specific purpose, strict protection).

Verbs run in the caller's transaction.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from liren.errors import Conflict
from liren.identity.errors import BadLabel, no_such_label
from liren.store import Store, Tx
from liren.store.audit import write as audit
from liren.units.ids import new_id
from liren.units.version import raise_version

CODE: Final = re.compile(r"[a-z][a-z0-9-]{1,19}")
TITLE_MAX: Final = 20
TEXT_MIN: Final = 10


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of label."""

    id: str
    code: str
    title: str
    sensitive: bool
    seen_by: str
    """The one role that may see it beside the permission; empty: whoever has the permission."""
    closed: date | None
    version: int
    text: str
    """What people agree to, the latest version."""


_KIND: Final = (
    "SELECT k.id, k.code, k.title, k.sensitive, k.seen_by, k.closed, t.version, t.text FROM label_kind k"
    " JOIN label_text t ON t.kind = k.id"
    " AND t.version = (SELECT max(version) FROM label_text WHERE kind = k.id)"
)


async def every(store: Store) -> list[Kind]:
    """Every kind, those in use first."""
    return [_kind(row) for row in await store.read(f"{_KIND} ORDER BY k.closed IS NOT NULL, k.sensitive, k.code")]


async def find(store: Store, kind: str) -> Kind:
    """:raises NotFound: none has this id"""
    rows = await store.read(f"{_KIND} WHERE k.id = ?", kind)
    if not rows:
        raise no_such_label()
    return _kind(rows[0])


def _kind(row: tuple[Any, ...]) -> Kind:
    identity, code, title, sensitive, *rest = row
    return Kind(identity, code, title, bool(sensitive), *rest)


async def add(tx: Tx, *, code: str, title: str, sensitive: bool, seen_by: str, text: str, day: date) -> str:
    """A new kind of label; :returns: its id.

    :param text: what people are told before they agree: what for, who sees it, how long
    :raises BadLabel: a code that is none; no title or text
    :raises Conflict: the code is in use, or was
    """
    if not CODE.fullmatch(code):
        raise BadLabel(
            "代号用小写字母、数字和短横，字母开头，2 到 20 个。", "A code is 2 to 20 small letters, digits and dashes."
        )
    _check(title, text)
    if await tx.sql("SELECT 1 FROM label_kind WHERE code = ?", code):
        raise Conflict("这个代号用过了，换一个。", "This code has been used; choose another.")
    identity = new_id()
    await tx.sql(
        "INSERT INTO label_kind (id, code, title, sensitive, seen_by, opened) VALUES (?, ?, ?, ?, ?, ?)",
        identity, code, title.strip(), int(sensitive), seen_by, day,
    )  # fmt: skip
    await _say(tx, identity, 1, text)
    await audit(tx, "identity", "identity.label-kind-added", identity, detail={"code": code})
    return identity


def _check(title: str, text: str) -> None:
    if not 0 < len(title.strip()) <= TITLE_MAX:
        raise BadLabel(f"名称要写，最多 {TITLE_MAX} 个字。", f"It needs a name of at most {TITLE_MAX} characters.")
    if len(text.strip()) < TEXT_MIN:
        raise BadLabel(
            "请写清楚用来做什么、谁能看到，居民看了才好决定。",
            "Say what it is for and who sees it, so that people can decide.",
        )


async def _say(tx: Tx, kind: str, version: int, text: str) -> None:
    await tx.sql(
        "INSERT INTO label_text (id, kind, version, text, at_ms, actor) VALUES (?, ?, ?, ?, ?, ?)",
        new_id(), kind, version, text.strip(), tx.now_ms, tx.actor,
    )  # fmt: skip


async def change(tx: Tx, kind: Kind, *, title: str, sensitive: bool, seen_by: str, text: str, day: date) -> None:
    """Another title or circle of who sees it; another text is a new version, for consents from now on.

    A kind that becomes visible to more people than was said needs the consents anew: with the old ones its labels end.

    :raises BadLabel: no title or text; more would see it, and the text is still the old one
    :raises Conflict: the kind is closed
    """
    _check(title, text)
    if kind.closed is not None:
        raise Conflict("这种标签已经停用。", "This kind of label is closed.")
    wider = (kind.sensitive and not sensitive) or (kind.seen_by != "" and seen_by != kind.seen_by)
    said_anew = text.strip() != kind.text
    if wider and not said_anew:
        raise BadLabel(
            "能看到的人变了，请把说明也改清楚：原来的同意会一起结束，要重新征得同意。",
            "Other people would see it: say so in the text. Consents given to the old text end with this.",
        )
    await tx.sql(
        "UPDATE label_kind SET title = ?, sensitive = ?, seen_by = ? WHERE id = ?",
        title.strip(), int(sensitive), seen_by, kind.id,
    )  # fmt: skip
    if said_anew:
        await _say(tx, kind.id, kind.version + 1, text)
    ended = await end_all(tx, kind, day) if wider else 0
    await audit(tx, "identity", "identity.label-kind-changed", kind.id, detail={"ended": ended})


async def close(tx: Tx, kind: Kind, day: date) -> int:
    """The street gives this label no longer: all that hold end; :returns: how many."""
    await tx.sql("UPDATE label_kind SET closed = ? WHERE id = ? AND closed IS NULL", day, kind.id)
    ended = await end_all(tx, kind, day)
    await audit(tx, "identity", "identity.label-kind-closed", kind.id, detail={"ended": ended})
    return ended


async def end_all(tx: Tx, kind: Kind, day: date) -> int:
    """Every label of the kind, and the consents they rest on; :returns: how many."""
    await tx.sql(
        "UPDATE consent SET withdrawn = ? WHERE withdrawn IS NULL AND id IN"
        " (SELECT consent FROM person_label WHERE kind = ? AND until IS NULL)",
        day, kind.id,
    )  # fmt: skip
    rows = await tx.sql("UPDATE person_label SET until = ? WHERE kind = ? AND until IS NULL RETURNING id", day, kind.id)
    await raise_version(tx, "people")
    return len(rows)
