# SPDX-License-Identifier: Apache-2.0
"""Who may sign what, the key list and checkpoints: sections 3, 7 and the origins of section 16."""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.liren_verify.second.forms import (
    ASSET,
    DEC,
    NUM,
    PLUGIN,
    STREET,
    TOP,
    UNIT,
    Bad,
    Line,
    b64,
    full,
    note,
    ok,
    verifies,
    vkey,
)
from tests.liren_verify.second.records import Rec, entry


@dataclass
class Key:
    name: str
    id: bytes
    pub: bytes
    role: str
    unit: str
    may: dict[str, list[str]]
    prefix: str
    added: int
    revoked: int = TOP


MAY = {
    "unit": ("key policy post", "award budget clear close deduct reverse"),
    "reviewer": ("key policy post", "award budget clear close deduct reverse"),
    "service": ("attest erase post", "expire refund settle spend void"),
}


def may_ok(may: Any, role: str, unit: str, plugin: str, street: str) -> bool:
    if not isinstance(may, dict) or not set(may) <= {"kinds", "why", "certify", "units", "assets", "prefix"}:
        return False
    for k, v in may.items():
        if k == "prefix":
            continue
        if not isinstance(v, list) or not v or not all(isinstance(x, str) for x in v) or v != sorted(set(v)):
            return False
    kinds, why, cert = may.get("kinds", []), may.get("why", []), may.get("certify", [])
    low = role != "service" and unit != street
    return (
        bool(kinds)
        and set(kinds) <= set(MAY[role][0].split())
        and set(why) <= set(MAY[role][1].split())
        and ("why" in may) == ("post" in kinds)
        and ("certify" in may) == ("key" in kinds)
        and set(cert) <= {"reviewer", "service"}
        and (
            "units" not in may
            or (role == "reviewer" and len(may["units"]) <= 64 and all(full(UNIT, u) for u in may["units"]))
        )
        and ("assets" not in may or (len(may["assets"]) <= 16 and all(full(ASSET, a) for a in may["assets"])))
        and (may.get("prefix") == plugin + "." if role == "service" else "prefix" not in may)
        and not (low and role == "unit" and ({"budget", "clear"} & set(why) or "policy" in kinds or "service" in cert))
        and not (low and role == "reviewer" and may.get("units") != [unit])
        and not (role == "service" and plugin == "ledger" and not set(why) <= {"expire"})
        and not (role == "service" and plugin != "ledger" and ("expire" in why or "erase" in kinds))
    )


