# SPDX-License-Identifier: Apache-2.0
"""The policy body: the rules a street adopted, as the ledger enforces them (spec section 11)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from liren_verify import canonical
from liren_verify.days import SHANGHAI, zone
from liren_verify.findings import Problem
from liren_verify.note import MOST, base64url
from liren_verify.records import ASSET, CODE, DAY, is_day

TAG = b"liren/policy/v1\n"
MOST_BYTES = 2**20
MOST_RULES = 2000
_EXPIRY = re.compile(r"never|year-end|next-year-end|months:(?:[1-9]|[1-9][0-9]|1[01][0-9]|120)")
_RULE = {"code", "asset", "subject", "min", "max", "valid_from", "expiry", "reviewers"}


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    asset: str
    subject: str
    min: int
    max: int
    valid_from: str
    valid_to: str | None
    expiry: str
    reviewers: int


@dataclass(frozen=True, slots=True)
class Policy:
    digest: str
    zone: tzinfo
    deduct_h: frozenset[str] = frozenset()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    readable: bool = True
    """False where the body was missing or malformed: its rules cannot be checked."""


def digest_of(body: bytes) -> str:
    return base64url(hashlib.sha256(TAG + body).digest())


def unread(digest: str) -> Policy:
    """Stands in for a body that is missing, so that the replay can go on."""
    tz = zone(SHANGHAI)
    assert tz is not None
    return Policy(digest, tz, readable=False)


def _wrong(why: str) -> Problem:
    return Problem("policy-missing", why=why)


def _whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _text(value: Any, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _rule(raw: Any) -> Rule:
    if not isinstance(raw, dict) or raw.keys() - {"valid_to"} != _RULE:
        raise _wrong("rule")
    rule = Rule(valid_to=raw.get("valid_to"), **{name: raw[name] for name in _RULE})
    fine = (
        _text(rule.code, CODE)
        and _text(rule.asset, ASSET)
        and rule.asset != "fen"
        and rule.subject in ("h", "o")
        and _whole(rule.min, 1, MOST)
        and _whole(rule.max, rule.min, MOST)
        and _text(rule.valid_from, DAY)
        and is_day(rule.valid_from)
        and ("valid_to" not in raw or (_text(rule.valid_to, DAY) and is_day(str(rule.valid_to))))
        and _text(rule.expiry, _EXPIRY.pattern)
        and _whole(rule.reviewers, 0, 1)
    )
    if not fine:
        raise _wrong(f"rule {rule.code}")
    return rule


def parse_policy(body: bytes, digest: str) -> Policy:
    """:raises Problem: ``policy-missing`` where the body is not what ``digest`` names, or malformed"""
    if len(body) > MOST_BYTES:
        raise _wrong("over 1 MiB")
    if digest_of(body) != digest:
        raise _wrong("digest")
    raw = canonical.decode(body, "policy-missing")
    if not isinstance(raw, dict) or raw.keys() != {"format", "tz", "deduct_h", "rules"}:
        raise _wrong("members")
    if raw["format"] != "liren/policy/v1":
        raise _wrong("format")
    tz = zone(raw["tz"]) if _text(raw["tz"], "[A-Za-z0-9_+/-]{1,64}") else None
    if tz is None:
        raise _wrong("tz")
    deduct, rules = raw["deduct_h"], raw["rules"]
    if not isinstance(deduct, dict) or not isinstance(rules, list) or len(rules) > MOST_RULES:
        raise _wrong("deduct_h or rules")
    for code, basis in deduct.items():
        if not _text(code, CODE) or not isinstance(basis, str) or not 1 <= len(basis) <= 200:
            raise _wrong("deduct_h")
    parsed = [_rule(rule) for rule in rules]
    codes = [rule.code for rule in parsed]
    if codes != sorted(set(codes)):
        raise _wrong("rules are not ascending by code")
    return Policy(digest, tz, frozenset(deduct), {rule.code: rule for rule in parsed})
