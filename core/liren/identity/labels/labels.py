# SPDX-License-Identifier: Apache-2.0
"""Labels of residents: kinds the street defines itself (健康, 六色台账 …), each given only with a consent of its own.

《个人信息保护法》第二十八条、第二十九条: a specific purpose, strict protection, a separate consent; 第三十一条: below
fourteen a guardian agrees; 第十五条: taken back as easily as given. A label holds while it runs and its consent stands,
so a consent that ends anywhere ends the label everywhere. Verbs run in the caller's transaction.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from liren.errors import Conflict
from liren.identity.errors import BadLabel, NoGuardian, no_such_label, no_such_person
from liren.identity.register.lookup import AFTER_PATH
from liren.identity.register.numbers import SENSITIVE_UNDER
from liren.identity.register.pending import VISIBLE
from liren.plugins.services import Guardian
from liren.store import Store, Tx
from liren.store.audit import write as audit
from liren.store.parts import marks
from liren.units.ids import new_id
from liren.units.version import raise_version

PURPOSE: Final = "label/"
"""Before the kind's code: what the consent is for."""
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


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a person."""

    id: str
    person: str
    kind: str
    title: str
    sensitive: bool
    seen_by: str
    since: date
    until: date | None
    how: str
    version: int
    text: str
    """What was agreed to, in the version of then."""
    given_by: str | None
    """The guardian who agreed."""


_KIND: Final = (
    "SELECT k.id, k.code, k.title, k.sensitive, k.seen_by, k.closed, t.version, t.text FROM label_kind k"
    " JOIN label_text t ON t.kind = k.id"
    " AND t.version = (SELECT max(version) FROM label_text WHERE kind = k.id)"
)
_LABEL: Final = (
    "SELECT l.id, l.person, k.id, k.title, k.sensitive, k.seen_by, l.since, l.until, c.how, t.version, t.text,"
    " c.given_by FROM person_label l JOIN label_kind k ON k.id = l.kind JOIN consent c ON c.id = l.consent"
    " JOIN label_text t ON t.kind = k.id AND CAST(t.version AS TEXT) = c.version"
)
STANDS: Final = "l.until IS NULL AND c.withdrawn IS NULL"


# --- kinds


async def kinds(store: Store) -> list[Kind]:
    """Every kind, those in use first."""
    return [_kind(row) for row in await store.read(f"{_KIND} ORDER BY k.closed IS NOT NULL, k.sensitive, k.code")]


async def kind_of(store: Store, kind: str) -> Kind:
    """:raises NotFound: none has this id"""
    rows = await store.read(f"{_KIND} WHERE k.id = ?", kind)
    if not rows:
        raise no_such_label()
    return _kind(rows[0])


def _kind(row: tuple[Any, ...]) -> Kind:
    identity, code, title, sensitive, *rest = row
    return Kind(identity, code, title, bool(sensitive), *rest)


async def add_kind(tx: Tx, *, code: str, title: str, sensitive: bool, seen_by: str, text: str, day: date) -> str:
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


async def change_kind(tx: Tx, kind: Kind, *, title: str, sensitive: bool, seen_by: str, text: str, day: date) -> None:
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


async def close_kind(tx: Tx, kind: Kind, day: date) -> int:
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


# --- labels


def who_agrees(age: int | None, guardians: Sequence[Guardian]) -> frozenset[str] | None:
    """Whose consent counts: None for the person's own, else the guardians' (none of them: nobody can agree).

    《个人信息保护法》第三十一条 for who is under fourteen; 民法典 28, 34 for adults without capacity.
    """
    adult = frozenset(each.person for each in guardians if each.kind == "adult")
    if adult:
        return adult
    if age is not None and age < SENSITIVE_UNDER:
        return frozenset(each.person for each in guardians)
    return None


async def give(
    tx: Tx,
    person: str,
    kind: Kind,
    *,
    day: date,
    how: str,
    given_by: str | None,
    counts: Collection[str] | None,
    unit: str | None = None,
) -> str:
    """The label from ``day`` on, with the consent to it; :returns: the label's id.

    :param how: ``paper``, ``on-site`` or ``page``
    :param given_by: the guardian who agreed; None: the person
    :param counts: of :func:`who_agrees`
    :raises NoGuardian: a guardian has to agree, and this is none
    :raises Conflict: the person has this label; the kind is closed
    """
    if tx.actor == person:
        raise BadLabel("自己的标签请另一位同事来登记。", "Somebody else has to record your own label.")
    if not await tx.sql(
        "SELECT 1 FROM person WHERE id = ? AND merged_into IS NULL AND died IS NULL AND left_on IS NULL", person
    ):
        raise no_such_person()
    if kind.closed is not None:
        raise Conflict("这种标签已经停用。", "This kind of label is closed.")
    if counts is not None and given_by not in counts:
        raise NoGuardian(
            "要由监护人同意。还没有登记监护人的，请先登记。", "A guardian has to agree; record the guardian first."
        )
    await _end_withdrawn(tx, person, day)
    if await tx.sql("SELECT 1 FROM person_label WHERE person = ? AND kind = ? AND until IS NULL", person, kind.id):
        raise Conflict("已经有这个标签了。", "They have this label already.")
    consent, identity = new_id(), new_id()
    await tx.sql(
        "INSERT INTO consent (id, person, purpose, version, how, given, given_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        consent, person, PURPOSE + kind.code, str(kind.version), how, day, given_by if counts is not None else None,
    )  # fmt: skip
    await tx.sql(
        "INSERT INTO person_label (id, person, kind, consent, since, actor) VALUES (?, ?, ?, ?, ?, ?)",
        identity, person, kind.id, consent, day, tx.actor,
    )  # fmt: skip
    # The kind itself stays out of the record: who audits looks need not learn what anybody has.
    await audit(tx, "identity", "identity.labelled", person, unit=unit, detail={"label": identity})
    return identity


async def _end_withdrawn(tx: Tx, person: str, day: date) -> None:
    """A consent may have been taken back elsewhere: the label it carried is over."""
    await tx.sql(
        "UPDATE person_label SET until = ? WHERE person = ? AND until IS NULL AND consent IN"
        " (SELECT id FROM consent WHERE person = ? AND withdrawn IS NOT NULL)",
        day, person, person,
    )  # fmt: skip


async def end(tx: Tx, label: str, person: str, day: date, *, what: str, unit: str | None = None) -> None:
    """It no longer applies, or the consent is taken back: label and consent end together.

    :param what: for the record: ``unlabelled`` by staff, ``label-withdrawn`` by the person or their guardian
    :raises NotFound: no such label of this person holds
    """
    rows = await tx.sql(
        "UPDATE person_label SET until = ? WHERE id = ? AND person = ? AND until IS NULL RETURNING consent",
        day, label, person,
    )  # fmt: skip
    if not rows:
        raise no_such_label()
    await tx.sql("UPDATE consent SET withdrawn = ? WHERE id = ? AND withdrawn IS NULL", day, rows[0][0])
    await raise_version(tx, "people")
    await audit(tx, "identity", f"identity.{what}", person, unit=unit, detail={"label": label})


async def of(store: Store, people: Sequence[str]) -> list[Label]:
    """The labels of these people that hold."""
    if not people:
        return []
    rows = await store.read(
        f"{_LABEL} WHERE {STANDS} AND l.person IN ({marks(people)}) ORDER BY k.sensitive, k.code", *people
    )
    return [_label(row) for row in rows]


def _label(row: tuple[Any, ...]) -> Label:
    person_label, person, kind, title, sensitive, *rest = row
    return Label(person_label, person, kind, title, bool(sensitive), *rest)


async def counts(store: Store) -> dict[str, int]:
    """Kind → how many people have it; for who configures them: figures, nobody's name."""
    rows = await store.read(
        f"SELECT l.kind, count(*) FROM person_label l JOIN consent c ON c.id = l.consent WHERE {STANDS} GROUP BY l.kind"  # noqa: S608 - own words
    )
    return {kind: int(n) for kind, n in rows}


