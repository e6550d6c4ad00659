# SPDX-License-Identifier: Apache-2.0
"""Teams that serve a unit together: 1+1+N, 2+1+N+X, 驻网服务队. People and organisations are in it, each for a time."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.errors import NotFound
from liren.plugins.context import Context
from liren.store import Tx
from liren.store.audit import write as audit
from liren.units.errors import BadTeam
from liren.units.ids import is_id, new_id
from liren.units.scope import service
from liren.units.verbs import known

NAME_MAX: Final = 30
PART_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Member:
    """A person or an organisation in a team."""

    id: str
    name: str
    part: str
    """What they do in it."""
    since: date
    organisation: bool


@dataclass(frozen=True, slots=True)
class Team:
    """One team as a unit's page shows it."""

    id: str
    unit: str
    name: str
    pattern: str
    since: date
    members: tuple[Member, ...] = ()


async def found(tx: Tx, *, unit: str, name: str, pattern: str, since: date) -> str:
    """:returns: its id

    :raises BadTeam: no name, or the unit is closed
    """
    name, pattern = " ".join(name.split()), "".join(pattern.split())
    if not 1 <= len(name) <= NAME_MAX:
        raise BadTeam(f"队伍名称要有 1 到 {NAME_MAX} 个字。", f"A team's name has 1 to {NAME_MAX} characters.")
    card = await known(tx, unit)
    if card.closed is not None:
        raise BadTeam(f"{card.name}已经撤销。", f"{card.name} is closed.")
    identity = new_id()
    await tx.sql(
        "INSERT INTO team (id, unit, name, pattern, since) VALUES (?, ?, ?, ?, ?)",
        identity, unit, name, pattern[:NAME_MAX], since,
    )  # fmt: skip
    await audit(tx, "units", "units.team-founded", f"team/{identity}", unit=unit)
    return identity


async def join(tx: Tx, team: Team, *, person: str | None, organisation: str | None, part: str, since: date) -> str:
    """Exactly one of person and organisation.

    :returns: the membership's id
    :raises BadTeam: in it already
    """
    column, value = ("person", person) if person else ("organisation", organisation)
    if await tx.sql(
        f"SELECT 1 FROM team_member WHERE team = ? AND {column} = ? AND (until IS NULL OR until > ?)",  # noqa: S608
        team.id, value, since,
    ):  # fmt: skip
        raise BadTeam("已经在这支队伍里了。", "Already in this team.")
    identity = new_id()
    await tx.sql(
        "INSERT INTO team_member (id, team, person, organisation, part, since) VALUES (?, ?, ?, ?, ?, ?)",
        identity, team.id, person, organisation, " ".join(part.split())[:PART_MAX], since,
    )  # fmt: skip
    await audit(tx, "units", "units.team-joined", str(value), unit=team.unit, detail={"team": team.id})
    return identity


async def leave(tx: Tx, team: Team, membership: str, day: date) -> None:
    await tx.sql(
        "UPDATE team_member SET until = ? WHERE id = ? AND team = ? AND (until IS NULL OR until > ?)",
        day, membership, team.id, day,
    )  # fmt: skip
    await audit(tx, "units", "units.team-left", f"team/{team.id}", unit=team.unit)


async def dissolve(tx: Tx, team: Team, day: date) -> None:
    """It ends, and every membership with it."""
    await tx.sql("UPDATE team SET until = ? WHERE id = ? AND (until IS NULL OR until > ?)", day, team.id, day)
    await tx.sql("UPDATE team_member SET until = ? WHERE team = ? AND (until IS NULL OR until > ?)", day, team.id, day)
    await audit(tx, "units", "units.team-dissolved", f"team/{team.id}", unit=team.unit)


async def find(ctx: Context, team: str) -> Team:
    """:raises NotFound: there is none, or it has ended"""
    rows = (
        await service(ctx).store.read(
            "SELECT id, unit, name, pattern, since FROM team WHERE id = ? AND (until IS NULL OR until > ?)",
            team, ctx.today(),
        )
        if is_id(team)
        else []
    )  # fmt: skip
    if not rows:
        raise no_such_team()
    return Team(*rows[0])


async def shown(ctx: Context, unit: str) -> list[Team]:
    """The teams of a unit with their members today: three queries at most."""
    store, today = service(ctx).store, ctx.today()
    rows = await store.read(
        "SELECT t.id, t.unit, t.name, t.pattern, t.since, m.id, m.person, m.organisation, m.part, m.since FROM team t"
        " LEFT JOIN team_member m ON m.team = t.id AND (m.until IS NULL OR m.until > ?)"
        " WHERE t.unit = ? AND (t.until IS NULL OR t.until > ?) ORDER BY t.since, t.id, m.since, m.id LIMIT 400",
        today, unit, today,
    )  # fmt: skip
    if not rows:
        return []
    people = await ctx.people.cards([row[6] for row in rows if row[6]])
    bodies = await ctx.people.organisations([row[7] for row in rows if row[7]])
    names = {code: card.name for code, card in people.items()} | {code: card.name for code, card in bodies.items()}
    found: dict[str, tuple[Team, list[Member]]] = {}
    for row in rows:
        _, members = found.setdefault(row[0], (Team(*row[:5]), []))
        if row[5] and (row[6] or row[7]) in names:
            members.append(Member(row[5], names[row[6] or row[7]], row[8], row[9], row[7] is not None))
    return [Team(t.id, t.unit, t.name, t.pattern, t.since, tuple(members)) for t, members in found.values()]


def no_such_team() -> NotFound:
    return NotFound("没有这支队伍，或者已经解散。", "There is no such team, or it has ended.")
