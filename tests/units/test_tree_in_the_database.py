# SPDX-License-Identifier: Apache-2.0
"""The unit tree as it is kept: opened, found, closed, never reused; on both databases."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from liren.store import MigrationSource, Store, migrate
from liren.units import verbs
from liren.units.build import Builder
from liren.units.errors import BadUnit, UnitInUse, UnitTaken
from liren.units.service import UnitsService
from liren.units.tables import TABLES

DAY = date(2026, 11, 21)
FOLDER = Path(verbs.__file__).with_name("piccolo_migrations")


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = await Store.open(database)
    await migrate(opened, [MigrationSource("units", FOLDER)])
    yield opened
    await opened.close()


async def plant(store: Store) -> None:
    async with store.transaction("job:test") as tx:
        await verbs.add(tx, level="street", name="里仁街道", parent=None, opened=DAY)
        await verbs.add(tx, level="community", name="桃园社区", parent="liren", opened=DAY, party_title="桃园社区党委")
        await verbs.add(tx, level="grid", name="第3网格", parent="taoyuan", opened=DAY)


async def test_units_are_found_by_code_level_and_path(store: Store) -> None:
    await plant(store)
    units = UnitsService(store)
    taoyuan = await units.get("taoyuan")
    assert taoyuan is not None
    assert (taoyuan.name, taoyuan.party_name, taoyuan.path) == ("桃园社区", "桃园社区党委", "liren/taoyuan/")
    assert (await units.street()).name == "里仁街道"
    assert [u.code for u in await units.all("grid")] == ["taoyuan-g3"]
    assert [u.code for u in await units.path("taoyuan-g3")] == ["liren", "taoyuan", "taoyuan-g3"]
    assert await units.get("nowhere") is None


async def test_a_change_shows_at_once(store: Store) -> None:
    await plant(store)
    units = UnitsService(store)
    assert len(await units.all("community")) == 1
    async with store.transaction("job:test") as tx:
        await verbs.add(tx, level="community", name="老街社区", parent="liren", opened=DAY)
    assert [u.code for u in await units.all("community")] == ["laojie", "taoyuan"]


async def test_a_second_unit_of_the_same_name_is_refused_in_any_spelling(store: Store) -> None:
    await plant(store)
    with pytest.raises(UnitTaken):
        async with store.transaction("job:test") as tx:
            await verbs.add(tx, level="grid", name="第三网格", parent="taoyuan", opened=DAY)
    with pytest.raises(UnitTaken):
        async with store.transaction("job:test") as tx:
            await verbs.add(tx, level="street", name="另一条街道", parent=None, opened=DAY)


async def test_a_unit_with_people_or_units_in_it_cannot_be_closed(store: Store) -> None:
    await plant(store)
    for code, residents in (("taoyuan", 0), ("taoyuan-g3", 2)):
        with pytest.raises(UnitInUse):
            async with store.transaction("job:test") as tx:
                await verbs.close(tx, code, DAY, residents=residents)


async def test_the_code_of_a_closed_unit_is_not_given_again(store: Store) -> None:
    await plant(store)
    async with store.transaction("job:test") as tx:
        await verbs.close(tx, "taoyuan-g3", DAY, residents=0)
        again = await verbs.add(tx, level="grid", name="第3网格", parent="taoyuan", opened=DAY)
    assert again.code == "taoyuan-g3-2"
    with pytest.raises(UnitTaken):
        async with store.transaction("job:test") as tx:
            await verbs.add(tx, level="grid", name="东网格", parent="taoyuan", opened=DAY, code="taoyuan-g3")
    units = UnitsService(store)
    old = await units.get("taoyuan-g3")
    assert old is not None
    assert old.closed == DAY
    assert [u.code for u in await units.all("grid")] == ["taoyuan-g3-2"]


async def test_nothing_is_opened_below_a_closed_unit(store: Store) -> None:
    await plant(store)
    async with store.transaction("job:test") as tx:
        await verbs.close(tx, "taoyuan-g3", DAY, residents=0)
    with pytest.raises(UnitInUse):
        async with store.transaction("job:test") as tx:
            await verbs.add(tx, level="building", name="1号楼", parent="taoyuan-g3", opened=DAY)


async def test_a_new_name_keeps_the_code(store: Store) -> None:
    await plant(store)
    async with store.transaction("job:test") as tx:
        await verbs.rename(tx, "taoyuan", name="桃花源社区", party_title=None, day=DAY)
    card = await UnitsService(store).get("taoyuan")
    assert card is not None
    assert (card.name, card.party_name) == ("桃花源社区", None)


async def test_building_in_bulk_finds_what_is_there_and_makes_the_rest(store: Store) -> None:
    await plant(store)
    async with store.transaction("job:test") as tx:
        builder = await Builder.load(tx, DAY)
        assert builder.unit("grid", "第三网格", "taoyuan") == "taoyuan-g3"
        building = builder.unit("building", "7号楼", "taoyuan-g3")
        home = builder.dwelling(building, "503")
        assert builder.dwelling(building, " 503 ") == home
        await builder.write(tx)
    async with store.transaction("job:test") as tx:
        again = await Builder.load(tx, DAY)
        assert again.unit("building", "七号楼", "taoyuan-g3") == building == "taoyuan-g3-b7"
        assert again.dwelling(building, "503") == home
        with pytest.raises(BadUnit):
            again.unit("community", "新社区", building)
    assert [u.code for u in await UnitsService(store).all("building")] == ["taoyuan-g3-b7"]


async def test_the_declared_tables_are_the_real_ones(store: Store) -> None:
    for table in TABLES:
        columns = ", ".join(f'"{c._meta.name}"' for c in table._meta.columns)
        assert await store.read(f'SELECT {columns} FROM "{table._meta.tablename}"') == []
