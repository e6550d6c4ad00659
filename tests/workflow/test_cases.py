# SPDX-License-Identifier: Apache-2.0
"""What may be done with a case: by whom, when, and what is left of what was refused."""

import asyncio
from typing import Any

import pytest

from liren.errors import Conflict, Denied, LirenError, NotFound
from liren.web import Upload

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda\x00\x02ab\xff\xd9"


async def test_a_repair_passes_from_hand_to_hand_and_its_timeline_says_who_did_what(town: Any) -> None:
    case = await town.given()
    case = await town.move("赵师傅", case, "fix", note="换了接头", files=[Upload("后.jpg", JPEG)])
    case = await town.move("王芳", case, "confirm")
    ctx = await town.acting("王芳")
    steps = await ctx.cases.steps(case)
    names = {person: name for name, person in town.people.items()}
    assert [(step.transition, step.target, names[step.actor]) for step in steps] == [
        ("opened", "asked", "王芳"),
        ("dispatch", "given", "派单员"),
        ("fix", "fixed", "赵师傅"),
        ("confirm", "confirmed", "王芳"),
    ]
    assert steps[2].note == "换了接头"
    assert [(file.name, file.kind) for file in steps[2].files] == [("后.jpg", "jpg")]
    assert case.closed_ms == steps[3].at_ms
    assert case.version == 4
    assert (await town.row()).state == "confirmed"


async def test_the_modules_own_row_never_differs_from_the_case(town: Any) -> None:
    case = await town.given()
    assert (await town.row()).state == case.state == "given"
    with pytest.raises(LirenError):
        await town.move("王芳", case, "fix")
    assert (await town.row()).state == (await (await town.acting(None)).cases.get(case.id)).state == "given"


async def test_what_the_effect_refuses_is_undone_whole(town: Any) -> None:
    case = await town.given(text="拆墙")
    with pytest.raises(LirenError, match="permit"):
        await town.move("赵师傅", case, "fix", files=[Upload("a.jpg", JPEG)])
    ctx = await town.acting("赵师傅")
    row = await town.row()
    assert (row.state, row.fixed) == ("given", 0)
    assert (await ctx.cases.get(case.id)).version == 2
    assert [step.transition for step in await ctx.cases.steps(case)] == ["opened", "dispatch"]


async def test_the_guard_says_in_a_sentence_why_not(town: Any) -> None:
    from liren_repairs.tables import Repair

    case = await town.given()
    async with (await town.acting(None)).transaction():
        await Repair.update({Repair.parts: 0}).where(Repair.id == "r1")
    with pytest.raises(LirenError, match="配件还没到"):
        await town.move("赵师傅", case, "fix")
    ctx = await town.acting("赵师傅")
    assert {move.transition.name: move.why_not for move in await ctx.cases.moves(case)} == {
        "hold": "",
        "fix": "配件还没到。",
    }


@pytest.mark.parametrize(
    ("who", "move", "error"),
    [
        ("王芳", "dispatch", Denied),
        ("赵师傅", "refuse", NotFound),  # nothing was given to him: for him there is no such case
        ("督办员", "withdraw", Denied),
        ("邻区派单员", "dispatch", NotFound),
        ("派单员", "fix", Conflict),
        (None, "dispatch", Denied),
    ],
)
async def test_who_may_not_may_not(town: Any, who: str | None, move: str, error: type[Exception]) -> None:
    case = await town.ask()
    with pytest.raises(error):
        await town.move(who, case, move, note="因为", worker=town.people["赵师傅"])
    assert (await town.row()).state == "asked"


async def test_a_move_of_the_modules_own_code_needs_no_visitor(town: Any) -> None:
    case = await town.move("赵师傅", await town.given(), "fix")
    assert (await town.move(None, case, "lapse")).state == "confirmed"


async def test_four_eyes(town: Any) -> None:
    case = await town.ask()
    case = await town.move("派单员", case, "dispatch", worker=town.people["多面手"])
    case = await town.move("多面手", case, "fix")
    with pytest.raises(Denied, match="somebody else"):
        await town.move("多面手", case, "confirm")
    assert (await town.move("督办员", case, "confirm")).state == "confirmed"


async def test_a_reason_is_asked_for_and_somebody_to_give_it_to(town: Any) -> None:
    case = await town.ask()
    for move in ("refuse", "dispatch"):
        with pytest.raises(LirenError) as refused:
            await town.move("派单员", case, move, note=" ")
        assert refused.value.status == 422
    with pytest.raises(LirenError, match="no picture"):
        await town.move("派单员", case, "refuse", note="不是我们管", files=[Upload("a.exe", b"MZ\x00\x00")])


async def test_of_two_people_acting_at_once_one_is_told(town: Any) -> None:
    case = await town.ask()
    worker = town.people["赵师傅"]

    async def one(move: str, **more: Any) -> str:
        try:
            return str((await town.move("派单员", case, move, **more)).state)
        except Conflict as error:
            return error.en

    said = await asyncio.gather(one("dispatch", worker=worker), one("refuse", note="不是我们管"))
    states = [each for each in said if each in ("given", "refused")]
    assert len(states) == 1
    assert (await town.row()).state == states[0]
    assert [each for each in said if "moment ago" in each]


