# SPDX-License-Identifier: Apache-2.0
"""The table of moves and the rules of posting (spec sections 8, 9): pure checks against the state before a record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from liren_verify.accounts import HOLDER, Accounts, Kept, expiry_of, latest_first, sums
from liren_verify.days import award_expiry, return_expiry
from liren_verify.findings import Problem
from liren_verify.policy import Policy
from liren_verify.records import Post

Pairs = frozenset[tuple[str, str]]


def _pairs(*pairs: str) -> Pairs:
    return frozenset((src, dst) for src, dst in (pair.split(">") for pair in pairs))


POINTS: Mapping[str, Pairs] = {
    "budget": _pairs("issuance>budget", "budget>issuance"),
    "award": _pairs("budget>h", "budget>o"),
    "spend": _pairs("h>escrow", "o>escrow"),
    "settle": _pairs("escrow>merchant"),
    "void": _pairs("escrow>h", "escrow>o"),
    "refund": _pairs("merchant>h", "merchant>o", "redeemed>h", "redeemed>o"),
    "clear": _pairs("merchant>redeemed"),
    "expire": _pairs("h>expired", "o>expired"),
    "deduct": _pairs("h>expired", "o>expired"),
    "close": _pairs("h>expired", "o>expired"),
    "reverse": _pairs("h>budget", "o>budget", "expired>h", "expired>o", "redeemed>merchant"),
}
FEN: Mapping[str, Pairs] = {
    "budget": _pairs("issuance>fund", "fund>issuance"),
    "clear": _pairs("fund>merchant", "merchant>fund"),
    "reverse": _pairs("fund>merchant", "merchant>fund"),
}
MANY_ASSETS = frozenset({"budget", "clear", "close", "reverse"})
ONE_POSTING = frozenset({"award", "settle", "expire"})
REVERSIBLE = frozenset({"award", "deduct", "close", "clear"})


@dataclass(slots=True)
class Scene:
    """What stood before the record."""

    accounts: Accounts
    kept: dict[str, Kept] = field(default_factory=dict)
    """By rid: posts that later records may refer to."""
    slips: set[str] = field(default_factory=set)
    """rids of attests whose subject is a settlement slip."""
    policy: Policy | None = None
    day: str = ""
    """The admission day of the record at hand."""

    def referred(self, post: Post, *kinds: str) -> Kept:
        kept = self.kept.get(post.ref or "")
        if kept is None or kept.why not in kinds:
            raise Problem("ref-wrong", ref=post.ref or "-")
        return kept


def _wrong(why: str) -> Problem:
    return Problem("posting-wrong", why=why)


def plugin_of(code: str) -> str:
    """The plugin of a ``<plugin>.<what>`` code."""
    plugin, dot, what = code.partition(".")
    if not dot or not what or not plugin.isalpha() or not plugin.islower():
        raise _wrong("code is not <plugin>.<what>")
    return plugin


def check_shape(post: Post) -> None:
    """What can be said without any state: the table of moves, one asset, one holder."""
    why, postings = post.why, post.postings
    for asset, src, dst, _ in postings:
        pairs = FEN.get(why, ()) if asset == "fen" else POINTS[why]
        if (src.partition("/")[0], dst.partition("/")[0]) not in pairs:
            raise Problem("move-wrong", why=why, src=src, dst=dst)
    if len(postings) == 1:
        return
    if why in ONE_POSTING:
        raise _wrong("one posting only")
    if why not in MANY_ASSETS and len({posting[0] for posting in postings}) > 1:
        raise _wrong("one asset only")
    holders = {address[:HOLDER] for _, src, dst, _ in postings for address in (src, dst) if address[1] == "/"}
    if len(holders) > 1:
        raise _wrong("one holder only")


def _past(address: str, day: str) -> bool:
    return address[1] == "/" and address[HOLDER + 1 :] < day


def check_post(post: Post, scene: Scene) -> None:
    """Everything but signatures and the sign of balances.

    :raises Problem: the first rule that is broken
    """
    check_shape(post)
    if post.why not in ("expire", "close"):
        day = scene.day
        for _, src, dst, _ in post.postings:
            for address in (src, dst):
                if address[1] == "/" and address[HOLDER + 1 :] < day:
                    raise Problem("account-past", account=address)
    _CHECKS[post.why](post, scene)


def _budget(post: Post, scene: Scene) -> None:
    pass  # the table of moves, the street's signature and the balances say everything


def _award(post: Post, scene: Scene) -> None:
    asset, src, dst, amount = post.postings[0]
    if src != f"budget/{post.unit}":
        raise Problem("unit-wrong", unit=post.unit, account=src)
    if scene.policy is None:
        raise Problem("rule-missing", rule=post.code)
    if not scene.policy.readable:
        return
    rule = scene.policy.rules.get(post.code)
    if rule is None:
        raise Problem("rule-missing", rule=post.code)
    broken = ""
    if asset != rule.asset or dst[0] != rule.subject:
        broken = "asset or subject"
    elif not rule.min <= amount <= rule.max:
        broken = "amount"
    elif post.eff < rule.valid_from or (rule.valid_to is not None and post.eff > rule.valid_to):
        broken = "eff"
    elif expiry_of(dst) != award_expiry(rule.expiry, post.eff):
        broken = "expiry"
    if broken:
        raise Problem("rule-broken", rule=post.code, why=broken)


def _spend(post: Post, scene: Scene) -> None:
    plugin_of(post.code)
    drawn: dict[str, int] = {}
    for _, src, dst, amount in post.postings:
        if dst != f"escrow/{post.rid}":
            raise _wrong("escrow of another spend")
        drawn[expiry_of(src)] = amount
    asset, src = post.postings[0][:2]
    latest = max(drawn)
    for expiry, balance in scene.accounts.lots(asset, src[:HOLDER]):
        if scene.day <= expiry < latest and balance > drawn.get(expiry, 0):
            raise Problem("order-wrong")


def _same_plugin(post: Post, kept: Kept) -> str:
    plugin = plugin_of(post.code)
    if plugin != plugin_of(kept.code):
        raise _wrong("code of another plugin")
    return plugin


def _settle(post: Post, scene: Scene) -> None:
    spend = scene.referred(post, "spend")
    asset, src, dst, _ = post.postings[0]
    if src != f"escrow/{post.ref}" or not dst.startswith(f"merchant/{_same_plugin(post, spend)}."):
        raise _wrong("escrow or merchant")
    if asset != spend.postings[0][0]:
        raise _wrong("asset")


def check_return(post: Post, returned: Kept, day: str) -> None:
    """Rule 7: the holder, the accounts and the amounts of a return are determined; nothing is left to choose."""
    totals: dict[str, int] = {}
    for asset, _, _, amount in post.postings:
        totals[asset] = totals.get(asset, 0) + amount
    want: list[tuple[tuple[str, str], int]] = []
    for asset, total in totals.items():
        for account, rest in latest_first(returned, asset):
            part = min(rest, total)
            if part > 0:
                past = _past(account, day)
                target = f"{account[:HOLDER]}/{return_expiry(day)}" if past else account
                want.append(((asset, target), part))
                total -= part
        if total:
            raise Problem("too-much")
    wanted = sums(want)
    if sums(((asset, dst), amount) for asset, _, dst, amount in post.postings) != wanted:
        raise Problem("return-wrong", want=", ".join(f"{to} {n}" for (_, to), n in sorted(wanted.items())))


def _void(post: Post, scene: Scene) -> None:
    spend = scene.referred(post, "spend")
    _same_plugin(post, spend)
    if any(src != f"escrow/{post.ref}" for _, src, _, _ in post.postings):
        raise _wrong("escrow of another spend")
    check_return(post, spend, scene.day)


def _refund(post: Post, scene: Scene) -> None:
    settle = scene.referred(post, "settle")
    spend = scene.kept.get(settle.ref or "")
    if spend is None:
        raise Problem("ref-wrong", ref=settle.ref or "-")
    _same_plugin(post, spend)
    asset, escrow, merchant, amount = settle.postings[0]
    if any(posting[0] != asset or posting[1] not in (merchant, "redeemed") for posting in post.postings):
        raise _wrong("another merchant or asset")
    total = sum(posting[3] for posting in post.postings)
    if total + settle.undone.get((asset, escrow, merchant), 0) > amount:
        raise Problem("too-much")
    from_merchant = sum(posting[3] for posting in post.postings if posting[1] == merchant)
    if from_merchant != min(total, scene.accounts.balance(asset, merchant)):
        raise _wrong("the merchant gives first, redeemed only the rest")
    check_return(post, spend, scene.day)


def _clear(post: Post, scene: Scene) -> None:
    if post.ref not in scene.slips:
        raise Problem("ref-wrong", ref=post.ref or "-")


def _whole(post: Post, scene: Scene) -> None:
    for asset, src, _, amount in post.postings:
        balance = scene.accounts.balance(asset, src)
        if amount != balance:
            raise Problem("not-whole", account=src, balance=balance)


def _expire(post: Post, scene: Scene) -> None:
    src = post.postings[0][1]
    if not _past(src, scene.day):
        raise Problem("not-expired", account=src)
    _whole(post, scene)


def _deduct(post: Post, scene: Scene) -> None:
    if post.postings[0][1][0] == "h":
        policy = scene.policy
        if policy is None or (policy.readable and post.code not in policy.deduct_h):
            raise Problem("deduct-off", rule=post.code)


def _reverse(post: Post, scene: Scene) -> None:
    kept = scene.referred(post, *REVERSIBLE)
    if kept.unit != post.unit:
        raise Problem("unit-wrong", unit=post.unit, account=post.ref or "-")
    if kept.why in ("deduct", "close"):
        if any(src != "expired" for _, src, _, _ in post.postings):
            raise _wrong("not the other way")
        check_return(post, kept, scene.day)
        return
    amounts = {posting[:3]: posting[3] for posting in kept.postings}
    for asset, src, dst, amount in post.postings:
        way = (asset, dst, src)
        if way not in amounts:
            raise _wrong("not the other way")
        if amount + kept.undone.get(way, 0) > amounts[way]:
            raise Problem("too-much")


_CHECKS: Mapping[str, Callable[[Post, Scene], None]] = {
    "budget": _budget,
    "award": _award,
    "spend": _spend,
    "settle": _settle,
    "void": _void,
    "refund": _refund,
    "clear": _clear,
    "expire": _expire,
    "deduct": _deduct,
    "close": _whole,
    "reverse": _reverse,
}
