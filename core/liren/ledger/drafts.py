# SPDX-License-Identifier: Apache-2.0
"""From a draft to a plan: which accounts move, by how much, and who must sign. One function per move.

Numbers are decided here and nowhere else; ``posting`` then checks the table of moves, signs and applies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, cast

from liren.ledger import addresses, allocation, certify, days, keys, records
from liren.ledger.addresses import new_id
from liren.ledger.allocation import Part
from liren.ledger.book import not_enough
from liren.ledger.errors import NotEnough, Refused
from liren.ledger.moves import FEN, MAX_POSTINGS, Posting
from liren.ledger.note import open_note
from liren.ledger.records import Post
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


@dataclass(slots=True)
class Plan:
    """One post, all numbers decided."""

    why: str
    code: str
    unit: str
    eff: str
    p: Sequence[Posting]
    rid: str = field(default_factory=new_id)
    ref: str | None = None
    reason: Mapping[str, str | int] = field(default_factory=dict)
    reviewer: str | None = None
    """Person id of the second signer; None: no second signature."""
    holder: str | None = None
    """Under whose key the opening is sealed."""


def read_post(note: bytes) -> Post:
    """The post of a stored note."""
    record = records.decode(open_note(note)[0])
    assert isinstance(record, Post)
    return record


async def plan(state: LedgerState, draft: PostDraft) -> list[Plan]:
    """:raises LedgerError: the draft cannot be posted"""
    match draft:
        case Award():
            return [await _award(state, draft)]
        case Spend():
            return [await _spend(state, draft)]
        case Settle():
            return [await _settle(state, draft)]
        case Void():
            return [await _void(state, draft)]
        case Refund():
            return [await _refund(state, draft)]
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
    holder = (await state.holders([draft.subject], create=True))[draft.subject][0]
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


async def _spend(state: LedgerState, draft: Spend) -> Plan:
    _check_amount(draft.amount)
    plugin = draft.code.partition(".")[0]
    await certify.service_key(state, plugin)
    rid, held = new_id(), 0
    for holder in (await state.holders([draft.subject], create=False))[draft.subject]:
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
        await state.load_subject_keys([holder] if draft.reason else [])
        return _service(state, "spend", draft.code, p, rid=rid, reason=draft.reason, holder=holder)
    raise NotEnough(
        f"积分不够：现有 {held} 分，需要 {draft.amount} 分。",
        f"Not enough points: {held} can be spent, {draft.amount} are needed.",
    )


async def _settle(state: LedgerState, draft: Settle) -> Plan:
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
    return _service(state, "settle", draft.code, [(*source, target[1], amount)], ref=spend.rid)


async def _void(state: LedgerState, draft: Void) -> Plan:
    spend = await state.find(draft.spend, "spend")
    _same_plugin(spend, draft.code)
    source = (spend.p[0][0], addresses.escrow(spend.rid))
    await state.view.book.load_accounts(state.tx.sql, [source])
    amount = _amount_of(state, source, draft.amount)
    back = _returned_to(state, spend, await _returns_of(state, spend), amount)
    await state.holders_loaded(spend)
    p = [(*source, target, part) for target, part in back]
    return _service(state, "void", draft.code, p, ref=spend.rid)


async def _refund(state: LedgerState, draft: Refund) -> Plan:
    settle = await state.find(draft.settle, "settle")
    _same_plugin(settle, draft.code)
    spend = await state.find(cast(str, settle.ref), "spend")
    asset, _, merchant, settled = settle.p[0]
    left = settled - _sum(await state.referring(settle.rid, "refund"))
    amount = left if draft.amount is None else draft.amount
    _check_amount(amount, "这笔订单已经全部退回。", "This order has already been refunded in full.")
    if amount > left:
        raise NotEnough(
            f"这笔订单最多还能退 {left} 分。", f"At most {left} points of this order can still be refunded."
        )
    await state.view.book.load_accounts(state.tx.sql, [(asset, merchant), (asset, addresses.REDEEMED)])
    await state.holders_loaded(spend)
    taken = min(amount, state.view.balance((asset, merchant)))
    sources = [(merchant, taken), (addresses.REDEEMED, amount - taken)]
    targets = _returned_to(state, spend, await _returns_of(state, spend), amount)
    p = [(asset, source, target, part) for source, target, part in _pair(sources, targets)]
    return _service(state, "refund", draft.code, p, ref=settle.rid)


async def _reverse(state: LedgerState, draft: Reverse) -> Plan:
    record = await state.find(draft.record, "award", "close")
    _check_amount(draft.amount)
    left = _sum([record]) - _sum(earlier := await state.referring(record.rid, "reverse"))
    if draft.amount > left:
        raise Refused(
            f"这笔记录最多还能冲正 {left} 分。", f"At most {left} points of this record can still be reversed."
        )
    holder = await state.holders_loaded(record)
    if record.why == "award":
        p = [_reversed_award(state, record, draft.amount)]
    else:
        asset = record.p[0][0]
        await state.view.book.load_accounts(state.tx.sql, [(asset, addresses.EXPIRED)])
        back = _returned_to(state, record, _sum(earlier), draft.amount)
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
        _check_amount(0)
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
    _check_amount(amount, "这个账户已经没有积分。", "This account holds no points any more.")
    p = [(draft.asset, draft.address, addresses.EXPIRED, amount)]
    return _service(state, "expire", f"{keys.CORE}.expire", p)


async def _close(state: LedgerState, draft: Close) -> list[Plan]:
    """One record per asset (and per 32 accounts): whole balances only."""
    by_asset: dict[tuple[str, str], list[Posting]] = {}
    for holder in (await state.holders([draft.subject], create=False))[draft.subject]:
        for account in sorted(state.view.accounts_of(holder), key=lambda a: (a.asset, a.expires_on or date.max)):
            balance = state.view.balance((account.asset, account.address))
            if balance:
                moves = by_asset.setdefault((account.asset, holder), [])
                moves.append((account.asset, account.address, addresses.EXPIRED, balance))
    if not by_asset:
        raise Refused("账户里没有积分，不用清零。", "The account holds no points: nothing to close.")
    await state.view.book.load_accounts(state.tx.sql, [(asset, addresses.EXPIRED) for asset, _ in by_asset])
    await state.load_subject_keys([holder for _, holder in by_asset])
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


def _service(
    state: LedgerState,
    why: str,
    code: str,
    p: Sequence[Posting],
    *,
    rid: str | None = None,
    ref: str | None = None,
    reason: Mapping[str, str | int] | None = None,
    holder: str | None = None,
) -> Plan:
    """What a service key signs stands in the street's name."""
    street = state.view.keys.street
    return Plan(why, code, street, state.eff, p, rid or new_id(), ref, reason or {}, None, holder)


