# SPDX-License-Identifier: Apache-2.0
"""Forms that propose a move of the street's own: points for a unit, a merchant's settlement, a correction."""

from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import NotFound
from liren.ledger import words
from liren.ledger.at_hand import reader_of, unit_names
from liren.ledger.desk import showing
from liren.ledger.desk.proposals import (
    REVIEW,
    BudgetBody,
    ClearBody,
    Proposals,
    ReverseBody,
    left_of,
)
from liren.ledger.desk.showing import KINDS
from liren.ledger.engine.corrections import REVERSIBLE
from liren.ledger.engine.plans import read_post
from liren.ledger.log.records import Post
from liren.ledger.reading.reader import not_there
from liren.ledger.rules import addresses
from liren.plugins.context import Context
from liren.web import N_, SIGNED_IN, Form, get, post, redirect

Req = Request[Any, Any, Any]
AWARDED: Final = ("resident", "partner")
"""What a unit has a budget of."""

Reason = Annotated[str, Meta(title=N_("为什么"), min_length=2, max_length=200)]


class BudgetForm(msgspec.Struct, frozen=True):
    """Points for a unit, or back from it."""

    unit: Annotated[str, Meta(title=N_("给哪个单位"), min_length=1, max_length=32)]
    asset: Annotated[str, Meta(title=N_("哪种积分"), min_length=2, max_length=20)]
    amount: Annotated[int, Meta(title=N_("多少分"), ge=-100_000_000, le=100_000_000)]
    reason: Reason


class ClearForm(msgspec.Struct, frozen=True):
    """One merchant against one attested slip."""

    slip: Annotated[str, Meta(title=N_("结算单的登记编号"), pattern=f"^{addresses.ID22}\\Z")]
    merchant: Annotated[str, Meta(title=N_("商户账户"), pattern=r"^[a-z]{2,20}\.[A-Za-z0-9_-]{1,40}\Z")]
    points: Annotated[int, Meta(title=N_("结算多少分"), ge=1, le=1_000_000_000)]
    reason: Reason


class ReverseForm(msgspec.Struct, frozen=True):
    """A record, whole or in part."""

    record: Annotated[str, Meta(title=N_("要更正的记录编号"), pattern=f"^{addresses.ID22}\\Z")]
    amount: Annotated[int, Meta(title=N_("更正多少分"), ge=1, le=1_000_000_000)]
    reason: Reason


@get("/ledger/desk/budget", allow=SIGNED_IN, name="new_budget")
async def new_budget(ctx: Context, unit: str = "") -> Response[Any]:
    return await _form(ctx, "budget", Form(BudgetForm, {"unit": unit, "asset": "resident"}))


@post("/ledger/desk/budget", allow=SIGNED_IN, name="propose_budget", step_up=True)
async def propose_budget(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, BudgetForm)
    proposals = Proposals(ctx)
    street = await proposals.street()
    proposals.require(street)
    sent = form.command
    if sent is not None and not sent.amount:
        form.refuse("amount", ctx.t("请写明多少分；收回写负数。"))
    if sent is not None and await ctx.units.get(sent.unit) is None:
        form.refuse("unit", ctx.t("没有这个单位。"))
    if form.command is None:
        return await _form(ctx, "budget", form, 422)
    body = BudgetBody(form.command.unit, form.command.asset, form.command.amount, form.command.reason)
    return _proposed(ctx, await proposals.propose(form.key, "budget", street, body))


@get("/ledger/desk/clear", allow=SIGNED_IN, name="new_clear")
async def new_clear(ctx: Context, slip: str = "", merchant: str = "", points: str = "") -> Response[Any]:
    """A module's own page leads here with the slip both sides have confirmed."""
    return await _form(ctx, "clear", Form(ClearForm, {"slip": slip, "merchant": merchant, "points": points}))


@post("/ledger/desk/clear", allow=SIGNED_IN, name="propose_clear", step_up=True)
async def propose_clear(ctx: Context, request: Req) -> Response[Any]:
    form = await Form.read(request, ClearForm)
    proposals = Proposals(ctx)
    street = await proposals.street()
    proposals.require(street)
    sent = form.command
    if sent is not None:
        await _check_clear(ctx, form, sent)
    if form.command is None:
        return await _form(ctx, "clear", form, 422)
    body = ClearBody(form.command.slip, form.command.merchant, form.command.points, form.command.reason)
    return _proposed(ctx, await proposals.propose(form.key, "clear", street, body))


