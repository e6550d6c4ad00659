# SPDX-License-Identifier: Apache-2.0
"""The caller: what a fault costs, and when a plugin is left alone."""

from typing import Any

import pytest

from liren import hookspecs
from liren.plugins import caller
from liren.plugins.services import Who
from liren.plugins.specs import HookSpec

ONCE_BROKEN = """
calls = 0
broken = True
@hookimpl
def figures():
    global calls
    calls += 1
    if broken:
        raise ValueError("broken")
    return []
"""


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_after_repeated_faults_a_plugin_rests_and_is_then_tried_again(street: Any) -> None:
    street.plugin("zoo", ONCE_BROKEN)
    kernel = street.kernel("zoo")
    clock = kernel.caller._clock = Time()
    ctx = kernel.context("zoo", Who())
    import liren_zoo

    for _ in range(caller.FAULTS + 5):
        await kernel.caller.each("figures", ctx)
    assert liren_zoo.calls == caller.FAULTS
    assert kernel.caller.resting() == [("zoo", "figures")]
    clock.now += caller.REST_S
    await kernel.caller.each("figures", ctx)
    await kernel.caller.each("figures", ctx)
    assert liren_zoo.calls == caller.FAULTS + 1, "one trial, and it rests again"
    clock.now += caller.REST_S
    await kernel.caller.each("figures", ctx)
    assert liren_zoo.calls == caller.FAULTS + 1, "and for longer than before"
    clock.now += caller.REST_S
    liren_zoo.broken = False
    assert [answer.plugin for answer in await kernel.caller.each("figures", ctx)] == ["zoo"]
    assert kernel.caller.resting() == []


async def test_faults_far_apart_are_forgiven(street: Any) -> None:
    street.plugin("zoo", ONCE_BROKEN)
    kernel = street.kernel("zoo")
    clock = kernel.caller._clock = Time()
    for _ in range(20):
        await kernel.caller.each("figures", kernel.context("zoo", Who()))
        clock.now += caller.WINDOW_S
    assert kernel.caller.resting() == []


async def test_a_slow_synchronous_hook_is_measured(street: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hookspecs.SPECS, "figures", HookSpec("figures", "page", 0.01))
    street.plugin("zoo", "import time\n@hookimpl\ndef figures():\n    time.sleep(0.02)\n    return []")
    kernel = street.kernel("zoo")
    answers = await kernel.caller.each("figures", kernel.context("zoo", Who()))
    assert len(answers) == 1, "its answer is good"
    assert "allowed" in kernel.caller.faults[-1].what


async def test_strict_raises(street: Any) -> None:
    street.plugin("zoo", ONCE_BROKEN)
    kernel = street.kernel("zoo", strict=True)
    with pytest.raises(ValueError, match="broken"):
        await kernel.caller.each("figures", kernel.context("zoo", Who()))


async def test_duties_towards_a_person_fail_as_a_whole_and_bind_disabled_plugins_too(street: Any) -> None:
    duty = """
erased = []
@hookimpl
async def erase_person(person):
    erased.append(person)
    return Erased(1)
@hookimpl
def export_person(ctx, person):
    return {0}
"""
    street.plugin("aa", duty.format("[PersonalData('订餐', [{'day': '2026-11-21'}])]"))
    street.plugin("bb", duty.format("'everything'"))
    kernel = street.kernel()
    ctx = kernel.context("aa", Who())
    answers = await kernel.caller.every("erase_person", ctx, person="p1")
    assert [(answer.plugin, answer.value.rows) for answer in answers] == [("aa", 1), ("bb", 1)]
    with pytest.raises(caller.HookFault, match="not Sequence\\[PersonalData\\]"):
        await kernel.caller.every("export_person", ctx, person="p1")
