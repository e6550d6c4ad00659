# SPDX-License-Identifier: Apache-2.0
"""What a meal costs this person today, line by line: the rules of the day, and what their funders gave this month."""

from collections.abc import Sequence

from piccolo.query.functions.aggregate import Sum

from liren.api import Context
from liren_canteen import diners, rulebook, subsidy
from liren_canteen.tables import MenuLine, SubsidyShare


async def used_fen(person: str, month: str) -> dict[str, int]:
    """Funder → what it holds or gave for this person in that month."""
    rows = (
        await SubsidyShare.select(SubsidyShare.funder, Sum(SubsidyShare.fen, alias="fen"))
        .where((SubsidyShare.person == person) & (SubsidyShare.month == month) & (SubsidyShare.state != "freed"))
        .group_by(SubsidyShare.funder)
        .limit(rulebook.MOST_RULES)
    )
    return {row["funder"]: int(row["fen"] or 0) for row in rows}


async def bills_for(ctx: Context, person: str, lines: Sequence[MenuLine], points: int = 0) -> dict[str, subsidy.Bill]:
    """Menu line → its bill for this person; the lines are of one day."""
    if not lines:
        return {}
    day = lines[0].day
    facts, rules = await diners.facts(ctx, person, day), await rulebook.rules_on(day)
    used = await used_fen(person, subsidy.month_of(day))
    return {
        line.id: subsidy.bill(
            line.price_fen,
            line.meal,
            facts,
            rules,
            used,
            points=min(points, line.points_most),
            point_fen=ctx.settings.point_fen,
        )
        for line in lines
    }
