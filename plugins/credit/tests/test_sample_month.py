# SPDX-License-Identifier: Apache-2.0
"""The whole month of the sample street, from the file to 40 248 signed points, through the real verbs."""

from pathlib import Path

from credit_lists import SAMPLES, expected
from credit_street import award_street

from liren.api import Subject
from liren_credit import intake, posting, review, rows, views
from liren_credit.tables import AwardRow


async def test_the_sample_month_becomes_40_248_signed_points(tmp_path: Path) -> None:
    async with award_street(tmp_path / "home", str(tmp_path / "liren.sqlite"), everyone=True) as town:
        collector, reviewer = await town.as_("赵磊"), await town.as_("李敏")
        entered = await intake.enter(
            collector, "enter-the-sample-list", "三月", "awards.xlsx", (SAMPLES / "awards.xlsx").read_bytes()
        )
        stored = await AwardRow.select(AwardRow.number, AwardRow.verdict).where(AwardRow.list == entered)
        assert {row["number"]: row["verdict"] for row in stored} == expected()

        await intake.submit(collector, "submit-the-sample-list", entered)
        drawn = [row.id for row in await rows.good(entered) if row.sampled]
        assert len(drawn) >= 45
        await review.look_at(reviewer, "look-at-the-sample", entered, drawn, [], "")
        await review.approve(reviewer, "approve-the-sample-list", entered)
        await posting.mark_posting(reviewer, entered)
        seen: list[tuple[int, int]] = []
        await posting.post(reviewer, entered, lambda done, total: seen.append((done, total)))
        assert seen[0] == (0, 4472)
        assert seen[-1] == (4472, 4472)

        tally = await views.tally(entered)
        assert (tally.credited, tally.points, tally.duplicates, tally.faults, tally.ignored) == (
            4472,
            40_248,
            60,
            40,
            1,
        )
        ledger = reviewer.ledger
        units = await reviewer.units.all("community")
        left = [await ledger.balance_of(f"budget/{unit.code}") for unit in units]
        assert sum(left) == 100_000 * len(units) - 40_248
        found = await AwardRow.select(AwardRow.person).where(AwardRow.rid.is_not_null())
        people = {row["person"] for row in found}
        balances = [(await ledger.balance(Subject("h", person))).total for person in sorted(people)[:200]]
        assert all(total > 0 for total in balances)

        # Once more: whoever starts it again, nothing is posted twice.
        await posting.post(await town.as_("周静"), entered, lambda done, total: None)
        assert sum([await ledger.balance_of(f"budget/{unit.code}") for unit in units]) == sum(left)