@dataclass
class Keys:
    keys: list[Key] = field(default_factory=list)
    origins: list[tuple[int, str]] = field(default_factory=list)
    street: str = ""
    unit: str = ""
    """The street's own."""
    rids: set[str] = field(default_factory=set)

    def origin(self, pos: int) -> str:
        return [o for at, o in self.origins if at <= pos][-1]

    def lines(self, sigs: list[Line], text: bytes, pos: int) -> list[Key]:
        """The known keys that signed; every known key's line must verify."""
        known = {(k.name, k.id): k for k in self.keys if k.added < pos}
        mine = [(known[n, i], s) for n, i, s in sigs if (n, i) in known]
        for k, s in mine:
            ok(verifies(k.pub, s, text), "signature-wrong", k.name)
        return [k for k, _ in mine]

    def signers(self, r: Rec, pos: int) -> list[Key]:
        return self.lines(r.sigs, r.text, pos)

    def covers(self, k: Key, r: Rec, unit: str) -> bool:
        return bool(
            r.kind in k.may["kinds"]
            and (r.kind != "post" or r.why in k.may["why"])
            and (r.kind != "post" or "assets" not in k.may or all(p[0] in k.may["assets"] for p in r.p))
            and (k.role != "unit" or k.unit == unit)
            and (k.role != "reviewer" or unit in k.may.get("units", [unit]))
            and (k.role != "service" or r.code is None or r.code.startswith(k.prefix))
        )

    def need(self, have: list[Key], r: Rec, pos: int, unit: str, *roles: str) -> None:
        """A valid key of each role that may sign this record in the name of ``unit``."""
        for role in roles:
            found = [k for k in have if k.role == role]
            ok(found, "signature-missing", role)
            live = [k for k in found if pos < k.revoked]
            ok(live, "key-revoked", role)
            ok(any(self.covers(k, r, unit) for k in live), "key-may", role)

    def authority(self, r: Rec, pos: int, reviewers: int = 0) -> None:
        """Section 7, "Who signs what", for every kind but ``key``."""
        have = self.signers(r, pos)
        if r.kind == "policy" or r.why in ("budget", "clear"):
            ok(r.kind == "policy" or r.unit == self.unit, "unit-wrong")
            self.need(have, r, pos, self.unit, "unit", "reviewer")
        elif r.kind == "post" and r.why not in ("expire", "spend", "settle", "void", "refund"):
            self.need(have, r, pos, r.unit, "unit", *["reviewer"] * (reviewers if r.why == "award" else 1))
        else:
            self.need(have, r, pos, r.unit or self.unit, "service")

    def admit(self, r: Rec, pos: int) -> None:
        """One key record."""
        name, pub, kid = vkey(r.vkey)
        if pos == 0:
            self.unit = r.unit
            ok(
                r.kind == "key"
                and r.act == "add"
                and r.role == "root"
                and name == self.street + "/root"
                and any(x[:2] == (name, kid) and verifies(pub, x[2], r.text) for x in r.sigs),
                "entry-zero",
            )
            self.keys.append(Key(name, kid, pub, "root", r.unit, {}, "", 0))
            return
        ok(r.role != "root", "key-bad", "root")
        old = [k for k in self.keys if k.pub == pub]
        if r.act == "add":
            ok(not old and not any((k.name, k.id) == (name, kid) for k in self.keys), "key-bad", "twice")
            plugin = name.removeprefix(self.street + "/service/")
            good = {
                "unit": name == f"{self.street}/unit/{r.unit}",
                "reviewer": full(re.escape(self.street) + "/reviewer/" + NUM, name),
                "service": full(re.escape(self.street) + "/service/" + PLUGIN, name),
                "log": name == self.origin(pos),
            }[r.role]
            ok(good, "key-bad", "name")
            ok(r.role == "log" or may_ok(r.may, r.role, r.unit or "", plugin, self.unit), "key-bad", "may")
            unit = r.unit
        else:
            ok(old and old[0].name == name and old[0].role == r.role and old[0].revoked > pos, "key-bad", "revoke")
            unit = old[0].unit
        have = self.signers(r, pos)
        root = any(k.role == "root" for k in have)
        if r.role == "service" or (r.role == "reviewer" and not root):
            unit = self.unit if r.role == "service" else unit
            have = [k for k in have if k.pub != pub and r.role in k.may.get("certify", [])]
            self.need(have, r, pos, unit, "unit", "reviewer")
        else:
            ok(root, "signature-missing", "root")
        if r.act == "add":
            may = dict(r.may or {})
            prefix = may.pop("prefix", "")
            self.keys.append(Key(name, kid, pub, r.role, r.unit or "", may, prefix, pos))
        else:
            old[0].revoked = pos

    def place(self, r: Rec, pos: int) -> None:
        """The record's log and rid fit its position."""
        ok(r.rid not in self.rids, "rid-repeated")
        self.rids.add(r.rid)
        if pos == 0:
            ok(r.kind == "key", "entry-zero")
            self.street, self.origins = r.log.rsplit("/log/", 1)[0], [(0, r.log)]
        if is_recovery(r):
            ok(pos > 0 and full(re.escape(self.street) + "/log/" + NUM, r.log), "recovery-wrong", "origin")
            ok(number(r.log) > max(number(o) for _, o in self.origins), "recovery-wrong", "number")
            self.origins.append((pos, r.log))
        ok(r.log == self.origin(pos), "log-wrong")

    def checkpoint(self, b: bytes) -> tuple[str, int, bytes]:
        try:
            text, sigs = note(b, 64)
        except ValueError as e:
            raise Bad("note-bad", str(e)) from e
        m = re.fullmatch(rf"({STREET}/log/{NUM})\n({DEC})\n([A-Za-z0-9+/]{{43}}=)\n", text.decode(), re.ASCII)
        try:
            ok(m and int(m[2]) <= TOP and b64(m[3]), "checkpoint-bad")
        except ValueError as e:
            raise Bad("checkpoint-bad", str(e)) from e
        assert m
        org, size, root = m[1], int(m[2]), b64(m[3])
        ended = {o: later for (_, o), (later, _) in pairwise([*self.origins, (TOP, "")])}
        ok(size <= ended.get(org, -1), "checkpoint-origin", org)
        have = self.lines(sigs, text, TOP)
        ok(any(k.role == "log" and k.name == org and k.added < size <= k.revoked for k in have), "checkpoint-unsigned")
        return org, size, root


def is_recovery(r: Rec) -> bool:
    return bool(r.kind == "attest" and r.subject == "recovery")


def number(origin: str) -> int:
    return int(origin.rsplit("/", 1)[1])


def keys_note(b: bytes) -> tuple[Keys, list[tuple[int, bytes]]]:
    try:
        lines = b.decode().split("\n")
        if lines[0] != "liren/keys/v1" or lines[-1] != "" or len(lines) < 5:
            raise ValueError("lines")
        if not lines[1].startswith("origin ") or not lines[2].startswith("root "):
            raise ValueError("head")
        pairs = []
        for line in lines[3:-1]:
            said, _, e = line.partition(" ")
            if not full(DEC, said) or int(said) > TOP:
                raise ValueError("position")
            pairs.append((int(said), b64(e)))
        if pairs[0][0] != 0 or any(a[0] >= c[0] for a, c in pairwise(pairs)):
            raise ValueError("positions")
    except ValueError as e:
        raise Bad("keys-bad", str(e), "keys.note") from e
    keys, last = Keys(), 0
    for pos, raw in pairs:
        try:
            r = entry(raw)
            ok(r.kind == "key" or is_recovery(r), "keys-bad")
        except Bad as e:
            raise Bad(e.code, e.why, f"keys.note entry {pos}") from e
        try:
            ok(r.ms >= last, "time-back")
            last = r.ms
            keys.place(r, pos)
            if r.kind == "key":
                keys.admit(r, pos)
            else:
                keys.authority(r, pos)
        except Bad as e:
            raise Bad(e.code, e.why, f"entry {pos}") from e
    ok(entry(pairs[0][1]).vkey == lines[2][5:], "keys-bad", "root", "keys.note")
    ok(keys.origins[-1][1] == lines[1][7:], "keys-bad", "origin", "keys.note")
    return keys, pairs
