# SPDX-License-Identifier: Apache-2.0
"""Who holds which role where, inside somebody's scope: one scoped query, counted and leafed through in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.store import Store

AFTER: Final = "{"
"""Sorts behind every character of a path."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One grant that holds today or begins later."""

    person: str
    name: str
    role: str
    unit: str
    unit_name: str
    since: date
    until: date | None


def _where(scope: Sequence[str], role: str, unit_path: str, today: date) -> tuple[str, list[object]]:
    """
    :param scope: path prefixes
    :param unit_path: only below it; empty: everywhere in scope
    """
    within = " OR ".join(["(u.path >= ? AND u.path < ?)"] * len(scope)) or "1 = 0"
    values: list[object] = [today]
    values += [edge for prefix in scope for edge in (prefix, prefix + AFTER)]
    text = f"(g.until IS NULL OR g.until > ?) AND ({within})"
    if role:
        text += " AND g.role = ?"
        values.append(role)
    if unit_path:
        text += " AND u.path >= ? AND u.path < ?"
        values += [unit_path, unit_path + AFTER]
    return text, values


async def count(store: Store, scope: Sequence[str], *, role: str = "", unit_path: str = "", today: date) -> int:
    where, values = _where(scope, role, unit_path, today)
    rows = await store.read(
        f"SELECT count(*) FROM role_grant g JOIN unit u ON u.code = g.unit WHERE {where}",  # noqa: S608 - own words
        *values,
    )
    return int(rows[0][0])


async def by_role(store: Store, scope: Sequence[str], today: date) -> dict[str, int]:
    """Role → how many grants hold in scope."""
    where, values = _where(scope, "", "", today)
    rows = await store.read(
        "SELECT g.role, count(*) FROM role_grant g JOIN unit u ON u.code = g.unit"  # noqa: S608 - own words
        f" WHERE {where} GROUP BY g.role",
        *values,
    )
    return {str(role): int(n) for role, n in rows}


async def some(
    store: Store,
    scope: Sequence[str],
    *,
    role: str = "",
    unit_path: str = "",
    today: date,
    limit: int,
    offset: int = 0,
) -> list[Holder]:
    """By unit from the street downwards, then role and name."""
    where, values = _where(scope, role, unit_path, today)
    rows = await store.read(
        "SELECT p.id, p.name, g.role, u.code, u.name, g.since, g.until"  # noqa: S608 - own words
        " FROM role_grant g JOIN unit u ON u.code = g.unit JOIN person p ON p.id = g.person"
        f" WHERE {where} ORDER BY u.path, g.role, p.name, g.id LIMIT ? OFFSET ?",
        *values, limit, offset,
    )  # fmt: skip
    return [Holder(*row) for row in rows]
