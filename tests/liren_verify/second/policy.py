# SPDX-License-Identifier: Apache-2.0
"""Policy bodies, expiries and admission days: sections 9 and 11."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.liren_verify.second.forms import ASSET, CODE, Bad, full, is_day, load_obj, month_end, ok


def parse_policy(b: bytes) -> dict[str, Any]:
    ok(len(b) <= 1 << 20, "policy-missing", "long")
    x = load_obj(b, "policy-missing")
    good = (
        set(x) == {"format", "tz", "deduct_h", "rules"}
        and x["format"] == "liren/policy/v1"
        and full(r"[A-Za-z0-9_+/-]{1,64}", x["tz"])
        and isinstance(x["deduct_h"], dict)
        and isinstance(x["rules"], list)
        and len(x["rules"]) <= 2000
        and all(full(CODE, k) and isinstance(v, str) and 1 <= len(v) <= 200 for k, v in x["deduct_h"].items())
    )
    ok(good, "policy-missing", "members")
    try:
        x["zone"] = ZoneInfo(x["tz"]) if x["tz"] != "Asia/Shanghai" else None
    except Exception as e:
        raise Bad("policy-missing", "tz") from e
    need = {"code", "asset", "subject", "min", "max", "valid_from", "expiry", "reviewers"}
    for r in x["rules"]:
        good = (
            isinstance(r, dict)
            and need <= set(r) <= need | {"valid_to"}
            and full(CODE, r["code"])
            and full(ASSET, r["asset"])
            and r["asset"] != "fen"
            and r["subject"] in ("h", "o")
            and type(r["min"]) is int
            and type(r["max"]) is int
            and 1 <= r["min"] <= r["max"]
            and is_day(r["valid_from"])
            and is_day(r.get("valid_to", r["valid_from"]))
            and full("never|year-end|next-year-end|months:([1-9]|[1-9][0-9]|1[01][0-9]|120)", r["expiry"])
            and type(r["reviewers"]) is int
            and r["reviewers"] in (0, 1)
        )
        ok(good, "policy-missing", "rule")
    codes = [r["code"] for r in x["rules"]]
    ok(codes == sorted(set(codes)), "policy-missing", "order")
    x["by"] = {r["code"]: r for r in x["rules"]}
    return x


def rule_expiry(rule: str, eff: str) -> str:
    y, m = int(eff[:4]), int(eff[5:7])
    if rule == "never":
        return "never"
    if rule.startswith("months:"):
        return month_end(y, m + int(rule[7:]))
    return f"{y + (rule == 'next-year-end'):04d}-12-31"


def admission_day(ms: int, zone: ZoneInfo | None) -> str:
    if zone is None:
        return (datetime(1970, 1, 1) + timedelta(milliseconds=ms, hours=8)).strftime("%Y-%m-%d").rjust(10, "0")
    t = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    return t.astimezone(zone).strftime("%Y-%m-%d").rjust(10, "0")
