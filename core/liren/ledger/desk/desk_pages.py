# SPDX-License-Identifier: Apache-2.0
"""The street's own moves as pages: what each unit has left, what waits for a second signature, the signature."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.errors import LirenError
from liren.ledger import words
from liren.ledger.at_hand import reader_of, unit_names
from liren.ledger.desk.closing import CloseBody, signed_from
from liren.ledger.desk.proposals import (
    REVIEW,
    BudgetBody,
    Proposal,
    Proposals,
    ReverseBody,
    left_of,
)
from liren.ledger.desk.proposing_pages import KINDS, post_of
from liren.ledger.log.records import Post
from liren.ledger.reading import months
from liren.plugins.context import Context
from liren.web import N_, SIGNED_IN, Form, Nothing, get, post, redirect
from liren.web.i18n import both

Req = Request[Any, Any, Any]
STATES: Final = {
    "open": (N_("等另一人签"), "wait"),
    "posted": (N_("已入账"), "good"),
    "refused": (N_("没有同意"), "bad"),
    "withdrawn": (N_("已撤回"), ""),
}


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
async def desk(ctx: Context) -> Response[Any]:
    """Budgets of the units one looks after, what waits for a signature, what was decided."""
    proposals = Proposals(ctx)
    if not ctx.can(REVIEW):
        proposals.require(await proposals.street())
    return await ctx.render(
        "desk_ledger.html",
        budgets=await _budgets(ctx, proposals),
        assets=words.ASSETS,
        open=await _shown(ctx, await proposals.list("open")),
        decided=await _shown(ctx, await proposals.list("posted", "refused", "withdrawn")),
        names=await unit_names(ctx),
        whole=proposals.may_see(await proposals.street()),
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
    closed = found.body if isinstance(found.body, CloseBody) else None
    named = (found.proposed_by, found.decided_by, closed.person if closed is not None else None)
    names = await ctx.people.cards([person for person in named if person])
    unit = await ctx.units.get(found.body.unit if isinstance(found.body, BudgetBody) else found.unit)
    return await ctx.render(
        "desk_proposal.html",
        status=status,
        proposal=found,
        kind=KINDS[found.kind],
        record=(corrected := await _corrected(ctx, found)),
        eff=date.fromisoformat(corrected.eff) if corrected is not None else None,
        words=words,
        again=await _left_of_clear(ctx, found),
        state=STATES[found.state],
        unit=unit.name if unit is not None else found.unit,
        assets=words.ASSETS,
        names={person: card.name for person, card in names.items()},
        form=form,
        error=error,
        signed_from=signed_from(found.proposed_ms, ctx),
        own=found.proposed_by == ctx.actor,
        may_sign=found.state == "open" and found.proposed_by != ctx.actor and ctx.can(REVIEW, found.unit),
    )


async def _corrected(ctx: Context, found: Proposal) -> Post | None:
    """What a correction is about: who signs sees it beside the amount."""
    return await post_of(ctx, found.body.record) if isinstance(found.body, ReverseBody) else None


async def _left_of_clear(ctx: Context, found: Proposal) -> int:
    """How much of a posted settlement can still be taken back."""
    post = await post_of(ctx, found.rid) if found.kind == "clear" and found.rid else None
    return await left_of(reader_of(ctx), post) if post is not None else 0


async def _shown(ctx: Context, found: list[Proposal]) -> list[tuple[Proposal, str, str, tuple[str, str]]]:
    """(proposal, kind, who proposed it, state) each."""
    cards = await ctx.people.cards([each.proposed_by for each in found])
    return [
        (each, KINDS[each.kind], cards[each.proposed_by].name if each.proposed_by in cards else "–", STATES[each.state])
        for each in found
    ]


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
