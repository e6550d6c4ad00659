# SPDX-License-Identifier: Apache-2.0
"""Who may be one person, entered twice: the same ID number, the same name and phone, the same name and birthday."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from liren.identity.register.directory import Directory
from liren.identity.register.lookup import AFTER_PATH
from liren.identity.register.pending import VISIBLE
from liren.identity.sealed import Private, hash_of, twin_hash

SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Twin:
    """An entry that may be the person at hand."""

    person: str
    name: str
    reason: str
    """number, phone, birthday"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that may be one person."""

    one: str
    other: str
    name: str
    reason: str


async def of(directory: Directory, name: str, private: Private, *, but: str = "") -> list[Twin]:
    """Entries that may be this person, the surest first; anywhere in the street.

    :param name: normalised
    :param but: an entry that is not meant (the person themself, when mended)
    """
    vault = directory.vault
    wanted = (
        ("number", "id_number_hash", hash_of(vault, "id_number", private.id_number) if private.id_number else None),
        ("phone", "phone_hash", hash_of(vault, "phone", private.phone) if private.phone else None),
        ("birthday", "twin_hash", twin_hash(vault, name, private.birthday)),
    )
    found: dict[str, Twin] = {}
    for reason, column, value in wanted:
        if value is None:
            continue
        query = (
            f"SELECT p.id, p.name FROM person p WHERE p.{column} = ? AND p.merged_into IS NULL AND {VISIBLE}"  # noqa: S608
            " AND p.id <> ? ORDER BY p.id LIMIT 20"
        )
        for person, other in await directory.store.read(query, value, but):
            if reason != "phone" or other == name:
                found.setdefault(person, Twin(person, other, reason))
    return list(found.values())


async def pairs(directory: Directory, prefixes: Sequence[str], *, after: str = "", limit: int = SHOWN) -> list[Pair]:
    """Likely double entries whose people both live in the area, by name.

    :param prefixes: paths of the subtrees
    :param after: the name that was shown last: the next ones follow it
    """
    found: dict[tuple[str, str], Pair] = {}
    for reason, column in (("phone", "phone_hash"), ("birthday", "twin_hash")):
        scope = "(" + " OR ".join("u.path >= ? AND u.path < ?" for _ in prefixes) + ")"
        bounds = [bound for prefix in prefixes for bound in (prefix, prefix + AFTER_PATH)]
        # What stands twice is read off the index alone: of 326 000 people some hundredths of a second.
        query = (
            f"WITH twice AS MATERIALIZED (SELECT {column} AS h FROM person WHERE {column} IS NOT NULL"  # noqa: S608
            f" GROUP BY {column} HAVING count(*) > 1) SELECT p.id, o.id, p.name FROM twice t CROSS JOIN person p"
            " CROSS JOIN person o CROSS JOIN residence r CROSS JOIN unit u"
            f" WHERE {scope} AND p.{column} = t.h AND p.name > ? AND p.merged_into IS NULL AND {VISIBLE}"
            f" AND o.{column} = t.h AND o.name = p.name AND o.id > p.id AND o.merged_into IS NULL"
            " AND r.person = p.id AND r.until IS NULL AND u.code = r.unit ORDER BY p.name, p.id, o.id LIMIT ?"
        )
        for one, other, name in await directory.store.read(query, *bounds, after, limit):
            found.setdefault((one, other), Pair(one, other, name, reason))
    return sorted(found.values(), key=lambda pair: (pair.name, pair.one))[:limit]
