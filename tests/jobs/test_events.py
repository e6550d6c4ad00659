# SPDX-License-Identifier: Apache-2.0
"""Events: told after commit, at least once, each listener by itself; what fails is tried again and never lost."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from liren import jobs
from liren.app.writing import StoreWriting, Undeclared
from liren.errors import LirenError, NotFound
from liren.jobs import Deliverer
from liren.jobs.events import KEPT_MS, WAITS_S
from liren.plugins.events import Event, Received
from liren.plugins.kernel import Kernel
from liren.plugins.loader import Loaded
from liren.plugins.manifest import Manifest
from liren.plugins.plugin import Impl, Plugin
from liren.plugins.state import State, save
from liren.store import MigrationSource, Store, migrate

MIGRATIONS = MigrationSource("jobs", Path(jobs.register_tables().migrations_folder_path))
TZ = ZoneInfo("Asia/Shanghai")


class Served(Event, frozen=True):
    name = "canteen.served"
    title = "助餐一份"
    person: str
    meals: int = 1
    unit: str = ""


class WhatIWant(msgspec.Struct):
    """A listener's own view: fewer fields, and one the emitter never had."""

    meals: int
    sweet: bool = False


class Listener:
    """A plugin that writes down what it hears."""

    def __init__(self, name: str, fails: Callable[[Received], BaseException | None] = lambda event: None) -> None:
        self.name = name
        self.heard: list[Received] = []
        self.fails = fails

    async def on_event(self, event: Received) -> None:
        if (error := self.fails(event)) is not None:
            raise error
        self.heard.append(event)

    def plugin(self) -> Plugin:
        its = Manifest(api="1.0", id=self.name, title=self.name)
        impl = Impl(self.name, "on_event", self.on_event, ("event",), True)
        return Plugin(its, self.name, "1", True, f"/{self.name}", Path(), (impl,))


CANTEEN = Plugin(
    Manifest(api="1.0", id="canteen", title="幸福食堂"), "c", "1", True, "/c", Path(), (), events=(Served,)
)


class World:
    """A store, a plugin that emits, and listeners."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def with_listeners(self, *listeners: Listener, built_in: bool = True) -> Deliverer:
        plugins = [replace(listener.plugin(), built_in=built_in) for listener in listeners]
        self.kernel = Kernel(Loaded((CANTEEN, *plugins), ()))
        self.kernel.wire(Anything())  # type: ignore[arg-type]  # events ask for no service
        return Deliverer(self.kernel, self.store, TZ)

    async def emit(self, *events: Event, plugin: str = "canteen") -> None:
        writing = StoreWriting(self.store, lambda name: CANTEEN.events if name == "canteen" else ())
        async with writing.transaction(plugin, "job:test") as tx:
            for event in events:
                await tx.emit(event)


class Anything:
    people = units = ledger = None


@pytest.fixture
async def world(store: Store) -> World:
    await migrate(store, [*Kernel(Loaded((), ())).migration_sources(), MIGRATIONS])
    return World(store)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Puts the clock forward by so many seconds."""
    real, ahead = time.time_ns, 0

    def forward(seconds: float) -> None:
        nonlocal ahead
        ahead += int(seconds * 1e9)

    monkeypatch.setattr(time, "time_ns", lambda: real() + ahead)
    return forward


async def test_every_listener_hears_an_event_once_and_reads_the_fields_it_wants(world: World) -> None:
    visits, credit = Listener("visits"), Listener("credit")
    deliverer = world.with_listeners(visits, credit)
    await world.emit(Served("p1", 2), Served("p2"))
    assert await deliverer.look() == 4
    assert await deliverer.look() == 0
    for listener in (visits, credit):
        assert [event.read(WhatIWant).meals for event in listener.heard] == [2, 1]
        assert listener.heard[0].name == "canteen.served"
        assert listener.heard[0].plugin == "canteen"
        assert listener.heard[0].key != listener.heard[1].key
    with pytest.raises(msgspec.ValidationError):
        visits.heard[0].read(type("Other", (msgspec.Struct,), {"__annotations__": {"colour": str}}))


