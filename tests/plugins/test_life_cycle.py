# SPDX-License-Identifier: Apache-2.0
"""On, off, settings: on both databases, and visible to the next process."""

from typing import Any

import pytest

from liren.errors import Conflict, NotFound
from liren.plugins.kernel import Kernel
from liren.plugins.services import Who
from liren.plugins.state import State, read_settings, save
from liren.store import Store, migrate

SETTINGS = """
import msgspec
from typing import Annotated
class Settings(msgspec.Struct, frozen=True):
    cut_off_hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 9
    note: str = ""
@hookimpl
def register_settings():
    return Settings
"""


async def opened(street: Any, store: Store) -> Kernel:
    kernel: Kernel = street.kernel()
    await migrate(store, kernel.migration_sources())
    await kernel.refresh(store)
    return kernel


async def test_a_new_plugin_is_off_until_someone_switches_it_on_and_stays_on(street: Any, store: Store) -> None:
    street.plugin("canteen", SETTINGS)
    kernel = await opened(street, store)
    assert kernel.enabled == frozenset()
    await kernel.enable(store, "p1", "canteen")
    await kernel.enable(store, "p1", "canteen")
    assert kernel.enabled == {"canteen"}
    assert (await opened(street, store)).enabled == {"canteen"}, "and at the next start"
    await kernel.disable(store, "p1", "canteen")
    assert kernel.enabled == frozenset()
    rows = await store.read("SELECT actor, what, subject FROM audit ORDER BY id")
    assert rows[0] == ("p1", "plugins.enable", "plugin/canteen")
    assert rows[-1] == ("p1", "plugins.disable", "plugin/canteen")


async def test_what_is_required_goes_on_first_and_off_last(street: Any, store: Store) -> None:
    street.plugin("basis", "")
    street.plugin("canteen", "", more='requires = ["basis"]')
    kernel = await opened(street, store)
    with pytest.raises(Conflict, match="requires basis"):
        await kernel.enable(store, "p1", "canteen")
    await kernel.enable(store, "p1", "basis")
    await kernel.enable(store, "p1", "canteen")
    with pytest.raises(Conflict, match="required by canteen"):
        await kernel.disable(store, "p1", "basis")
    # Another process, or a hand in the database: what requires it is off with it.
    await save(store, "p1", "basis", State(enabled=False), "plugins.disable")
    await kernel.refresh(store)
    assert kernel.enabled == frozenset()


async def test_there_is_nothing_to_enable_where_nothing_loaded(street: Any, store: Store) -> None:
    street.plugin("broken", "raise ValueError")
    kernel = await opened(street, store)
    for plugin in ("broken", "nowhere"):
        with pytest.raises(NotFound):
            await kernel.enable(store, "p1", plugin)


async def test_settings_are_read_through_the_struct(street: Any, store: Store) -> None:
    street.plugin("canteen", SETTINGS)
    kernel = await opened(street, store)
    assert kernel.context("canteen", Who()).settings.cut_off_hour == 9
    kind = kernel.plugins["canteen"].settings
    assert kind is not None
    await kernel.configure(store, "p1", "canteen", kind(cut_off_hour=11, note="周末休息"))
    assert kernel.context("canteen", Who()).settings.note == "周末休息"
    assert (await opened(street, store)).context("canteen", Who()).settings.cut_off_hour == 11


def test_a_stored_setting_that_no_longer_fits_falls_back_alone(street: Any) -> None:
    street.plugin("canteen", SETTINGS)
    kind = street.load().plugins[0].settings
    read, unfit = read_settings(kind, '{"cut_off_hour": 99, "note": "x", "gone": 1}')
    assert (read.cut_off_hour, read.note) == (9, "x")
    assert list(unfit) == ["cut_off_hour"]
    assert unfit["cut_off_hour"].startswith("99: Expected")
    read, unfit = read_settings(kind, "not json")
    assert (read.cut_off_hour, list(unfit)) == (9, [""])


def test_settings_that_do_not_fit_together_fall_back_as_a_whole(street: Any) -> None:
    code = """
import msgspec
class Settings(msgspec.Struct, frozen=True):
    first: int = 1
    last: int = 9
    def __post_init__(self):
        if self.first > self.last:
            raise ValueError("first after last")
@hookimpl
def register_settings():
    return Settings
"""
    street.plugin("canteen", code)
    read, unfit = read_settings(street.load().plugins[0].settings, '{"first": 8, "last": 3}')
    assert (read.first, read.last) == (1, 9)
    assert unfit == {"": "first after last"}


def test_a_plugin_without_settings_has_none() -> None:
    assert read_settings(None, "") == (None, {})
