# SPDX-License-Identifier: Apache-2.0
"""The street's own moves as pages: what each unit has left, what waits for a second signature, the signature."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.ledger import words
from liren.ledger.at_hand import reader_of, unit_names
from liren.ledger.desk import departed, showing
from liren.ledger.desk.proposals import PROPOSE, REVIEW, SHOWN, Proposal, Proposals, left_of
from liren.ledger.desk.showing import KINDS, STATES
from liren.ledger.reading import months
from liren.plugins.context import Context
from liren.web import N_, SIGNED_IN, Form, Nothing, ask, get, post, redirect
from liren.web.i18n import both

Req = Request[Any, Any, Any]


class RefuseForm(msgspec.Struct, frozen=True):
    note: Annotated[str, Meta(title=N_("理由"), min_length=2, max_length=200)]


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A unit's budget of one asset."""

    unit: str
    name: str
    asset: str
    left: int
    funded: int
    awarded: int


@get("/ledger/desk", allow=SIGNED_IN)
async def desk(ctx: Context, request: Req) -> Response[Any]:
    """Budgets of the units one looks after, what waits for a signature, what was decided."""
    proposals = Proposals(ctx)
    if not ctx.can(REVIEW):
        proposals.require(await proposals.street())
    asked = ask(request.query_params.get("page"), size=SHOWN)
    found = await proposals.list("open", limit=asked.size, offset=asked.offset)
    whole = proposals.may_see(await proposals.street())
    return await ctx.render(
        "desk_ledger.html",
        budgets=await _budgets(ctx, proposals),
        assets=words.ASSETS,
        page=asked.page(await showing.listed(ctx, found), await proposals.count("open")),
        decided=await showing.listed(ctx, await proposals.list("posted", "refused", "withdrawn")),
        departed=await departed.waiting(ctx) if whole and ctx.can(PROPOSE) else [],
        whole=whole,
    )


@get("/ledger/desk/proposals/{proposal:str}", allow=SIGNED_IN, name="proposal")
async def proposal_page(ctx: Context, proposal: str) -> Response[Any]:
    """:raises NotFound: none, or not for the visitor's eyes"""
    return await _proposal(ctx, await Proposals(ctx).get(proposal), Form(RefuseForm))


@post("/ledger/desk/proposals/{proposal:str}/confirm", allow=SIGNED_IN, name="confirm_proposal", step_up=True)
async def confirm(ctx: Context, request: Req, proposal: str) -> Response[Any]:
    """The second signature; the ledger posts at once."""
    form = await Form.read(request, Nothing)
    proposals = Proposals(ctx)
    try:
        await proposals.confirm(form.key, proposal)
    except LirenError as error:
        if error.status not in (403, 409, 422):
            raise
        found = await proposals.get(proposal)
        return await _proposal(ctx, found, Form(RefuseForm), error.status, both(error.zh, error.en))
    return redirect(ctx.url("proposal", proposal=proposal), notice=ctx.t("已签名，已入账。"))


@post("/ledger/desk/proposals/{proposal:str}/refuse", allow=SIGNED_IN, name="refuse_proposal")
async def refuse(ctx: Context, request: Req, proposal: str) -> Response[Any]:
    form = await Form.read(request, RefuseForm)
    proposals = Proposals(ctx)
    found = await proposals.get(proposal)
    if form.command is None:
        return await _proposal(ctx, found, form, 422)
    await proposals.refuse(form.key, proposal, form.command.note)
    return redirect(ctx.url("desk"), notice=ctx.t("已记下，没有入账。"))


async def _proposal(
    ctx: Context, found: Proposal, form: Form[Any], status: int = 200, error: str = ""
) -> Response[Any]:
    staff = await ctx.people.cards([person for person in (found.proposed_by, found.decided_by) if person])
    own, seen = found.proposed_by == ctx.actor, await showing.evidence(ctx, found)
    return await ctx.render(
        "desk_proposal.html",
        status=status,
        proposal=found,
        kind=KINDS[found.kind],
        seen=seen,
        words=words,
        again=await _left_of_clear(ctx, found),
        state=STATES[found.state],
        names={person: card.name for person, card in staff.items()},
        form=form,
        error=error,
        own=own,
        early=found.kind == "close" and seen.day is not None and ctx.today() < seen.day,
        may_sign=found.state == "open" and not own and ctx.can(REVIEW, found.unit),
    )


async def _left_of_clear(ctx: Context, found: Proposal) -> int:
    """How much of a posted settlement can still be taken back."""
    post = (await showing.posts_of(ctx, [found.rid])).get(found.rid) if found.kind == "clear" and found.rid else None
    return await left_of(reader_of(ctx), post) if post is not None else 0


async def _budgets(ctx: Context, proposals: Proposals) -> list[BudgetLine]:
    """What is left, and what was funded and awarded this year, of every unit the visitor may see."""
    store = reader_of(ctx).store
    rows = await store.read(
        "SELECT asset, address, balance FROM account WHERE address LIKE 'budget/%' ORDER BY address, asset"
    )
    names = await unit_names(ctx)
    year = await months.budgets(store, ctx.today().year)
    lines = []
    for asset, address, left in rows:
        unit = address.partition("/")[2]
        if proposals.may_see(unit):
            lines.append(BudgetLine(unit, names.get(unit, unit), asset, int(left), *year.get((unit, asset), (0, 0))))
    return lines


ROUTES = (desk, proposal_page, confirm, refuse)
