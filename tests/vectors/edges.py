# SPDX-License-Identifier: Apache-2.0
"""Vectors at the edges: each is a case that two careful readers of the specification once judged differently."""

import base64
import io
import struct
import zipfile
from collections.abc import Callable, Mapping

from tests.liren_verify.stating import SALT, Stating
from tests.liren_verify.street import Street, b64u, dumps, sha, zipped
from tests.vectors.mixed import MixedKey, with_order_added

Vectors = dict[str, tuple[bytes, list[list[str]]]]
Members = Mapping[str, bytes]
PROOF = "proof.tlog-proof"
UNUSABLE = [["", "unusable"]]
"""Exit code 2: no such file at all."""


def _patched(archive: bytes, member: str, at: int, data: bytes) -> bytes:
    """The archive with bytes of a member's row in the directory overwritten."""
    row = archive.index(member.encode(), archive.index(b"PK\1\2")) - 46
    return archive[: row + at] + data + archive[row + at + len(data) :]


def _stored(members: Members) -> bytes:
    """Not deflated: the same bytes whatever zlib made them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def zips(members: Members) -> Vectors:
    """One good receipt in zip files that readers of zip files take for different things."""
    good = _stored(members)
    broken = [["opening.json", "member-broken"]]
    size = len(members["opening.json"])
    return {
        "zip-something-before.liren-receipt": (b"#!/bin/sh\n" + good, UNUSABLE),
        "zip-something-behind.liren-receipt": (good + b"\0", UNUSABLE),
        "zip-comment.liren-receipt": (good[:-2] + struct.pack("<H", 5) + b"hello", UNUSABLE),
        "zip-one-more-announced.liren-receipt": (good[:-12] + struct.pack("<H", 6) + good[-10:], UNUSABLE),
        "zip-check-sum.liren-receipt": (_patched(good, "opening.json", 16, b"\1\2\3\4"), broken),
        "zip-larger-size.liren-receipt": (_patched(good, "opening.json", 24, struct.pack("<I", size + 1)), broken),
        "zip-smaller-size.liren-receipt": (_patched(good, "opening.json", 24, struct.pack("<I", size - 1)), broken),
        "zip-encrypted.liren-receipt": (_patched(good, "opening.json", 8, b"\1\0"), broken),
        "zip-method.liren-receipt": (_patched(good, "opening.json", 10, b"\x0c\0"), broken),
        "zip-other-name-inside.liren-receipt": (good.replace(b"opening.json", b"0pening.json", 1), broken),
        "zip-name-with-nul.liren-receipt": (
            good.replace(b"opening.json", b"opening.jso\0"),
            [["opening.jso?", "member-extra"]],
        ),
        "zip-member-twice.liren-receipt": (
            _stored({**members, "entrY": members["entry"]}).replace(b"entrY", b"entry"),
            [["entry", "member-extra"]],
        ),
        "zip-folder.liren-receipt": (_stored({**members, "a/": b""}), [["a/", "member-extra"]]),
        "zip-absolute-path.liren-receipt": (_stored({**members, "/entry": b""}), [["/entry", "member-extra"]]),
    }


def _line(name: str, blob: bytes = b"????!") -> bytes:
    return f"— {name} {base64.b64encode(blob).decode()}\n".encode()


def receipts(members: Members) -> Vectors:
    proof, opening = members[PROOF], members["opening.json"]

    def proved(data: bytes, *codes: str) -> tuple[bytes, list[list[str]]]:
        return zipped({**members, PROOF: data}), [[PROOF, code] for code in codes]

    def opened(data: bytes, *codes: str) -> tuple[bytes, list[list[str]]]:
        return zipped({**members, "opening.json": data}), [["opening.json", code] for code in codes]

    def extra(text: str) -> bytes:
        return proof.replace(b"\nindex", f"\nextra {text}\nindex".encode(), 1)

    loose = proof.replace(b"=\n\nliren", b"\n\nliren", 1)
    return {
        "witnesses.liren-receipt": proved(proof + b"".join(_line(f"witness.example/{i}") for i in range(63))),
        "too-many-lines.liren-receipt": proved(
            proof + b"".join(_line(f"witness.example/{i}") for i in range(64)), "note-bad"
        ),
        "one-line-twice.liren-receipt": proved(proof + _line("witness.example/w") * 2, "note-bad"),
        "control-in-a-name.liren-receipt": proved(proof + _line("w\x01x"), "note-bad"),
        "space-in-a-name.liren-receipt": proved(proof + _line("w\u2003x"), "note-bad"),
        "name-of-200.liren-receipt": proved(proof + _line("\U0001f600" * 200)),
        "name-of-201.liren-receipt": proved(proof + _line("a" * 201), "note-bad"),
        "signature-of-no-bytes.liren-receipt": proved(proof + _line("witness.example/w", b"????"), "note-bad"),
        "extra.liren-receipt": proved(extra("QUJD" * 256)),
        "extra-over-1024.liren-receipt": proved(extra("QUJD" * 257), "proof-bad"),
        "extra-loose-base64.liren-receipt": proved(extra("QUJ="), "proof-bad"),
        "path-without-padding.liren-receipt": proved(loose, "proof-bad"),
        "lines-end-in-crlf.liren-receipt": proved(proof.replace(b"\n", b"\r\n"), "proof-bad"),
        "opening-with-bom.liren-receipt": opened(b"\xef\xbb\xbf" + opening, "opening-bad"),
        "opening-key-twice.liren-receipt": opened(
            opening.replace(b'{"format"', b'{"format":"liren/opening/v1","format"'), "opening-bad"
        ),
        "opening-not-nfc.liren-receipt": opened(opening.replace("志".encode(), "e\u0301".encode()), "opening-bad"),
        "opening-minus-zero.liren-receipt": opened(opening.replace(b'{"what":', b'{"n":-0,"what":'), "opening-bad"),
        "opening-exponent.liren-receipt": opened(opening.replace(b'{"what":', b'{"n":1e3,"what":'), "opening-bad"),
        "opening-too-deep.liren-receipt": opened(
            opening.replace(b'{"what":', b'{"n":[[[[[[1]]]]]],"what":'), "opening-bad"
        ),
        "opening-salt-bits.liren-receipt": opened(_other_bits(opening), "opening-bad"),
        **_made(),
    }


def _other_bits(opening: bytes) -> bytes:
    """The salt's last character with an unused bit set: decodes to the same bytes, if one is careless."""
    last = opening[-3:-2]
    return opening[:-3] + bytes([last[0] + 1]) + b'"}'


