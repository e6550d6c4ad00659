# SPDX-License-Identifier: Apache-2.0
"""Who looks after the street's system: at least one person always can, and where duties are apart, nobody has two.

三员分立 (GB/T 22239-2019 8.1.5.1-3): 系统管理员, 安全管理员 and 审计管理员 are three people.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final

from liren.identity.errors import DutiesApart, LastAdministrator
from liren.identity.tables import RoleGrant
from liren.store import Tx

DUTIES: Final = ("admin.system", "identity.security", "audit.auditor")
"""System, security, audit."""
VITAL: Final = ("admin.system", "identity.security")
"""Roles without whose last holder at the street nobody could mend anything from inside."""

CHINA: Final = timezone(timedelta(hours=8))
"""One time for the whole country: what a day is where only a transaction's moment is known."""


async def keep_an_administrator(tx: Tx, person: str, *, roles: Collection[str] = VITAL) -> None:
    """Call it before ``person`` loses a role, their account, or their entry.

    Whoever holds the role today, at the street itself, with an account that is not disabled, counts as a holder.

    :param roles: those about to be lost
    :raises LastAdministrator: nobody else holds one of them
    """
    for role in VITAL:
        if role in roles:
            holders = await _holders(tx, role)
            if person in holders and len(holders) == 1:
                raise LastAdministrator(
                    "这是最后一位能授权或管理系统的管理员，不能停用、收回、合并、迁出或删除。请先让另一位同事接手这个角色。",
                    "This is the last administrator: without them nobody could give roles or run the system. "
                    "Give the role to somebody else first.",
                )


async def _holders(tx: Tx, role: str) -> set[str]:
    today = datetime.fromtimestamp(tx.now_ms / 1000, CHINA).date()
    rows = await tx.sql(
        "SELECT DISTINCT g.person FROM role_grant g JOIN unit u ON u.code = g.unit AND u.parent IS NULL"
        " JOIN login_account a ON a.person = g.person AND a.disabled_ms IS NULL"
        " JOIN person p ON p.id = g.person AND p.merged_into IS NULL AND p.died IS NULL"
        " WHERE g.role = ? AND g.since <= ? AND (g.until IS NULL OR g.until > ?)",
        role, today, today,
    )  # fmt: skip
    return {str(person) for (person,) in rows}


async def keep_duties_apart(tx: Tx, person: str, role: str, since: date, until: date | None) -> None:
    """Before ``person`` is given ``role`` for that time.

    :raises DutiesApart: it is one of the three duties and they hold another of them then
    """
    if role not in DUTIES:
        return
    others = [duty for duty in DUTIES if duty != role]
    rows = await tx.sql(
        "SELECT since FROM role_grant WHERE person = ? AND role IN (?, ?) AND (until IS NULL OR until > ?)",
        person, *others, since,
    )  # fmt: skip
    if any(until is None or begins < until for (begins,) in rows):
        raise DutiesApart(
            "本街道实行三员分立：系统管理、权限管理、审计要由不同的人担任。请先收回其中一项，或请另一位同事担任。",
            "Duties are kept apart here: system, security and audit belong to three people. "
            "Take one of them back first, or give this one to somebody else.",
        )


@dataclass(frozen=True, slots=True)
class Double:
    """Somebody who holds more than one of the three duties."""

    person: str
    name: str
    duties: tuple[str, ...]


async def doubles(today: date) -> list[Double]:
    """Who holds more than one of the three today."""
    marks = ", ".join(["{}"] * len(DUTIES))
    rows = await RoleGrant.raw(
        "SELECT DISTINCT p.id, p.name, g.role FROM role_grant g JOIN person p ON p.id = g.person"  # noqa: S608 - marks
        f" WHERE g.role IN ({marks}) AND g.since <= {{}} AND (g.until IS NULL OR g.until > {{}}) ORDER BY p.name, p.id",
        *DUTIES, today, today,
    )  # fmt: skip
    held: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        held.setdefault((row["id"], row["name"]), []).append(row["role"])
    return [Double(person, name, tuple(sorted(roles))) for (person, name), roles in held.items() if len(roles) > 1]


async def ending(today: date, within: timedelta) -> list[str]:
    """Vital roles nobody holds at the street any more on that day, unless somebody acts."""
    short = []
    for role in VITAL:
        rows = await RoleGrant.raw(
            "SELECT g.id FROM role_grant g JOIN unit u ON u.code = g.unit AND u.parent IS NULL"
            " JOIN login_account a ON a.person = g.person AND a.disabled_ms IS NULL"
            " WHERE g.role = {} AND g.since <= {} AND (g.until IS NULL OR g.until > {}) LIMIT 1",
            role, today, today + within,
        )  # fmt: skip
        if not rows:
            short.append(role)
    return short
