# SPDX-License-Identifier: Apache-2.0
"""Posts carry roles, people hold them for a term; what is refused, and what it is worth in rights."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.units.refusals import refused

from liren.identity.register import departures
from liren.store import Tx
from liren.testing.street import Running
from liren.units import appointments, posts, verbs
from liren.units.appointments import Term
from liren.units.errors import BadAppointment, BadPost, SeatTaken, SelfAppointment
from liren.units.names import LevelNames, Naming
from liren.units.posts import PRESET_POSTS, PostCard, Posts

ROLES = ("identity.clerk", "identity.registrar")


def test_the_five_levels_are_called_as_the_street_calls_them() -> None:
    huantai = LevelNames.of(Naming(preset="huantai"))
    assert huantai.admin["grid"] == "基础网格"
    assert huantai.party["building"] == "红色楼长"
    own = LevelNames.of(Naming(preset="jiyang", building="院落", grid_party="小区党支部"))
    assert (own.admin["building"], own.party["grid"], own.admin["grid"]) == ("院落", "小区党支部", "网格（小区）")
    assert LevelNames.of(None).party["stair"] == ""


def test_every_preset_makes_sense_and_no_party_post_carries_a_role() -> None:
    for preset, cards in PRESET_POSTS.items():
        for card in cards:
            assert posts.check(card, ROLES).title == card.title
            assert not (card.axis == "party" and card.roles)
        assert "党员中心户" in [card.title for card in Posts.of(preset, ()).open()]
    assert "兼职网格员" not in [card.title for card in Posts.of("plain", ()).open()]
    assert Posts.of("plain", ()).get("part_time_grid_worker") is not None, "who held it under another preset is named"


def test_a_party_post_gives_no_sight_of_other_peoples_data() -> None:
    with refused(BadPost, "党内岗位不能带角色"):
        posts.check(PostCard("branch", "支部书记", "party", ("grid",), ("identity.clerk",)), ROLES)
    for wrong in (
        PostCard("x", "", "admin", ("grid",)),
        PostCard("lead", "楼长", "admin", ()),
        PostCard("lead", "楼长", "admin", ("planet",)),
        PostCard("lead", "楼长", "admin", ("building",), ("god.mode",)),
        PostCard("Lead!", "楼长", "admin", ("building",)),
    ):
        with pytest.raises(BadPost):
            posts.check(wrong, ROLES)


@asynccontextmanager
async def writing(street: Running, actor: str = "job:test") -> AsyncIterator[Tx]:
    async with street.street.store.transaction(actor) as tx:
        yield tx


async def a_grid(street: Running) -> str:
    async with writing(street) as tx:
        return (await verbs.add(tx, level="grid", name="第3网格", parent="taoyuan", opened=street.street.today())).code


async def test_a_grid_workers_post_is_worth_its_role_for_its_term_and_no_longer(street: Running) -> None:
    grid, today = await a_grid(street), street.street.today()
    who = street.street.identity.who
    worker = await street.person("赵网格")
    of = (await street.street.identity.units.posts()).by_key
    assert not (await who.access_of(worker)).can("identity.people", grid)
    async with writing(street) as tx:
        term = Term(of["grid_worker"], grid, worker, today, today + timedelta(days=30), "0533-1234567")
        made = await appointments.appoint(tx, term, today=today)
    access = await who.access_of(worker)
    assert access.can("identity.people", grid)
    assert not access.can("identity.people", "taoyuan")
    assert not access.can("identity.people", "hepan")
    assert worker in await who.holding("identity.people", grid)
    assert [(grant.role, grant.post) for grant in await who.grants_of(worker)] == [("identity.clerk", "grid_worker")]
    assert (await who.who_is(worker)).unit == grid
    async with writing(street) as tx:
        await appointments.end(tx, made, today)
    assert not (await who.access_of(worker)).can("identity.people", grid)
    assert worker not in await who.holding("identity.people", grid)
    async with writing(street) as tx:
        later = Term(of["grid_worker"], grid, worker, today + timedelta(days=5), None)
        await appointments.appoint(tx, later, today=today)
    assert not (await who.access_of(worker)).can("identity.people", grid), "it has not begun"


async def test_what_cannot_be_an_appointment_is_refused_in_words(street: Running) -> None:
    grid, today = await a_grid(street), street.street.today()
    one, other = await street.person("赵一"), await street.person("钱二")
    of = (await street.street.identity.units.posts()).by_key
    lead, worker = of["grid_lead"], of["grid_worker"]
    async with writing(street) as tx:
        gone = await verbs.add(tx, level="grid", name="第9网格", parent="taoyuan", opened=today)
        await verbs.close(tx, gone.code, today, residents=0)
        await appointments.appoint(tx, Term(lead, grid, one, today, today + timedelta(days=100)), today=today)
        await appointments.appoint(tx, Term(worker, grid, other, today, None), today=today)
    day = timedelta(days=1)
    wrong = [
        (Term(lead, grid, other, today + 50 * day, None), SeatTaken, "只设一人"),
        (Term(worker, grid, other, today + 50 * day, None), SeatTaken, "任期重叠"),
        (Term(worker, grid, one, today - 50 * day, today), BadAppointment, "已经过去"),
        (Term(worker, grid, one, today, today), BadAppointment, "晚于开始"),
        (Term(worker, grid, one, today, today + 9000 * day), BadAppointment, "十年"),
        (Term(worker, gone.code, one, today, None), BadAppointment, "已经撤销"),
        (Term(of["building_lead"], grid, one, today, None), BadAppointment, "不设在"),
        (Term(replace(worker, retired=today), grid, one, today, None), BadAppointment, "不设了"),
    ]
    for term, error, words in wrong:
        with refused(error, words):
            async with writing(street) as tx:
                await appointments.appoint(tx, term, today=today)
    with pytest.raises(SelfAppointment):
        async with writing(street, one) as tx:
            await appointments.appoint(tx, Term(worker, grid, one, today, None), today=today)
    async with writing(street) as tx:  # after the first term the seat is free
        await appointments.appoint(tx, Term(lead, grid, other, today + 100 * day, None), today=today)
        await appointments.appoint(tx, Term(worker, grid, one, today, None), today=today)


async def test_death_ends_every_post_and_merging_entries_moves_them(street: Running) -> None:
    grid, today = await a_grid(street), street.street.today()
    one, twin = await street.person("赵一"), await street.person("赵一")
    of = (await street.street.identity.units.posts()).by_key
    async with writing(street) as tx:
        await appointments.appoint(tx, Term(of["grid_lead"], grid, twin, today, None), today=today)
        await appointments.appoint(tx, Term(of["grid_worker"], grid, twin, today, None), today=today)
        await appointments.appoint(tx, Term(of["grid_worker"], grid, one, today, None), today=today)
        await appointments.merged(tx, kept=one, gone=twin, day=today)
    store = street.street.store
    held = [a.post for a in await appointments.of_person(store, one) if a.holds(today)]
    assert sorted(held) == ["grid_lead", "grid_worker"]
    assert await appointments.of_person(store, twin) == []
    async with writing(street) as tx:
        await departures.depart(tx, one, today, died=True)
    assert not any(a.holds(today) for a in await appointments.of_person(store, one))
    assert one not in await street.street.identity.who.holding("identity.people", grid)


async def test_a_street_makes_its_own_posts_and_nobody_gives_their_own_post_a_role(street: Running) -> None:
    grid, today = await a_grid(street), street.street.today()
    worker = await street.person("赵网格")
    units = street.street.identity.units
    helper = PostCard("helper", "网格助理", "admin", ("grid",), single=False)
    async with writing(street) as tx:
        await posts.save(tx, helper, old=None, known_roles=ROLES, today=today)
        await appointments.appoint(tx, Term(helper, grid, worker, today, None), today=today)
    assert not (await street.street.identity.who.access_of(worker)).can("identity.people")
    with refused(BadPost, "您自己担任"):
        async with writing(street, worker) as tx:
            await posts.save(tx, replace(helper, roles=("identity.clerk",)), old=helper, known_roles=ROLES, today=today)
    async with writing(street) as tx:
        await posts.save(tx, replace(helper, roles=("identity.clerk",)), old=helper, known_roles=ROLES, today=today)
    assert (await street.street.identity.who.access_of(worker)).can("identity.people", grid)
    kept = (await units.posts()).by_key["helper"]
    with refused(BadPost, "先办结任期"):
        async with writing(street) as tx:
            await posts.retire(tx, kept, today)
