# SPDX-License-Identifier: Apache-2.0
"""Duties towards a person: hand out, forget, merge. What an order says about a person is who ordered what."""

from collections.abc import Sequence

from liren.api import Context, Erased, PersonalData, Retain, _
from liren_market import words
from liren_market.tables import MarketOrder

KEPT_BY = _("《个人信息保护法》第十三条第一款第二项：兑换的东西还没有取")
MOST = 10_000


async def export(ctx: Context, person: str) -> Sequence[PersonalData]:
    """Every order, the latest first."""
    rows = (
        await MarketOrder.select(
            MarketOrder.placed_on,
            MarketOrder.title,
            MarketOrder.pieces,
            MarketOrder.points,
            MarketOrder.state,
            MarketOrder.merchant.name.as_alias("merchant_name"),
        )
        .where(MarketOrder.person == person)
        .order_by(MarketOrder.placed_ms, ascending=False)
        .limit(MOST)
    )
    if not rows:
        return []
    lines = [
        {
            ctx.t(_("日期")): row["placed_on"].isoformat(),
            ctx.t(_("东西")): row["title"],
            ctx.t(_("份数")): row["pieces"],
            ctx.t(_("积分")): row["points"],
            ctx.t(_("商户")): row["merchant_name"],
            ctx.t(_("情况")): ctx.t(words.ORDER_STATES[row["state"]][0]),
        }
        for row in rows
    ]
    return [PersonalData(ctx.t(_("兑换记录")), lines)]


async def erase(ctx: Context, person: str) -> Erased | Retain:
    """Orders stay as figures without a person; one still to be fetched keeps its person until it ends."""
    mine = MarketOrder.person == person
    done = (
        await MarketOrder.update({MarketOrder.person: ""})
        .where(mine & (MarketOrder.state != "placed"))
        .returning(MarketOrder.id)
    )
    waiting = (
        await MarketOrder.select(MarketOrder.expires_on)
        .where(mine & (MarketOrder.state == "placed"))
        .order_by(MarketOrder.expires_on, ascending=False)
        .limit(MOST)
    )
    if waiting:
        return Retain(waiting[0]["expires_on"], ctx.t(KEPT_BY), rows=len(waiting))
    return Erased(len(done))


async def merged(kept: str, gone: str) -> None:
    """Orders of ``gone`` are the same person's."""
    await MarketOrder.update({MarketOrder.person: kept}).where(MarketOrder.person == gone)
