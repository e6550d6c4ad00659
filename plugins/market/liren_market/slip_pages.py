# SPDX-License-Identifier: Apache-2.0
"""A merchant's monthly settlement: the street's page, the merchant's page, and the slip on paper."""

from datetime import date, timedelta
from typing import Any

from litestar import Request, Response

from liren.api import Context
from liren.web import Form, Nothing, get, gettext, post, redirect
from liren.web.i18n import both
from liren_market import counter, slips
from liren_market.clerk import REDEEM
from liren_market.errors import MarketError
from liren_market.merchant_flow import MANAGE
from liren_market.orders import nothing_here
from liren_market.tables import Merchant

Req = Request[Any, Any, Any]
PROPOSE = "ledger.propose"


@get("/desk/merchants/{merchant:str}/settlement", allow=MANAGE, name="settlement")
async def settlement(ctx: Context, merchant: str, month: str = "") -> Response[Any]:
    """:raises NotFound: no such merchant in the visitor's area, or no month that is over"""
    return await _page(ctx, await _managed(ctx, merchant), month, street=True)


@post("/desk/merchants/{merchant:str}/settlement/{month:str}", allow=MANAGE, name="draft_slip")
async def draft_slip(ctx: Context, request: Req, merchant: str, month: str) -> Response[Any]:
    """:raises NotFound: no such merchant in the visitor's area, or no month that is over"""
    form = await Form.read(request, Nothing)
    found = await _managed(ctx, merchant)
    try:
        await slips.draft(ctx, form.key, found, slips.first_of(month, ctx.today()))
    except MarketError as error:
        return await _page(ctx, found, month, street=True, status=error.status, said=both(error.zh, error.en))
    said = gettext("结算单出好了，等商户确认。")
    return redirect(ctx.url("settlement", merchant=merchant, month=month), notice=said)


@get("/counter/settlement", allow=REDEEM, name="own_settlement")
async def own_settlement(ctx: Context, at: str = "", month: str = "") -> Response[Any]:
    """Without ``at``: of the first counter there is, as the counter's own page.

    :raises NotFound: not a merchant the visitor acts for
    """
    own = await counter.counters_of(ctx)
    at = at or (own[0].id if own else "")
    return await _page(ctx, await counter.own_counter(ctx, at), month, street=False)


@post("/counter/settlement/{at:str}/{month:str}", allow=REDEEM, name="agree_slip", step_up=True)
async def agree_slip(ctx: Context, request: Req, at: str, month: str) -> Response[Any]:
    """:raises NotFound: not a merchant the visitor acts for, or no slip"""
    form = await Form.read(request, Nothing)
    here = await counter.own_counter(ctx, at)
    slip = await slips.slip_of(here.id, month)
    if slip is None:
        raise nothing_here()
    try:
        await slips.agree(ctx, form.key, slip, slips.first_of(month, ctx.today()))
    except MarketError as error:
        return await _page(ctx, here, month, street=False, status=error.status, said=both(error.zh, error.en))
    said = gettext("已确认。街道会按这张结算单结算。")
    return redirect(ctx.url("own_settlement", at=at, month=month), notice=said)


@get("/desk/merchants/{merchant:str}/settlement/{month:str}/paper", allow=MANAGE, name="slip_paper")
async def slip_paper(ctx: Context, merchant: str, month: str) -> Response[Any]:
    """:raises NotFound: no such merchant in the visitor's area, or no slip"""
    return await _paper(ctx, await _managed(ctx, merchant), month)


@get("/counter/settlement/{at:str}/{month:str}/paper", allow=REDEEM, name="own_slip_paper")
async def own_slip_paper(ctx: Context, at: str, month: str) -> Response[Any]:
    """:raises NotFound: not a merchant the visitor acts for, or no slip"""
    return await _paper(ctx, await counter.own_counter(ctx, at), month)


async def _paper(ctx: Context, merchant: Merchant, month: str) -> Response[Any]:
    """The slip for both sides to sign and file: what was agreed to, and where that stands in the ledger."""
    first, slip = slips.first_of(month, ctx.today()), await slips.slip_of(merchant.id, month)
    if slip is None:
        raise nothing_here()
    cards = await ctx.people.cards([each for each in (slip.drafted_by, slip.agreed_by) if each])
    return await ctx.render(
        "slip.html",
        merchant=merchant,
        first=first,
        slip=slip,
        told=await slips.month_of(merchant.id, first),
        account=f"{ctx.plugin}.{merchant.id}",
        names={person: card.name for person, card in cards.items()},
    )


async def _page(
    ctx: Context, merchant: Merchant, month: str, *, street: bool, status: int = 200, said: str = ""
) -> Response[Any]:
    today = ctx.today()
    first = slips.first_of(month, today) if month else (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return await ctx.render(
        "settlement.html",
        status=status,
        merchant=merchant,
        first=first,
        months=_months(today),
        told=await slips.month_of(merchant.id, first),
        slip=await slips.slip_of(merchant.id, f"{first:%Y-%m}"),
        account=f"{ctx.plugin}.{merchant.id}",
        held=await ctx.ledger.balance_of(f"merchant/{ctx.plugin}.{merchant.id}"),
        street=street,
        may_clear=street and ctx.can(PROPOSE),
        said=said,
    )


def _months(today: date) -> list[date]:
    """The last six that are over, newest first."""
    found, first = [], today.replace(day=1)
    for _ in range(6):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first)
    return found


async def _managed(ctx: Context, merchant: str) -> Merchant:
    found = await Merchant.objects().where(Merchant.id == merchant).first()
    if found is None or not ctx.can(MANAGE, found.unit):
        raise nothing_here()
    return found


HANDLERS = (settlement, draft_slip, own_settlement, agree_slip, slip_paper, own_slip_paper)
