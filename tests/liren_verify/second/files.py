# SPDX-License-Identifier: Apache-2.0
"""Receipts, statements, exports and paper: sections 4, 10, 12 and 13."""

import base64
import re
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.liren_verify.second.forms import (
    DEC,
    DIG,
    RID,
    TOP,
    Bad,
    b64,
    b64u,
    canon,
    climb,
    full,
    leaf,
    load_obj,
    ok,
    sha,
    unb64u,
)
from tests.liren_verify.second.keyring import Keys, keys_note
from tests.liren_verify.second.records import Rec, entry
from tests.liren_verify.second.replay import exp, own

MOST = {
    "entry": 8224,
    "proof.tlog-proof": 2**18,
    "keys.note": 2**24,
    "opening.json": 2**17,
    "custody.json": 2**14,
    "statement.json": 2**18,
    "entries.bin": 2**25,
}


def at(place: str, f: Any, *a: Any) -> Any:
    try:
        return f(*a)
    except Bad as e:
        e.place = e.place or place
        raise


def proof(b: bytes) -> tuple[int, list[bytes], bytes]:
    top, _, cp = b.partition(b"\n\n")
    try:
        lines = top.decode().split("\n")
        if lines.pop(0) != "c2sp.org/tlog-proof@v1":
            raise ValueError("first line")
        if lines and lines[0].startswith("extra "):
            extra = lines.pop(0)[6:]
            if not 4 <= len(b64(extra) and extra) <= 1024:
                raise ValueError("extra")
        m = re.fullmatch(f"index ({DEC})", lines.pop(0), re.ASCII)
        path = [b64(x) for x in lines]
        if not m or int(m[1]) > TOP or len(path) > 64 or any(len(p) != 32 for p in path):
            raise ValueError("line")
    except (ValueError, IndexError) as e:
        raise Bad("proof-bad", str(e)) from e
    return int(m[1]), path, cp


def exactly(m: dict[str, bytes], need: str, may: str = "") -> None:
    for n in need.split():
        ok(n in m, "member-missing", "", n)
    for n in m:
        ok(n in (need + " " + may).split(), "member-extra", "", n)
        ok(len(m[n]) <= MOST[n], "member-broken", "large", n)


def logged(m: dict[str, bytes]) -> tuple[Keys, Rec, int]:
    """The common half of a receipt and a statement."""
    keys, pairs = keys_note(m["keys.note"])
    index, path, cp = at("proof.tlog-proof", proof, m["proof.tlog-proof"])
    _, size, root = at("proof.tlog-proof", keys.checkpoint, cp)
    ok(climb(leaf(m["entry"]), index, size, path) == root, "proof-wrong", "", "proof.tlog-proof")
    ok(all(p < size for p, _ in pairs), "keys-bad", "", "keys.note")
    r = at("entry", entry, m["entry"])
    at("entry", enclosed, keys, r, index)
    return keys, r, index


def enclosed(keys: Keys, r: Rec, pos: int) -> None:
    ok(r.log == keys.origin(pos), "log-wrong")
    if r.kind == "key":
        ok(any(k.added == pos or k.revoked == pos for k in keys.keys), "keys-mismatch")
    else:
        keys.authority(r, pos)


def commitment(b: bytes, r: Rec) -> None:
    x = load_obj(b, "opening-bad")
    good = set(x) == {"format", "part", "rid", "salt"} and x["format"] == "liren/opening/v1" and full(DIG, x["salt"])
    ok(good and full(RID, x["rid"]) and isinstance(x["part"], dict) and len(canon(x["part"])) <= 65536, "opening-bad")
    ok(x["rid"] == r.rid, "opening-mismatch")
    ok(b64u(sha(b"liren/commit/v1\n", unb64u(x["salt"]), canon(x["part"]))) == r.commit, "opening-mismatch")


def receipt(m: dict[str, bytes]) -> None:
    exactly(m, "entry proof.tlog-proof keys.note", "opening.json custody.json")
    _, r, _ = logged(m)
    if "opening.json" in m:
        at("opening.json", commitment, m["opening.json"], r)
    if "custody.json" in m:
        x = load_obj(m["custody.json"], "custody-bad", "custody.json")
        good = set(x) == {"format", "keys"} and x["format"] == "liren/custody/v1" and isinstance(x["keys"], dict)
        ok(good and set(x["keys"]) <= {s[0] for s in r.sigs}, "custody-bad", "", "custody.json")
        ok(all(v in ("server", "device", "paper") for v in x["keys"].values()), "custody-bad", "", "custody.json")


def framed(b: bytes, head: int) -> Iterator[tuple[bytes, bytes]]:
    i = 0
    while i < len(b):
        n = struct.unpack(">I", b[i + head : i + head + 4])[0] if len(b) >= i + head + 4 else -1
        ok(0 < n <= 8224 and i + head + 4 + n <= len(b), "entry-malformed", "length")
        yield b[i : i + head], b[i + head + 4 : i + head + 4 + n]
        i += head + 4 + n


def names(r: Rec, holder: str) -> bool:
    return any(own(a) and a[2:24] == holder for p in r.p for a in p[1:3])


