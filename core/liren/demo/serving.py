# SPDX-License-Identifier: Apache-2.0
"""Who serves the demo street: grid leads, grid workers, building leads and a team, from the people of the sample."""

from collections.abc import Callable, Collection, Mapping, Sequence
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


Progress = Callable[[str, int, int], None]


class _Phones:
    """Work phones that belong to nobody."""

    def __init__(self) -> None:
        self._n = 0

    def next(self) -> str:
        self._n += 1
        return f"199000{20000 + self._n}"


async def appoint(street: Street, progress: Progress, *, every_building: bool = False) -> int:
    """A grid at a time; grids that have somebody already are left alone.

    :param every_building: else the first few of each grid
    :returns: how many appointments were made
    """
    units = street.identity.units
    tree, posts = await units.tree(), (await units.posts()).by_key
    homes = await _homes(street)
    served = {row[0] for row in await street.store.read("SELECT DISTINCT unit FROM appointment")}
    phones, made = _Phones(), 0
    grids = await units.all("grid")
    for number, grid in enumerate(grids):
        inside = [person for card in tree.below(grid.code) for person in homes.get(card.code, ())]
        reserved = [phones.next() for _ in range(2 + BUILDINGS)]
        if grid.code in served or not inside:
            continue
        async with street.store.transaction(cast.ACTOR, limit_s=30) as tx:
            for key, person in zip(("grid_lead", "grid_worker"), inside, strict=False):
                await _appoint(tx, street, posts[key], grid, person, reserved.pop())
                made += 1
            buildings = [card for card in tree.children(grid.code) if card.level == "building"]
            for building in buildings if every_building else buildings[:BUILDINGS]:
                beside = [p for card in tree.below(building.code) for p in homes.get(card.code, ())]
                if beside:
                    phone = reserved.pop() if reserved else ""
                    await _appoint(tx, street, posts["building_lead"], building, beside[-1], phone)
                    made += 1
            if len(inside) > 4 and grid.name.endswith("1网格"):
                await _team(tx, street, grid, inside[:5])
        progress("serving", number + 1, len(grids))
    return made + await _secretaries(street, posts["first_secretary"], homes, served, phones)


async def _homes(street: Street) -> dict[str, list[str]]:
    """Somebody of every household, by the unit they live in."""
    homes: dict[str, list[str]] = {}
    for unit, person in await street.store.read(
        "SELECT r.unit, min(r.person) FROM residence r WHERE r.until IS NULL"
        " GROUP BY r.unit, coalesce(r.dwelling, r.id) ORDER BY 1, 2"
    ):
        homes.setdefault(unit, []).append(person)
    return homes


async def _secretaries(
    street: Street, post: PostCard, homes: Mapping[str, Sequence[str]], served: Collection[str], phones: _Phones
) -> int:
    """Each community has a first secretary, who lives in the one before it."""
    tree, communities = await street.identity.units.tree(), await street.identity.units.all("community")
    ordered = [next((p for c in tree.below(unit.code) for p in homes.get(c.code, ())), None) for unit in communities]
    made = 0
    async with street.store.transaction(cast.ACTOR, limit_s=30) as tx:
        for number, unit in enumerate(communities):
            person, phone = ordered[number - 1], phones.next()
            if unit.code not in served and len(communities) > 1 and person is not None:
                await _appoint(tx, street, post, unit, person, phone)
                made += 1
    return made


async def _appoint(tx: Tx, street: Street, post: PostCard, unit: UnitCard, person: str, phone: str) -> None:
    today = street.today()
    await appointments.appoint(tx, Term(post, unit.code, person, today, today + TERM, phone), today=today)


async def _team(tx: Tx, street: Street, grid: UnitCard, people: Sequence[str]) -> None:
    today = street.today()
    name = f"{grid.name}服务队"
    made = await teams.found(tx, unit=grid.code, name=name, pattern="1+1+N", since=today)
    team = teams.Team(made, grid.code, name, "1+1+N", today)
    for person, part in zip(people, ("网格长", "网格员", "志愿者", "志愿者", "楼长"), strict=False):
        await teams.join(tx, team, person=person, organisation=None, part=part, since=today)