def _enlarged(entry: bytes) -> bytes:
    head, _, encoded = entry.rstrip(b"\n").rpartition(b" ")
    blob = base64.b64decode(encoded)
    return head + b" " + base64.b64encode(blob[:4] + with_order_added(blob[4:])) + b"\n"


def _made() -> Vectors:
    """Receipts of streets that did something wrong."""
    big = Street(seed=4).founded()
    rid = big.id()
    big.award(5, rid=rid, commit=big.commit(rid, {"reason": {"what": "a" * 2**16}}))
    bare = Street(seed=4).founded()
    bare.award(5, commit=None)
    early = Street(seed=4).founded()
    early.award(5)
    order = early.spend(("2027-12-31", 5), commit="A" * 43)
    early.award(5, ref=order)
    again = Street(seed=4).founded()
    again.post("deduct", [["partner", f"o/{again.id()}/never", "expired", 1]] * 2, "unit/03", "reviewer/2")
    recovered = Street(seed=4).founded()
    recovered.recover()
    at = len(recovered.entries) - 2
    weak = Street(seed=4).founded()
    blob = b"\1" + bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
    name = "liren.example/unit/05"
    vkey = f"{name}+{sha(name.encode(), chr(10).encode(), blob)[:4].hex()}+{base64.b64encode(blob).decode()}"
    may = {"kinds": ["post"], "why": ["award"]}
    weak.add({"kind": "key", "act": "add", "role": "unit", "vkey": vkey, "unit": "05", "may": may}, "root")
    weak.award(5)

    def last(street: Street) -> Members:
        return street.receipt_members(len(street.entries) - 1)

    mixed, key = Street(seed=4), MixedKey(12345)
    mixed.keys["unit/03"] = key  # type: ignore[assignment]
    mixed.founded().award(5)
    exact = last(mixed)
    key.exact = False
    mixed.award(5)
    larger = Street(seed=4).founded()
    larger.award(5)
    larger.entries[-1] = _enlarged(larger.entries[-1])

    return {
        "key-of-mixed-order.liren-receipt": (zipped(exact), []),
        "only-with-the-cofactor.liren-receipt": (zipped(last(mixed)), [["entry", "signature-wrong"]]),
        "s-not-below-the-order.liren-receipt": (zipped(last(larger)), [["entry", "signature-wrong"]]),
        "opening-over-64-kib.liren-receipt": (zipped(last(big)), [["opening.json", "opening-bad"]]),
        "commit-left-out.liren-receipt": (zipped(last(bare)), [["entry", "entry-malformed"]]),
        "ref-where-none-belongs.liren-receipt": (zipped(last(early)), [["entry", "entry-malformed"]]),
        "one-posting-twice.liren-receipt": (zipped(last(again)), [["entry", "entry-malformed"]]),
        "entry-zero-of-a-recovered-log.liren-receipt": (zipped(recovered.receipt_members(0)), []),
        "the-recovery-itself.liren-receipt": (zipped(recovered.receipt_members(at)), []),
        "weak-key-in-the-list.liren-receipt": (zipped(last(weak)), [["entry 10", "key-bad"]]),
    }


