# SPDX-License-Identifier: Apache-2.0
"""Roles hold at a unit and below it, for a term, and nobody gives one to themself; on both databases."""

from datetime import date, timedelta

import pytest
from tests.identity.conftest import ROLES, Clock

from liren.errors import NotFound
from liren.identity.errors import BadGrant, SelfGrant
from liren.identity.register import departures
from liren.identity.roles import grants
from liren.identity.service import Identity

Folk = dict[str, str]


async def give(
    identity_: Identity,
    person: str,
    role: str,
    unit: str,
    *,
    by: str = "job:test",
    since: date | None = None,
    until: date | None = None,
) -> str:
    async with identity_.store.transaction(by) as tx:
        return await grants.grant(
            tx, person=person, role=role, unit=unit, roles=ROLES, since=since or identity_.today(), until=until
        )


async def test_a_role_holds_in_its_subtree_and_nowhere_else(identity_: Identity, folk: Folk) -> None:
    await give(identity_, folk["李敏"], "identity.clerk", "taoyuan")
    access = await identity_.who.access_of(folk["李敏"])
    assert access.can("identity.people")
    assert access.can("identity.people", "taoyuan")
    assert access.can("identity.people", "taoyuan-b7")
    assert not access.can("identity.people", "laojie")
    assert not access.can("identity.people", "liren")
    assert not access.can("identity.people", "nowhere")
    assert not access.can("identity.grant")
    assert access.units_with("identity.people") == ("liren/taoyuan/",)
    assert access.units_with("identity.grant") == ()


async def test_roles_add_up_and_a_wider_one_swallows_the_narrower(identity_: Identity, folk: Folk) -> None:
    await give(identity_, folk["李敏"], "identity.clerk", "taoyuan")
    await give(identity_, folk["李敏"], "identity.clerk", "laojie")
    access = await identity_.who.access_of(folk["李敏"])
    assert access.units_with("identity.people") == ("liren/laojie/", "liren/taoyuan/")
    await give(identity_, folk["李敏"], "identity.security", "liren")
    access = await identity_.who.access_of(folk["李敏"])
    assert access.units_with("identity.people") == ("liren/",)
    assert access.can("identity.grant", "laojie")


async def test_who_asks_is_told_with_the_unit_they_work_or_live_in(identity_: Identity, folk: Folk) -> None:
    await give(identity_, folk["李敏"], "identity.clerk", "taoyuan")
    staff = await identity_.who.who_is(folk["李敏"])
    assert (staff.unit, staff.unit_path, staff.role) == ("taoyuan", "liren/taoyuan/", "社区工作人员")
    resident = await identity_.who.who_is(folk["王秀兰"])
    assert (resident.unit, resident.unit_path) == ("taoyuan-b7", "liren/taoyuan/taoyuan-b7/")
    assert resident.visitor is not None
    assert resident.visitor.name == "王秀兰"
    assert not resident.access.can("identity.people")
    assert (await identity_.who.who_is("nobody")).visitor is None


async def test_a_role_begins_and_ends_with_its_term(identity_: Identity, folk: Folk, clock: Clock) -> None:
    tomorrow = identity_.today() + timedelta(days=1)
    await give(identity_, folk["李敏"], "identity.clerk", "taoyuan", since=tomorrow, until=tomorrow + timedelta(days=1))
    held = []
    for _ in range(3):
        held.append((await identity_.who.access_of(folk["李敏"])).can("identity.people"))
        clock.pass_time(days=1)
    assert held == [False, True, False]


async def test_nobody_gives_a_role_to_themself(identity_: Identity, folk: Folk) -> None:
    with pytest.raises(SelfGrant):
        await give(identity_, folk["李敏"], "identity.security", "liren", by=folk["李敏"])
    assert not (await identity_.who.access_of(folk["李敏"])).can("identity.grant")


async def test_a_grant_makes_sense_or_is_refused(identity_: Identity, folk: Folk) -> None:
    with pytest.raises(BadGrant):
        await give(identity_, folk["李敏"], "identity.emperor", "liren")
    with pytest.raises(BadGrant):
        await give(identity_, folk["李敏"], "identity.clerk", "liren", until=identity_.today())
    with pytest.raises(NotFound):
        await give(identity_, folk["李敏"], "identity.clerk", "nowhere")
    with pytest.raises(NotFound):
        await give(identity_, "nobody", "identity.clerk", "liren")


async def test_a_revoked_role_is_gone_at_once(identity_: Identity, folk: Folk) -> None:
    granted = await give(identity_, folk["李敏"], "identity.clerk", "taoyuan")
    async with identity_.store.transaction("job:test") as tx:
        await grants.revoke(tx, granted, identity_.today())
    assert not (await identity_.who.access_of(folk["李敏"])).can("identity.people")
    with pytest.raises(NotFound):
        async with identity_.store.transaction("job:test") as tx:
            await grants.revoke(tx, granted, identity_.today())


async def test_who_leaves_loses_every_role(identity_: Identity, folk: Folk) -> None:
    await give(identity_, folk["李敏"], "identity.clerk", "taoyuan")
    async with identity_.store.transaction("job:test") as tx:
        await departures.depart(tx, folk["李敏"], identity_.today())
    assert not (await identity_.who.access_of(folk["李敏"])).can("identity.people")


async def test_every_change_of_power_is_in_the_audit_without_names(identity_: Identity, folk: Folk) -> None:
    await give(identity_, folk["李敏"], "identity.clerk", "taoyuan", by=folk["王秀兰"])
    rows = await identity_.store.read(
        "SELECT actor, what, subject, unit, detail FROM audit WHERE what = 'identity.granted'"
    )
    assert rows == [(folk["王秀兰"], "identity.granted", folk["李敏"], "taoyuan", '{"role": "identity.clerk"}')]
    everything = str(await identity_.store.read("SELECT subject, detail FROM audit"))
    assert not any(name in everything for name in folk)
