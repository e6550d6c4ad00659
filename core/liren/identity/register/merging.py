# SPDX-License-Identifier: Apache-2.0
"""Two entries were one person: labels with their consents, and guardianships, go on with the entry that stays.

Inside the core's transaction, after :func:`liren.identity.register.people.merge`. Sealed words are sealed anew under
the key of the entry that stays; what was stays with the other.
"""

from datetime import date
from typing import Final

from liren.identity.labels import guardians
from liren.store import Tx, Vault
from liren.units.ids import new_id

_COPY: Final = (
    "INSERT INTO consent (id, person, purpose, version, how, given, given_by)"
    " SELECT ?, ?, purpose, version, how, given, given_by FROM consent WHERE id = ?"
)


async def follow(tx: Tx, vault: Vault, kept: str, gone: str, day: date) -> None:
    await _labels(tx, kept, gone, day)
    await _guardianships(tx, vault, kept, gone, day)


async def _labels(tx: Tx, kept: str, gone: str, day: date) -> None:
    rows = await tx.sql(
        "UPDATE person_label SET until = ? WHERE person = ? AND until IS NULL RETURNING kind, consent, since, actor",
        day, gone,
    )  # fmt: skip
    for kind, consent, since, actor in rows:
        stands = await tx.sql("SELECT 1 FROM consent WHERE id = ? AND withdrawn IS NULL", consent)
        has = await tx.sql("SELECT 1 FROM person_label WHERE person = ? AND kind = ? AND until IS NULL", kept, kind)
        if not stands or has:
            continue
        copy = new_id()
        await tx.sql(_COPY, copy, kept, consent)
        await tx.sql(
            "INSERT INTO person_label (id, person, kind, consent, since, actor) VALUES (?, ?, ?, ?, ?, ?)",
            new_id(), kept, kind, copy, since, actor,
        )  # fmt: skip
        await tx.sql("UPDATE consent SET withdrawn = ? WHERE id = ?", day, consent)
    await tx.sql("UPDATE consent SET given_by = ? WHERE given_by = ?", kept, gone)


async def _guardianships(tx: Tx, vault: Vault, kept: str, gone: str, day: date) -> None:
    rows = await tx.sql(
        "UPDATE guardianship SET until = ? WHERE until IS NULL AND (guardian = ? OR ward = ?)"
        " RETURNING guardian, ward, kind, evidence, basis, since, actor",
        day, gone, gone,
    )  # fmt: skip
    keys = await vault.ensure_keys(tx, [kept, *(row[1] for row in rows)])
    for guardian, ward, kind, evidence, basis, since, actor in rows:
        words = guardians.opened(keys.get(ward), basis)
        ends = kept if guardian == gone else guardian, kept if ward == gone else ward
        held = await tx.sql("SELECT 1 FROM guardianship WHERE guardian = ? AND ward = ? AND until IS NULL", *ends)
        if ends[0] == ends[1] or held:
            continue
        await tx.sql(
            "INSERT INTO guardianship (id, guardian, ward, kind, evidence, basis, since, actor)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            new_id(), *ends, kind, evidence, guardians.sealed(keys[ends[1]], words), since, actor,
        )  # fmt: skip
