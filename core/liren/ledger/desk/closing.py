# SPDX-License-Identifier: Apache-2.0
"""Closing the account of somebody who died or moved away: proposed with notice, and signed only when that is over."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from liren.ledger.errors import Refused
from liren.ledger.tables import ProposalRow
from liren.plugins.context import Context

NOTICE_DAYS: Final = 30
"""Until then the family can speak, and what was registered wrongly can be taken back."""


class CloseBody(msgspec.Struct, frozen=True):
    """All the points of somebody who died or moved away."""

    person: str
    reason: str
    home: str = ""
    """Code of the community they lived in last, as far as it is known."""
    left: date | None = None
    """The day on which they died or moved away, as far as it is known."""
    died: bool = False


def signed_from(proposed_ms: int, ctx: Context) -> date:
    """The first day on which a reviewer can sign."""
    return datetime.fromtimestamp(proposed_ms / 1000, UTC).astimezone(ctx.now().tzinfo).date() + timedelta(NOTICE_DAYS)


async def is_gone(ctx: Context, person: str) -> bool:
    """Whether they are registered as dead or moved away."""
    card = (await ctx.people.cards([person])).get(person)
    return card is not None and not card.active


async def tell(ctx: Context, body: CloseBody, proposed_ms: int) -> None:
    """The notice: on their page, and forwarded to their phone where the street has a way to."""
    text = ctx.t(
        "这个积分账户从 {day} 起可以注销，剩下的积分会清零。有不同意见，请在这之前联系街道。",
        day=signed_from(proposed_ms, ctx).isoformat(),
    )
    await ctx.notify(body.person, text, ctx.url("ledger.mine"))


async def check(ctx: Context, body: CloseBody, proposed_ms: int) -> None:
    """:raises Refused: the notice is not over, or they have come back"""
    day = signed_from(proposed_ms, ctx)
    if ctx.today() < day:
        raise Refused(
            f"通知期还没有过：{day} 起才能签名注销。",
            f"The notice is not over: the account can be closed from {day} on.",
        )
    if not await is_gone(ctx, body.person):
        raise Refused(
            "这位居民没有登记为去世或迁出，不能注销账户。",
            "This resident is not registered as dead or moved away: the account stays.",
        )


async def renamed(old: str, new: str) -> None:
    """Two entries were one person (``new`` owns the proposal), or the person was erased (``new`` is empty)."""
    if not new:
        gone = [proposal for proposal, found in await about(old) if not found.reason]
        if gone:  # only noted, never proposed: nothing has to be kept
            await ProposalRow.delete().where(ProposalRow.id.is_in(gone))
    for proposal, found in await about(old):
        body = msgspec.json.encode(msgspec.structs.replace(found, person=new)).decode()
        await ProposalRow.update({ProposalRow.body: body}).where(ProposalRow.id == proposal)
        if not new:
            still = (ProposalRow.id == proposal) & (ProposalRow.state == "open")
            await ProposalRow.update({ProposalRow.state: "withdrawn"}).where(still)


async def about(person: str) -> list[tuple[str, CloseBody]]:
    """The proposals to close a person's account; of those who left, so that there are few."""
    rows = await ProposalRow.select(ProposalRow.id, ProposalRow.body).where(ProposalRow.kind == "close")
    found = [(str(row["id"]), msgspec.json.decode(row["body"], type=CloseBody)) for row in rows]
    return [(proposal, body) for proposal, body in found if body.person == person]
