# SPDX-License-Identifier: Apache-2.0
"""Seen, taken home, forgotten, merged, and not kept longer than needed."""

import os
from pathlib import Path

from tests.acting.conftest import MAKE, Town

from liren.acting import consent, housekeeping, slips
from liren.acting.consent import Ask, Name
from liren.identity.register import departures
from liren.plugins.types import Erased
from liren.web import Upload

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\x0f\x00\x01\x01\x01\x00\x18\xdd\x8d\xb0\x00\x00\x00\x00IEND\xaeB`\x82"
)


async def on_paper(town: Town) -> str:
    ask = Ask(town.people["张秀英"], "paper", (MAKE,))
    return await consent.on_the_spot(await town.ctx("周敏", "acting"), "k-paper", ask, photo=Upload("签字.png", PNG))


def photos(town: Town) -> list[Path]:
    return [path for path in (town.running.street.settings.home / "files/acting").rglob("*") if path.is_file()]


async def test_the_signed_paper_is_sealed_and_seen_by_the_person_and_reviewers_alone(town: Town) -> None:
    mandate = await on_paper(town)
    [photo] = photos(town)
    assert PNG[:8] not in photo.read_bytes()
    at = f"/acting/mandates/{mandate}/paper"
    for name, status in (("张秀英", 200), ("回访员", 200), ("周敏", 404), ("邻区网格员", 404), ("路人", 404)):
        answer = await (await town.browser(name)).get(at)
        assert answer.status_code == status, name
        assert (answer.content == PNG) is (status == 200)
    assert len(await town.audited("acting.paper-seen")) == 2


async def test_both_sides_take_home_what_is_theirs_and_no_more(town: Town) -> None:
    slip = await town.wish(await town.begin())
    for name, titles, told in (("张秀英", ["委托", "别人替我办的"], True), ("周敏", ["委托", "我替别人办的"], False)):
        ctx = await town.ctx(None, "privacy")
        answers = await ctx.every("export_person", plugin="acting", person=town.people[name])
        tables = answers[0][1]
        assert [table.title for table in tables] == titles
        assert (slip.text in str(tables)) is told
        assert town.people["张秀英"] not in str(tables)


async def test_a_person_is_forgotten_and_the_acts_stay_as_figures(town: Town) -> None:
    await on_paper(town)
    slip = await town.wish(await town.begin())
    elder = town.people["张秀英"]
    await slips.object_to(await town.ctx("张秀英", "acting"), slip, "我没有请她")
    ctx = await town.ctx(None, "privacy")
    async with ctx.transaction():
        [(_, erased)] = await ctx.every("erase_person", plugin="acting", person=elder)
    assert isinstance(erased, Erased)
    for table in ("acting_mandate", "acting_slip", "acting_use", "acting_limit", "acting_block"):
        assert elder not in str(await town.read(f"SELECT * FROM {table}")), table
    assert await town.read("SELECT person, text, amount FROM acting_slip") == [("", "", 1)]
    assert "我没有请她" not in str(await town.read("SELECT note FROM workflow_step"))
    town.clock.later(days=2)
    for photo in photos(town):
        os.utime(photo, (0, 0))
    await housekeeping.sweep(await town.ctx(None, "acting"))
    assert photos(town) == []


async def test_two_entries_of_one_person_become_one_and_nobody_helps_themself(town: Town) -> None:
    elder, other = town.people["张秀英"], town.people["王芳"]
    await town.wish(await town.begin())
    named = Name(other, elder, {MAKE: 2}, 6, "page")
    mandate = await consent.name_helper(await town.ctx("王芳", "acting"), "k1", named)
    await consent.accept(await town.ctx("张秀英", "acting"), mandate)
    ctx = await town.ctx(None, "privacy")
    async with ctx.transaction():
        await ctx.every("person_merged", plugin="acting", kept=other, gone=elder)
    assert elder not in str(await town.read("SELECT * FROM acting_mandate"))
    for name, about in (("张秀英", "王芳"), ("王芳", "张秀英")):
        assert about not in str(await town.notices(name)), "a notice to one would outlive the erasure of the other"
    assert await town.read("SELECT person FROM acting_slip") == [(other,)]
    assert await town.read("SELECT scope, used FROM acting_use") == [(other, 1)]
    assert await town.read("SELECT 1 FROM acting_mandate WHERE id = ? AND ended_ms IS NULL", mandate) == []


async def test_a_module_hears_in_the_same_transaction_that_somebody_left(town: Town) -> None:
    from liren_wishes import api as wishes

    elder, child = town.people["张秀英"], town.people["王芳"]
    running, today = town.running, town.running.street.today()
    async with running.street.store.transaction("job:test") as tx:
        await tx.sql(
            "INSERT INTO guardianship (id, guardian, ward, kind, evidence, since, actor) VALUES (?, ?, ?, ?, ?, ?, ?)",
            "g1", elder, child, "adult", "ruling", today, "job:test",
        )  # fmt: skip
    for name in ("张秀英", "王芳"):
        ctx = await town.ctx(name, "wishes")
        await wishes.make(ctx, "想有人陪着下盘棋", town.codes[0])
        assert await wishes.wishes_of(ctx, name) == 1
    assert "孩子许了一个心愿" in str(await town.notices("张秀英")), "who answers for somebody hears of their wish"
    assert "孩子许了一个心愿" not in str(await town.notices("王芳"))
    await running.departs(elder)
    heard = dict(await town.read("SELECT person, heard FROM wishes_wish"))
    assert (heard[elder] == 2, heard[child] == 2) == (True, False), "the child's may have been heard of by now"


async def test_nothing_is_kept_longer_than_needed(town: Town) -> None:
    await on_paper(town)
    mandate = await town.begin()
    await town.wish(mandate)
    job = await town.ctx(None, "acting")
    town.clock.later(days=181)
    await housekeeping.sweep(job)
    assert await town.read("SELECT 1 FROM acting_mandate WHERE paper IS NOT NULL") == []
    assert len(await town.read("SELECT 1 FROM acting_mandate")) == 2
    town.clock.later(days=3 * 365)
    await housekeeping.sweep(job)
    for table in ("acting_mandate", "acting_slip", "acting_use", "acting_limit"):
        assert await town.read(f"SELECT * FROM {table}") == [], table


async def test_consents_end_with_a_departure_and_run_on_when_it_is_taken_back(town: Town) -> None:
    elder, street = town.people["张秀英"], town.running.street
    mandate = (await town.begin()).id
    before = await town.read("SELECT id FROM acting_mandate WHERE ended_ms IS NULL")
    day = street.today()
    async with street.store.transaction("job:test") as tx:
        departure = await departures.depart(tx, elder, day, died=True)
    await street.events.look()
    [(ended_by,)] = await town.read(f"SELECT ended_by FROM acting_mandate WHERE id = '{mandate}'")
    assert ended_by == f"departure:{departure}"
    async with street.store.transaction("job:test") as tx:
        await departures.undo(tx, departure, elder)
    await street.events.look()
    assert await town.read("SELECT id FROM acting_mandate WHERE ended_ms IS NULL") == before
    async with street.store.transaction("job:test") as tx:
        again = await departures.depart(tx, elder, day)
        await departures.undo(tx, again, elder)
    await street.events.look()
    assert await town.read("SELECT id FROM acting_mandate WHERE ended_ms IS NULL") == before, "both facts, late"
