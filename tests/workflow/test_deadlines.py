# SPDX-License-Identifier: Apache-2.0
"""Deadlines: when they end, who is told, and that nobody is told twice."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from liren.plugins.flows import State
from liren.workflow import rules

TZ = ZoneInfo("Asia/Shanghai")


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp() * 1000)


@pytest.mark.parametrize(
    ("due", "entered", "end"),
    [
        (timedelta(days=2), "2026-11-23 09:00", "2026-11-26 00:00"),
        (timedelta(days=2), "2026-11-23 00:00", "2026-11-26 00:00"),
        (timedelta(days=1), "2026-12-31 23:59:59", "2027-01-02 00:00"),
        (timedelta(hours=6), "2026-11-23 21:00", "2026-11-24 03:00"),
        (timedelta(hours=36), "2026-11-23 09:00", "2026-11-24 21:00"),
    ],
)
def test_whole_days_end_at_midnight_and_hours_to_the_minute(due: timedelta, entered: str, end: str) -> None:
    assert rules.due_ms(State("asked", "", due=due), at(entered), TZ) == at(end)


async def test_who_may_act_is_reminded_before_the_end_and_once(town: Any, clock: Any) -> None:
    await town.ask()
    await town.ring()
    assert await town.notices("派单员") == []
    clock.set(2026, 11, 25, 12, 1)
    await town.ring()
    await town.ring()
    assert await town.notices("派单员") == ["快到期了：水管漏水（待派单，11月25日前）"]
    assert await town.notices("督办员") == []
    assert await town.notices("邻区派单员") == []
    assert await town.notices("王芳") == [], "she may withdraw it; that is no work"


async def test_past_the_end_the_chief_is_told_too_and_once(town: Any, clock: Any) -> None:
    await town.ask()
    clock.set(2026, 11, 26, 0, 0, 1)
    await town.ring()
    clock.set(2026, 11, 30, 9, 0)
    await town.ring()
    said = ["超期了，请尽快办：水管漏水（待派单，应在11月25日前）"]
    assert await town.notices("派单员") == said, "a reminder whose day has passed is not sent"
    assert await town.notices("督办员") == said


async def test_who_acted_in_time_is_left_in_peace(town: Any, clock: Any) -> None:
    await town.given()
    clock.set(2026, 11, 23, 14, 59)
    await town.ring()
    assert await town.notices("派单员") == []
    assert await town.notices("赵师傅") == ["派给您办：水管漏水"]
    clock.later(minutes=2)
    await town.ring()
    assert (await town.notices("赵师傅"))[1:] == ["超期了，请尽快办：水管漏水（处理中，应在11月23日前）"]


async def test_what_one_may_only_stop_or_remark_on_is_nobodys_work(town: Any) -> None:
    async def waiting(name: str) -> list[str]:
        return [each.title for each in await (await town.acting(name)).todos() if "报修" in each.title]

    case = await town.ask()
    assert await waiting("王芳") == []
    assert await waiting("派单员") == ["报修单 · 待派单"]
    case = await town.move("派单员", case, "dispatch", worker=town.people["赵师傅"])
    assert await waiting("派单员") == []
    assert await waiting("赵师傅") == ["报修单 · 处理中"]
    await town.move("赵师傅", case, "fix")
    assert await waiting("王芳") == ["报修单 · 等您确认"]


async def test_a_new_stay_in_the_state_has_a_deadline_of_its_own(town: Any, clock: Any) -> None:
    case = await town.given()
    clock.set(2026, 11, 23, 15, 1)
    await town.ring()
    case = await town.move("赵师傅", case, "fix")
    case = await town.move("王芳", case, "redo", note="还在滴水")
    assert case.due_ms == at("2026-11-23 21:01")
    clock.set(2026, 11, 23, 21, 2)
    await town.ring()
    assert len(await town.notices("督办员")) == 2


async def test_staying_does_not_set_the_clock_back_but_an_extension_does(town: Any, clock: Any) -> None:
    case = await town.given()
    clock.later(hours=5)
    case = await town.move("派单员", case, "remark", note="住户不在家")
    assert case.due_ms == at("2026-11-23 15:00")
    longer = datetime(2026, 11, 25, 18, 0, tzinfo=TZ)
    case = await town.move("派单员", case, "remark", note="说好后天", due=longer)
    assert case.due_ms == at("2026-11-25 18:00")
    clock.set(2026, 11, 24, 9, 0)
    await town.ring()
    assert await town.notices("督办员") == []


async def repairs_to_do(town: Any) -> list[Any]:
    return [each for each in await (await town.acting("赵师傅")).todos() if "报修" in each.title]


async def test_what_waits_for_a_day_is_ripe_and_never_late(town: Any, clock: Any) -> None:
    case = await town.move("赵师傅", await town.given(), "hold", note="等阀门")
    assert await repairs_to_do(town) == []
    clock.set(2026, 11, 27, 8, 0)
    await town.ring()
    assert (await town.notices("赵师傅"))[-1] == "日子到了，可以办了：水管漏水（等配件）"
    assert await town.notices("督办员") == []
    [todo] = await repairs_to_do(town)
    assert (todo.title, todo.url, todo.count) == ("报修单 · 等配件", f"/cases/{case.id}", 1)


async def test_a_module_that_is_off_keeps_its_alarms_for_later(town: Any, clock: Any) -> None:
    street = town.running.street
    await town.ask()
    await street.kernel.disable(street.store, "job:test", "repairs")
    clock.set(2026, 11, 27, 9, 0)
    await town.ring()
    assert await town.notices("督办员") == []
    await street.kernel.enable(street.store, "job:test", "repairs")
    await town.ring()
    assert len(await town.notices("督办员")) == 1


async def test_figures_count_what_was_in_time_and_what_is_old(town: Any, clock: Any) -> None:
    await town.given("in-time")
    late = await town.given("late")
    clock.later(days=1)
    await town.move("赵师傅", late, "fix")

    async def figures(name: str | None) -> dict[str, tuple[int, int | None]]:
        found = await (await town.acting(name)).of("workflow").figures()
        return {each.key: (each.value, each.n) for each in found if each.key.startswith("workflow.")}

    assert await figures(None) == {"workflow.in_time": (67, 3)}, "two dispatched in time, one mended too late"
    assert await figures("邻区派单员") == {"workflow.open_long": (0, None)}
    clock.set(2026, 12, 2, 9, 0)
    assert await figures("督办员") == {"workflow.open_long": (2, None)}
    assert await figures("王芳") == {}
