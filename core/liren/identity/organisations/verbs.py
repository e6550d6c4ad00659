# SPDX-License-Identifier: Apache-2.0
"""Organisations and who acts for them. Each verb runs inside the caller's transaction."""

from datetime import date
from typing import Final

from liren.identity.errors import BadOrganisation, no_such_organisation
from liren.identity.register.names import sound
from liren.store import Tx
from liren.store.audit import write as audit
from liren.units.ids import new_id
from liren.units.rules import clean_name

KINDS: Final = ("partner", "merchant", "property", "department")


async def add(
    tx: Tx,
    *,
    name: str,
    kind: str,
    unit: str | None,
    opened: date,
    credit_code: str | None = None,
    contact: str | None = None,
    phone: str | None = None,
) -> str:
    """Register an organisation; :returns: its public id.

    :param credit_code: unified social credit code, already checked (``numbers.credit_code``)
    :raises BadOrganisation: another kind of organisation, or the code is registered already
    """
    if kind not in KINDS:
        raise BadOrganisation("没有这种组织类型。", f"There is no kind of organisation “{kind}”.")
    name, identity = clean_name(name), new_id()
    await _refuse_code(tx, credit_code, identity)
    heard = sound(name)
    await tx.sql(
        "INSERT INTO organisation (id, name, kind, unit, pinyin, initials, opened, credit_code, contact, phone)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        identity, name, kind, unit, heard.pinyin, heard.initials, opened, credit_code, contact, phone,
    )  # fmt: skip
    await audit(tx, "identity", "identity.organisation-added", identity, unit=unit)
    return identity


async def change(
    tx: Tx,
    organisation: str,
    *,
    name: str,
    kind: str,
    unit: str | None,
    credit_code: str | None,
    contact: str | None,
    phone: str | None,
) -> None:
    """Mend what is known of it; its points and its people stay with it.

    :raises NotFound: none open has this id
    :raises BadOrganisation: see :func:`add`
    """
    if kind not in KINDS:
        raise BadOrganisation("没有这种组织类型。", f"There is no kind of organisation “{kind}”.")
    await _refuse_code(tx, credit_code, organisation)
    name = clean_name(name)
    heard = sound(name)
    rows = await tx.sql(
        "UPDATE organisation SET name = ?, kind = ?, unit = ?, pinyin = ?, initials = ?, credit_code = ?, contact = ?,"
        " phone = ? WHERE id = ? AND closed IS NULL RETURNING id",
        name, kind, unit, heard.pinyin, heard.initials, credit_code, contact, phone, organisation,
    )  # fmt: skip
    if not rows:
        raise no_such_organisation()
    await audit(tx, "identity", "identity.organisation-changed", organisation, unit=unit)


async def _refuse_code(tx: Tx, credit_code: str | None, but: str) -> None:
    if credit_code and await tx.sql(
        "SELECT 1 FROM organisation WHERE credit_code = ? AND closed IS NULL AND id <> ?", credit_code, but
    ):
        raise BadOrganisation(
            "这个统一社会信用代码已经登记过了。", "An organisation with this credit code is registered already."
        )


async def join(tx: Tx, *, organisation: str, person: str, role: str, since: date) -> None:
    """The person acts for the organisation from ``since`` on; saying it twice changes nothing."""
    if not await tx.sql("SELECT 1 FROM organisation WHERE id = ? AND closed IS NULL", organisation):
        raise no_such_organisation()
    await tx.sql(
        "INSERT INTO organisation_member (id, organisation, person, role, since) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        new_id(), organisation, person, role, since,
    )  # fmt: skip
    await audit(tx, "identity", "identity.joined", person, detail={"organisation": organisation})


async def leave(tx: Tx, *, organisation: str, person: str, day: date) -> None:
    """From ``day`` on the person no longer acts for the organisation."""
    await tx.sql(
        "UPDATE organisation_member SET until = ? WHERE organisation = ? AND person = ? AND until IS NULL",
        day, organisation, person,
    )  # fmt: skip
    await audit(tx, "identity", "identity.left-organisation", person, detail={"organisation": organisation})


async def close(tx: Tx, organisation: str, day: date) -> None:
    """The organisation ends, and with it everybody's acting for it and what it owned."""
    await tx.sql("UPDATE organisation SET closed = ? WHERE id = ? AND closed IS NULL", day, organisation)
    await tx.sql("UPDATE organisation_member SET until = ? WHERE organisation = ? AND until IS NULL", day, organisation)
    await tx.sql("UPDATE ownership SET until = ? WHERE organisation = ? AND until IS NULL", day, organisation)
    await audit(tx, "identity", "identity.organisation-closed", organisation)