def statements() -> Vectors:
    def elsewhere(code: str, unit: str) -> Stating:
        class Elsewhere(Stating):
            def attest(self) -> None:
                kept: Callable[..., str] = self.street.add

                def add(record: Mapping[str, object], *signers: str) -> str:
                    return kept({**record, "code": code, "unit": unit}, *signers)

                self.street.add = add  # type: ignore[method-assign]
                super().attest()
                self.street.add = kept  # type: ignore[method-assign]

        return Elsewhere().lived()

    unit, code = elsewhere("ledger.statement", "03"), elsewhere("ledger.other", "street")
    wrong = [["statement.json", "statement-wrong"]]
    none = Street(seed=6).founded()
    empty = dumps({"format": "liren/statements/v1", "statements": []})
    return {
        "of-another-unit.liren-statement": (unit.file(), wrong),
        "of-another-code.liren-statement": (code.file(), wrong),
        "of-another-unit.liren-export.zip": (unit.export(), [[f"entry {unit.position}", "statement-wrong"]]),
        "no-statements.liren-export.zip": (
            none.export({**none.members(), "statements.json": empty}),
            [["statements.json", "member-extra"]],
        ),
    }


def exports() -> Vectors:
    week = Street(seed=5).keyed()
    week.budget(1000)
    rules = [{**rule, "valid_from": "2026-W01-1"} for rule in Street.RULES]
    week.adopt(week.body(rules=rules))
    used = Street(seed=5).founded()
    used.recover(anchor=["liren.example/log/7", 20, "0" * 64])
    short = Street(seed=5).founded()
    short.recover(anchor=["liren.example/log/1", 20, "00"])
    before = Street(seed=5).founded()
    back = Street(seed=5).founded()
    back.later(-1).award(5)
    return {
        "week-for-a-day.liren-export.zip": (week.export(), [["entry 9", "policy-missing"]]),
        "anchor-of-a-later-log.liren-export.zip": (used.export(), [["entry 10", "recovery-wrong"]]),
        "anchor-of-no-root.liren-export.zip": (short.export(), [["entry 10", "recovery-wrong"]]),
        "checkpoint-of-fewer.liren-export.zip": (
            before.export(checkpoint=before.checkpoint(size=9)),
            [["checkpoint", "checkpoint-size"]],
        ),
        "time-goes-back.liren-export.zip": (back.export(), [["entry 10", "time-back"]]),
        "salt-of-the-recovery.liren-export.zip": _other_salt(),
    }


def _other_salt() -> tuple[bytes, list[list[str]]]:
    street = Street(seed=5).founded()
    rid = street.recover()
    body = street.recoveries[rid]
    street.recoveries[rid] = body[:-46] + b'"' + b64u(SALT).encode() + b'"}'
    return street.export(), [["entry 10", "recovery-wrong"]]
