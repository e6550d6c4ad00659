# SPDX-License-Identifier: Apache-2.0
"""A second, independent writer of the formats in ``docs/ledger-spec.md``: slow, small, free to write wrong records.

It shares no code with ``liren`` or ``liren_verify``; keys, ids and times come from a seeded generator, so that every
run makes the same bytes.
"""

import base64
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAME = "liren.example"
ORIGIN = f"{NAME}/log/1"
DAY_MS = 86_400_000
START_MS = 1_795_226_400_000  # 2026-11-21 09:20 in Shanghai
EIGHT_HOURS = timedelta(hours=8)


def b64u(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def dumps(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def split(n: int) -> int:
    return 1 << ((n - 1).bit_length() - 1)


def root_of(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else sha()
    k = split(len(leaves))
    return sha(b"\x01", root_of(leaves[:k]), root_of(leaves[k:]))


def path_of(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) < 2:
        return []
    k = split(len(leaves))
    if index < k:
        return [*path_of(index, leaves[:k]), root_of(leaves[k:])]
    return [*path_of(index - k, leaves[k:]), root_of(leaves[:k])]


def edge_of(leaves: Sequence[bytes]) -> list[bytes]:
    edge, at = [], 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> bit & 1:
            edge.append(root_of(leaves[at : at + (1 << bit)]))
            at += 1 << bit
    return edge


class Street:
    """``founded()`` lays keys, policy and budget; then add records, and take ``export()`` or ``receipt(position)``."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.ms = START_MS
        self.origin = ORIGIN
        self.recoveries: dict[str, bytes] = {}
        self.keys: dict[str, Ed25519PrivateKey] = {}
        self.entries: list[bytes] = []
        self.records: list[dict[str, Any]] = []
        self.times: list[int] = []
        self.openings: dict[str, bytes] = {}
        self.policies: dict[str, bytes] = {}
        self.policy: str | None = None
        self.holder = self.id()

    # -- building blocks

    def id(self) -> str:
        return b64u(self.random.randbytes(16))

    def day(self, ms: int | None = None) -> str:
        moment = datetime.fromtimestamp((self.ms if ms is None else ms) / 1000, UTC)
        return (moment + EIGHT_HOURS).date().isoformat()

    def key(self, name: str) -> Ed25519PrivateKey:
        if name not in self.keys:
            self.keys[name] = Ed25519PrivateKey.from_private_bytes(self.random.randbytes(32))
        return self.keys[name]

    def public(self, name: str) -> bytes:
        return self.key(name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @staticmethod
    def full(name: str) -> str:
        """``unit/03`` → ``liren.example/unit/03``; a ``#2`` marks a successor under the same name."""
        return f"{NAME}/{name.partition('#')[0]}"

    def key_id(self, name: str) -> bytes:
        return sha(self.full(name).encode(), b"\n\x01", self.public(name))[:4]

    def vkey(self, name: str) -> str:
        blob = base64.b64encode(b"\x01" + self.public(name)).decode()
        return f"{self.full(name)}+{self.key_id(name).hex()}+{blob}"

    def signed(self, text: bytes, *names: str) -> bytes:
        lines = b""
        for name in names:
            blob = base64.b64encode(self.key_id(name) + self.key(name).sign(text))
            lines += b"\xe2\x80\x94 " + self.full(name).encode() + b" " + blob + b"\n"
        return text + b"\n" + lines

    def add(self, record: Mapping[str, Any], *signers: str) -> str:
        """Appends a record as it is, signed by ``signers``, and returns its rid."""
        whole = {"log": self.origin, "rid": self.id(), "eff": self.day(), **record}
        whole = {name: value for name, value in whole.items() if value is not None}
        text = b"liren/point-record/v1\n" + dumps(whole) + b"\n"
        self.append(self.signed(text, *signers), whole)
        return str(whole["rid"])

    def append(self, note: bytes, record: dict[str, Any]) -> None:
        self.entries.append(b"liren/entry/v1 %d\n" % self.ms + note)
        self.records.append(record)
        self.times.append(self.ms)

    # -- the kinds

    def add_key(self, name: str, role: str, *signers: str, **fields: Any) -> str:
        return self.add({"kind": "key", "act": "add", "role": role, "vkey": self.vkey(name), **fields}, *signers)

    def revoke(self, name: str, role: str, *signers: str) -> str:
        return self.add({"kind": "key", "act": "revoke", "role": role, "vkey": self.vkey(name)}, *signers)

    def post(self, why: str, p: list[list[Any]], *signers: str, **fields: Any) -> str:
        record = {"kind": "post", "why": why, "p": p, "code": "ledger.test", "unit": "03", **fields}
        record.setdefault("policy", self.policy)
        if why in ("award", "deduct", "reverse", "close") and "commit" not in record:
            record.setdefault("rid", self.id())
            record["commit"] = self.commit(record["rid"], {"reason": {"what": "志愿服务"}})
        return self.add(record, *signers)

    def commit(self, rid: str, part: dict[str, Any]) -> str:
        salt = self.random.randbytes(32)
        opening = {"format": "liren/opening/v1", "rid": rid, "salt": b64u(salt), "part": part}
        self.openings[rid] = dumps(opening)
        return b64u(sha(b"liren/commit/v1\n", salt, dumps(part)))

    def adopt(self, body: Mapping[str, Any], *signers: str) -> str:
        raw = dumps(body)
        digest = b64u(sha(b"liren/policy/v1\n", raw))
        self.policies[digest] = raw
        rid = self.add({"kind": "policy", "digest": digest}, *(signers or ("unit/street", "reviewer/1")))
        self.policy = digest
        return rid

    def h(self, expiry: str = "2027-12-31", holder: str | None = None) -> str:
        return f"h/{holder or self.holder}/{expiry}"

    def award(self, amount: int = 10, *signers: str, **fields: Any) -> str:
        expiry = fields.pop("expiry", "2027-12-31")
        to = fields.pop("to", None) or self.h(expiry)
        fields.setdefault("code", "FX-01")
        return self.post("award", [["resident", "budget/03", to, amount]], *(signers or ("unit/03",)), **fields)

    def spend(self, *lots: tuple[str, int], **fields: Any) -> str:
        rid = fields.setdefault("rid", self.id())
        fields.setdefault("code", "market.order")
        p = [["resident", self.h(expiry), f"escrow/{rid}", n] for expiry, n in lots]
        return self.post("spend", p, "service/market", **fields)

    def settle(self, spend: str, amount: int, merchant: str = "market.shop1", **fields: Any) -> str:
        p = [["resident", f"escrow/{spend}", f"merchant/{merchant}", amount]]
        fields.setdefault("code", "market.fetched")
        return self.post("settle", p, "service/market", ref=spend, **fields)

    def void(self, spend: str, *lots: tuple[str, int]) -> str:
        p = [["resident", f"escrow/{spend}", self.h(expiry), n] for expiry, n in lots]
        return self.post("void", p, "service/market", ref=spend, code="market.cancelled")

    def refund(self, settle: str, *lots: tuple[str, str, int], **fields: Any) -> str:
        p = [["resident", src, self.h(expiry, fields.get("holder")), n] for src, expiry, n in lots]
        fields.pop("holder", None)
        return self.post("refund", p, "service/market", ref=settle, code="market.returned", **fields)

    def later(self, days: int = 1) -> "Street":
        self.ms += days * DAY_MS
        return self

    # -- stories

    RULES = (
        {
            "code": "FX-01",
            "asset": "resident",
            "subject": "h",
            "min": 1,
            "max": 100,
            "valid_from": "2026-01-01",
            "expiry": "next-year-end",
            "reviewers": 0,
        },
        {
            "code": "FX-02",
            "asset": "resident",
            "subject": "h",
            "min": 1,
            "max": 100,
            "valid_from": "2026-01-01",
            "valid_to": "2027-12-31",
            "expiry": "months:1",
            "reviewers": 1,
        },
        {
            "code": "HB-01",
            "asset": "partner",
            "subject": "o",
            "min": 5,
            "max": 50,
            "valid_from": "2026-01-01",
            "expiry": "never",
            "reviewers": 1,
        },
    )

    def body(self, **changes: Any) -> dict[str, Any]:
        base = {"format": "liren/policy/v1", "tz": "Asia/Shanghai", "deduct_h": {}, "rules": list(self.RULES)}
        return {**base, **changes}

    def keyed(self) -> "Street":
        """The order at first run: root, street, log, first reviewer, services, a community, its reviewer."""
        moves = ["award", "budget", "clear", "close", "deduct", "reverse"]
        street = {"kinds": ["key", "policy", "post"], "why": moves, "certify": ["reviewer", "service"]}
        local = ["award", "close", "deduct", "reverse"]
        self.add_key("root", "root", "root", unit="street")
        self.add_key("unit/street", "unit", "root", unit="street", may=street)
        self.add_key("log/1", "log", "root")
        self.add_key("reviewer/1", "reviewer", "root", unit="street", may=street)
        pair = ("unit/street", "reviewer/1")
        self.add_key(
            "service/ledger",
            "service",
            *pair,
            may={"kinds": ["attest", "erase", "post"], "why": ["expire"], "prefix": "ledger."},
        )
        self.add_key(
            "service/market",
            "service",
            *pair,
            may={"kinds": ["attest", "post"], "why": ["refund", "settle", "spend", "void"], "prefix": "market."},
        )
        unit = {"kinds": ["key", "post"], "why": local, "certify": ["reviewer"]}
        self.add_key("unit/03", "unit", "root", unit="03", may=unit)
        self.add_key("reviewer/2", "reviewer", "unit/03", "reviewer/1", unit="03", may={**unit, "units": ["03"]})
        return self

    def founded(self) -> "Street":
        self.keyed()
        self.budget(1000)
        self.adopt(self.body())
        return self

    def budget(self, amount: int, asset: str = "resident", **fields: Any) -> str:
        fields = {"unit": "street", "code": "ledger.budget", **fields}
        p = [[asset, "issuance", "budget/03", amount]]
        return self.post("budget", p, "unit/street", "reviewer/1", **fields)

    def lived(self) -> "Street":
        """Every move, each once or more, over more than a year."""
        four = ("unit/03", "reviewer/2")
        self.budget(500, "partner")
        award = self.award(40)
        self.award(20, *four, code="FX-02", expiry="2026-12-31")
        org = f"o/{self.id()}/never"
        self.post("award", [["partner", "budget/03", org, 30]], *four, code="HB-01")
        spend = self.spend(("2026-12-31", 20), ("2027-12-31", 5))
        settle = self.settle(spend, 15)
        self.void(spend, ("2027-12-31", 5), ("2026-12-31", 5))
        self.later()
        slip = self.add(
            {
                "kind": "attest",
                "subject": "slip/2026-11",
                "digest": b64u(sha(b"s")),
                "code": "ledger.slip",
                "unit": "street",
            },
            "service/ledger",
        )
        clear = {"unit": "street", "code": "ledger.clear", "ref": slip}
        self.post(
            "clear", [["resident", "merchant/market.shop1", "redeemed", 12]], "unit/street", "reviewer/1", **clear
        )
        self.refund(settle, ("merchant/market.shop1", "2026-12-31", 3), ("redeemed", "2026-12-31", 4))
        self.post("budget", [["fen", "issuance", "fund/shops", 900]], "unit/street", "reviewer/1", unit="street")
        self.post("clear", [["fen", "fund/shops", "merchant/market.shop1", 60]], "unit/street", "reviewer/1", **clear)
        self.post("reverse", [["resident", self.h(), "budget/03", 10]], *four, ref=award)
        gone = self.post("deduct", [["partner", org, "expired", 12]], *four)
        self.post("reverse", [["partner", "expired", org, 2]], *four, ref=gone)
        self.later(50)
        self.post("expire", [["resident", self.h("2026-12-31"), "expired", 12]], "service/ledger")
        self.refund(settle, ("redeemed", "2027-02-28", 8))
        self.post(
            "close", [["resident", self.h(), "expired", 30], ["resident", self.h("2027-02-28"), "expired", 8]], *four
        )
        self.add({"kind": "erase", "holder": self.holder}, "service/ledger")
        self.revoke("reviewer/2", "reviewer", "unit/03", "reviewer/1")
        self.revoke("log/1", "log", "root")
        self.add_key("log/1#2", "log", "root")
        self.award(1, to=self.h("2028-12-31", self.id()))
        return self

    def recover(self, lost: int = 7, **changed: Any) -> str:
        """The log goes on under its next origin, as if ``lost`` entries had been published beyond what is here."""
        restored = [self.origin, len(self.entries), root_of(self.leaves).hex()]
        anchor = [self.origin, len(self.entries) + lost, sha(b"lost").hex()]
        body = {"format": "liren/recovery/v1", "restored": restored, "anchor": anchor, **changed}
        salt = self.random.randbytes(32)
        self.origin = f"{NAME}/log/{int(self.origin.rpartition('/')[2]) + 1}"
        rid = self.add(
            {
                "kind": "attest",
                "subject": "recovery",
                "digest": b64u(sha(b"liren/attest/v1\n", salt, dumps(body))),
                "code": "ledger.recovery",
                "unit": "street",
            },
            "service/ledger",
        )
        self.recoveries[rid] = dumps({**body, "salt": b64u(salt)})
        self.add_key(self.origin.partition("/")[2], "log", "root")
        return rid

    # -- what leaves the house

    @property
    def leaves(self) -> list[bytes]:
        return [sha(b"\x00", entry) for entry in self.entries]

    def checkpoint(self, signer: str | None = None, size: int | None = None) -> bytes:
        name = self.origin.partition("/")[2]
        signer = signer or (f"{name}#2" if f"{name}#2" in self.keys else name)
        leaves = self.leaves[:size]
        origin = self.full(signer) if signer.startswith("log/") else self.origin
        text = f"{origin}\n{len(leaves)}\n{base64.b64encode(root_of(leaves)).decode()}\n".encode()
        return self.signed(text, signer)

    def keys_note(self) -> bytes:
        lines = [f"liren/keys/v1\norigin {self.origin}\nroot {self.vkey('root')}\n".encode()]
        for position, record in enumerate(self.records):
            if record.get("kind") == "key" or record.get("subject") == "recovery":
                lines.append(b"%d %s\n" % (position, base64.b64encode(self.entries[position])))
        return b"".join(lines)

    def index(self) -> bytes:
        rows = []
        for position, (record, leaf) in enumerate(zip(self.records, self.leaves, strict=True)):
            row = {name: record[name] for name in ("eff", "kind", "rid", "ref", "unit", "why") if name in record}
            rows.append(
                dumps({**row, "pos": position, "admitted_ms": self.times[position], "leaf": leaf.hex()}) + b"\n"
            )
        return b"".join(rows)

    def members(self) -> dict[str, bytes]:
        leaves = self.leaves
        head = {
            "origin": self.origin,
            "size": len(leaves),
            "root": root_of(leaves).hex(),
            "edge": [node.hex() for node in edge_of(leaves)],
            "last_ms": self.times[-1] if self.times else 0,
        }
        found = {
            "keys.note": self.keys_note(),
            "checkpoint": self.checkpoint(),
            "index.jsonl": self.index(),
            "head.json": dumps(head),
            **{f"policies/{digest}.json": body for digest, body in self.policies.items()},
            **{f"recovery/{rid}.json": body for rid, body in self.recoveries.items()},
        }
        for number in range(-(-len(leaves) // 4096)):
            part = self.entries[number * 4096 : (number + 1) * 4096]
            found[f"entries/{number:06d}.bin"] = b"".join(len(e).to_bytes(4, "big") + e for e in part)
        return found

    def manifest(self, members: Mapping[str, bytes]) -> bytes:
        files = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
        return dumps({"format": "liren/export/v1", "origin": self.origin, "size": len(self.entries), "files": files})

    def export(self, base: Mapping[str, bytes] | None = None, **changed: bytes) -> bytes:
        """The archive; ``changed`` members replace the true ones before the manifest is made."""
        members = {**(base or self.members()), **changed}
        return zipped({"manifest.json": self.manifest(members), **members})

    def receipt_members(self, position: int) -> dict[str, bytes]:
        path = "".join(base64.b64encode(node).decode() + "\n" for node in path_of(position, self.leaves))
        proof = f"c2sp.org/tlog-proof@v1\nindex {position}\n{path}\n".encode() + self.checkpoint()
        found = {"entry": self.entries[position], "proof.tlog-proof": proof, "keys.note": self.keys_note()}
        names = [line.split(b" ")[1].decode() for line in self.entries[position].rpartition(b"\n\n")[2].splitlines()]
        found["custody.json"] = dumps({"format": "liren/custody/v1", "keys": dict.fromkeys(names, "server")})
        opening = self.openings.get(self.records[position]["rid"])
        return found if opening is None else {**found, "opening.json": opening}

    def paper(self, position: int) -> tuple[str, str]:
        """Codes A and B of an entry (section 12), as they follow ``/R/``."""
        entry = self.entries[position]
        head, text_and_lines = entry.split(b"\n", 1)
        text, _, lines = text_and_lines.rpartition(b"\n\n")
        text += b"\n"
        signatures = b"".join(base64.b64decode(line.split(b" ")[2]) for line in lines.splitlines())
        first = b"\x01" + int(head.split()[1]).to_bytes(8) + len(text).to_bytes(2) + text + signatures
        path = path_of(position, self.leaves)
        log = base64.b64decode(self.checkpoint().split(b" ")[-1])
        second = (
            b"\x01" + position.to_bytes(8) + len(self.leaves).to_bytes(8) + bytes([len(path)]) + b"".join(path) + log
        )
        return tuple(
            f"{half}/{base64.b32encode(raw).decode().rstrip('=')}" for half, raw in (("A", first), ("B", second))
        )  # type: ignore[return-value]

    @property
    def fingerprint(self) -> str:
        digest = sha(self.vkey("root").encode()).hex()
        return " ".join(digest[i : i + 4] for i in range(0, 64, 4))


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
