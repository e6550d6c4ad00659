# SPDX-License-Identifier: Apache-2.0
"""An order's life: spend into escrow, settle to the merchant, void, refund.

A record touches one pseudonym. Who was merged has several, so that an order may need a spend of each; the first
names it, ``record_part`` (private) knows the others, and what happens to the order happens to all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from liren.ledger.engine import certify, holders
from liren.ledger.engine.book import chunks, not_enough
from liren.ledger.engine.plans import Plan, check_amount, read_post, service, total
from liren.ledger.engine.returns import drawn_by, pour, returned_to, returns_of
from liren.ledger.errors import NotEnough, Refused
from liren.ledger.log.records import Post
from liren.ledger.rules import addresses, allocation, days
from liren.ledger.rules.addresses import new_id
from liren.ledger.rules.allocation import Part
from liren.ledger.rules.moves import MAX_POSTINGS
from liren.plugins.points import Refund, Settle, Spend, Void

if TYPE_CHECKING:
    from liren.ledger.engine.posting import LedgerState


async def spend(state: LedgerState, draft: Spend) -> list[Plan]:
    check_amount(draft.amount)
    await certify.service_key(state, draft.code.partition(".")[0])
    owned = await holders.owned(state, draft.subject)
    lots = [lot for holder in owned for lot in state.view.lots(draft.asset, holder)]
    drawn = allocation.spend(lots, draft.amount, state.today)
    if drawn is None:
        held = sum(lot.amount for lot in lots if not days.is_past(lot.expires_on, state.today))
        raise NotEnough(
            f"积分不够：现有 {held} 分，需要 {draft.amount} 分。",
            f"Not enough points: {held} can be spent, {draft.amount} are needed.",
        )
    by_holder: dict[str, list[Part]] = {}
    for lot in drawn:
        by_holder.setdefault(lot.holder, []).append(lot)
    await holders.load_keys(state, list(by_holder) if draft.reason else [])
    return [_spend_of(state, draft, holder, parts) for holder, parts in by_holder.items()]


def _spend_of(state: LedgerState, draft: Spend, holder: str, parts: Sequence[Part]) -> Plan:
    if len(parts) > MAX_POSTINGS:
        raise Refused(
            f"这次要动用的积分分散在太多批次里（超过 {MAX_POSTINGS} 批），请分几次兑换。",
            f"This draws on more than {MAX_POSTINGS} lots of points: redeem less at a time.",
        )
    rid, kind = new_id(), draft.subject.kind
    p = [
        (draft.asset, addresses.points(kind, holder, part.expires_on), addresses.escrow(rid), part.amount)
        for part in parts
    ]
    return service(state, "spend", draft.code, p, rid=rid, reason=draft.reason, holder=holder)


async def settle(state: LedgerState, draft: Settle) -> list[Plan]:
    spends = await _parts(state, draft.spend, "spend")
    _same_plugin(spends[0], draft.code)
    # The fence has put the plugin's name before the merchant; the core's own callers may leave that to us.
    plugin, asset = draft.code.partition(".")[0], spends[0].p[0][0]
    name = draft.merchant if "." in draft.merchant else f"{plugin}.{draft.merchant}"
    if not name.startswith(f"{plugin}."):
        raise Refused("商户不属于这个模块。", "The merchant belongs to another module.")
    account = f"merchant/{name}"
    if (asset, account) not in state.view.book.accounts:
        await state.view.book.load_accounts(state.tx.sql, [(asset, account)])
    held, amount = await _held(state, spends, draft.amount)
    plans = []
    for spend, most in zip(spends, held, strict=True):
        if share := min(most, amount):
            amount -= share
            p = [(asset, addresses.escrow(spend.rid), account, share)]
            plans.append(service(state, "settle", draft.code, p, ref=spend.rid))
    return plans


async def void(state: LedgerState, draft: Void) -> list[Plan]:
    spends = await _parts(state, draft.spend, "spend")
    _same_plugin(spends[0], draft.code)
    held, amount = await _held(state, spends, draft.amount)
    returned = [await returns_of(state, spend) for spend in spends]
    plans = []
    for spend, before, share in zip(spends, returned, _shared_back(spends, returned, held, amount), strict=True):
        if share:
            await holders.of_record(state, spend)
            escrow = (spend.p[0][0], addresses.escrow(spend.rid))
            p = [(*escrow, target, part) for target, part in returned_to(state, spend, before, share)]
            plans.append(service(state, "void", draft.code, p, ref=spend.rid))
    return plans


def _shared_back(spends: Sequence[Post], returned: Sequence[int], most: Sequence[int], amount: int) -> Sequence[int]:
    """How much comes back to each spend of an order; nearly all orders have one."""
    if len(spends) == 1:
        return [amount]
    return allocation.share_back(list(zip(map(drawn_by, spends), returned, most, strict=True)), amount)


async def refund(state: LedgerState, draft: Refund) -> list[Plan]:
    settles = await _parts(state, draft.settle, "settle")
    _same_plugin(settles[0], draft.code)
    left = [total([settle]) - total(await state.referring(settle.rid, "refund")) for settle in settles]
    amount = sum(left) if draft.amount is None else draft.amount
    check_amount(amount, "这笔订单已经全部退回。", "This order has already been refunded in full.")
    if amount > sum(left):
        raise NotEnough(
            f"这笔订单最多还能退 {sum(left)} 分。", f"At most {sum(left)} points of this order can still be refunded."
        )
    asset, _, merchant, _ = settles[0].p[0]
    await state.view.book.load_accounts(state.tx.sql, [(asset, merchant), (asset, addresses.REDEEMED)])
    held, plans = state.view.balance((asset, merchant)), []
    spends = [await state.find(cast(str, settle.ref), "spend") for settle in settles]
    returned = [await returns_of(state, spend) for spend in spends]
    shares = _shared_back(spends, returned, left, amount)
    for settle, spend, before, share in zip(settles, spends, returned, shares, strict=True):
        if share:
            taken = min(share, held)
            held -= taken
            sources = [(merchant, taken), (addresses.REDEEMED, share - taken)]
            await holders.of_record(state, spend)
            targets = returned_to(state, spend, before, share)
            p = [(asset, source, target, part) for source, target, part in pour(sources, targets)]
            plans.append(service(state, "refund", draft.code, p, ref=settle.rid))
    return plans


async def read_spends(state: LedgerState, rids: Sequence[str]) -> None:
    """The orders that a list settles or voids, in a few statements for all of them: alone each takes three."""
    seen: dict[str, Post] = {}
    for part in chunks([rid for rid in dict.fromkeys(rids) if state.view.pending(rid) is None]):
        marks = ", ".join("?" * len(part))
        tied = await state.tx.sql(f"SELECT first FROM record_part WHERE first IN ({marks})", *part)  # noqa: S608
        several = {first for (first,) in tied}  # rare: of people who were merged; read one by one
        query = f"SELECT rid, body FROM log_entry WHERE rid IN ({marks}) AND why = 'spend'"  # noqa: S608
        for rid, body in await state.tx.sql(query, *part):
            if rid not in several:
                seen[rid] = read_post(bytes(body))
    state.view.orders.update((rid, [spend]) for rid, spend in seen.items())
    escrows = [(spend.p[0][0], addresses.escrow(rid)) for rid, spend in seen.items()]
    await state.view.book.load_accounts(state.tx.sql, escrows)


async def is_open(state: LedgerState, rid: str) -> bool:
    """Whether points of an order are still held."""
    escrows = [(spend.p[0][0], addresses.escrow(spend.rid)) for spend in await _parts(state, rid, "spend")]
    await state.view.book.load_accounts(state.tx.sql, escrows)
    return any(state.view.balance(escrow) for escrow in escrows)


async def _parts(state: LedgerState, rid: str, why: str) -> list[Post]:
    """The record and those made beside it for the same order, in order."""
    if why == "spend" and (known := state.view.orders.get(rid)) is not None:
        return known
    first = await state.find(rid, why)
    rows = await state.tx.sql("SELECT rid FROM record_part WHERE first = ? ORDER BY nth", rid)
    return [first, *[await state.find(other, why) for (other,) in rows]]


async def _held(state: LedgerState, spends: Sequence[Post], wanted: int | None) -> tuple[list[int], int]:
    """What the escrow of each spend holds, and how much of it all is meant: everything, or the part asked for."""
    escrows = [(spend.p[0][0], addresses.escrow(spend.rid)) for spend in spends]
    if any(escrow not in state.view.book.accounts for escrow in escrows):
        await state.view.book.load_accounts(state.tx.sql, escrows)
    held = [state.view.balance(escrow) for escrow in escrows]
    amount = sum(held) if wanted is None else wanted
    check_amount(
        amount,
        "这笔订单已经处理完了，没有冻结的积分。请刷新后再看。",
        "This order has already been dealt with: nothing is held for it. Reload the page.",
    )
    if amount > sum(held):
        raise not_enough(escrows[0][1], sum(held), amount)
    return held, amount


def _same_plugin(record: Post, code: str) -> None:
    if record.code.partition(".")[0] != code.partition(".")[0]:
        raise Refused("这笔订单属于另一个模块，不能在这里处理。", "This order belongs to another module.")
