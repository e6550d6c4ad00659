# SPDX-License-Identifier: Apache-2.0
"""What is known of one person, mended: name, numbers, birthday, address. Inside the caller's transaction."""

from dataclasses import dataclass, field, replace
from typing import Final

from liren.identity.errors import BadPerson, PersonTaken, no_such_person
from liren.identity.register.names import given_of, is_name, normalise, sound
from liren.identity.register.people import VERSION
from liren.identity.sealed import FIELDS, Private, hashes, number_tail, seal, twin_hash, unseal
from liren.store import Tx, Vault
from liren.store.audit import write as audit
from liren.units.version import raise_version

CLEARABLE: Final = ("phone", "birthday", "address")


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be different; None leaves a field as it is."""

    name: str | None = None
    private: Private = field(default_factory=Private)
    cleared: tuple[str, ...] = ()
    """Fields of :data:`CLEARABLE` that shall hold nothing any more."""


async def amend(tx: Tx, vault: Vault, person: str, wanted: Amendment) -> tuple[str, ...]:
    """Seal the new values, find the person by them from now on; :returns: what changed, in field names.

    :raises NotFound: no such person
    :raises BadPerson: a name that is none, a birthday that contradicts the ID number
    :raises PersonTaken: somebody else has that ID number
    """
    rows = await tx.sql(
        "SELECT name, phone_sealed, id_number_sealed, birthday_sealed, address_sealed FROM person"
        " WHERE id = ? AND merged_into IS NULL",
        person,
    )
    if not rows:
        raise no_such_person()
    key = (await vault.ensure_keys(tx, [person]))[person]
    name_before, before = rows[0][0], unseal(key, dict(zip(FIELDS, rows[0][1:], strict=True)))
    name = normalise(wanted.name) if wanted.name is not None else name_before
    if not is_name(name):
        raise BadPerson(f"“{name}”不像姓名。", f"“{name}” does not look like a name.")
    after = _merged(before, wanted)
    changed: tuple[str, ...] = tuple(each for each in FIELDS if getattr(before, each) != getattr(after, each))
    changed += ("name",) * (name != name_before)
    if not changed:
        return ()
    phone_hash, phone_tail, number_hash = hashes(vault, after)
    if "id_number" in changed and number_hash is not None:
        await refuse_taken(tx, number_hash, person)
    heard = sound(name)
    await tx.sql(
        "UPDATE person SET name = ?, given = ?, pinyin = ?, initials = ?, phone_hash = ?, phone_tail = ?,"
        " id_number_hash = ?, number_tail = ?, twin_hash = ?, phone_sealed = ?, id_number_sealed = ?,"
        " birthday_sealed = ?, address_sealed = ? WHERE id = ?",
        name, given_of(name), heard.pinyin, heard.initials, phone_hash, phone_tail, number_hash,
        number_tail(vault, after.id_number), twin_hash(vault, name, after.birthday), *seal(key, after), person,
    )  # fmt: skip
    await raise_version(tx, VERSION)
    await audit(tx, "identity", "identity.amended", person, detail={"fields": ",".join(changed)})
    return changed


def _merged(before: Private, wanted: Amendment) -> Private:
    given = {each: value for each in FIELDS if (value := getattr(wanted.private, each)) is not None}
    given |= dict.fromkeys((each for each in wanted.cleared if each in CLEARABLE), None)
    return replace(before, **given)


async def refuse_taken(tx: Tx, number_hash: str, person: str = "") -> None:
    """:raises PersonTaken: somebody other than ``person`` has that ID number"""
    if await tx.sql(
        "SELECT 1 FROM person WHERE merged_into IS NULL AND id_number_hash = ? AND id <> ?", number_hash, person
    ):
        raise PersonTaken(
            "这个身份证号已经登记过了。请先查一查，看是不是同一个人。",
            "This ID number is registered already. Look the person up first.",
        )
