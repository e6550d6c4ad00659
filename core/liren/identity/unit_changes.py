# SPDX-License-Identifier: Apache-2.0
"""What identity keeps of units: who lives there. It follows a merge or a split.

``register/belonging.py`` answers for any past day.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, cast

from markupsafe import Markup

from liren.identity.register.pending import VISIBLE
from liren.identity.register.people import VERSION
from liren.identity.tables import Organisation, Residence, RoleGrant
from liren.plugins.context import Context
from liren.plugins.types import Holding, UnitChange
from liren.store.parts import in_parts
from liren.units.ids import is_id, new_id
from liren.web import N_

PEOPLE: Final = "identity.people"
AFTER: Final = "{"
"""Follows every character a path may hold: the end of a prefix scan."""


async def holds(ctx: Context, unit: str) -> Sequence[Holding]:
    """Residents of the subtree; roles and organisations of the unit itself."""
    card = await ctx.units.get(unit)
    if card is None:
        return ()
    [residents] = await Residence.raw(
        "SELECT count(*) AS n FROM unit u JOIN residence r ON r.unit = u.code"
        " WHERE u.path >= {} AND u.path < {} AND r.until IS NULL",
        card.path, card.path + AFTER,
    )  # fmt: skip
    [roles] = await RoleGrant.raw(
        "SELECT count(*) AS n FROM role_grant WHERE unit = {} AND (until IS NULL OR until > {})", unit, ctx.today()
    )
    [organisations] = await Organisation.raw(
        "SELECT count(*) AS n FROM organisation WHERE unit = {} AND closed IS NULL", unit
    )
    return [
        Holding(N_("居民"), residents["n"], N_("人"), blocks=True),
        Holding(N_("在这里授予的角色"), roles["n"], N_("项")),
        Holding(N_("登记在这里的组织"), organisations["n"], N_("家")),
    ]


async def dwelling_holds(dwelling: str) -> Sequence[Holding]:
    """Who lives in it today."""
    count = await Residence.count().where((Residence.dwelling == dwelling) & Residence.until.is_null())
    return [Holding(N_("居民"), count, N_("人"), blocks=True)]


async def follow(ctx: Context, change: UnitChange) -> None:
    """Whoever lives in the unit that is gone lives in its heir from that day on, or where their dwelling went.

    Inside the core's transaction. Roles held there end; with ``carry`` they go on at the heir, but for the visitor's
    own: nobody grants to themself.
    """
    if not change.gone:
        return
    if change.heir:
        await _rehouse(change)
        await Organisation.raw(
            "UPDATE organisation SET unit = {} WHERE unit = {} AND closed IS NULL", change.heir, change.gone
        )
    await _roles(ctx, change)


async def _rehouse(change: UnitChange) -> None:
    rows = await Residence.raw(
        "SELECT r.id, r.person, r.dwelling, r.role, r.since, d.unit FROM residence r"
        " LEFT JOIN dwelling d ON d.id = r.dwelling WHERE r.unit = {} AND r.until IS NULL",
        change.gone,
    )
    new = []
    for row in rows:
        unit = row["unit"] if row["unit"] not in (None, change.gone) else change.heir
        since = row["since"] if isinstance(row["since"], date) else date.fromisoformat(row["since"])
        if since >= change.day:  # moved in on this very day: then they moved into the heir
            await Residence.raw("UPDATE residence SET unit = {} WHERE id = {}", unit, row["id"])
            continue
        new.append(
            Residence(
                id=new_id(), person=row["person"], unit=unit, dwelling=row["dwelling"], role=row["role"],
                since=change.day, until=None,
            )
        )  # fmt: skip
    await Residence.raw("UPDATE residence SET until = {} WHERE unit = {} AND until IS NULL", change.day, change.gone)
    for part in in_parts(new):
        await Residence.insert(*part)
    await Residence.raw("UPDATE register_version SET version = version + 1 WHERE name = {}", VERSION)


async def _roles(ctx: Context, change: UnitChange) -> None:
    day = change.day
    rows = await RoleGrant.raw(
        "SELECT person, role, until FROM role_grant WHERE unit = {} AND (until IS NULL OR until > {})",
        change.gone, day,
    )  # fmt: skip
    await RoleGrant.raw(
        "UPDATE role_grant SET until = CASE WHEN since > {} THEN since ELSE {} END"
        " WHERE unit = {} AND (until IS NULL OR until > {})",
        day, day, change.gone, day,
    )  # fmt: skip
    if not (change.carry and change.heir):
        return
    now_ms = int(ctx.now().timestamp() * 1000)
    for row in rows:
        if row["person"] != ctx.actor:
            await RoleGrant.raw(
                "INSERT INTO role_grant (id, person, role, unit, since, until, granted_by, granted_ms)"
                " VALUES ({}, {}, {}, {}, {}, {}, {}, {})",
                new_id(), row["person"], row["role"], change.heir, day, _date(row["until"]), ctx.actor, now_ms,
            )  # fmt: skip


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else cast(date | None, value)


async def residents_of_dwelling(ctx: Context, dwelling: str) -> Markup | None:
    """For the dwelling's page: the household that lives there today; only where the visitor may look people up."""
    if not is_id(dwelling):
        return None
    rows = await Residence.raw(
        "SELECT r.unit, r.role, r.since, p.id, p.name FROM residence r JOIN person p ON p.id = r.person"  # noqa: S608 - own words
        " WHERE r.dwelling = {} AND r.until IS NULL AND "
        + VISIBLE
        + " ORDER BY CASE r.role WHEN 'head' THEN 0 ELSE 1 END, p.pinyin LIMIT 60",
        dwelling,
    )
    people = [row for row in rows if ctx.can(PEOPLE, row["unit"])]
    if rows and not people:
        return None
    return await ctx.fragment("in_dwelling.html", people=people, may=ctx.can(PEOPLE))
