# SPDX-License-Identifier: Apache-2.0
"""What is taken back or written off: reverse, deduct, clear, close. Never more than is there, never a debt."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from liren.ledger.authority import keys
from liren.ledger.engine import holders
from liren.ledger.engine.plans import Plan, check_amount
from liren.ledger.engine.returns import returned_to
from liren.ledger.errors import NotEnough, Refused
from liren.ledger.log.records import Attest, Post
from liren.ledger.rules import addresses, allocation, days
from liren.ledger.rules.allocation import Part
from liren.ledger.rules.moves import FEN, MAX_POSTINGS, Posting
from liren.plugins.points import Clear, Close, Deduct, Reverse

if TYPE_CHECKING:
    from liren.ledger.engine.posting import LedgerState

REVERSIBLE: Final = ("award", "deduct", "close", "clear")
SLIP: Final = "slip/"
"""Begins the subject of an attested settlement slip."""


async def reverse(state: LedgerState, draft: Reverse) -> Plan:
    record = await state.find(draft.record, *REVERSIBLE)
    check_amount(draft.amount)
    asset = draft.asset or record.p[0][0]
    earlier = sum(_of(post, asset) for post in await state.referring(record.rid, "reverse"))
    left = _of(record, asset) - earlier
    if draft.amount > left:
        raise Refused(
            f"这笔记录最多还能更正 {left} 分。", f"At most {left} points of this record can still be reversed."
        )
    holder = await holders.of_record(state, record)
    if holder is not None and not await state.tx.sql("SELECT 1 FROM pseudonym WHERE holder = ?", holder):
        raise Refused(
            "这个人的信息已经按要求删除，他的记录不能再更正。",
            "The holder of this record was erased: nothing can be given to them or taken from them any more.",
        )
    match record.why:
        case "award":
            p = [_reversed_award(state, record, draft.amount)]
        case "clear":
            p = await _reversed_clear(state, record, asset, draft.amount)
        case _:
            await state.view.book.load_accounts(state.tx.sql, [(asset, addresses.EXPIRED)])
            back = returned_to(state, record, earlier, draft.amount, asset)
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


def _of(post: Post, asset: str) -> int:
    return sum(posting[3] for posting in post.p if posting[0] == asset)


def _reversed_award(state: LedgerState, award: Post, amount: int) -> Posting:
    """At most what is left in the credited account: the rest is written off, never a debt."""
    asset, source, target, _ = award.p[0]
    if days.is_past(addresses.parse(target).expires_on, state.today):
        raise Refused("这笔积分已经到期清零，不用再更正。", "These points have already expired: nothing to reverse.")
    taken = min(amount, state.view.balance((asset, target)))
    if not taken:
        raise NotEnough(
            "这笔积分已经用完，没有可以更正的余额。", "These points have all been used: nothing is left to reverse."
        )
    return asset, target, source, taken


async def _reversed_clear(state: LedgerState, clear: Post, asset: str, amount: int) -> list[Posting]:
    """The posting of this asset the other way (a clear of ours has one for each), as far as the account goes."""
    _, source, target, _ = next(posting for posting in clear.p if posting[0] == asset)
    await state.view.book.load_accounts(state.tx.sql, [(asset, source), (asset, target)])
    taken = min(amount, state.view.balance((asset, target)))
    if not taken:
        raise NotEnough(
            "结算转出的已经用完，没有可以更正的余额。", "Nothing is left of what was cleared: nothing can be reversed."
        )
    return [(asset, target, source, taken)]


async def deduct(state: LedgerState, draft: Deduct) -> list[Plan]:
    """One record for each pseudonym; what ends first goes first, and no more than there is."""
    check_amount(draft.amount)
    in_force = state.view.policy
    if draft.subject.kind == "h" and (in_force is None or draft.code not in in_force.body.deduct_h):
        raise Refused(
            f"现行细则没有为“{draft.code}”开启对居民扣分（要写明法律依据），不能扣。",
            f"The policy in force does not let “{draft.code}” take points from a person: it names no legal basis.",
        )
    owned = (await holders.of(state, [draft.subject]))[draft.subject]
    lots = [lot for holder in owned for lot in state.view.lots(draft.asset, holder)]
    held = sum(lot.amount for lot in lots if not days.is_past(lot.expires_on, state.today))
    drawn = allocation.spend(lots, min(draft.amount, held), state.today)
    if not drawn:
        raise NotEnough("账户里没有可扣的积分。", "The account holds nothing that could be deducted.")
    by_holder: dict[str, list[Part]] = {}
    for lot in drawn:
        by_holder.setdefault(lot.holder, []).append(lot)
    await state.view.book.load_accounts(state.tx.sql, [(draft.asset, addresses.EXPIRED)])
    await holders.load_keys(state, list(by_holder))
    plans = []
    for holder, parts in by_holder.items():
        moves: list[Posting] = [
            (draft.asset, addresses.points(draft.subject.kind, holder, part.expires_on), addresses.EXPIRED, part.amount)
            for part in parts
        ]
        plans += _in_records("deduct", draft.code, state, draft, holder, moves)
    return plans


async def clear(state: LedgerState, draft: Clear) -> Plan:
    """Points of a settled period, and the money recorded for them."""
    if draft.points < 0 or (not draft.points and not draft.fen) or bool(draft.fund) != bool(draft.fen):
        raise Refused("请写明要结算的积分，或资金和金额。", "Name the points to clear, or the fund and the amount.")
    await _slip(state, draft.slip)
    merchant, p = f"merchant/{draft.merchant}", list[Posting]()
    if draft.points:
        p.append((draft.asset, merchant, addresses.REDEEMED, draft.points))
    if draft.fen:
        fund = f"fund/{draft.fund}"
        ends = (fund, merchant) if draft.fen > 0 else (merchant, fund)
        p.append((FEN, *ends, abs(draft.fen)))
    ends_of = [(asset, end) for asset, source, target, _ in p for end in (source, target)]
    await state.view.book.load_accounts(state.tx.sql, ends_of)
    code, street = f"{keys.CORE}.clear", state.view.keys.street
    return Plan("clear", code, street, state.eff, p, ref=draft.slip, reason=draft.reason, reviewer=draft.reviewer)


async def _slip(state: LedgerState, rid: str) -> None:
    """:raises Refused: no attested settlement slip has this number"""
    record = await state.record(rid)
    if not isinstance(record, Attest) or not record.subject.startswith(SLIP):
        raise Refused(
            "结算要先有已存证的结算单。请先为这一期的结算单存证。",
            "A clearing refers to an attested settlement slip, and this is none: attest the slip first.",
        )


async def close(state: LedgerState, draft: Close) -> list[Plan]:
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
    plans = []
    for (_, holder), moves in by_asset.items():
        plans += _in_records("close", f"{keys.CORE}.close", state, draft, holder, moves)
    return plans


def _in_records(
    why: str, code: str, state: LedgerState, draft: Deduct | Close, holder: str, moves: list[Posting]
) -> list[Plan]:
    """As many records as it takes at 32 postings each."""
    return [
        Plan(
            why,
            code,
            draft.unit,
            state.eff,
            moves[start : start + MAX_POSTINGS],
            reason=draft.reason,
            reviewer=draft.reviewer,
            holder=holder,
        )
        for start in range(0, len(moves), MAX_POSTINGS)
    ]
