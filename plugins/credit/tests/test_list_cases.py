# SPDX-License-Identifier: Apache-2.0
"""An award list is a case: one truth about where it is, a timeline on its page, and four eyes by the table."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from credit_lists import workbook
from credit_pages import HEAD, a_list, award, look_at_all, posted, press, submitted, upload
from credit_street import Town, award_street

from liren.api import Context, Denied, NotFound, UnitChange
from liren_credit import personal, unit_duties
from liren_credit.list_flow import LIST, case_of
from liren_credit.tables import AwardList, AwardRow


@pytest.fixture
async def town(database: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with award_street(tmp_path / "home", database) as street:
        yield street


async def both(ctx: Context, list_id: str) -> tuple[str, str]:
    """What the case says, and what the list's own column says."""
    row = await AwardList.objects().where(AwardList.id == list_id).first()
    assert row is not None
    return (await case_of(ctx, list_id)).state, row.state


async def test_the_column_follows_the_case_all_the_way_and_the_page_shows_who_did_what(town: Town) -> None:
    collector, page = await submitted(town, a_list())
    list_id, reviewer, ctx = page.rpartition("/")[2], await town.enter("李敏"), await town.as_("李敏")
    assert await both(ctx, list_id) == ("review", "review")
    await look_at_all(reviewer, page)
    await press(reviewer, page, "approve")
    assert await both(ctx, list_id) == ("publicity", "publicity")
    assert (await press(reviewer, page, "return", reason="等公示完再看")).status_code == 303
    assert await both(ctx, list_id) == ("returned", "returned")
    seen = (await collector.get(page)).text
    for step in ("核对 → 核对完，待提交", "提交审核 → 待审核", "审核通过 → 公示中", "退回 → 已退回", "等公示完再看"):
        assert step in seen
    assert "已退回（等公示完再看）" in (await collector.get("/inbox")).text
    await press(collector, page, "drop")
    assert await both(ctx, list_id) == ("dropped", "dropped")


async def test_a_posted_list_is_closed(town: Town) -> None:
    page = await posted(town, a_list())
    ctx = await town.as_("李敏")
    case = await case_of(ctx, page.rpartition("/")[2])
    assert case.state == "posted"
    assert case.closed_ms is not None


async def test_a_reviewer_cannot_move_a_list_they_handed_in(town: Town) -> None:
    _collector, page = await submitted(town, a_list())
    both_hats = await town.as_("赵磊")
    async with both_hats.transaction() as tx:
        with pytest.raises(Denied):
            await both_hats.cases.move(tx, await case_of(both_hats, page.rpartition("/")[2]), "approve")


async def test_a_list_not_handed_in_yet_is_its_collectors_alone(town: Town) -> None:

    collector = await town.enter("赵磊")
    page = (await upload(collector, workbook(HEAD, award(1)))).headers["location"]
    reviewer = await town.as_("李敏")
    case = await case_of(reviewer, page.rpartition("/")[2])
    assert case.state == "checked"
    with pytest.raises(NotFound):
        await reviewer.cases.get(case.id)
    assert await reviewer.cases.find(LIST.name) == ([], 0)
    assert (await (await town.as_("赵磊")).cases.get(case.id)) == case


async def test_what_was_typed_of_strangers_goes_after_a_week_and_the_rest_after_a_month(town: Town) -> None:
    page = await posted(town, a_list())
    ctx, award_list = await town.as_("李敏"), page.rpartition("/")[2]
    rows = [row["id"] for row in await AwardRow.select(AwardRow.id).where(AwardRow.list == award_list)]
    for days, kept in ((6, True), (8, False), (31, False)):
        entered_ms = int((ctx.now() - timedelta(days=days)).timestamp() * 1000)
        async with ctx.transaction():
            await AwardList.update({AwardList.entered_ms: entered_ms}).where(AwardList.id == award_list)
            await AwardRow.update({AwardRow.name: "有名有姓", AwardRow.cells: "[]"}).where(AwardRow.list == award_list)
            stranger: dict[Any, Any] = {AwardRow.person: None}
            await AwardRow.update(stranger).where(AwardRow.id == rows[0])
        await personal.tidy(ctx)
        left = {row["id"] for row in await AwardRow.select(AwardRow.id).where(AwardRow.name != "")}
        assert (rows[0] in left) is kept
        assert (set(rows[1:]) <= left) is (days < 31)


async def test_a_list_under_way_goes_with_its_unit_and_its_rows_keep_the_community_of_the_day(town: Town) -> None:
    _collector, page = await submitted(town, a_list())
    this, mine = AwardList.id == page.rpartition("/")[2], AwardRow.list == page.rpartition("/")[2]
    [entered] = await AwardList.objects().where(this)
    async with town.street.store.transaction("job:test"):
        await AwardRow.update({AwardRow.unit: entered.unit}).where(mine & AwardRow.unit.is_not_null())
    before = {row.id: row for row in await AwardRow.objects().where(mine & (AwardRow.unit == entered.unit))}
    assert [each.count for each in await unit_duties.holds(entered.unit)] == [1]
    day = sorted(row.day for row in before.values())[-1]
    async with town.street.store.transaction("job:test"):
        await unit_duties.follow(UnitChange("merged", day, entered.unit, "heir", carry=False))
    [after] = await AwardList.objects().where(this)
    assert after.unit == "heir"
    assert await unit_duties.holds(entered.unit) != await unit_duties.holds("heir")
    for row in await AwardRow.objects().where(mine & AwardRow.id.is_in(list(before))):
        assert row.unit == ("heir" if row.day >= day else entered.unit)