def own_sums(recs: list[Rec], holder: str) -> list[list[Any]]:
    c: Counter[tuple[str, str]] = Counter()
    for r in recs:
        for asset, src, dst, n in r.p:
            for a, d in ((src, -n), (dst, n)):
                if own(a) and a[2:24] == holder:
                    c[asset, exp(a)] += d
    return [[a, e, n] for (a, e), n in sorted(c.items()) if n]


def statement(m: dict[str, bytes]) -> None:
    exactly(m, "entry proof.tlog-proof keys.note entries.bin statement.json")
    keys, r, index = logged(m)
    x, w = load_obj(m["statement.json"], "statement-bad", "statement.json"), "statement.json"
    shape = "attest_salt balances entries format holder index leaves month path salt size"
    good = (
        set(x) == set(shape.split())
        and all(type(x[k]) is int and x[k] >= 0 for k in ("entries", "index", "leaves", "size"))
        and full(DIG, x["attest_salt"])
        and full(DIG, x["salt"])
        and full(RID, x["holder"])
        and isinstance(x["path"], list)
        and all(full(DIG, h) for h in x["path"])
        and x["format"] == "liren/statement/v1"
        and isinstance(x["balances"], list)
    )
    ok(good, "statement-bad", "", w)
    ok(r.kind == "attest" and r.code == "ledger.statement" and r.unit == keys.unit, "statement-wrong", "entry", w)
    ok(r.subject == f"statement/{x['month']}" and x["size"] <= index, "statement-wrong", "month", w)
    mine = leaf(unb64u(x["salt"]) + canon([x["holder"], x["balances"], x["entries"], x["size"]]))
    root = climb(mine, x["index"], x["leaves"], [unb64u(h) for h in x["path"]])
    ok(root, "statement-wrong", "path", w)
    said = sha(b"liren/attest/v1\n", unb64u(x["attest_salt"]), struct.pack(">Q", x["leaves"]), root or b"")
    ok(b64u(said) == r.digest, "statement-wrong", "digest", w)
    recs: list[Rec] = []
    last = -1
    for at_, raw in at("entries.bin", list, framed(m["entries.bin"], 8)):
        pos, e = struct.unpack(">Q", at_)[0], at("entries.bin", entry, raw)
        ok(
            last < pos < x["size"] and e.kind == "post" and names(e, x["holder"]),
            "statement-sum",
            "entry",
            "entries.bin",
        )
        ok(e.rid not in [o.rid for o in recs], "statement-sum", "rid", "entries.bin")
        at("entries.bin", enclosed, keys, e, pos)
        recs.append(e)
        last = pos
    ok(len(recs) == x["entries"], "statement-sum", "count", "entries.bin")
    ok(own_sums(recs, x["holder"]) == x["balances"], "statement-sum", "sum", "entries.bin")


def half(code: str, letter: str) -> bytes:
    """Bytes of a paper code: what follows the last ``/A/`` or ``/B/``, in either case."""
    m = re.fullmatch(rf"(?:.*/)?{letter}/([A-Z2-7]+)", code.strip().upper())
    ok(m and len(code) <= 4096, "paper-bad", "", letter)
    assert m
    try:
        raw = base64.b32decode(m[1] + "=" * (-len(m[1]) % 8))
    except ValueError as e:
        raise Bad("paper-bad", str(e), letter) from e
    ok(base64.b32encode(raw).decode().rstrip("=") == m[1] and raw[:1] == b"\1", "paper-bad", "", letter)
    return raw[1:]


def paper(code_a: str, code_b: str, trust: bytes) -> None:
    a, b = half(code_a, "A"), half(code_b, "B")
    keys, _ = keys_note(trust)
    ok(len(a) > 10, "paper-bad", "", "A")
    ms, n = struct.unpack(">QH", a[:10])
    text, rest = a[10 : 10 + n], a[10 + n :]
    ok(len(text) == n and rest and len(rest) % 68 == 0 and ms <= TOP, "paper-bad", "", "A")
    lines = b""
    for i in range(0, len(rest), 68):
        names = [k.name for k in keys.keys if k.id == rest[i : i + 4]]
        ok(names, "signature-missing", "", "A")
        lines += f"\u2014 {names[0]} ".encode() + base64.b64encode(rest[i : i + 68]) + b"\n"
    raw = f"liren/entry/v1 {ms}\n".encode() + text + b"\n" + lines
    r = at("A", entry, raw)
    ok(len(b) >= 85 and len(b) == 85 + 32 * b[16], "paper-bad", "", "B")
    index, size, k = struct.unpack(">QQB", b[:17])
    ok(index <= TOP and size <= TOP, "paper-bad", "", "B")
    root = climb(leaf(raw), index, size, [b[17 + 32 * i : 49 + 32 * i] for i in range(k)])
    ok(root, "proof-wrong", "", "B")
    tail = b[17 + 32 * k :]
    log = next((x.name for x in keys.keys if x.id == tail[:4]), keys.origins[-1][1])
    said = [
        log,
        str(size),
        base64.b64encode(root or b"").decode(),
        "",
        f"\u2014 {log} {base64.b64encode(tail).decode()}",
        "",
    ]
    at("proof.tlog-proof", keys.checkpoint, "\n".join(said).encode())
    at("entry", enclosed, keys, r, index)
