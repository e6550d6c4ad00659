# SPDX-License-Identifier: Apache-2.0
"""The demo street's month: rules and awards from the sample files, through the very verbs people use."""

from datetime import date

from liren.api import Context, Demo
from liren.web.sheets import read_book
from liren_credit import intake, review, rows, rulemaking
from liren_credit.rulebook import read_rules

RULES_FROM = date(2026, 1, 1)


async def fill(ctx: Context, demo: Demo) -> None:
    collector = await demo.acting("credit.collector")
    reviewer = await demo.acting("credit.reviewer")
    await _rules(collector, reviewer, demo)
    await _awards(collector, reviewer, demo)


async def _rules(collector: Context, reviewer: Context, demo: Demo) -> None:
    book = read_rules(
        read_book((demo.samples / "rules.xlsx").read_bytes()),
        valid_from=RULES_FROM,
        source="里仁街道《积分细则》2026年1月1日纸质公布",
    )
    demo.progress("积分细则", 0, 1)
    proposal = await rulemaking.propose(collector, "demo-credit-rules-propose", "里仁街道积分细则", book.rules)
    await rulemaking.adopt(reviewer, "demo-credit-rules-adopt", proposal)
    demo.progress("积分细则", 1, 1)


async def _awards(collector: Context, reviewer: Context, demo: Demo) -> None:
    data = (demo.samples / "awards.xlsx").read_bytes()
    entered = await intake.enter(collector, "demo-credit-list-enter", "三月志愿服务与守信行为赋分", "awards.xlsx", data)
    await intake.submit(collector, "demo-credit-list-submit", entered)
    drawn = [row.id for row in await rows.good(entered) if row.sampled]
    await review.look_at(reviewer, "demo-credit-list-look", entered, drawn, [], "")
    await review.approve(reviewer, "demo-credit-list-approve", entered)
    await review.end_publicity(reviewer, entered)
    await review.mark_posting(reviewer, entered)
    await review.post(reviewer, entered, lambda done, total: demo.progress("三月赋分入账", done, total))
