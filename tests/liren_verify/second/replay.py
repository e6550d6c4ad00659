# SPDX-License-Identifier: Apache-2.0
"""The rules of posting by replay, policies and recoveries: sections 8 to 11 and 16."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.liren_verify.second.forms import (
    DIG,
    NUM,
    TOP,
    Bad,
    b64u,
    canon,
    full,
    leaf,
    load_obj,
    month_end,
    ok,
    root_of,
    sha,
    unb64u,
)
from tests.liren_verify.second.keyring import Keys, is_recovery, number
from tests.liren_verify.second.policy import admission_day, parse_policy, rule_expiry
from tests.liren_verify.second.records import Rec, entry

Acc = tuple[str, str]
HO, BUD, FUND, MER = r"[ho]/.*", r"budget/.*", r"fund/.*", r"merchant/.*"
Move = tuple[str, str, bool]
"""From, to, whether in money."""


def late(e: str) -> str:
    return "9999" if e == "never" else e


def exp(address: str) -> str:
    return address.split("/")[2]


def own(address: str) -> bool:
    return address[:2] in ("h/", "o/")


@dataclass
class Log:
    keys: Keys = field(default_factory=Keys)
    bodies: dict[str, bytes] = field(default_factory=dict)
    recoveries: dict[str, bytes] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    bal: Counter[Acc] = field(default_factory=Counter)
    recs: dict[str, Rec] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    used: dict[str, list[tuple[int, Rec]]] = field(default_factory=dict)
    back: Counter[tuple[str, ...]] = field(default_factory=Counter)
    months: dict[str, tuple[int, Rec]] = field(default_factory=dict)
    last: int = 0

    def take(self, pos: int, raw: bytes) -> Rec:
        r = entry(raw)
        self.keys.place(r, pos)
        ok(r.ms >= self.last, "time-back")
        self.last = r.ms
        day = admission_day(r.ms, self.policy.get("zone"))
        self.days.append(day)
        if r.kind == "key":
            low = (date.fromisoformat(day) - timedelta(31)).isoformat()
            ok(low <= r.eff <= day, "eff-wrong")
        elif r.why == "award":
            ok(r.eff <= day, "eff-wrong")
        else:
            ok(r.eff == day, "eff-wrong")
        if r.kind == "key":
            self.keys.admit(r, pos)
        elif r.kind == "post":
            self.post(r, pos, day)
        else:
            self.keys.authority(r, pos)
        if r.kind == "policy":
            ok(r.digest in self.bodies, "policy-missing")
            ok(b64u(sha(b"liren/policy/v1\n", self.bodies[r.digest])) == r.digest, "policy-missing", "digest")
            self.policy, self.digest = parse_policy(self.bodies[r.digest]), r.digest
        if r.kind == "attest" and r.subject.startswith("statement/"):
            ok(
                r.code == "ledger.statement" and r.unit == self.keys.unit and r.subject[10:] not in self.months,
                "statement-wrong",
                "unit or month",
            )
            self.months[r.subject[10:]] = (pos, r)
        if is_recovery(r):
            self.recovery(r, pos)
        self.recs[r.rid] = r
        self.leaves.append(leaf(raw))
        return r

    def recovery(self, r: Rec, pos: int) -> None:
        ok(r.code == "ledger.recovery" and r.rid in self.recoveries, "recovery-wrong", "missing")
        x = load_obj(self.recoveries[r.rid], "recovery-wrong")
        ok(set(x) == {"anchor", "format", "restored", "salt"} and full(DIG, x["salt"]), "recovery-wrong", "members")
        ok(x["format"] == "liren/recovery/v1", "recovery-wrong")
        salt = unb64u(x.pop("salt"))
        ok(b64u(sha(b"liren/attest/v1\n", salt, canon(x))) == r.digest, "recovery-wrong", "digest")
        a, before = x["anchor"], self.keys.origins[-2][1]
        ok(x["restored"] == [before, pos, root_of(self.leaves).hex()], "recovery-wrong", "restored")
        ok(
            isinstance(a, list)
            and len(a) == 3
            and full(re.escape(self.keys.street) + "/log/" + NUM, a[0])
            and type(a[1]) is int
            and a[1] >= 0
            and full("[0-9a-f]{64}", a[2])
            and a != x["restored"]
            and number(a[0]) < number(r.log),
            "recovery-wrong",
            "anchor",
        )

    def post(self, r: Rec, pos: int, day: str) -> None:
        ok((r.policy or "") == self.digest, "policy-stale")
        rule = self.policy.get("by", {}).get(r.code) if r.why == "award" else None
        ok(r.why != "award" or rule, "rule-missing")
        self.keys.authority(r, pos, rule["reviewers"] if rule else 0)
        ref = self.recs.get(r.ref) if r.ref else None
        ok(not r.ref or ref, "ref-wrong")
        wants = {
            "settle": ["spend"],
            "void": ["spend"],
            "refund": ["settle"],
            "clear": ["attest"],
            "reverse": ["award", "deduct", "close", "clear"],
        }
        if ref:
            ok((ref.why or ref.kind) in wants[r.why], "ref-wrong")
            ok(r.why != "clear" or ref.subject.startswith("slip/"), "ref-wrong")
            ok(r.why not in ("settle", "void", "refund") or r.code.split(".")[0] == ref.code.split(".")[0], "ref-wrong")
        self.moves(r, ref)
        after = self.bal.copy()
        for asset, src, dst, n in r.p:
            after[asset, src] -= n
            after[asset, dst] += n
        touched = {(p[0], a) for p in r.p for a in p[1:3]}
        for acc in touched:
            if own(acc[1]) and r.why not in ("expire", "close"):
                ok(exp(acc[1]) == "never" or exp(acc[1]) >= day, "account-past", acc[1])
        if r.why == "award":
            self.award(r, rule or {})
        if r.why in ("void", "refund") or (r.why == "reverse" and ref and ref.why in ("deduct", "close")):
            self.returns(r, ref, day)
        if r.why == "reverse":
            assert ref
            ok(r.unit == ref.unit, "unit-wrong")
            if ref.why in ("award", "clear"):
                took = {(p[0], p[2], p[1]): p[3] for p in ref.p}
                for asset, src, dst, n in r.p:
                    ok((asset, src, dst) in took, "ref-wrong")
                    self.back[r.ref, asset, src, dst] += n
                    ok(self.back[r.ref, asset, src, dst] <= took[asset, src, dst], "too-much")
        for asset, src, _, n in r.p:
            if r.why in ("expire", "close"):
                ok(n == self.bal[asset, src], "not-whole")
            if r.why == "expire":
                ok(exp(src) != "never" and exp(src) < day, "not-expired")
            if r.why == "deduct" and src.startswith("h/"):
                ok(r.code in self.policy.get("deduct_h", {}), "deduct-off")
        for acc in touched:
            low = -TOP if acc[1] == "issuance" else 0
            ok(low <= after[acc] <= TOP, "negative-balance", acc[1])
        if r.why == "spend":
            asset = r.p[0][0]
            who = r.p[0][1][:24]
            latest = max(late(exp(p[1])) for p in r.p)
            for (a, adr), n in after.items():
                if a == asset and adr.startswith(who + "/") and n > 0 and day <= late(exp(adr)) < latest:
                    raise Bad("order-wrong")
        self.bal = after

    def moves(self, r: Rec, ref: Rec | None) -> None:
        plug = r.code.split(".")[0]
        merchant = re.escape(f"merchant/{plug}.") + ".*"
        esc = "escrow/" + re.escape(r.ref or r.rid)
        legal: dict[str, list[Move]] = {
            "budget": [
                ("issuance", BUD, False),
                (BUD, "issuance", False),
                ("issuance", FUND, True),
                (FUND, "issuance", True),
            ],
            "award": [(re.escape(f"budget/{r.unit}"), HO, False)],
            "spend": [(HO, esc, False)],
            "settle": [(esc, merchant, False)],
            "void": [(esc, HO, False)],
            "refund": [(MER, HO, False), ("redeemed", HO, False)],
            "clear": [(MER, "redeemed", False), (FUND, MER, True), (MER, FUND, True)],
            "expire": [(HO, "expired", False)],
            "deduct": [(HO, "expired", False)],
            "close": [(HO, "expired", False)],
        }
        if ref and r.why == "reverse":
            if ref.why == "award":
                allowed: list[Move] = [(HO, BUD, False)]
            elif ref.why == "clear":
                allowed = [(d, s, f) for s, d, f in legal["clear"]]
            else:
                allowed = [("expired", HO, False)]
        else:
            allowed = legal[r.why]
        if r.why in ("award", "settle", "expire"):
            ok(len(r.p) == 1, "posting-wrong")
        ok(r.why in ("budget", "clear", "close", "reverse") or len({p[0] for p in r.p}) == 1, "posting-wrong")
        ok(len({a[:24] for p in r.p for a in p[1:3] if own(a)}) <= 1, "posting-wrong")
        for asset, src, dst, _ in r.p:
            hit = [1 for s, d, f in allowed if re.fullmatch(s, src) and re.fullmatch(d, dst) and f == (asset == "fen")]
            ok(hit, "move-wrong", f"{r.why} {src} {dst}")

    def award(self, r: Rec, rule: dict[str, Any]) -> None:
        asset, _, dst, n = r.p[0]
        good = (
            rule["asset"] == asset
            and rule["subject"] == dst[0]
            and rule["min"] <= n <= rule["max"]
            and rule["valid_from"] <= r.eff <= rule.get("valid_to", "9999")
            and exp(dst) == rule_expiry(rule["expiry"], r.eff)
        )
        ok(good, "rule-broken", r.code)

    def returns(self, r: Rec, ref: Rec | None, day: str) -> None:
        assert ref
        src = self.recs[ref.ref] if r.why == "refund" else ref
        if r.why == "refund":
            total = sum(p[3] for p in r.p)
            ok(all(p[0] == ref.p[0][0] for p in r.p), "ref-wrong", "asset")
            self.back["refund", r.ref] += total
            ok(self.back["refund", r.ref] <= ref.p[0][3], "too-much")
            merch = ref.p[0][2]
            ok(all(p[1] in (merch, "redeemed") for p in r.p), "move-wrong")
            part = sum(p[3] for p in r.p if p[1] == merch)
            ok(part == min(total, self.bal[ref.p[0][0], merch]), "return-wrong", "merchant")
        ahead = date.fromisoformat(day) + timedelta(30)
        fresh = month_end(ahead.year, ahead.month)
        for asset in {p[0] for p in r.p}:
            left = sum(p[3] for p in r.p if p[0] == asset)
            want: Counter[str] = Counter()
            took = sorted(((late(exp(p[1])), p[1], p[3]) for p in src.p if p[0] == asset), reverse=True)
            for e, adr, n in took:
                use = min(left, n - self.back[src.rid, asset, adr])
                if use:
                    self.back[src.rid, asset, adr] += use
                    left -= use
                    want[adr if e >= day else adr[:25] + fresh] += use
            ok(left == 0, "too-much")
            got: Counter[str] = Counter()
            for p in r.p:
                if p[0] == asset:
                    got[p[2]] += p[3]
            ok(got == want, "return-wrong")
