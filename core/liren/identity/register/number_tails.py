# SPDX-License-Identifier: Apache-2.0
"""The last four of an ID number as a keyed hash, for who was registered before there was one. The hourly job."""

from typing import Final

from liren.identity.register.directory import Directory
from liren.identity.sealed import number_tail, unseal

PART: Final = 500
UNKNOWN: Final = "-"
"""Of an entry whose key is gone: nothing to find it by, and nothing to try again."""


async def fill(directory: Directory, actor: str, *, at_most: int = 20 * PART) -> int:
    """:returns: how many people can be found by it now"""
    filled = 0
    while filled < at_most:
        rows = await directory.store.read(
            "SELECT id, id_number_sealed FROM person"
            " WHERE id_number_sealed IS NOT NULL AND number_tail IS NULL LIMIT ?",
            PART,
        )
        if not rows:
            break
        keys = await directory.vault.keys(directory.store, [person for person, _ in rows])
        tails = []
        for person, sealed in rows:
            number = unseal(keys.get(person), {"id_number": sealed}).id_number
            tails.append((number_tail(directory.vault, number) or UNKNOWN, person))
        async with directory.store.transaction(actor) as tx:
            await tx.many("UPDATE person SET number_tail = ? WHERE id = ? AND number_tail IS NULL", tails)
        filled += len(rows)
    return filled
