# SPDX-License-Identifier: Apache-2.0
"""A demo street is filled step by step: what a killed run finished is not done again, and a module knows the scale."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.acting.conftest import Town

from liren.api import Demo
from liren.demo import Steps


class Killed(BaseException):
    """The machine was switched off here."""


async def test_a_module_fills_a_city_once_and_in_the_measure_of_a_city(town: Town, tmp_path: Path) -> None:
    await town.person("孙倩", "wishes.helper")
    kernel, bars = town.running.street.kernel, []

    async def fill(step: Callable[[str, Callable[[], Awaitable[object]]], Awaitable[None]]) -> None:
        demo = Demo(tmp_path, lambda role: town.ctx("孙倩"), lambda *bar: bars.append(bar), "city", step)
        await kernel.caller.one("wishes", "demo_data", await town.ctx(None), demo=demo)

    steps = Steps.begin(tmp_path / "demo", "city")
    await fill(steps.step)
    assert await town.wishes() == 100
    assert bars[-1] == ("wishes", 100, 100)
    again = Steps.read(tmp_path / "demo")
    assert again is not None
    await fill(again.step)
    assert await town.wishes() == 100, "a later run passes over what is done"


async def test_a_step_that_was_cut_off_is_done_again(tmp_path: Path) -> None:
    did = []

    async def well() -> None:
        did.append("well")

    async def cut_off() -> None:
        did.append("cut off")
        if did.count("cut off") == 1:
            raise Killed

    steps = Steps.begin(tmp_path, "city")
    await steps.step("menus", well)
    with pytest.raises(Killed):
        await steps.step("orders", cut_off)
    later = Steps.read(tmp_path)
    assert later is not None
    assert (later.scale, later.ready) == ("city", False)
    await later.step("menus", well)
    await later.step("orders", cut_off)
    assert did == ["well", "cut off", "cut off"]
    later.finish()
    at_last = Steps.read(tmp_path)
    assert at_last is not None
    assert at_last.ready
