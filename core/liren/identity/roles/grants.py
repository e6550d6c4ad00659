# SPDX-License-Identifier: Apache-2.0
"""Roles given and taken. Each verb runs inside the caller's transaction.

Nobody grants what reaches further than their own scope: the unit lies in it, and a role with a permission that is the
whole street's (``Permission(street=True)``) is granted at the street, by who may grant there. A role the granter does
not hold may be granted: who appoints a reviewer need not review.
"""

from collections.abc import Collection, Iterable
from datetime import date

from liren.errors import NotFound
from liren.identity.errors import BadGrant, GrantHeld, SelfGrant, no_such_person
from liren.identity.roles.administrators import keep_an_administrator, keep_duties_apart
from liren.store import Tx
from liren.store.audit import write as audit
from liren.units.ids import new_id
from liren.units.verbs import known as known_unit


def check_term(since: date, until: date | None, today: date) -> None:
    """What a form may ask for. Pure.

    :raises BadGrant: it begins in the past, is over already, or ends before it begins
    """
    if since < today:
        raise BadGrant(
            "开始日期不能早于今天：以前做的事，不能靠事后授权变成有权。",
            "A role cannot begin before today: what was done without it stays done without it.",
        )
    if until is not None and until <= today:
        raise BadGrant("结束日期已经过了。", "The term is over already.")
    if until is not None and until <= since:
        raise BadGrant("结束日期必须晚于开始日期。", "The term must end after it begins.")


def check_reach(permissions: Iterable[str], at_street: Collection[str], *, unit_is_street: bool) -> None:
    """Pure.

    :param permissions: of the role
    :param at_street: those that are the whole street's
    :raises BadGrant: below the street the role would promise more than it gives
    """
    if not unit_is_street and set(permissions) & set(at_street):
        raise BadGrant(
            "这个角色管的是全街道的事，只能在街道一级授予。",
            "This role concerns the whole street, so it is granted at the street only.",
        )


async def grant(
    tx: Tx,
    *,
    person: str,
    role: str,
    unit: str,
    roles: Collection[str],
    since: date,
    until: date | None = None,
    duties_apart: bool = False,
) -> str:
    """``tx.actor`` gives ``person`` a role at ``unit`` and its subtree; :returns: the grant's id.

    Whether the actor may grant there is the caller's question (``ctx.require("identity.grant", unit)``).

    :param roles: the roles there are
    :param until: first day on which it no longer holds
    :param duties_apart: 三员分立 holds: nobody has two of system, security and audit
    :raises SelfGrant: nobody gives a role to themself
    :raises BadGrant: no such role, or a term that ends before it begins
    :raises GrantHeld: they hold it there for some of that time
    :raises DutiesApart: they hold another of the three duties
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
    await _not_held_already(tx, person, role, unit, since, until)
    if duties_apart:
        await keep_duties_apart(tx, person, role, since, until)
    identity = new_id()
    await tx.sql(
        "INSERT INTO role_grant (id, person, role, unit, since, until, granted_by, granted_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        identity, person, role, unit, since, until, tx.actor, tx.now_ms,
    )  # fmt: skip
    await audit(tx, "identity", "identity.granted", person, unit=unit, detail={"role": role})
    return identity


async def _not_held_already(tx: Tx, person: str, role: str, unit: str, since: date, until: date | None) -> None:
    rows = await tx.sql(
        "SELECT since, until FROM role_grant WHERE person = ? AND role = ? AND unit = ?"
        " AND (until IS NULL OR until > ?) ORDER BY since",
        person, role, unit, since,
    )  # fmt: skip
    for begins, ends in rows:
        if until is None or begins < until:
            end = ends.isoformat() if ends is not None else "长期"
            raise GrantHeld(
                f"这个角色在这里已经授予过（{begins.isoformat()} 至 {end}）。要改期限，请先收回再授予。",
                f"They hold this role there already ({begins.isoformat()} to {ends or 'no end'}). "
                "To change the term, take it back first.",
            )


async def revoke(tx: Tx, grant_id: str, day: date) -> None:
    """The role no longer holds from ``day`` on.

    :raises NotFound: no such grant, or it has ended
    :raises LastAdministrator: nobody else could give roles or run the system
    """
    held = await tx.sql(
        "SELECT g.person, g.role FROM role_grant g JOIN unit u ON u.code = g.unit AND u.parent IS NULL WHERE g.id = ?",
        grant_id,
    )
    for who, its_role in held:
        await keep_an_administrator(tx, who, roles=(its_role,))
    rows = await tx.sql(
        "UPDATE role_grant SET until = ? WHERE id = ? AND (until IS NULL OR until > ?) RETURNING person, role, unit",
        day, grant_id, day,
    )  # fmt: skip
    if not rows:
        raise NotFound("没有这项授权，或者已经结束。", "There is no such grant, or it has ended.")
    person, role, unit = rows[0]
    await audit(tx, "identity", "identity.revoked", person, unit=unit, detail={"role": role})
