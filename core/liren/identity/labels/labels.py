# SPDX-License-Identifier: Apache-2.0
"""Labels of residents, each given only with a consent of its own.

《个人信息保护法》第二十八条、第二十九条: a specific purpose, strict protection, a separate consent; 第三十一条: below
fourteen a guardian agrees; 第十五条: taken back as easily as given. A label holds while it runs and its consent stands,
so a consent that ends anywhere ends the label everywhere. Verbs run in the caller's transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from liren.errors import Conflict
from liren.identity.errors import BadLabel, NoGuardian, no_such_label, no_such_person
from liren.identity.labels.kinds import Kind
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


_LABEL: Final = (
    "SELECT l.id, l.person, k.id, k.title, k.sensitive, k.seen_by, l.since, l.until, c.how, t.version, t.text,"
    " c.given_by FROM person_label l JOIN label_kind k ON k.id = l.kind JOIN consent c ON c.id = l.consent"
    " JOIN label_text t ON t.kind = k.id AND CAST(t.version AS TEXT) = c.version"
)
STANDS: Final = "l.until IS NULL AND c.withdrawn IS NULL"


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
