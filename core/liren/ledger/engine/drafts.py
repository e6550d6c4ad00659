# SPDX-License-Identifier: Apache-2.0
"""From a draft to a plan: which accounts move, by how much, and who must sign. One function per move.

Numbers are decided here (``orders``: the life of an order; ``corrections``: what is taken back) and nowhere else;
``posting`` then checks the table of moves, signs and applies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liren.ledger.authority import keys
from liren.ledger.engine import certify, corrections, holders, orders
from liren.ledger.engine.plans import Plan, check_amount, service
from liren.ledger.errors import Refused
from liren.ledger.rules import addresses, days
from liren.ledger.rules.moves import FEN
from liren.plugins.points import (
    Award,
    Budget,
    Clear,
    Close,
    Deduct,
    Expire,
    PostDraft,
    Refund,
    Reverse,
    Settle,
    Spend,
    Void,
)

if TYPE_CHECKING:
    from liren.ledger.engine.posting import LedgerState


async def plan(state: LedgerState, draft: PostDraft) -> list[Plan]:
    """:raises LedgerError: the draft cannot be posted"""
    match draft:
        case Award():
            return [await _award(state, draft)]
        case Spend():
            return await orders.spend(state, draft)
        case Settle():
            return await orders.settle(state, draft)
        case Void():
            return await orders.void(state, draft)
        case Refund():
            return await orders.refund(state, draft)
        case Reverse():
            return [await corrections.reverse(state, draft)]
        case Budget():
            return [await _budget(state, draft)]
        case Expire():
            return [await _expire(state, draft)]
        case Close():
            return await corrections.close(state, draft)
        case Deduct():
            return await corrections.deduct(state, draft)
        case Clear():
            return [await corrections.clear(state, draft)]


async def _award(state: LedgerState, draft: Award) -> Plan:
    in_force = state.view.policy
    if in_force is None:
        raise Refused(
            "街道还没有发布积分细则，不能赋分。请先发布细则。",
            "No policy is in force yet: publish the rules first.",
        )
    rule, expires_on = in_force.award(
        code=draft.code,
        asset=draft.asset,
        subject=draft.subject.kind,
        amount=draft.amount,
        eff=draft.eff,
        today=state.today,
    )
    if rule.reviewers and draft.reviewer is None:
        raise Refused(
            f"细则“{draft.code}”要求两人签署，请由审核人通过后再入账。",
            f"Rule “{draft.code}” asks for a reviewer's signature: let a second person approve it.",
        )
    holder = await holders.credited(state, draft.subject)
    source = addresses.budget(draft.unit)
    target = addresses.points(draft.subject.kind, holder, expires_on)
    if (draft.asset, source) not in state.view.book.accounts:
        await state.view.book.load_accounts(state.tx.sql, [(draft.asset, source)])
    return Plan(
        "award",
        draft.code,
        draft.unit,
        draft.eff.isoformat(),
        [(draft.asset, source, target, draft.amount)],
        reason=draft.reason,
        reviewer=draft.reviewer if rule.reviewers else None,
        holder=holder,
    )


async def _budget(state: LedgerState, draft: Budget) -> Plan:
    if not draft.amount:
        check_amount(0)
    if draft.asset == FEN:
        account = f"fund/{draft.unit}"
    else:
        account = addresses.budget(draft.unit)
        if state.view.keys.find("unit", state.view.position, unit=draft.unit) is None:
            raise Refused(
                f"单位“{draft.unit}”没有账本密钥，不能拨预算。请先为它办理密钥。",
                f"Unit “{draft.unit}” has no key in the ledger: certify one first.",
            )
    ends = (addresses.ISSUANCE, account) if draft.amount > 0 else (account, addresses.ISSUANCE)
    await state.view.book.load_accounts(state.tx.sql, [(draft.asset, end) for end in ends])
    return Plan(
        "budget",
        f"{keys.CORE}.budget",
        state.view.keys.street,
        state.eff,
        [(draft.asset, *ends, abs(draft.amount))],
        reason={"text": draft.reason} if draft.reason else {},
        reviewer=draft.reviewer,
    )


async def _expire(state: LedgerState, draft: Expire) -> Plan:
    address = addresses.parse(draft.address)
    if not address.of_holder or not days.is_past(address.expires_on, state.today):
        raise Refused("这个账户还没有到期。", "This account has not expired.")
    await certify.service_key(state, keys.CORE)
    await state.view.book.load_holders(state.tx.sql, [address.name])
    await state.view.book.load_accounts(state.tx.sql, [(draft.asset, addresses.EXPIRED)])
    amount = state.view.balance((draft.asset, draft.address))
    check_amount(amount, "这个账户已经没有积分。", "This account holds no points any more.")
    p = [(draft.asset, draft.address, addresses.EXPIRED, amount)]
    return service(state, "expire", f"{keys.CORE}.expire", p)
