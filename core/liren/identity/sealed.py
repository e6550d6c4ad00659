# SPDX-License-Identifier: Apache-2.0
"""A person's sealed fields: AES-GCM under the person's own key, beside keyed hashes for exact lookup."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from liren.store import SubjectKey, Vault

FIELDS = ("phone", "id_number", "birthday", "address")


@dataclass(frozen=True, slots=True)
class Private:
    """What only a person's own key opens. Values are normalised (``numbers.py``); None where unknown."""

    phone: str | None = None
    id_number: str | None = None
    birthday: date | None = None
    address: str | None = None


def hash_of(vault: Vault, kind: str, value: str) -> str:
    """128 bits in hex: a list is checked against everybody's, so they are kept short.

    :param kind: ``phone``, ``phone_tail``, ``id_number`` or ``number_tail``
    """
    return vault.keyed_hash(f"person.{kind}", value)[:32]


def hashes(vault: Vault, private: Private) -> tuple[str | None, str | None, str | None]:
    """Of phone, its last four digits, and ID number."""
    phone, number = private.phone, private.id_number
    return (
        hash_of(vault, "phone", phone) if phone else None,
        hash_of(vault, "phone_tail", phone[-4:]) if phone else None,
        hash_of(vault, "id_number", number) if number else None,
    )


def number_tail(vault: Vault, number: str | None) -> str | None:
    """Of the last four of an ID number: what people say at a counter."""
    return hash_of(vault, "number_tail", number[-4:]) if number else None


def twin_hash(vault: Vault, name: str, birthday: date | None) -> str | None:
    """Equal for two entries of one name and one birthday: likely one person, entered twice."""
    return hash_of(vault, "twin", f"{name}/{birthday.isoformat()}") if birthday else None


def seal(key: SubjectKey, private: Private) -> tuple[bytes | None, ...]:
    """In the order of :data:`FIELDS`."""
    values = (
        private.phone,
        private.id_number,
        private.birthday.isoformat() if private.birthday else None,
        private.address,
    )
    return tuple(
        key.seal(value.encode(), f"person.{field}") if value else None
        for field, value in zip(FIELDS, values, strict=True)
    )


def unseal(key: SubjectKey | None, sealed: Mapping[str, bytes | None]) -> Private:
    """Open some fields; everything is None for an erased person (no key)."""
    opened = {
        field: key.open(bytes(value), f"person.{field}").decode()
        for field, value in sealed.items()
        if value is not None and key is not None
    }
    born = opened.get("birthday")
    return Private(
        phone=opened.get("phone"),
        id_number=opened.get("id_number"),
        birthday=date.fromisoformat(born) if born else None,
        address=opened.get("address"),
    )
