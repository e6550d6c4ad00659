# SPDX-License-Identifier: Apache-2.0
"""The page on which somebody's account is proposed for closing; signing it is the desk's."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.ledger.at_hand import unit_names
from liren.ledger.desk import departed, showing
from liren.ledger.desk.closing import NOTICE_DAYS, CloseBody, is_gone
from liren.ledger.desk.proposals import Proposals
from liren.ledger.reading.reader import not_there
from liren.plugins.context import Context
from liren.plugins.points import Subject
from liren.plugins.services import PersonCard
from liren.web import N_, SIGNED_IN, Form, get, post, redirect


class CloseForm(msgspec.Struct, frozen=True):
    reason: Annotated[str, Meta(title=N_("为什么"), min_length=2, max_length=200)]


@get("/ledger/desk/close/{person:str}", allow=SIGNED_IN, name="new_close")
async def new_close(ctx: Context, person: str) -> Response[Any]:
    """:raises NotFound: nobody, or somebody who lives here"""
    return await _form(ctx, await _gone(ctx, person), Form(CloseForm))


@post("/ledger/desk/close/{person:str}", allow=SIGNED_IN, name="propose_close", step_up=True)
async def propose_close(ctx: Context, request: Request[Any, Any, Any], person: str) -> Response[Any]:
    """:raises NotFound: nobody, or somebody who lives here"""
    form = await Form.read(request, CloseForm)
    card = await _gone(ctx, person)
    if form.command is None:
        return await _form(ctx, card, form, 422)
    proposals = Proposals(ctx)
    noted = await departed.note_of(ctx, card.id)
    body = CloseBody(card.id, form.command.reason, *((noted.home, noted.left, noted.died) if noted else ()))
    proposal = await proposals.propose(form.key, "close", await proposals.street(), body)
    said = ctx.t("已提出，通知也发出了。{days} 天以后，另一位审核员才能签名。", days=NOTICE_DAYS)
    return redirect(ctx.url("proposal", proposal=proposal), notice=said)


async def _gone(ctx: Context, person: str) -> PersonCard:
    proposals = Proposals(ctx)
    proposals.require(await proposals.street())
    card = (await ctx.people.cards([person])).get(person)
    if card is None or not await is_gone(ctx, person):
        raise not_there()
    return card


async def _form(ctx: Context, card: PersonCard, form: Form[CloseForm], status: int = 200) -> Response[Any]:
    balance = await ctx.ledger.balance(Subject("h", card.id))
    return await ctx.render(
        "desk_close.html",
        status=status,
        card=card,
        holder=await showing.holder(ctx, card),
        noted=await departed.note_of(ctx, card.id),
        units=await unit_names(ctx),
        form=form,
        points=balance.total,
        days=NOTICE_DAYS,
    )


ROUTES: Final[tuple[Any, ...]] = (new_close, propose_close)
