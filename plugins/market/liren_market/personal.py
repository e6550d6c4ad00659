# SPDX-License-Identifier: Apache-2.0
"""Duties towards a person: hand out, forget, merge. What an order says about a person is who ordered what."""

from collections.abc import Sequence
from datetime import date

from liren.api import Context, Erased, PersonalData, Retain, _
from liren_market import words
from liren_market.tables import MarketOrder, MarketSlip

KEPT_BY = _("《个人信息保护法》第十三条第一款第二项：兑换的东西还没有取")
VOUCHERS = _("《个人信息保护法》第十三条第一款第三项；《会计档案管理办法》第十四条：会计凭证保存三十年")
YEARS = 30
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
    found = await _slips(ctx, person)
    if not rows:
        return found
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
    return [PersonalData(ctx.t(_("兑换记录")), lines), *found]


async def _slips(ctx: Context, person: str) -> list[PersonalData]:
    """Slips of settlement they drafted for the street or agreed to for a merchant."""
    rows = (
        await MarketSlip.select(MarketSlip.month, MarketSlip.points, MarketSlip.drafted_by)
        .where((MarketSlip.drafted_by == person) | (MarketSlip.agreed_by == person))
        .order_by(MarketSlip.month, ascending=False)
        .limit(MOST)
    )
    lines = [
        {
            ctx.t(_("月份")): row["month"],
            ctx.t(_("积分")): row["points"],
            ctx.t(_("身份")): ctx.t(_("代街道拟定") if row["drafted_by"] == person else _("代商户确认")),
        }
        for row in rows
    ]
    return [PersonalData(ctx.t(_("经办的结算单")), lines)] if lines else []


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
    kept, released = await _slips_kept(person, ctx.today())
    if kept is not None and (not waiting or kept.until > waiting[0]["expires_on"]):
        return Retain(kept.until, ctx.t(kept.law), rows=kept.rows + len(waiting))
    if waiting:
        return Retain(waiting[0]["expires_on"], ctx.t(KEPT_BY), rows=len(waiting))
    return Erased(len(done) + released)


async def _slips_kept(person: str, today: date) -> tuple[Retain | None, int]:
    """Who drafted and who agreed stays on a slip for thirty years, as on any voucher; then the ids are taken out.

    :returns: (what is kept, how many slips were old enough)
    """
    mine = (MarketSlip.drafted_by == person) | (MarketSlip.agreed_by == person)
    rows = await MarketSlip.select(MarketSlip.id, MarketSlip.month).where(mine)
    until = {row["id"]: date(int(row["month"][:4]) + YEARS, 12, 31) for row in rows}
    old = [slip for slip, day in until.items() if day < today]
    if old:
        for column in (MarketSlip.drafted_by, MarketSlip.agreed_by):
            await MarketSlip.update({column: ""}).where(MarketSlip.id.is_in(old) & (column == person))
    if len(old) == len(until):
        return None, len(old)
    return Retain(max(until.values()), VOUCHERS, rows=len(until) - len(old)), len(old)


async def merged(kept: str, gone: str) -> None:
    """Orders of ``gone`` are the same person's."""
    await MarketOrder.update({MarketOrder.person: kept}).where(MarketOrder.person == gone)
    for column in (MarketSlip.drafted_by, MarketSlip.agreed_by):
        await MarketSlip.update({column: kept}).where(column == gone)