async def _check_clear(ctx: Context, form: Form[ClearForm], sent: ClearForm) -> None:
    """What can be said before anybody signs; the ledger asks all of it again."""
    store = reader_of(ctx).store
    rows = await store.read("SELECT body FROM log_entry WHERE rid = ? AND kind = 'attest'", sent.slip)
    plugin = sent.merchant.partition(".")[0]
    if (
        not rows
        or b'"subject":"slip/' not in bytes(rows[0][0])
        or f'"code":"{plugin}.'.encode() not in bytes(rows[0][0])
    ):
        form.refuse("slip", ctx.t("账里没有这个商户模块登记的结算单。"))
    held = await ctx.ledger.balance_of(f"merchant/{sent.merchant}")
    if held < sent.points:
        form.refuse("points", ctx.t("这个商户现在只有 {held} 分可以结算。", held=held))
    used = await store.read("SELECT body FROM log_entry WHERE ref = ? AND why = 'clear'", sent.slip)
    if any([await left_of(reader_of(ctx), read_post(bytes(body))) for (body,) in used]):
        form.refuse("slip", ctx.t("这张结算单已经结算过了。"))


@get("/ledger/desk/reverse", allow=SIGNED_IN, name="new_reverse")
async def new_reverse(ctx: Context, record: str = "") -> Response[Any]:
    """:raises NotFound: no such record, or outside one's area"""
    found = await _reversible(ctx, record) if record else None
    amount = await left_of(reader_of(ctx), found) if found is not None else ""
    return await _form(ctx, "reverse", Form(ReverseForm, {"record": record, "amount": amount}), record=found)


@post("/ledger/desk/reverse", allow=SIGNED_IN, name="propose_reverse", step_up=True)
async def propose_reverse(ctx: Context, request: Req) -> Response[Any]:
    """A record outside one's area answers as one that is not there."""
    form = await Form.read(request, ReverseForm)
    if form.command is None:
        return await _form(ctx, "reverse", form, 422)
    try:
        found = await _reversible(ctx, form.command.record)
    except NotFound:
        form.refuse("record", ctx.t("没有这条记录，或者不归您这里更正。请照凭证再核对一遍。"))
        return await _form(ctx, "reverse", form, 404)
    left = await left_of(reader_of(ctx), found)
    if form.command.amount > left:
        form.refuse("amount", ctx.t("这一笔最多还能更正 {left} 分。", left=left))
        return await _form(ctx, "reverse", form, 422, record=found)
    body = ReverseBody(found.rid, form.command.amount, form.command.reason)
    return _proposed(ctx, await Proposals(ctx).propose(form.key, "reverse", found.unit, body))


def _proposed(ctx: Context, proposal: str) -> Response[Any]:
    return redirect(ctx.url("proposal", proposal=proposal), notice=ctx.t("已提出，等另一位审核员签名。"))


async def _form(
    ctx: Context, kind: str, form: Form[Any], status: int = 200, record: Post | None = None
) -> Response[Any]:
    proposals = Proposals(ctx)
    if kind == "reverse":
        if not ctx.can(REVIEW):
            proposals.require(await proposals.street())
    else:
        proposals.require(await proposals.street())
    units = [(unit.code, unit.name) for unit in await ctx.units.all("community")]
    street = await ctx.units.street()
    return await ctx.render(
        "desk_form.html",
        status=status,
        kind=kind,
        title=KINDS[kind],
        form=form,
        units=[(street.code, street.name), *units],
        assets=[(code, ctx.t(words.ASSETS[code])) for code in AWARDED],
        record=record,
        eff=date.fromisoformat(record.eff) if record is not None else None,
        names=await unit_names(ctx),
        why=words.WHY[record.why] if record is not None else "",
        merchant=(merchant := showing.merchant_of(record) if record is not None else ""),
        titles=await ctx.titles([record.code] if record is not None else [], [merchant] if merchant else []),
        holder=await showing.holder_of(ctx, await reader_of(ctx).owner(record.rid)) if record is not None else None,
        left=await left_of(reader_of(ctx), record) if record is not None else 0,
    )


async def _reversible(ctx: Context, rid: str) -> Post:
    """:raises NotFound: no such record of a kind that can be reversed, or outside the visitor's area"""
    found = (await showing.posts_of(ctx, [rid])).get(rid)
    if found is None or found.why not in REVERSIBLE or not Proposals(ctx).may_see(found.unit):
        raise not_there()
    return found


ROUTES = (new_budget, propose_budget, new_clear, propose_clear, new_reverse, propose_reverse)
