# SPDX-License-Identifier: Apache-2.0
"""One field of one person is put right: normalised, checked, sealed, and its keyed hashes with it."""

from dataclasses import replace
from datetime import date
from typing import Final

from liren.identity.errors import BadPerson, PersonTaken, no_such_person
from liren.identity.register.names import given_of, is_name, normalise, sound
from liren.identity.register.numbers import birthday_in, day, id_number, phone
from liren.identity.register.people import VERSION
from liren.identity.sealed import FIELDS, Private, hashes, number_tail, seal, twin_hash, unseal
from liren.store import Tx, Vault
from liren.store.audit import write as audit
from liren.units.version import raise_version

_ADDRESS: Final = 120


def checked(field: str, value: str) -> str:
    """The value as it is kept.

    :raises BadPerson: it cannot be one, e.g. an ID number whose check digit is wrong
    """
    text = value.strip()
    born = day(text) if field == "birthday" else None
    found = {
        "name": normalise(text) if is_name(text) else None,
        "phone": phone(text),
        "id_number": id_number(text),
        "birthday": born.isoformat() if born else None,
        "address": text if 2 <= len(text) <= _ADDRESS else None,
    }[field]
    if not found:
        raise BadPerson("这样写读不懂，请核对后再填。", "This cannot be right. Check it and type it again.")
    return found


async def correct(tx: Tx, vault: Vault, person: str, field: str, value: str) -> None:
    """Put ``value`` (of :func:`checked`) in the register.

    :raises PersonTaken: the ID number is somebody else's
    :raises NotFound: erased, or merged into another entry since
    """
    columns = ", ".join(f"{name}_sealed" for name in FIELDS)
    query = f"SELECT name, {columns} FROM person WHERE id = ? AND merged_into IS NULL"  # noqa: S608 - own names
    rows = await tx.sql(query, person)
    if not rows:
        raise no_such_person()
    name, *sealed = rows[0]
    key = (await vault.ensure_keys(tx, [person]))[person]
    private = unseal(key, dict(zip(FIELDS, sealed, strict=True)))
    if field == "name":
        name, heard = value, sound(value)
        await tx.sql(
            "UPDATE person SET name = ?, given = ?, pinyin = ?, initials = ? WHERE id = ?",
            value, given_of(value), heard.pinyin, heard.initials, person,
        )  # fmt: skip
    else:
        private = _with(private, field, value)
    await _keep(tx, vault, person, name, private, seal(key, private))
    await raise_version(tx, VERSION)
    await audit(tx, "privacy", "privacy.corrected", person, detail={"field": field})


def _with(private: Private, field: str, value: str) -> Private:
    if field == "birthday":
        return replace(private, birthday=date.fromisoformat(value))
    if field == "id_number":  # the birthday stands in it
        return replace(private, id_number=value, birthday=birthday_in(value) or private.birthday)
    return replace(private, phone=value) if field == "phone" else replace(private, address=value)


async def _keep(
    tx: Tx, vault: Vault, person: str, name: str, private: Private, sealed: tuple[bytes | None, ...]
) -> None:
    phone_hash, tail, number = hashes(vault, private)
    taken = "SELECT 1 FROM person WHERE id_number_hash = ? AND id <> ? AND merged_into IS NULL"
    if number is not None and await tx.sql(taken, number, person):
        raise PersonTaken(
            "这个身份证号已经登记在另一个人名下，请先核对是不是同一个人。",
            "This ID number is registered for somebody else. Check first whether they are one person.",
        )
    await tx.sql(
        "UPDATE person SET phone_hash = ?, phone_tail = ?, id_number_hash = ?, number_tail = ?, twin_hash = ?,"
        " phone_sealed = ?, id_number_sealed = ?, birthday_sealed = ?, address_sealed = ? WHERE id = ?",
        phone_hash, tail, number, number_tail(vault, private.id_number), twin_hash(vault, name, private.birthday),
        *sealed, person,
    )  # fmt: skip
