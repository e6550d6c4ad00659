# SPDX-License-Identifier: Apache-2.0
"""An order's life: spend into escrow, settle to the merchant, void, refund."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from liren.ledger import addresses, allocation, certify, days, holders
from liren.ledger.addresses import new_id
from liren.ledger.book import not_enough
from liren.ledger.errors import NotEnough, Refused
from liren.ledger.moves import MAX_POSTINGS
from liren.ledger.plans import Plan, check_amount, service, total
from liren.ledger.records import Post
from liren.ledger.returns import pour, returned_to, returns_of
from liren.plugins.points import Refund, Settle, Spend, Void

if TYPE_CHECKING:
    from liren.ledger.posting import LedgerState


async def spend(state: LedgerState, draft: Spend) -> Plan:
    check_amount(draft.amount)
    plugin = draft.code.partition(".")[0]
    await certify.service_key(state, plugin)
    rid, held = new_id(), 0
    for holder in (await holders.of(state, [draft.subject]))[draft.subject]:
        lots = state.view.lots(draft.asset, holder)
        drawn = allocation.spend(lots, draft.amount, state.today)
        held = max(held, sum(lot.amount for lot in lots if not days.is_past(lot.expires_on, state.today)))
        if drawn is None:
            continue
        if len(drawn) > MAX_POSTINGS:
            raise Refused(
                f"这次要动用的积分分散在太多批次里（超过 {MAX_POSTINGS} 批），请分几次兑换。",
                f"This draws on more than {MAX_POSTINGS} lots of points: redeem less at a time.",
            )
        kind = draft.subject.kind
        p = [
            (draft.asset, addresses.points(kind, holder, lot.expires_on), addresses.escrow(rid), lot.amount)
            for lot in drawn
        ]
        await holders.load_keys(state, [holder] if draft.reason else [])
        return service(state, "spend", draft.code, p, rid=rid, reason=draft.reason, holder=holder)
    raise NotEnough(
        f"积分不够：现有 {held} 分，需要 {draft.amount} 分。",
        f"Not enough points: {held} can be spent, {draft.amount} are needed.",
    )


async def settle(state: LedgerState, draft: Settle) -> Plan:
    spend = await state.find(draft.spend, "spend")
    _same_plugin(spend, draft.code)
    source = (spend.p[0][0], addresses.escrow(spend.rid))
    # The fence has put the plugin's name before the merchant; the core's own callers may leave that to us.
    plugin = draft.code.partition(".")[0]
    name = draft.merchant if "." in draft.merchant else f"{plugin}.{draft.merchant}"
    target = (source[0], f"merchant/{name}")
    if not name.startswith(f"{plugin}."):
        raise Refused("商户不属于这个模块。", "The merchant belongs to another module.")
    await state.view.book.load_accounts(state.tx.sql, [source, target])
    amount = _amount_of(state, source, draft.amount)
    return service(state, "settle", draft.code, [(*source, target[1], amount)], ref=spend.rid)


async def void(state: LedgerState, draft: Void) -> Plan:
    spend = await state.find(draft.spend, "spend")
    _same_plugin(spend, draft.code)
    source = (spend.p[0][0], addresses.escrow(spend.rid))
    await state.view.book.load_accounts(state.tx.sql, [source])
    amount = _amount_of(state, source, draft.amount)
    back = returned_to(state, spend, await returns_of(state, spend), amount)
    await holders.of_record(state, spend)
    p = [(*source, target, part) for target, part in back]
    return service(state, "void", draft.code, p, ref=spend.rid)


async def refund(state: LedgerState, draft: Refund) -> Plan:
    settle = await state.find(draft.settle, "settle")
    _same_plugin(settle, draft.code)
    spend = await state.find(cast(str, settle.ref), "spend")
    asset, _, merchant, settled = settle.p[0]
    left = settled - total(await state.referring(settle.rid, "refund"))
    amount = left if draft.amount is None else draft.amount
    check_amount(amount, "这笔订单已经全部退回。", "This order has already been refunded in full.")
    if amount > left:
        raise NotEnough(
            f"这笔订单最多还能退 {left} 分。", f"At most {left} points of this order can still be refunded."
        )
    await state.view.book.load_accounts(state.tx.sql, [(asset, merchant), (asset, addresses.REDEEMED)])
    await holders.of_record(state, spend)
    taken = min(amount, state.view.balance((asset, merchant)))
    sources = [(merchant, taken), (addresses.REDEEMED, amount - taken)]
    targets = returned_to(state, spend, await returns_of(state, spend), amount)
    p = [(asset, source, target, part) for source, target, part in pour(sources, targets)]
    return service(state, "refund", draft.code, p, ref=settle.rid)


def _amount_of(state: LedgerState, escrow: tuple[str, str], wanted: int | None) -> int:
    """The whole escrow, or the part asked for."""
    held = state.view.balance(escrow)
    check_amount(
        held if wanted is None else wanted,
        "这笔订单已经处理完了，没有冻结的积分。请刷新后再看。",
        "This order has already been dealt with: nothing is held for it. Reload the page.",
    )
    if wanted is not None and wanted > held:
        raise not_enough(escrow[1], held, wanted)
    return held if wanted is None else wanted


def _same_plugin(record: Post, code: str) -> None:
    if record.code.partition(".")[0] != code.partition(".")[0]:
        raise Refused("这笔订单属于另一个模块，不能在这里处理。", "This order belongs to another module.")
