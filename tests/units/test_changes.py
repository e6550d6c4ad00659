# SPDX-License-Identifier: Apache-2.0
"""Units merge, split, move and close; who lived where on which day stays answerable. On both databases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from tests.units.refusals import refused

from liren.identity.organisations import verbs as organisations
from liren.identity.register.belonging import belonged
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.identity.sealed import Private
from liren.plugins.types import UnitChange
from liren.store import Tx
from liren.testing.street import Running
from liren.units import appointments, changes, dwellings, verbs
from liren.units.appointments import Term
from liren.units.changes import Part
from liren.units.errors import BadUnit, UnitInUse, UnitTaken

DAY = timedelta(days=1)


@dataclass
class Place:
    """桃园社区 and 荷畔社区, each with a 第3网格 and a 7号楼 with two households."""

    street: Running
    today: date
    people: dict[str, str]
    rooms: dict[str, str]

    @property
    def before(self) -> date:
        return self.today - 30 * DAY

    @asynccontextmanager
    async def writing(self, actor: str = "job:test") -> AsyncIterator[Tx]:
        async with self.street.street.store.transaction(actor) as tx:
            yield tx

    async def follow(self, *made: UnitChange) -> None:
        """What the page does after a verb, in the same transaction."""
        ctx = await self.street.acting("units")
        for change in made:
            await ctx.every("unit_changed", change=change)

    async def lived(self, code: str, day: date) -> list[str]:
        identity = self.street.street.identity
        card = await identity.units.get(code)
        assert card is not None
        after = None
        names: list[str] = []
        while True:  # two on a page
            found, after = await belonged(identity.people, code, card.path, day, size=2, after=after)
            names += [each.name for each in found]
            if after is None:
                return sorted(names)

    async def path(self, code: str) -> str:
        card = await self.street.street.identity.units.get(code)
        assert card is not None
        return card.path


async def built(street: Running) -> Place:
    today = street.street.today()
    before = today - 30 * DAY
    place = Place(street, today, {}, {})
    async with place.writing() as tx:
        await tx.sql("UPDATE unit SET opened = ?", before - 30 * DAY)
        new = []
        for community, names in (("taoyuan", ("桃一", "桃二")), ("hepan", ("荷一", "荷二"))):
            grid = await verbs.add(tx, level="grid", name="第3网格", parent=community, opened=before)
            house = await verbs.add(tx, level="building", name="7号楼", parent=grid.code, opened=before)
            for number, name in zip(("101", "102"), names, strict=True):
                place.rooms[name] = await dwellings.add(tx, unit=house.code, number=number, area_dm2=9000)
                new.append(NewPerson(name, Private(), house.code, place.rooms[name], "head"))
        ids = await register(tx, street.street.vault, new, before)
        place.people = dict(zip([each.name for each in new], ids, strict=True))
    return place


async def test_two_communities_become_one_and_everybody_is_found_on_both_days(street: Running) -> None:
    place = await built(street)
    posts = await street.street.identity.units.posts()
    async with place.writing() as tx:
        worker = Term(posts.by_key["first_secretary"], "hepan", place.people["荷一"], place.before, None)
        await appointments.appoint(tx, worker, today=place.today)
        shop = await organisations.add(tx, name="荷畔粮油店", kind="merchant", unit="hepan", opened=place.before)
        await grants.grant(
            tx,
            person=place.people["荷二"],
            role="identity.clerk",
            unit="hepan",
            roles=("identity.clerk",),
            since=place.before,
        )
    async with place.writing() as tx:
        made = await changes.merge(tx, ["hepan"], "taoyuan", place.today, posts=posts)
        await place.follow(*made)
    tree = await street.street.identity.units.tree()
    assert [card.name for card in tree.children("taoyuan")] == ["荷畔社区第3网格", "第3网格"]
    assert await place.path("hepan-g3-b7") == "liren/taoyuan/hepan-g3/hepan-g3-b7/"
    gone = tree.get("hepan")
    assert gone is not None
    assert gone.closed == place.today
    assert await place.lived("taoyuan", place.today) == ["桃一", "桃二", "荷一", "荷二"]
    assert await place.lived("taoyuan", place.today - DAY) == ["桃一", "桃二"]
    assert await place.lived("hepan", place.today - DAY) == ["荷一", "荷二"]
    assert await place.lived("hepan", place.today) == []
    assert {hit.name for hit in await street.street.identity.people.lookup("荷", unit="taoyuan")} == {"荷一", "荷二"}
    store, who = street.street.store, street.street.identity.who
    assert await store.read("SELECT what, gone, heir FROM unit_change") == [("merged", "hepan", "taoyuan")]
    assert await store.read("SELECT unit FROM organisation WHERE id = ?", shop) == [("taoyuan",)]
    assert not (await who.access_of(place.people["荷二"])).can("identity.people"), "roles end unless they are carried"
    assert await appointments.at(store, ["hepan", "taoyuan"], place.today) == []
    async with place.writing() as tx:
        with refused(UnitTaken, "用过"):
            await verbs.add(tx, level="community", name="新荷畔", parent="liren", opened=place.today, code="hepan")


async def test_a_building_takes_in_another_dwellings_seats_and_roles_with_it(street: Running) -> None:
    place = await built(street)
    posts = await street.street.identity.units.posts()
    one, other = place.people["荷一"], place.people["荷二"]
    async with place.writing() as tx:
        new = await verbs.add(tx, level="building", name="8号楼", parent="taoyuan-g3", opened=place.before)
        lead, hub = posts.by_key["building_lead"], posts.by_key["member_hub"]
        for unit, person in ((new.code, one), ("taoyuan-g3-b7", other)):
            await appointments.appoint(tx, Term(lead, unit, person, place.before, None, "6001"), today=place.today)
        await appointments.appoint(tx, Term(hub, new.code, one, place.before, None), today=place.today)
        await dwellings.add(tx, unit=new.code, number="101")
        await grants.grant(
            tx, person=one, role="identity.clerk", unit=new.code, roles=("identity.clerk",), since=place.before
        )
    async with place.writing() as tx:
        made = await changes.merge(tx, [new.code], "taoyuan-g3-b7", place.today, posts=posts, carry=True)
        await place.follow(*made)
    store = street.street.store
    numbers = await store.read("SELECT number FROM dwelling WHERE unit = 'taoyuan-g3-b7' ORDER BY number")
    assert numbers == [("101",), ("102",), ("8号楼-101",)]
    held = [(a.post, a.person) for a in await appointments.at(store, ["taoyuan-g3-b7"], place.today)]
    assert sorted(held) == [("building_lead", other), ("member_hub", one)], "one seat stays one seat"
    assert (await street.street.identity.who.access_of(one)).can("identity.people", "taoyuan-g3-b7")


async def test_a_building_is_split_and_each_household_goes_where_its_dwelling_goes(street: Running) -> None:
    place = await built(street)
    posts = await street.street.identity.units.posts()
    async with place.writing() as tx:
        parts = [Part("7号楼"), Part("7号楼西", dwellings=(place.rooms["桃二"], place.rooms["荷一"]))]
        change, codes = await changes.split(tx, "taoyuan-g3-b7", parts, place.today, posts=posts)
        await place.follow(change)
    assert codes[0] == "taoyuan-g3-b7-2", "a code is never given again"
    assert await place.lived(codes[0], place.today) == ["桃一"]
    assert await place.lived(codes[1], place.today) == ["桃二"]
    assert await place.lived("taoyuan-g3-b7", place.today - DAY) == ["桃一", "桃二"]
    assert await place.lived("hepan-g3-b7", place.today) == ["荷一", "荷二"], "somebody else's dwelling stays"
    assert await place.lived("taoyuan", place.today - DAY) == ["桃一", "桃二"]
    with refused(BadUnit, "拆成 2 到"):
        async with place.writing() as tx:
            await changes.split(tx, "hepan-g3-b7", [Part("7号楼")], place.today, posts=posts)


async def test_a_tree_without_a_cycle_and_a_unit_with_people_in_it_stays_open(street: Running) -> None:
    place = await built(street)
    posts = await street.street.identity.units.posts()
    refusals = [
        (changes.move, ("taoyuan", "taoyuan-g3"), BadUnit, "自己或它的下级"),
        (changes.move, ("taoyuan-g3", "taoyuan-g3"), BadUnit, "自己或它的下级"),
        (changes.move, ("liren", "taoyuan"), BadUnit, "最上面一级"),
        (changes.move, ("taoyuan-g3", "hepan"), UnitTaken, "已经有"),
        (changes.move, ("taoyuan", "hepan"), BadUnit, "层级必须低于"),
    ]
    for verb, args, error, words in refusals:
        with refused(error, words):
            async with place.writing() as tx:
                await verb(tx, *args, place.today)
    for gone, into, error, words in (
        ("taoyuan", "taoyuan", BadUnit, "自己合并"),
        ("taoyuan-g3", "hepan", BadUnit, "同一级"),
    ):
        with refused(error, words):
            async with place.writing() as tx:
                await changes.merge(tx, [gone], into, place.today, posts=posts)
    with refused(UnitInUse, "2 位居民"):
        async with place.writing() as tx:
            await changes.close(tx, "taoyuan-g3-b7", place.today, residents=2, posts=posts)
    async with place.writing() as tx:
        await verbs.rename(tx, "hepan-g3", name="第5网格", party_title=None, day=place.today)
        moved = await changes.move(tx, "hepan-g3", "taoyuan", place.today)
        await place.follow(moved)
    assert await place.lived("taoyuan", place.today) == ["桃一", "桃二", "荷一", "荷二"]
    assert await place.lived("hepan", place.today - DAY) == ["荷一", "荷二"]
    async with place.writing() as tx:
        closed = await changes.close(tx, "hepan", place.today, residents=0, posts=posts)
        await place.follow(closed)
    with refused(UnitInUse, "已经撤销"):
        async with place.writing() as tx:
            await changes.merge(tx, ["hepan"], "taoyuan", place.today, posts=posts)