async def test_what_was_rolled_back_did_not_happen_and_undeclared_events_are_refused(world: World) -> None:
    visits = Listener("visits")
    deliverer = world.with_listeners(visits)
    writing = StoreWriting(world.store, lambda name: CANTEEN.events if name == "canteen" else ())
    with pytest.raises(LirenError, match="kitchen"):
        async with writing.transaction("canteen", "job:test") as tx:
            await tx.emit(Served("p1"))
            raise LirenError("厨房停电了。", "No power in the kitchen.")
    with pytest.raises(Undeclared):
        await world.emit(Served("p1"), plugin="visits")
    assert await deliverer.look() == 0
    assert visits.heard == []


async def test_a_failing_listener_holds_up_neither_others_nor_later_events_and_is_asked_again(
    world: World, later: Callable[[float], None]
) -> None:
    broken = True
    visits, credit = Listener("visits"), Listener("credit")
    credit.fails = lambda event: RuntimeError("no table") if broken and event.data["person"] == "p1" else None
    deliverer = world.with_listeners(visits, credit)
    await world.emit(Served("p1"), Served("p2"))
    await deliverer.look()
    assert [event.data["person"] for event in visits.heard] == ["p1", "p2"]
    assert [event.data["person"] for event in credit.heard] == ["p2"]
    assert await deliverer.look() == 0, "not before its wait is over"
    broken = False
    later(WAITS_S[0] + 0.1)
    assert await deliverer.look() == 1
    assert [event.data["person"] for event in credit.heard] == ["p2", "p1"]
    later(10**6)
    assert await deliverer.look() == 0


async def test_what_keeps_failing_is_shown_and_can_be_tried_again_or_let_go(
    world: World, later: Callable[[float], None]
) -> None:
    broken = True
    credit = Listener("credit", lambda event: LirenError("没有细则。", "No rule.") if broken else None)
    deliverer = world.with_listeners(credit)
    await world.emit(Served("p1"), Served("p2"))
    for wait in (0, *WAITS_S):
        later(wait + 0.1)
        assert await deliverer.look() == 0
    letters = await deliverer.dead()
    assert [(letter.name, letter.plugin, letter.error) for letter in letters] == [
        ("canteen.served", "credit", "没有细则。")
    ] * 2
    later(10**7)
    assert await deliverer.look() == 0, "given up means given up"
    broken = False
    async with world.store.transaction("job:test") as tx:
        await deliverer.revive(tx, letters[1].event, "credit")
        await deliverer.let_go(tx, letters[0].event, "credit")
    await deliverer.look()
    assert [event.data["person"] for event in credit.heard] == ["p1"]
    assert await deliverer.dead() == []
    with pytest.raises(NotFound):
        async with world.store.transaction("job:test") as tx:
            await deliverer.let_go(tx, letters[0].event, "credit")


async def test_a_plugin_hears_what_happened_since_it_was_switched_on_also_while_it_was_off(world: World) -> None:
    visits = Listener("visits")
    deliverer = world.with_listeners(visits, built_in=False)
    await world.emit(Served("long ago"))

    async def switch(on: bool) -> None:
        await save(world.store, "job:test", "visits", State(enabled=on), "plugins.test")
        await world.kernel.refresh(world.store)

    await switch(on=True)
    await world.emit(Served("p1"))
    await deliverer.look()
    await switch(on=False)
    await world.emit(Served("p2"))
    assert await deliverer.look() == 0
    await switch(on=True)
    await deliverer.look()
    assert [event.data["person"] for event in visits.heard] == ["p1", "p2"]


async def test_of_two_processes_one_serves_a_listener(world: World) -> None:
    visits = Listener("visits")
    one = world.with_listeners(visits)
    two = Deliverer(world.kernel, world.store, TZ)
    await world.emit(*(Served(f"p{n}") for n in range(50)))
    await one._heard("visits")
    assert await one._own("visits", 0)
    assert await two.look() == 0
    assert await one.look() == 50
    assert len(visits.heard) == 50
    assert await two.look() == 0


async def test_old_events_go_unless_somebody_still_waits_for_them(world: World, later: Callable[[float], None]) -> None:
    credit = Listener("credit", lambda event: RuntimeError("no") if event.data["person"] == "p1" else None)
    deliverer = world.with_listeners(credit)
    await world.emit(Served("p1"), Served("p2"))
    await deliverer.look()
    later(KEPT_MS / 1000 + 1)
    await deliverer.tidy()
    assert [row[0] for row in await world.store.read("SELECT payload FROM outbox")] == [
        '{"person":"p1","meals":1,"unit":""}'
    ]
