# SPDX-License-Identifier: Apache-2.0
"""Everything a departure closes is open again once it is taken back, unless it is somebody else's by now."""

from datetime import timedelta
from fractions import Fraction

import pytest
from tests.identity.conftest import ROLES, TODAY

from liren.errors import Conflict
from liren.identity.register import departures, ownership, pending, people
from liren.identity.roles.grants import grant
from liren.store import Store
from liren.units import appointments, teams
from liren.units.appointments import Term
from liren.units.build import Builder
from liren.units.posts import PRESET_POSTS
from liren.units.teams import Team

Folk = dict[str, str]
LATER = TODAY + timedelta(days=30)
LEAD = next(post for posts in PRESET_POSTS.values() for post in posts if post.key == "building_lead")
SINGLE = {LEAD.key}


async def held(store: Store, person: str) -> dict[str, list[object]]:
    """Table → the ends of what the person has there."""
    found = {}
    for table in ("residence", "ownership", "appointment", "team_member", "role_grant"):
        rows = await store.read(f"SELECT until FROM {table} WHERE person = ? ORDER BY id", person)
        found[table] = [until for (until,) in rows]
    return found


async def settle(store: Store, person: str) -> str:
    """A home of their own, a post with a term, a seat in a team, a role; :returns: the dwelling."""
    async with store.transaction("job:test") as tx:
        builder = await Builder.load(tx, TODAY)
        home = builder.dwelling("taoyuan-b7", "503")
        await builder.write(tx)
        await ownership.own(tx, dwelling=home, share=Fraction(1, 2), since=TODAY, person=person)
        await appointments.appoint(tx, Term(LEAD, "taoyuan-b7", person, TODAY, LATER), today=TODAY)
        team = await teams.found(tx, unit="taoyuan", name="巡逻队", pattern="1+1+N", since=TODAY)
        await teams.join(
            tx, Team(team, "taoyuan", "巡逻队", "1+1+N", TODAY), person=person, organisation=None, part="", since=TODAY
        )
        await grant(tx, person=person, role="identity.clerk", unit="taoyuan", roles=ROLES, since=TODAY)
    return home


async def test_posts_teams_roles_and_property_are_open_again(store: Store, folk: Folk) -> None:
    person = folk["王秀兰"]
    await settle(store, person)
    before = await held(store, person)
    async with store.transaction("job:test") as tx:
        gone = await departures.depart(tx, person, TODAY)
    assert all(until == TODAY for ends in (await held(store, person)).values() for until in ends)
    async with store.transaction("job:test") as tx:
        await departures.undo(tx, gone, person, single=SINGLE)
    assert await held(store, person) == before
    assert before["appointment"] == [LATER]
    [events] = [await store.read("SELECT event FROM outbox ORDER BY id")]
    assert [event for (event,) in events] == ["identity.departed", "identity.departure_undone"]


async def test_what_is_somebody_elses_by_now_stays_theirs(store: Store, folk: Folk) -> None:
    person, other = folk["王秀兰"], folk["王小兰"]
    home = await settle(store, person)
    async with store.transaction("job:test") as tx:
        gone = await departures.depart(tx, person, TODAY)
        await appointments.appoint(tx, Term(LEAD, "taoyuan-b7", other, TODAY, None), today=TODAY)
    with pytest.raises(Conflict, match="holds the post"):
        async with store.transaction("job:test") as tx:
            await departures.undo(tx, gone, person, single=SINGLE)
    async with store.transaction("job:test") as tx:
        await ownership.own(tx, dwelling=home, share=Fraction(1), since=TODAY, person=other)
    with pytest.raises(Conflict, match="property"):
        async with store.transaction("job:test") as tx:
            await departures.undo(tx, gone, person)
    assert (await store.read("SELECT left_on FROM person WHERE id = ?", person)) == [(TODAY,)], "nothing half undone"


async def test_a_list_under_way_moves_the_entry_that_stays(store: Store, folk: Folk) -> None:
    kept, gone = folk["王小兰"], folk["欧阳锋"]
    async with store.transaction("job:test") as tx:
        await pending.will_move(tx, "list1", [(gone, "taoyuan", None, "member")])
        await pending.will_move(tx, "list2", [(gone, "taoyuan", None, "member"), (kept, "laojie", None, "head")])
        await people.merge(tx, kept=kept, gone=gone, day=TODAY)
    rows = await store.read("SELECT import_id, person, unit FROM people_pending_move ORDER BY import_id")
    assert rows == [("list1", kept, "taoyuan"), ("list2", kept, "laojie")]
    async with store.transaction("job:test") as tx:
        assert await pending.move_some(tx, "list1", TODAY) == 1
    assert await store.read("SELECT unit FROM residence WHERE person = ? AND until IS NULL", kept) == [("taoyuan",)]