async def looked(tx: Tx, people: Sequence[str], *, unit: str | None) -> None:
    """Somebody saw these people's labels: each of them can read that."""
    for person in people:
        await audit(tx, "identity", "identity.labels-seen", person, unit=unit)


async def in_area(
    store: Store, prefix: str, kind: str, *, limit: int, offset: int
) -> tuple[list[tuple[str, str, str, date]], int]:
    """(person, name, unit they live in, since) of who has a label there, by name; and how many."""
    where = (
        "FROM person_label l JOIN consent c ON c.id = l.consent"
        " JOIN residence r ON r.person = l.person AND r.until IS NULL JOIN unit u ON u.code = r.unit"
        f" JOIN person p ON p.id = l.person WHERE l.kind = ? AND {STANDS} AND u.path >= ? AND u.path < ? AND {VISIBLE}"
    )
    args = (kind, prefix, prefix + AFTER_PATH)
    [(total,)] = await store.read(f"SELECT count(*) {where}", *args)
    rows = await store.read(
        f"SELECT p.id, p.name, r.unit, l.since {where} ORDER BY p.pinyin, p.id LIMIT ? OFFSET ?",
        *args, limit, offset,
    )  # fmt: skip
    return [(person, name, unit, since) for person, name, unit, since in rows], int(total)
