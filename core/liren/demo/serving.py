# SPDX-License-Identifier: Apache-2.0
"""Who serves the demo street: grid leads, grid workers, building leads and a team, from the people of the sample."""

from collections.abc import Sequence
from datetime import timedelta

from liren.app import Street
from liren.demo import cast
from liren.plugins.services import UnitCard
from liren.store import Tx
from liren.units import appointments, teams
from liren.units.appointments import Term
from liren.units.posts import PostCard

TERM = timedelta(days=3 * 365)
BUILDINGS = 6
"""So many buildings of each grid have a lead."""


class _Phones:
    """Work phones that belong to nobody."""

    def __init__(self) -> None:
        self._n = 0

    def next(self) -> str:
        self._n += 1
        return f"199000{20000 + self._n}"


async def appoint(street: Street) -> int:
    """:returns: how many appointments were made"""
    units = street.identity.units
    tree, posts = await units.tree(), (await units.posts()).by_key
    homes = await street.store.read(
        "SELECT r.unit, min(r.person) FROM residence r WHERE r.until IS NULL"
        " GROUP BY r.unit, coalesce(r.dwelling, r.id) ORDER BY 1, 2"
    )
    phones, made = _Phones(), 0
    async with street.store.transaction(cast.ACTOR) as tx:
        for grid in await units.all("grid"):
            inside = [person for unit, person in homes if (card := tree.get(unit)) and card.path.startswith(grid.path)]
            for key, person in zip(("grid_lead", "grid_worker"), inside, strict=False):
                await _appoint(tx, street, posts[key], grid, person, phones.next())
                made += 1
            made += await _buildings(tx, street, posts["building_lead"], tree.children(grid.code), homes, phones)
            if made and len(inside) > 4 and grid.name.endswith("1网格"):
                await _team(tx, street, grid, inside[:5])
        for community in await units.all("community"):
            outside = [p for u, p in homes if (card := tree.get(u)) and not card.path.startswith(community.path)]
            if outside:
                await _appoint(tx, street, posts["first_secretary"], community, outside[-1], phones.next())
                made += 1
    return made


async def _appoint(tx: Tx, street: Street, post: PostCard, unit: UnitCard, person: str, phone: str) -> None:
    today = street.today()
    await appointments.appoint(tx, Term(post, unit.code, person, today, today + TERM, phone), today=today)


async def _buildings(
    tx: Tx,
    street: Street,
    post: PostCard,
    children: Sequence[UnitCard],
    homes: Sequence[tuple[str, str]],
    phones: _Phones,
) -> int:
    made = 0
    for building in [each for each in children if each.level == "building"][:BUILDINGS]:
        beside = [person for unit, person in homes if unit == building.code or unit.startswith(f"{building.code}-")]
        if beside:
            await _appoint(tx, street, post, building, beside[-1], phones.next())
            made += 1
    return made


async def _team(tx: Tx, street: Street, grid: UnitCard, people: Sequence[str]) -> None:
    today = street.today()
    name = f"{grid.name}服务队"
    made = await teams.found(tx, unit=grid.code, name=name, pattern="1+1+N", since=today)
    team = teams.Team(made, grid.code, name, "1+1+N", today)
    for person, part in zip(people, ("网格长", "网格员", "志愿者", "志愿者", "楼长"), strict=False):
        await teams.join(tx, team, person=person, organisation=None, part=part, since=today)
