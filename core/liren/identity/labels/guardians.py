# SPDX-License-Identifier: Apache-2.0
"""Guardians: who answers for a child (民法典 27) or for an adult without capacity (民法典 28), from when to when.

Recorded by staff who saw a paper. A child's guardian stops being one on the eighteenth birthday by itself: that day is
worked out when asked, for writing it down would give the sealed birthday away. Verbs run in the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.errors import Conflict
from liren.identity.errors import BadGuardian, no_such_guardianship, no_such_person
from liren.plugins.services import Guardian
from liren.store import Store, SubjectKey, Tx, Vault
from liren.store.audit import write as audit
from liren.store.parts import in_parts, marks
from liren.units.ids import new_id
from liren.web import N_

GROWN_UP: Final = 18
"""民法典 17: from this age on one answers for oneself."""
EVIDENCE: Final = (
    ("household", N_("户口簿")),
    ("birth", N_("出生医学证明")),
    ("court", N_("法院的判决或指定")),
    ("committee", N_("居委会或民政部门的指定")),
    ("agreement", N_("意定监护协议")),
)
"""What staff saw; 民法典 27 to 33."""
KINDS: Final = (("minor", N_("未成年人")), ("adult", N_("不能完全辨认自己行为的成年人")))
_CONTEXT: Final = "guardianship.basis"


@dataclass(frozen=True, slots=True)
class Tie:
    """One guardianship, as pages show it from one side."""

    id: str
    person: str
    """The other of the two."""
    name: str
    kind: str
    evidence: str
    basis: str
    since: date
    until: date | None


def objection(
    kind: str, *, ward_age: int | None, guardian_age: int | None, guardian_has_one: bool, basis: str
) -> tuple[str, str, str] | None:
    """Why the one cannot answer for the other; (field, Chinese, English), or None.

    :param ward_age: completed years; None where no birthday is known
    :param guardian_has_one: the guardian has a guardian
    """
    if guardian_has_one or (guardian_age is not None and guardian_age < GROWN_UP):
        return (
            "guardian",
            "这位自己还有监护人，或者没有成年，不能当监护人。",
            "They are under age or have a guardian themselves.",
        )
    if kind == "minor" and ward_age is None:
        return (
            "kind",
            "还没有登记出生日期，看不出是不是未成年人。请先改资料。",
            "Their birthday is not known: enter it first.",
        )
    if kind == "minor" and ward_age is not None and ward_age >= GROWN_UP:
        return "kind", "已经满 18 周岁了。", "They are of age."
    if kind == "adult" and ward_age is not None and ward_age < GROWN_UP:
        return "kind", "还没有满 18 周岁，请选“未成年人”。", "They are under age: choose “child”."
    if kind == "adult" and not basis:
        return "basis", "请写明凭据，比如判决书编号。", "Say on what it rests, such as the number of the ruling."
    return None


def holds(kind: str, age: int | None) -> bool:
    """Whether a guardian recorded for this reason still is one; an age nobody knows any more ends nothing."""
    return kind != "minor" or age is None or age < GROWN_UP


async def appoint(
    tx: Tx,
    vault: Vault,
    *,
    guardian: str,
    ward: str,
    kind: str,
    evidence: str,
    basis: str,
    since: date,
    ages: Mapping[str, int],
    unit: str | None = None,
) -> str:
    """From ``since`` on the one answers for the other; :returns: the relation's id.

    :param ages: completed years of the two on that day, as far as known
    :raises BadGuardian: as :func:`objection`, or themself
    :raises Conflict: recorded already
    """
    if guardian == ward or tx.actor in (guardian, ward):
        raise BadGuardian(
            "不能登记自己的监护关系，也不能自己监护自己。",
            "Nobody is their own guardian, or records a guardianship of their own.",
        )
    await _living(tx, guardian)
    await _living(tx, ward)
    under = await tx.sql("SELECT kind FROM guardianship WHERE ward = ? AND until IS NULL", guardian)
    found = objection(
        kind,
        ward_age=ages.get(ward),
        guardian_age=ages.get(guardian),
        guardian_has_one=any(holds(each, ages.get(guardian)) for (each,) in under),
        basis=basis,
    )
    if found is not None:
        raise BadGuardian(found[1], found[2])
    if await tx.sql("SELECT 1 FROM guardianship WHERE ward = ? AND guardian = ? AND until IS NULL", ward, guardian):
        raise Conflict("这位已经是监护人了。", "They are the guardian already.")
    key = (await vault.ensure_keys(tx, [ward]))[ward]
    identity = new_id()
    await tx.sql(
        "INSERT INTO guardianship (id, guardian, ward, kind, evidence, basis, since, actor)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        identity, guardian, ward, kind, evidence, sealed(key, basis), since, tx.actor,
    )  # fmt: skip
    await audit(tx, "identity", "identity.guardian-appointed", ward, unit=unit, detail={"guardian": guardian})
    return identity


async def _living(tx: Tx, person: str) -> None:
    if not await tx.sql("SELECT 1 FROM person WHERE id = ? AND merged_into IS NULL AND died IS NULL", person):
        raise no_such_person()


def sealed(key: SubjectKey, basis: str) -> bytes | None:
    return key.seal(basis.encode(), _CONTEXT) if basis else None


def opened(key: SubjectKey | None, basis: bytes | None) -> str:
    return key.open(bytes(basis), _CONTEXT).decode() if key is not None and basis is not None else ""


async def end(tx: Tx, guardianship: str, ward: str, day: date, *, unit: str | None = None) -> None:
    """They no longer answer for the other from ``day`` on.

    :raises NotFound: none of this person's holds under that id
    :raises Conflict: it began later
    """
    rows = await tx.sql("SELECT guardian, since FROM guardianship WHERE id = ? AND ward = ? AND until IS NULL",
                        guardianship, ward)  # fmt: skip
    if not rows:
        raise no_such_guardianship()
    guardian, since = rows[0]
    if since > day:
        raise Conflict("日期早于开始的那天。", "The day lies before it began.")
    if tx.actor == guardian:
        raise BadGuardian("请另一位同事来办理。", "Somebody else has to record this.")
    await tx.sql("UPDATE guardianship SET until = ? WHERE id = ?", day, guardianship)
    await audit(tx, "identity", "identity.guardian-ended", ward, unit=unit, detail={"guardian": guardian})


async def of(store: Store, wards: Sequence[str], day: date) -> dict[str, list[Guardian]]:
    """Who is on record for each on that day, whatever their age."""
    found: dict[str, list[Guardian]] = {}
    for part in in_parts(wards):
        rows = await store.read(
            "SELECT ward, guardian, kind, since FROM guardianship WHERE since <= ? AND (until IS NULL OR until > ?)"  # noqa: S608 - marks
            f" AND ward IN ({marks(part)}) ORDER BY since, id",
            day, day, *part,
        )  # fmt: skip
        for ward, guardian, kind, since in rows:
            found.setdefault(ward, []).append(Guardian(guardian, kind, since))
    return found


async def ties(store: Store, vault: Vault, person: str, *, as_guardian: bool) -> list[Tie]:
    """Everybody who answers or answered for a person; or whom that person answers or answered for."""
    mine, other = ("guardian", "ward") if as_guardian else ("ward", "guardian")
    rows = await store.read(
        f"SELECT g.id, p.id, p.name, g.kind, g.evidence, g.since, g.until, g.ward, g.basis FROM guardianship g"  # noqa: S608 - own names
        f" JOIN person p ON p.id = g.{other} WHERE g.{mine} = ? ORDER BY g.until IS NULL DESC, g.since DESC, g.id",
        person,
    )
    keys = await vault.keys(store, {row[7] for row in rows})
    return [
        Tie(identity, other_one, name, kind, evidence, opened(keys.get(ward), basis), since, until)
        for identity, other_one, name, kind, evidence, since, until, ward, basis in rows
    ]
