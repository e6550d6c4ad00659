# SPDX-License-Identifier: Apache-2.0
"""A receipt on paper: two codes and a key list one trusts (spec section 12, "Paper").

Code A holds the record and its signatures, code B the way into the log. Key names and the checkpoint's first line are
not printed: they come from the key list.
"""

import base64
import re
from typing import Literal

from liren_verify.findings import Findings, Problem
from liren_verify.keysnote import KeysNote, feed
from liren_verify.note import Checkpoint
from liren_verify.receipt import Proof, ReceiptFacts, judge
from liren_verify.records import parse_entry
from liren_verify.replay import Replay
from liren_verify.tree import leaf_hash, root_from_path

VERSION = 1
MOST_CODE = 4096
_CODE = re.compile(r"(?:.*/)?([AB])/([A-Z2-7]+)")
_SIGNATURE = 68
"""Bytes of key id and signature."""


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def take(self, size: int) -> bytes:
        self._at += size
        if self._at > len(self._raw):
            raise Problem("paper-bad", why="too short")
        return self._raw[self._at - size : self._at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    @property
    def left(self) -> int:
        return len(self._raw) - self._at


def read_code(text: str) -> tuple[Literal["A", "B"], bytes]:
    """Which half a code is, and its bytes; an address, or what follows its ``/R/``.

    :raises Problem: ``paper-bad``
    """
    match = _CODE.fullmatch(text.strip().upper()) if len(text) <= MOST_CODE else None
    if match is None:
        raise Problem("paper-bad", why="not a code of a receipt")
    try:
        raw = base64.b32decode(match[2] + "=" * (-len(match[2]) % 8))
    except ValueError:
        raise Problem("paper-bad", why="not a code of a receipt") from None
    if base64.b32encode(raw).rstrip(b"=").decode() != match[2] or not raw or raw[0] != VERSION:
        raise Problem("paper-bad", why="not a code of a receipt")
    return ("A" if match[1] == "A" else "B"), raw[1:]


def _entry(code: bytes, keys: Replay) -> bytes:
    """The entry's bytes, with the names of the keys that signed.

    :raises Problem: ``paper-bad``, or ``signature-missing`` for a key that is not in the list
    """
    reader = _Reader(code)
    admitted_ms, text = reader.number(8), reader.take(reader.number(2))
    lines: list[bytes] = []
    while reader.left:
        blob = reader.take(_SIGNATURE)
        name = keys.ring.name_of(blob[:4])
        if name is None:
            raise Problem("signature-missing", who=blob[:4].hex())
        lines.append(f"— {name} {base64.b64encode(blob).decode()}\n".encode())
    return b"liren/entry/v1 %d\n" % admitted_ms + text + b"\n" + b"".join(lines)


def _proof(code: bytes, raw: bytes, keys: Replay) -> Proof:
    reader = _Reader(code)
    index, size = reader.number(8), reader.number(8)
    path = tuple(reader.take(32) for _ in range(reader.number(1)))
    key_id, signature = reader.take(4), reader.take(64)
    if reader.left:
        raise Problem("paper-bad", why="too long")
    root = root_from_path(leaf_hash(raw), index, size, path)
    if root is None:
        raise Problem("proof-wrong")
    origin = keys.ring.name_of(key_id) or keys.origin  # a log key is named after its log
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()
    return Proof(index, path, Checkpoint(origin, size, root, text, ((origin, key_id, signature),)))


def verify_paper(code_a: str, code_b: str, keys: KeysNote, findings: Findings) -> ReceiptFacts | None:
    """Both codes against a trusted key list; None where they are too broken to say what they would prove."""
    place = "A"
    try:
        half, a = read_code(code_a)
        place = "B"
        other, b = read_code(code_b)
        if (half, other) != ("A", "B"):
            raise Problem("paper-bad", why="A and B")
        place = "A"
        known = Replay(keys.origin, Findings(), lambda _: None, judge_days=False)
        feed(known, keys.entries, Findings())
        raw = _entry(a, known)
        entry = parse_entry(raw)
        place = "B"
        proof = _proof(b, raw, known)
    except Problem as problem:
        findings.problem(place, problem)
        return None
    root = judge(findings, keys, entry, raw, proof)
    return ReceiptFacts(proof.index, entry, proof.checkpoint, root, None) if root else None
