# SPDX-License-Identifier: Apache-2.0
"""Export archives (section 13), and the verdict on any file."""

import hmac
import struct

from tests.liren_verify.second.files import at, framed, names, own_sums, receipt, statement
from tests.liren_verify.second.forms import (
    DIG,
    RID,
    Bad,
    b64u,
    canon,
    edge,
    full,
    leaf,
    load_obj,
    ok,
    root_of,
    sha,
    unb64u,
)
from tests.liren_verify.second.keyring import is_recovery, keys_note
from tests.liren_verify.second.records import Rec
from tests.liren_verify.second.replay import Log, own
from tests.liren_verify.second.unzip import unzip

FIXED = ("manifest.json", "keys.note", "checkpoint", "index.jsonl", "head.json")
COLUMNS = ("eff", "kind", "rid", "ref", "unit", "why")


def export(m: dict[str, bytes]) -> None:
    for n in FIXED:
        ok(n in m, "member-missing", "", n)
    x, w = load_obj(m["manifest.json"], "manifest-bad", "manifest.json"), "manifest.json"
    good = (
        set(x) == {"files", "format", "origin", "size"}
        and x["format"] == "liren/export/v1"
        and isinstance(x["files"], dict)
    )
    ok(good and type(x["size"]) is int and x["size"] >= 0 and w not in x["files"], "manifest-bad", "", w)
    size = x["size"]
    ok(size <= 4096 * len(m), "member-missing", "", "entries")
    blocks = [f"entries/{i:06d}.bin" for i in range((size + 4095) // 4096)]
    for n in [*x["files"], *blocks]:
        ok(n in m, "member-missing", "", n)
    for n in m:
        ok(n == "manifest.json" or n in x["files"], "member-extra", "", n)
        ok(n == "manifest.json" or sha(m[n]).hex() == x["files"][n], "member-digest", "", n)
        ok(
            n in (*FIXED, "statements.json", *blocks) or full(rf"policies/{DIG}\.json|recovery/{RID}\.json", n),
            "member-extra",
            "",
            n,
        )
    log = Log(
        bodies={n[9:-5]: v for n, v in m.items() if n.startswith("policies/")},
        recoveries={n[9:-5]: v for n, v in m.items() if n.startswith("recovery/")},
    )
    recs: list[Rec] = []
    for n in blocks:
        raws = [raw for _, raw in at(n, list, framed(m[n], 0))]
        ok(len(raws) == min(4096, size - len(recs)), "entry-count", "", n)
        for raw in raws:
            recs.append(at(f"entry {len(recs)}", log.take, len(recs), raw))
    for n in log.bodies:
        ok(any(r.kind == "policy" and r.digest == n for r in recs), "member-extra", "", f"policies/{n}.json")
    for n in log.recoveries:
        ok(any(is_recovery(r) and r.rid == n for r in recs), "member-extra", "", f"recovery/{n}.json")
    _, pairs = keys_note(m["keys.note"])
    truth = [(i, r.raw) for i, r in enumerate(recs) if r.kind == "key" or is_recovery(r)]
    ok(pairs == truth, "keys-mismatch", "", "keys.note")
    org, n_, root = at("checkpoint", log.keys.checkpoint, m["checkpoint"])
    ok(org == log.keys.origins[-1][1], "checkpoint-origin", "", "checkpoint")
    ok(n_ == size, "checkpoint-size", "", "checkpoint")
    ok(root == root_of(log.leaves), "root-mismatch", "", "checkpoint")
    ok(x["origin"] == org, "manifest-bad", "origin", w)
    head = load_obj(m["head.json"], "head-mismatch", "head.json")
    want = {
        "edge": [h.hex() for h in edge(log.leaves)],
        "last_ms": log.last,
        "origin": org,
        "root": root.hex(),
        "size": size,
    }
    ok(head == want, "head-mismatch", "", "head.json")
    lines = []
    for i, r in enumerate(recs):
        row = {k: r.f[k] for k in COLUMNS if k in r.f}
        lines.append(canon({**row, "admitted_ms": r.ms, "leaf": log.leaves[i].hex(), "pos": i}) + b"\n")
    ok(b"".join(lines) == m["index.jsonl"], "index-mismatch", "", "index.jsonl")
    statements(m, log, recs)


def statements(m: dict[str, bytes], log: Log, recs: list[Rec]) -> None:
    w = "statements.json"
    ok((w in m) == bool(log.months), "member-missing" if log.months else "member-extra", "", w)
    if w not in m:
        return
    x = load_obj(m[w], "statement-bad", w)
    ok(set(x) == {"format", "statements"} and x["format"] == "liren/statements/v1", "statement-bad", "", w)
    shape = {"attest_salt", "leaves", "month", "secret", "size"}
    ok(
        isinstance(x["statements"], list) and all(isinstance(s, dict) and set(s) == shape for s in x["statements"]),
        "statement-bad",
        "",
        w,
    )
    ok([s["month"] for s in x["statements"]] == sorted(log.months), "statement-wrong", "months", w)
    for s in x["statements"]:
        pos, r = log.months[s["month"]]
        where = f"entry {pos}"
        ok(full(DIG, s["secret"]) and full(DIG, s["attest_salt"]), "statement-bad", "", w)
        n = sum(d[:7] <= s["month"] for d in log.days)
        ok(s["size"] == n <= pos, "statement-wrong", "size", where)
        posts = [p for p in recs[:n] if p.kind == "post"]
        holders = sorted({a[2:24] for p in posts for q in p.p for a in q[1:3] if own(a)})
        leaves = []
        for h in holders:
            mine = [p for p in posts if names(p, h)]
            salt = hmac.digest(unb64u(s["secret"]), (s["month"] + h).encode(), "sha256")
            leaves.append(leaf(salt + canon([h, own_sums(mine, h), len(mine), n])))
        said = struct.pack(">Q", len(leaves)) + root_of(leaves)
        ok(s["leaves"] == len(leaves), "statement-wrong", "leaves", where)
        ok(
            b64u(sha(b"liren/attest/v1\n", unb64u(s["attest_salt"]), said)) == r.digest,
            "statement-wrong",
            "digest",
            where,
        )


def verdict(b: bytes) -> tuple[str, str, str] | None:
    """None: everything holds; else the first fault as place, code and why."""
    try:
        m = unzip(b)
        if "manifest.json" in m:
            export(m)
        elif "statement.json" in m:
            statement(m)
        else:
            ok("entry" in m or "proof.tlog-proof" in m, "unusable")
            receipt(m)
    except Bad as e:
        return e.place, e.code, e.why
    return None
