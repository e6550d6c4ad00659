# SPDX-License-Identifier: Apache-2.0
"""From a draft to a plan: which accounts move, by how much, and who must sign. One function per move.

Numbers are decided here (``orders`` for the life of an order) and nowhere else; ``posting`` then checks the table
of moves, signs and applies.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from liren.ledger import addresses, certify, days, holders, keys, orders
from liren.ledger.errors import NotEnough, Refused
from liren.ledger.moves import FEN, MAX_POSTINGS, Posting
from liren.ledger.plans import Plan, check_amount, service, total
from liren.ledger.records import Post
from liren.ledger.returns import returned_to
from liren.plugins.points import (
    Award,
    Budget,
    Close,
    Expire,
    PostDraft,
    Refund,
    Reverse,
    Settle,
    Spend,
    Void,
)

if TYPE_CHECKING:
    from liren.ledger.posting import LedgerState


async def plan(state: LedgerState, draft: PostDraft) -> list[Plan]:
    """:raises LedgerError: the draft cannot be posted"""
    match draft:
        case Award():
            return [await _award(state, draft)]
        case Spend():
            return [await orders.spend(state, draft)]
        case Settle():
            return [await orders.settle(state, draft)]
        case Void():
            return [await orders.void(state, draft)]
        case Refund():
            return [await orders.refund(state, draft)]
        case Reverse():
            return [await _reverse(state, draft)]
        case Budget():
            return [await _budget(state, draft)]
        case Expire():
            return [await _expire(state, draft)]
        case Close():
            return await _close(state, draft)


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


async def _reverse(state: LedgerState, draft: Reverse) -> Plan:
    record = await state.find(draft.record, "award", "close")
    check_amount(draft.amount)
    left = total([record]) - total(earlier := await state.referring(record.rid, "reverse"))
    if draft.amount > left:
        raise Refused(
            f"这笔记录最多还能冲正 {left} 分。", f"At most {left} points of this record can still be reversed."
        )
    holder = await holders.of_record(state, record)
    if record.why == "award":
        p = [_reversed_award(state, record, draft.amount)]
    else:
        asset = record.p[0][0]
        await state.view.book.load_accounts(state.tx.sql, [(asset, addresses.EXPIRED)])
        back = returned_to(state, record, total(earlier), draft.amount)
        p = [(asset, addresses.EXPIRED, target, part) for target, part in back]
    return Plan(
        "reverse",
        draft.code,
        record.unit,
        state.eff,
        p,
        ref=record.rid,
        reason=draft.reason,
        reviewer=draft.reviewer,
        holder=holder,
    )


def _reversed_award(state: LedgerState, award: Post, amount: int) -> Posting:
    """At most what is left in the credited account: the rest is written off, never a debt."""
    asset, source, target, _ = award.p[0]
    if days.is_past(addresses.parse(target).expires_on, state.today):
        raise Refused("这笔积分已经到期清零，不用再冲正。", "These points have already expired: nothing to reverse.")
    taken = min(amount, state.view.balance((asset, target)))
    if not taken:
        raise NotEnough(
            "这笔积分已经用完，没有可以冲正的余额。", "These points have all been used: nothing is left to reverse."
        )
    return asset, target, source, taken


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


async def _close(state: LedgerState, draft: Close) -> list[Plan]:
    """One record per asset (and per 32 accounts): whole balances only."""
    by_asset: dict[tuple[str, str], list[Posting]] = {}
    for holder in (await holders.of(state, [draft.subject]))[draft.subject]:
        for account in sorted(state.view.accounts_of(holder), key=lambda a: (a.asset, a.expires_on or date.max)):
            balance = state.view.balance((account.asset, account.address))
            if balance:
                moves = by_asset.setdefault((account.asset, holder), [])
                moves.append((account.asset, account.address, addresses.EXPIRED, balance))
    if not by_asset:
        raise Refused("账户里没有积分，不用清零。", "The account holds no points: nothing to close.")
    await state.view.book.load_accounts(state.tx.sql, [(asset, addresses.EXPIRED) for asset, _ in by_asset])
    await holders.load_keys(state, [holder for _, holder in by_asset])
    return [
        Plan(
            "close",
            f"{keys.CORE}.close",
            draft.unit,
            state.eff,
            moves[start : start + MAX_POSTINGS],
            reason=draft.reason,
            reviewer=draft.reviewer,
            holder=holder,
        )
        for (_, holder), moves in by_asset.items()
        for start in range(0, len(moves), MAX_POSTINGS)
    ]
