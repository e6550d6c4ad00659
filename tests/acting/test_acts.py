# SPDX-License-Identifier: Apache-2.0
"""Acting for somebody: by consent, up to the cap, on record, and back again."""

import asyncio
import json

import pytest
from tests.acting.conftest import MAKE, Town

from liren.acting import errors, rules, slips
from liren.errors import Denied, NotFound


async def test_a_worker_acts_by_consent_and_it_stands_on_record(town: Town) -> None:
    mandate = await town.begin()
    assert (mandate.name, mandate.kind, mandate.how) == ("张秀英", "staff", "on-site")
    slip = await town.wish(mandate)
    assert await town.wishes() == 1
    assert len(slip.number) == 8
    assert slip.number.isdigit()
    [(actor, subject, unit, detail)] = await town.audited("acting.did")
    assert (actor, subject, unit) == (town.people["周敏"], town.people["张秀英"], town.codes[0])
    assert json.loads(detail)["slip"] == slip.id
    assert any("周敏替您办了" in text for text in await town.notices("张秀英"))
    ctx = await town.ctx("周敏")
    assert await ctx.acting.left(mandate, MAKE) == 2
    assert await ctx.acting.slip_of(MAKE, slip.subject) == slip
    assert [m.id for m in await ctx.acting.for_whom(MAKE)] == [mandate.id]
    await town.sql("UPDATE role_grant SET until = '2026-11-16' WHERE person = ?", town.people["周敏"])
    assert await (await town.ctx("周敏")).acting.for_whom(MAKE) == []


async def test_nobody_acts_without_a_consent_that_holds(town: Town) -> None:
    with pytest.raises(NotFound):
        await town.wish("a" * 20)
    with pytest.raises(NotFound):
        await town.wish("'; DROP TABLE person; --")
    mandate = await town.begin()
    with pytest.raises(NotFound):  # a colleague's consent is not one's own
        await town.wish(mandate, by="赵强")
    town.clock.later(minutes=rules.SPOT_MINUTES)
    with pytest.raises(errors.NoConsent):
        await town.wish(mandate)
    mandate = await town.begin()
    await town.sql("UPDATE acting_mandate SET ended_ms = 1 WHERE id = ?", mandate.id)
    with pytest.raises(errors.NoConsent):
        await town.wish(mandate)
    assert await town.wishes() == 0


async def test_no_benefit_to_oneself_or_ones_household_and_none_outside_ones_area(town: Town) -> None:
    with pytest.raises(errors.NotForThem):
        await town.begin(person="周敏")
    with pytest.raises(NotFound):
        await town.begin(by="邻区网格员")
    with pytest.raises(Denied):
        await town.begin(by="路人")
    home = ("d" * 20, town.codes[0])
    await town.sql("INSERT INTO dwelling (id, unit, number) VALUES (?, ?, '101')", *home)
    both = (town.people["周敏"], town.people["张秀英"])
    await town.sql("UPDATE residence SET dwelling = ? WHERE person IN (?, ?)", home[0], *both)
    with pytest.raises(errors.NotForThem, match="household"):
        await town.begin()
    await town.begin(by="赵强")
    await town.sql("INSERT INTO acting_block (person, at_ms) VALUES (?, 1)", both[1])
    with pytest.raises(errors.NotForThem, match="no worker"):
        await town.begin(by="赵强")


async def test_what_ends_between_consent_and_act_stops_the_act(town: Town) -> None:
    mandate = await town.begin()
    await town.sql("UPDATE person SET died = '2026-11-16' WHERE id = ?", town.people["张秀英"])
    with pytest.raises(errors.NotForThem, match="died"):
        await town.wish(mandate)
    with pytest.raises(errors.NotForThem):
        await town.begin(by="赵强")
    await town.sql("UPDATE person SET died = NULL WHERE id = ?", town.people["张秀英"])
    await town.sql("UPDATE role_grant SET until = '2026-11-16' WHERE person = ?", town.people["周敏"])
    with pytest.raises(Denied):
        await town.wish(mandate)
    assert await town.wishes() == 0


async def test_the_cap_holds_for_all_staff_together_and_only_that_month(town: Town) -> None:
    mine, other = await town.begin(), await town.begin(by="赵强")
    await town.wish(mine, "一")
    await town.wish(other, "二", by="赵强")
    await town.wish(mine, "三")
    with pytest.raises(errors.CapReached):
        await town.wish(other, "四", by="赵强")
    assert await town.wishes() == 3
    town.clock.set(2026, 12, 1, 0, 0)
    await town.wish(await town.begin(), "下个月")
    assert await town.wishes() == 4


async def test_a_hundred_at_once_do_not_pass_the_cap(town: Town) -> None:
    mandate = await town.begin()
    answers = await asyncio.gather(*(town.wish(mandate, str(n)) for n in range(100)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, errors.CapReached)]
    assert (len(answers) - len(refused), len(refused)) == (3, 97)
    assert await town.wishes() == 3
    assert await town.read("SELECT used FROM acting_use") == [(3,)]


async def test_undone_within_a_day_once_by_the_person_and_the_cap_is_given_back(town: Town) -> None:
    slip = await town.wish(await town.begin())
    elder = await town.ctx("张秀英", "acting")
    with pytest.raises(NotFound):
        await slips.undo(await town.ctx("王芳", "acting"), "k1", slip)
    with pytest.raises(NotFound):
        await slips.undo(await town.ctx("邻区网格员", "acting"), "k2", slip)
    done = await slips.undo(elder, "k3", slip)
    assert (done.slip, await town.wishes()) == (slip.id, 0)
    assert await slips.undo(elder, "k3", slip) == done  # the same button pressed twice
    with pytest.raises(errors.UndoneAlready):
        await slips.undo(elder, "k4", slip)
    assert await town.read("SELECT used FROM acting_use") == [(0,)]
    assert any("已撤销" in text for text in await town.notices("周敏"))
    assert len(await town.audited("acting.undone")) == 1


async def test_two_who_undo_at_once_undo_once(town: Town) -> None:
    slip = await town.wish(await town.begin())
    people = [await town.ctx(name, "acting") for name in ("张秀英", "赵强", "回访员", "周敏")]
    tried = (slips.undo(ctx, f"key{n}", slip) for n, ctx in enumerate(people))
    answers = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(answer, slips.Undone) for answer in answers) == 1
    assert sum(isinstance(answer, errors.UndoneAlready) for answer in answers) == 3


async def test_after_a_day_it_is_too_late_to_undo_but_not_to_object(town: Town) -> None:
    slip = await town.wish(await town.begin())
    elder = await town.ctx("张秀英", "acting")
    town.clock.later(hours=24)
    with pytest.raises(errors.TooLate):
        await slips.undo(elder, "k1", slip)
    with pytest.raises(NotFound):
        await slips.object_to(await town.ctx("周敏", "acting"), slip)
    await slips.object_to(elder, slip)
    await slips.object_to(elder, slip)
    assert len(await town.audited("acting.objected")) == 1
    reviewer = await town.ctx("回访员", "acting")
    [case], total = await reviewer.cases.find("review")
    assert (case.subject, case.state, total) == (slip.id, "due", 1)
