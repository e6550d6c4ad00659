# SPDX-License-Identifier: Apache-2.0
"""What ``liren.testing`` gives to authors does what it says, on both databases."""

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from liren import clock as wall
from liren.plugins import manifest
from liren.plugins.context import Context
from liren.plugins.services import Progress
from liren.testing import databases
from liren.testing.clock import Clock
from liren.testing.moulds import Moulds, nobody_else
from liren.testing.outbox import Outbox
from liren.testing.points import Points
from liren.testing.street import Running


async def test_points_are_real_signed_awards(street: Running, ledger: Points) -> None:
    first, second = await street.person("王秀兰"), await street.person("陈大勇")
    await ledger.give(first, 30)
    await ledger.give(first, 12)
    assert (await ledger.balance(first), await ledger.balance(second)) == (42, 0)
    assert [entry.reason["title"] for entry in await ledger.entries(first)] == ["试验积分"] * 2
    await ledger.verify()


async def test_each_test_has_a_street_of_its_own(street: Running) -> None:
    assert "赵磊" not in {keys.name for keys in await street.street.identity.people.keys()}
    await street.person("赵磊")


test_and_so_has_the_next = test_each_test_has_a_street_of_its_own


async def test_the_clock_moves_everything_that_asks_for_the_time_and_only_forward(
    clock: Clock, street: Running, ledger: Points
) -> None:
    clock.set(datetime(2031, 1, 31, 20, 0))
    assert street.street.today().isoformat() == "2031-01-31"
    person = await street.person("王秀兰")
    posted = await ledger.give(person, 5)
    [entry] = await ledger.entries(person)
    assert entry.rid == posted.rid
    clock.forward(days=2)
    assert (await street.acting("portal")).today().isoformat() == "2031-02-02"
    assert wall.now_ms() == pytest.approx(clock.now_ms(), abs=5000)
    with pytest.raises(AssertionError, match="forward only"):
        clock.set(datetime(2031, 1, 1))


async def test_events_of_plugins_that_are_not_there_can_be_told(street: Running, outbox: Outbox) -> None:
    await outbox.put("volunteer.shift_completed", person="p1", day="2026-11-22", quantity=2)
    [event] = await outbox.emitted("volunteer.shift_completed")
    assert (event.plugin, event.version, event.data["quantity"]) == ("volunteer", 1, 2)
    await outbox.deliver()
    assert await outbox.emitted("canteen.meal_missed") == []


async def test_a_street_is_idle_when_nothing_is_under_way_and_a_job_at_work_is_no_obstacle(street: Running) -> None:
    ctx, done = await street.acting("portal"), list[str]()

    async def work(_ctx: Context, progress: Progress) -> str:
        async with ctx.transaction():
            await asyncio.sleep(0.01)
        done.append("task")
        return ""

    await ctx.start("a key", "算", work)
    await asyncio.gather(street.run("inbox", "forward"), street.run("inbox", "forward"))
    await street.idle()
    assert done == ["task"]
    store = street.street.store
    assert await store.read("SELECT max(size) FROM checkpoint") == await store.read("SELECT size FROM log_head")
    assert await store.read("SELECT plugin FROM event_listener WHERE heard < (SELECT max(id) FROM outbox)") == []


async def test_postgres_databases_are_made_copied_and_dropped(postgres_server: databases.Postgres) -> None:
    url = await postgres_server.create()
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE kept (n int)")
    await connection.close()
    copy = await postgres_server.create(like=url)
    connection = await asyncpg.connect(copy)
    assert await connection.fetch("SELECT * FROM kept") == []
    await connection.close()
    for one in (url, copy):
        await postgres_server.drop(one)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(copy)


def test_without_the_clock_fixture_nothing_moves_the_time() -> None:
    assert wall.now_ms() == pytest.approx(time.time_ns() / 1e6, abs=60_000)


async def test_staff_hold_the_roles_they_are_given(street: Running, staff: Any) -> None:
    manager = await staff("market.manager")
    assert (await manager.open("/market/desk")).status == 200
    nobody = await staff()
    assert (await nobody.open("/market/desk")).status == 403


async def test_one_mould_serves_all_tests_of_a_kind(
    street_moulds: Moulds, street: Running, street_server: databases.Postgres | None
) -> None:
    installed = [f"{found.target} {found.folder}" for found in manifest.find()]
    key = (nobody_else, street.street.store.kind == "sqlite", *installed)
    assert [made for made in street_moulds._made if made == key] == [key]
    mould = await street_moulds.mould(nobody_else, street_server)
    assert mould is await street_moulds.mould(nobody_else, street_server)


async def test_two_streets_of_one_process_share_their_routes_and_nothing_else(
    street_moulds: Moulds, tmp_path: Path
) -> None:
    async with street_moulds.street(tmp_path / "a", None) as here, street_moulds.street(tmp_path / "b", None) as there:
        assert here.app.routes is there.app.routes
        await here.person("赵磊")
        browser = await here.signed_in("赵磊")
        assert "赵磊" in (await browser.get("/me")).text
        stranger = there.visitor()
        stranger.cookies.update(browser.cookies)
        assert (await stranger.get("/me")).status_code == 303
        assert here.app.site is here.street.site is not there.app.site
