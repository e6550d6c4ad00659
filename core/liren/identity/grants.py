# SPDX-License-Identifier: Apache-2.0
"""Roles given and taken. Each verb runs inside the caller's transaction."""

from collections.abc import Collection
from datetime import date

from liren.errors import NotFound
from liren.identity.errors import BadGrant, SelfGrant, no_such_person
from liren.store import Tx
from liren.store.audit import write as audit
from liren.units.ids import new_id
from liren.units.verbs import known as known_unit


async def grant(
    tx: Tx,
    *,
    person: str,
    role: str,
    unit: str,
    roles: Collection[str],
    since: date,
    until: date | None = None,
) -> str:
    """``tx.actor`` gives ``person`` a role at ``unit`` and its subtree; :returns: the grant's id.

    Whether the actor may grant there is the caller's question (``ctx.require("identity.grant", unit)``).

    :param roles: the roles there are
    :param until: first day on which it no longer holds
    :raises SelfGrant: nobody gives a role to themself
    :raises BadGrant: no such role, or a term that ends before it begins
    """
    if person == tx.actor:
        raise SelfGrant(
            "不能给自己授权，请另一位管理员来操作。",
            "Nobody gives a role to themself: ask another administrator.",
        )
    if role not in roles:
        raise BadGrant("没有这个角色。", f"There is no role “{role}”.")
    if until is not None and until <= since:
        raise BadGrant("结束日期必须晚于开始日期。", "The term must end after it begins.")
    if not await tx.sql("SELECT 1 FROM person WHERE id = ? AND merged_into IS NULL AND died IS NULL", person):
        raise no_such_person()
    card = await known_unit(tx, unit)
    if card.closed is not None:
        raise BadGrant(f"{card.name}已经撤销。", f"{card.name} is closed.")
    identity = new_id()
    await tx.sql(
        "INSERT INTO role_grant (id, person, role, unit, since, until, granted_by, granted_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        identity, person, role, unit, since, until, tx.actor, tx.now_ms,
    )  # fmt: skip
    await audit(tx, "identity", "identity.granted", person, unit=unit, detail={"role": role})
    return identity


async def revoke(tx: Tx, grant_id: str, day: date) -> None:
    """The role no longer holds from ``day`` on.

    :raises NotFound: no such grant, or it has ended
    """
    rows = await tx.sql(
        "UPDATE role_grant SET until = ? WHERE id = ? AND (until IS NULL OR until > ?) RETURNING person, role, unit",
        day, grant_id, day,
    )  # fmt: skip
    if not rows:
        raise NotFound("没有这项授权，或者已经结束。", "There is no such grant, or it has ended.")
    person, role, unit = rows[0]
    await audit(tx, "identity", "identity.revoked", person, unit=unit, detail={"role": role})
