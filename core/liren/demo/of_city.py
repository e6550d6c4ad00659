# SPDX-License-Identifier: Apache-2.0
"""What a city's street has beyond the small one: 320 000 more residents, 4 800 partners, 4 878 volunteers in 206 teams.

Everything can be done again: names that are there already are left alone, so a killed run goes on.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from liren.app import Street
from liren.demo import cast, city_awards
from liren.demo.city_people import BUILDINGS, COMMUNITIES, GRIDS, PEOPLE, PLACES, Resident, residents, workbook
from liren.identity.lists.importer import import_people
from liren.identity.on_paper import POINTS
from liren.identity.organisations import verbs as organisations
from liren.units import teams

SUPERMARKETS, LIBRARIES = 61, 13
SAMPLE_PEOPLE, SAMPLE_GRIDS, SAMPLE_BUILDINGS = 6_000, 30, 360
"""What the sample files bring; in their six communities the grids are numbered up to :data:`FIRST_GRIDS`."""
FIRST_GRIDS: Final = 5
PARTNERS: Final = 4_800
VOLUNTEERS, TEAMS = 4_878, 206
IMPORT: Final = "democity234567234567"
CHUNK: Final = 100
_KINDS: Final = (
    "药店", "水果店", "面馆", "书店", "幼儿园", "牙科诊所", "洗衣店", "五金店", "裁缝铺", "花店", "养老服务中心",
    "律师事务所", "银行支行", "小学", "中学", "物业服务部", "快递站", "健身房", "理发店", "维修铺",
)  # fmt: skip
_WORDS: Final = (
    "同心", "仁和", "福源", "新风", "长青", "惠民", "和顺", "百信", "康宁", "春晖", "德润", "安居", "鸿运", "诚信",
)  # fmt: skip

Progress = Callable[[str, int, int], None]


def _residents() -> Iterator[Resident]:
    return residents(
        PEOPLE - SAMPLE_PEOPLE,
        grids=GRIDS - SAMPLE_GRIDS,
        buildings=BUILDINGS - SAMPLE_BUILDINGS,
        after_grid=FIRST_GRIDS,
    )


def samples(street: Street, of_street: Path) -> Path:
    """A folder with what the plugins' demo data reads: the sample's files, and a list of awards a month."""
    folder = street.settings.home / "demo"
    return folder if folder.exists() else city_awards.lists(of_street, folder, list(_residents()), street.today())


async def people(street: Street, progress: Progress) -> None:
    """Through the importer, as a street uploads its list; interrupted, it goes on where it stopped."""
    identity = street.identity
    with tempfile.TemporaryDirectory() as folder:
        progress("list", 0, 1)
        data = (await asyncio.to_thread(workbook, Path(folder) / "people.xlsx", _residents())).read_bytes()
        progress("list", 1, 1)
    await import_people(
        street.store,
        street.vault,
        identity.people,
        identity.units,
        data,
        actor=cast.ACTOR,
        street=cast.STREET,
        day=street.today(),
        consent=POINTS,
        progress=lambda _, done, total: progress("people", done, total),
        import_id=IMPORT,
    )


async def partners(street: Street, progress: Progress) -> None:
    """共建伙伴 of every community; supermarkets and libraries where points are spent."""
    communities = {unit.name: unit.code for unit in await street.identity.units.all("community")}
    there = {row[0] for row in await street.store.read("SELECT name FROM organisation")}
    counters = {name for name in there if name in cast.MERCHANTS and name.endswith("超市")}
    names = [
        (
            "partner",
            f"{place}{_WORDS[n % len(_WORDS)]}{_KINDS[n % len(_KINDS)]}{'' if n < 60 else f'{n // 60 + 1}店'}",
            place,
        )
        for n in range(PARTNERS // COMMUNITIES)
        for place in PLACES
    ]
    # The sample's own supermarkets count too.
    names += [
        ("merchant", f"{PLACES[n % COMMUNITIES]}第{n // COMMUNITIES + 1}信用超市", PLACES[n % COMMUNITIES])
        for n in range(SUPERMARKETS - len(counters))
    ]
    names += [("merchant", f"{PLACES[n]}信用图书馆", PLACES[n]) for n in range(LIBRARIES)]
    for start in range(0, len(names), CHUNK):
        async with street.store.transaction(cast.ACTOR, limit_s=30) as tx:
            for kind, name, place in names[start : start + CHUNK]:
                if name not in there:
                    unit = communities[f"{place}社区"]
                    await organisations.add(tx, name=name, kind=kind, unit=unit, opened=street.today())
        progress("partners", min(start + CHUNK, len(names)), len(names))


async def volunteers(street: Street, progress: Progress) -> None:
    """A team for some of the grids, its members from the grid."""
    grids, today = list(await street.identity.units.all("grid"))[-TEAMS:], street.today()
    there = {row[0] for row in await street.store.read("SELECT unit FROM team WHERE pattern = '志愿者'")}
    for number, grid in enumerate(grids):
        if grid.code in there:
            continue
        size = VOLUNTEERS * (number + 1) // TEAMS - VOLUNTEERS * number // TEAMS
        members = await street.store.read(
            "SELECT r.person FROM unit u CROSS JOIN residence r WHERE u.path >= ? AND u.path < ? AND r.unit = u.code"
            " AND r.until IS NULL ORDER BY u.path, r.person LIMIT ?",
            grid.path, grid.path + "{", size,
        )  # fmt: skip
        async with street.store.transaction(cast.ACTOR, limit_s=30) as tx:
            name = f"{grid.name}志愿服务队"
            made = await teams.found(tx, unit=grid.code, name=name, pattern="志愿者", since=today)
            team = teams.Team(made, grid.code, name, "志愿者", today)
            for (person,) in members:
                await teams.join(tx, team, person=person, organisation=None, part="志愿者", since=today)
        progress("volunteers", number + 1, len(grids))
