# SPDX-License-Identifier: Apache-2.0
"""What identity keeps of units: who lives there. It follows a merge or a split, and answers for any past day."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, cast

from litestar import Request, Response
from markupsafe import Markup

from liren.identity.at_hand import identity_of
from liren.identity.register.directory import Directory
from liren.identity.register.pending import VISIBLE
from liren.identity.register.people import VERSION
from liren.identity.tables import Organisation, Residence, RoleGrant
from liren.plugins.context import Context
from liren.plugins.types import Holding, UnitChange
from liren.store.audit import write as audit
from liren.store.tx import Row
from liren.units.errors import no_such_unit
from liren.units.ids import is_id, new_id
from liren.web import N_, ask, get

PEOPLE: Final = "identity.people"
SHOWN: Final = 50
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
    for start in range(0, len(new), 500):
        await Residence.insert(*new[start : start + 500])
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


_INSIDE: Final = (
    "WITH inside(code) AS ("
    " SELECT u.code FROM unit u WHERE u.path >= ? AND u.path < ? AND u.opened <= ?"
    " AND NOT EXISTS (SELECT 1 FROM unit_past p WHERE p.unit = u.code AND p.since <= ? AND p.until > ?)"
    " UNION SELECT p.unit FROM unit_past p WHERE p.path >= ? AND p.path < ? AND p.since <= ? AND p.until > ?)"
)
"""Codes of the units that stood below a path on a day."""


async def path_on(directory: Directory, code: str, path: str, day: date) -> str:
    """Where the unit itself hung on that day."""
    rows = await directory.store.read(
        "SELECT path FROM unit_past WHERE unit = ? AND since <= ? AND until > ?", code, day, day
    )
    return str(rows[0][0]) if rows else path


async def belonged(
    directory: Directory, code: str, path: str, day: date, *, limit: int, offset: int
) -> tuple[list[tuple[str, str, str]], int]:
    """Who lived in a unit or below it on a day, whatever became of it since.

    :returns: ((person id, name, unit) each, in the order of names) and how many there were
    """
    top = await path_on(directory, code, path, day)
    end = top + AFTER
    inside = (top, end, day, day, day, top, end, day, day)
    args = (*inside, day, day, day)
    # Two arms, one for each partial index; who an unfinished list is still bringing belongs nowhere yet.
    lived = (
        "(SELECT r.person, r.unit FROM inside JOIN residence r ON r.unit = inside.code"  # noqa: S608 - own words
        " WHERE r.until IS NULL AND r.since <= ? UNION ALL"
        " SELECT r.person, r.unit FROM inside JOIN residence r ON r.unit = inside.code"
        " WHERE r.until IS NOT NULL AND r.until > ? AND r.since <= ?) h"
        f" JOIN person p ON p.id = h.person WHERE {VISIBLE}"
    )
    # Of the whole street that is everybody: two seconds in a city, in a thread, so that nobody else waits for it.
    [(total,)] = await _apart(directory, f"{_INSIDE} SELECT count(*) FROM {lived}", *args)  # noqa: S608 - own words
    rows = await _apart(
        directory,
        f"{_INSIDE} SELECT p.id, p.name, h.unit FROM {lived} ORDER BY p.pinyin, p.id LIMIT ? OFFSET ?",  # noqa: S608
        *args, limit, offset,
    )  # fmt: skip
    return [(person, name, unit) for person, name, unit in rows], int(total)


async def _apart(directory: Directory, query: str, *args: object) -> list[Row]:
    """A long read, off the event loop."""
    return [row async for rows in directory.store.stream(query, *args) for row in rows]


@get("/people/of/{unit:str}/on", allow=PEOPLE, name="belonged_on")
async def belonged_on(
    ctx: Context, request: Request[Any, Any, Any], unit: str, day: str = "", page: str = ""
) -> Response[Any]:
    """Who belonged to a unit on a past day; the look is audited."""
    identity = identity_of(request)
    card = await identity.units.get(unit)
    if card is None or not ctx.can(PEOPLE, unit):
        raise no_such_unit()
    wanted = _asked(day, ctx.today())
    asked = ask(page, size=SHOWN)
    found, total = await belonged(identity.people, unit, card.path, wanted, limit=asked.size, offset=asked.offset)
    tree = await identity.units.tree()
    rows = [(person, name, " ".join(each.name for each in tree.way(where)[1:])) for person, name, where in found]
    async with identity.store.transaction(ctx.actor) as tx:
        await audit(tx, "identity", "identity.unit-looked-up", unit, unit=unit, detail={"day": wanted.isoformat()})
    shown = asked.page(rows, total)
    return await ctx.render("belonged.html", unit=card, wanted=wanted, rows=shown, today=ctx.today())


def _asked(text: str, today: date) -> date:
    """Not after today; what cannot be read is today."""
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        return today


ROUTES = (belonged_on,)