async def _returns_of(state: LedgerState, spend: Post) -> int:
    """What voids and refunds of a spend have given back so far."""
    returned = _sum(await state.referring(spend.rid, "void"))
    for settle in await state.referring(spend.rid, "settle"):
        returned += _sum(await state.referring(settle.rid, "refund"))
    return returned


def _returned_to(state: LedgerState, record: Post, returned: int, amount: int) -> list[tuple[str, int]]:
    """(address, amount) of what comes back from ``record``'s accounts, latest expiry first."""
    drawn = []
    for _, source, _, part in record.p:
        address = addresses.parse(source)
        kind, holder = cast(Literal["h", "o"], address.kind), address.name
        drawn.append(Part(address.expires_on, part))
    targets: dict[str, int] = {}
    for part_back in allocation.give_back(drawn, returned, amount):
        end = days.returned_until(part_back.expires_on, state.today)
        target = addresses.points(kind, holder, end)
        targets[target] = targets.get(target, 0) + part_back.amount
    return list(targets.items())


def _pair(sources: Iterable[tuple[str, int]], targets: Iterable[tuple[str, int]]) -> Iterable[tuple[str, str, int]]:
    """Pours ``sources`` into ``targets`` of the same total, in order."""
    left = [list(source) for source in sources if source[1]]
    for target, wanted in targets:
        need = wanted
        while need:
            source = left[0]
            part = min(need, cast(int, source[1]))
            yield cast(str, source[0]), target, part
            need -= part
            source[1] = cast(int, source[1]) - part
            if not source[1]:
                left.pop(0)


def _amount_of(state: LedgerState, escrow: tuple[str, str], wanted: int | None) -> int:
    """The whole escrow, or the part asked for."""
    held = state.view.balance(escrow)
    _check_amount(
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


def _sum(posts: Sequence[Post]) -> int:
    return sum(posting[3] for post in posts for posting in post.p)


def _check_amount(
    amount: int, zh: str = "积分数必须是大于 0 的整数。", en: str = "The amount must be a whole number above 0."
) -> None:
    if amount < 1:
        raise Refused(zh, en)
