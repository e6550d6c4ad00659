# SPDX-License-Identifier: Apache-2.0
"""Entries and records: section 6, and the addresses of section 8."""

import re
from dataclasses import dataclass
from typing import Any

from tests.liren_verify.second.forms import (
    ASSET,
    CODE,
    DAY,
    DIG,
    NUM,
    PLUGIN,
    RID,
    STREET,
    TOP,
    UNIT,
    Bad,
    Line,
    full,
    is_day,
    load,
    month_end,
    note,
    ok,
)

WHY = ["award", "budget", "clear", "close", "deduct", "expire", "refund", "reverse", "settle", "spend", "void"]
REF = {"settle", "void", "refund", "clear", "reverse"}
COMMIT = {"award", "deduct", "reverse", "close"}
ROLES = {"root", "unit", "reviewer", "service", "log"}
ID = r"[A-Za-z0-9._-]{1,64}"
SUBJECT = rf"statement/[0-9]{{4}}-(?:0[1-9]|1[0-2])|audit/({DAY})|slip/{ID}|doc/{PLUGIN}/{ID}|recovery"


@dataclass
class Rec:
    raw: bytes
    ms: int
    text: bytes
    f: dict[str, Any]
    sigs: list[Line]

    def __getattr__(self, name: str) -> Any:
        """A field of the record, None where it has none."""
        return self.f.get(name)


def address_ok(a: object) -> bool:
    if not isinstance(a, str):
        return False
    if m := re.fullmatch(rf"[ho]/{RID}/(never|{DAY})", a, re.ASCII):
        e = m[1]
        return e == "never" or (is_day(e) and month_end(int(e[:4]), int(e[5:7])) == e)
    return full(
        rf"budget/{UNIT}|fund/[a-z0-9][a-z0-9-]{{0,39}}|escrow/{RID}|merchant/{PLUGIN}\.[A-Za-z0-9_-]{{1,40}}|redeemed|expired|issuance",
        a,
    )


def is_posting(x: object) -> bool:
    return (
        isinstance(x, list)
        and len(x) == 4
        and full(ASSET, x[0])
        and address_ok(x[1])
        and address_ok(x[2])
        and type(x[3]) is int
        and 1 <= x[3] <= TOP
    )


def fits(f: dict[str, Any], need: str, may: str = "") -> bool:
    return set(need.split()) <= set(f) <= set((need + " " + may).split())


def grammar(f: dict[str, Any]) -> bool:
    base = "kind log rid eff "
    k = f.get("kind")
    if not (full(rf"{STREET}/log/{NUM}", f.get("log")) and full(RID, f.get("rid")) and is_day(f.get("eff"))):
        return False
    if ("unit" in f and not full(UNIT, f["unit"])) or ("code" in f and not full(CODE, f["code"])):
        return False
    if k == "post":
        w, p = f.get("why"), f.get("p")
        need = base + "why p code unit" + (" ref" if w in REF else "") + (" commit" if w in COMMIT else "")
        if w not in WHY or not fits(f, need, "policy commit") or not isinstance(p, list) or not 1 <= len(p) <= 32:
            return False
        return (
            all(map(is_posting, p))
            and len({tuple(x[:3]) for x in p}) == len(p)
            and all(full(DIG, f[x]) for x in ("policy", "commit") if x in f)
            and full(RID, f.get("ref", f["rid"]))
        )
    if k == "policy":
        return fits(f, base + "digest") and full(DIG, f["digest"])
    if k == "erase":
        return fits(f, base + "holder") and full(RID, f["holder"])
    if k == "attest":
        m = re.fullmatch(SUBJECT, str(f.get("subject")), re.ASCII)
        return (
            fits(f, base + "subject digest code unit")
            and isinstance(f["subject"], str)
            and full(DIG, f["digest"])
            and m is not None
            and (m[1] is None or is_day(m[1]))
        )
    if k == "key":
        role = f.get("role")
        need = base + "act vkey role"
        if f.get("act") == "add":
            need += " unit" if role in ("root", "unit", "reviewer") else ""
            need += " may" if role in ("unit", "reviewer", "service") else ""
        elif f.get("act") != "revoke":
            return False
        return fits(f, need) and role in ROLES and isinstance(f["vkey"], str)
    return False


def entry(b: bytes) -> Rec:
    m = re.match(rb"liren/entry/v1 ([1-9][0-9]{0,15})\n", b)
    ok(m and int(m[1]) <= 253370764800000, "entry-malformed", "head")
    assert m
    body = b[m.end() :]
    ok(len(body) <= 8192, "entry-malformed", "long")
    try:
        text, sigs = note(body, 4)
    except ValueError as e:
        raise Bad("note-bad", str(e)) from e
    try:
        head, js, rest = text.split(b"\n", 2)
        if head != b"liren/point-record/v1" or rest:
            raise ValueError("text")
        f = load(js)
    except (ValueError, RecursionError) as e:
        raise Bad("entry-malformed", str(e)) from e
    ok(isinstance(f, dict) and grammar(f), "entry-malformed", "fields")
    return Rec(b, int(m[1]), text, f, sigs)
