# SPDX-License-Identifier: Apache-2.0
"""What units hold of a person: posts and teams they serve in. Shown, moved and let go of with the person."""

from collections.abc import Sequence
from datetime import date

from liren.plugins.context import Context
from liren.plugins.types import Erased, Holding, PersonalData
from liren.store import Tx
from liren.units import appointments
from liren.units.scope import posts_of, service
from liren.units.tables import Appointment, Dwelling, TeamMember
from liren.web import N_


def transaction_of(ctx: Context) -> Tx:
    """The one that is open: duties are called inside it."""
    tx = service(ctx).store.engine.current_transaction.get()
    assert isinstance(tx, Tx)
    return tx


async def export(ctx: Context, person: str) -> Sequence[PersonalData]:
    posts, found = await posts_of(ctx), []
    for each in await appointments.of_person(service(ctx).store, person):
        post = posts.get(each.post)
        place = " ".join(card.name for card in await ctx.units.path(each.unit))
        found.append(
            {
                "岗位": ctx.t(post.title) if post else each.post,
                "在": place,
                "从": each.since.isoformat(),
                "到": each.until.isoformat() if each.until else None,
                "工作电话": each.phone or None,
                "照片": each.photo,
            }
        )
    teams = await TeamMember.select(TeamMember.team.name, TeamMember.part, TeamMember.since, TeamMember.until).where(
        TeamMember.person == person
    )
    rows = [
        {"队伍": row["team.name"], "分工": row["part"], "从": _day(row["since"]), "到": _day(row["until"])}
        for row in teams
    ]
    return [PersonalData(N_("担任的岗位"), found), PersonalData(N_("参加的队伍"), rows)]


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


async def erase(person: str) -> Erased:
    """Appointments and memberships go, and with the rows the names of the photographs, which are swept."""
    count = 0
    for table in (Appointment, TeamMember):
        count += await table.count().where(table.person == person)
        await table.delete().where(table.person == person)
    return Erased(count)


async def holds(ctx: Context, unit: str) -> Sequence[Holding]:
    """What lies directly in the unit."""
    today = ctx.today()
    dwellings = await Dwelling.count().where((Dwelling.unit == unit) & Dwelling.closed.is_null())
    in_term = Appointment.until.is_null() | (Appointment.until > today)
    seats = await Appointment.count().where((Appointment.unit == unit) & in_term)
    return [Holding(N_("房屋"), dwellings, N_("处")), Holding(N_("在任的岗位"), seats, N_("项"))]
