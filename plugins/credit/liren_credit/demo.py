# SPDX-License-Identifier: Apache-2.0
"""The demo street's month: rules and awards from the sample files, through the very verbs people use."""

from datetime import date
from pathlib import Path

from liren.api import Context, Demo
from liren.web.sheets import read_book
from liren_credit import intake, posting, review, rows, rulemaking
from liren_credit.list_flow import case_of
from liren_credit.rulebook import read_rules

RULES_FROM = date(2026, 1, 1)


async def fill(ctx: Context, demo: Demo) -> None:
    """The rules, then every list there is: the sample's month, in a city a list for each month."""
    collector = await demo.acting("credit.collector")
    reviewer = await demo.acting("credit.reviewer")
    await demo.step("rules", lambda: _rules(collector, reviewer, demo))
    for file in sorted(demo.samples.glob("awards*.xlsx")):
        await demo.step(file.stem, lambda file=file: _awards(collector, reviewer, demo, file))  # type: ignore[misc]


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


async def _awards(collector: Context, reviewer: Context, demo: Demo, file: Path) -> None:
    month = file.stem.removeprefix("awards").strip("-")
    title = f"{month} 志愿服务与守信行为赋分" if month else "三月志愿服务与守信行为赋分"
    key = f"demo-credit-list-{month}-" if month else "demo-credit-list-"
    entered = await intake.enter(collector, f"{key}enter", title, file.name, file.read_bytes())
    await intake.submit(collector, f"{key}submit", entered)
    if (await case_of(reviewer, entered)).state == "review":
        drawn = [row.id for row in await rows.good(entered) if row.sampled]
        await review.look_at(reviewer, f"{key}look", entered, drawn, [], "")
        await review.approve(reviewer, f"{key}approve", entered)
    if (await case_of(reviewer, entered)).state == "publicity":
        await posting.end_publicity(reviewer, entered)
        await posting.mark_posting(reviewer, entered)
    bar = f"{month or '2026-03'} 赋分入账 awards"
    await posting.post(reviewer, entered, lambda done, total: demo.progress(bar, done, total))