async def test_what_was_decided_on_an_older_page_is_refused(town: Any) -> None:
    case = await town.given()
    await town.move("派单员", case, "remark", note="住户下午在家")
    with pytest.raises(Conflict):
        await town.move("赵师傅", case, "fix")


async def test_a_subject_has_one_open_case_and_may_have_another_later(town: Any) -> None:
    case = await town.ask()
    ctx = await town.acting("王芳")
    more = {"subject": "r1", "unit": town.community, "title": "又漏了", "holder": town.people["王芳"]}
    with pytest.raises(Conflict, match="under way"):
        async with ctx.transaction() as tx:
            await ctx.cases.open(tx, "repair", **more)
    await town.move("王芳", case, "withdraw")
    async with ctx.transaction() as tx:
        again = await ctx.cases.open(tx, "repair", **more)
    assert (await ctx.cases.of("repair", "r1")) == again


async def test_a_closed_case_is_not_reopened_beside_its_successor(town: Any) -> None:
    case = await town.move("赵师傅", await town.given(), "fix")
    case = await town.move("王芳", case, "confirm")
    ctx = await town.acting("王芳")
    async with ctx.transaction() as tx:
        await ctx.cases.open(tx, "repair", subject="r1", unit=town.community, title="又漏了")
    with pytest.raises(Conflict, match="under way"):
        await town.move("督办员", case, "reopen")


async def test_lists_hold_what_one_may_see_and_no_more(town: Any) -> None:
    for number in range(3):
        await town.ask(f"here-{number}")
    await town.ask("there", unit=town.other)

    async def seen(name: str | None, **more: Any) -> tuple[list[str], int]:
        found, total = await (await town.acting(name)).cases.find("repair", **more)
        return sorted(case.subject for case in found), total

    here = ["here-0", "here-1", "here-2"]
    assert await seen("派单员") == (here, 3)
    assert await seen("邻区派单员") == (["there"], 1)
    assert await seen("督办员") == ([*here, "there"], 4)
    assert await seen("督办员", unit=town.other) == (["there"], 1)
    assert await seen("赵师傅") == ([], 0)
    assert await seen("王芳") == ([*here, "there"], 4)
    assert (await seen(None, limit=2))[1] == 4
    assert await seen("督办员", states=("given",)) == ([], 0)
    with pytest.raises(NotFound):
        await (await town.acting("邻区派单员")).cases.get(
            (await (await town.acting(None)).cases.of("repair", "here-0")).id
        )


async def test_a_plugin_reaches_its_own_cases_only(town: Any) -> None:
    case = await town.ask()
    credit = await town.acting(None, "credit")
    with pytest.raises(NotFound):
        await credit.cases.get(case.id)
    with pytest.raises(KeyError):
        await credit.cases.of("repair", "r1")
    with pytest.raises(NotFound):
        async with credit.transaction() as tx:
            await credit.cases.move(tx, case, "dispatch")


async def test_outside_a_transaction_nothing_moves(town: Any) -> None:
    case = await town.ask()
    ctx = await town.acting("派单员")
    with pytest.raises(RuntimeError, match=r"ctx\.once or ctx\.transaction"):
        await ctx.cases.move(None, case, "refuse", note="不是我们管")


async def test_a_case_can_be_called_something_else_and_belong_elsewhere_without_a_step(town: Any) -> None:
    case = await town.ask()
    ctx = await town.acting(None)
    async with ctx.transaction() as tx:
        after = await ctx.cases.amend(tx, case, title="水管漏水（二楼）", unit=town.other)
    assert (after.title, after.unit, after.version) == ("水管漏水（二楼）", town.other, 1)
    assert len(await ctx.cases.steps(case)) == 1
    with pytest.raises(NotFound):
        await (await town.acting("派单员")).cases.get(case.id)
    assert await (await town.acting("邻区派单员")).cases.get(case.id) == after
    with pytest.raises(NotFound):
        async with ctx.transaction() as tx:
            await ctx.cases.amend(tx, case, unit="nowhere")


async def test_what_is_overdue_can_be_asked_for(town: Any, clock: Any) -> None:
    await town.ask("old")
    clock.later(days=4)
    await town.ask("new")
    found, total = await (await town.acting("派单员")).cases.find("repair", overdue=True)
    assert ([case.subject for case in found], total) == (["old"], 1)


async def test_an_equal_request_opens_one_case(town: Any) -> None:
    ctx = await town.acting("王芳")

    async def body(tx: Any) -> str:
        case = await ctx.cases.open(tx, "repair", subject="twice", unit=town.community, title="门坏了")
        return str(case.id)

    first = await ctx.once("the-same-key", "门坏了", body, str)
    assert await ctx.once("the-same-key", "门坏了", body, str) == first
    assert (await (await town.acting(None)).cases.find("repair"))[1] == 1
