# SPDX-License-Identifier: Apache-2.0
"""A receipt on paper: two codes that prove a record with the server gone (``docs/ledger-spec.md`` 12).

Code A says who signed what, code B that it stands in the log. Apart, each is small enough for a QR that still scans
from paper; key names are left out, for every key list has them.
"""

from base64 import b32decode, b32encode
from binascii import Error as BinasciiError
from dataclasses import dataclass
from struct import pack
from typing import Final

from liren.ledger.errors import Malformed
from liren.ledger.log.note import open_note

VERSION: Final = 1
MOST_RECORD: Final = 800
"""Longer records have no paper form: their code would not scan from paper."""
MOST_CODE: Final = 2000
"""Characters of a code; the longest we print have about 1 300."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What the two QRs hold, in base32 without padding."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Half:
    """Code A taken apart."""

    admitted_ms: int
    text: bytes
    signatures: tuple[tuple[bytes, bytes], ...]
    """(key id, signature)."""


@dataclass(frozen=True, slots=True)
class Way:
    """Code B taken apart."""

    index: int
    size: int
    path: tuple[bytes, ...]
    key_id: bytes
    signature: bytes


def fits(note: bytes) -> bool:
    """Whether a record is short enough for paper."""
    return len(note) <= MOST_RECORD


def codes(admitted_ms: int, note: bytes, index: int, size: int, path: list[bytes], checkpoint: bytes) -> Codes:
    """Both codes of a record and its proof; ask :func:`fits` first."""
    text, signatures = open_note(note)
    first = pack(">BQH", VERSION, admitted_ms, len(text)) + text + b"".join(s.key_id + s.value for s in signatures)
    ours = open_note(checkpoint)[1][0]
    second = pack(">BQQB", VERSION, index, size, len(path)) + b"".join(path) + ours.key_id + ours.value
    return Codes(_base32(first), _base32(second))


def read_a(code: str) -> Half:
    """:raises Malformed: not code A of a paper receipt, or not all of it"""
    raw = _bytes(code)
    length = int.from_bytes(raw[9:11])
    text, rest = raw[11 : 11 + length], raw[11 + length :]
    if len(text) < length or not rest or len(rest) % 68:
        raise _not_whole()
    pairs = (rest[i : i + 68] for i in range(0, len(rest), 68))
    return Half(int.from_bytes(raw[1:9]), text, tuple((pair[:4], pair[4:]) for pair in pairs))


def read_b(code: str) -> Way:
    """:raises Malformed: not code B of a paper receipt, or not all of it"""
    raw = _bytes(code)
    if len(raw) < 18 or len(raw) != 18 + 32 * raw[17] + 68:
        raise _not_whole()
    path = tuple(raw[18 + 32 * i : 50 + 32 * i] for i in range(raw[17]))
    return Way(int.from_bytes(raw[1:9]), int.from_bytes(raw[9:17]), path, raw[-68:-64], raw[-64:])


def _base32(raw: bytes) -> str:
    return b32encode(raw).rstrip(b"=").decode()


def _bytes(code: str) -> bytes:
    if len(code) > MOST_CODE:
        raise _not_whole()
    try:
        raw = b32decode(code + "=" * (-len(code) % 8))
    except (BinasciiError, ValueError):
        raise _not_whole() from None
    if len(raw) < 12 or raw[0] != VERSION or _base32(raw) != code:
        raise _not_whole()
    return raw


def _not_whole() -> Malformed:
    return Malformed(
        "这个码不是纸质凭证上的，或者没有扫全。请对正了再扫一次。",
        "This is no code of a paper receipt, or not all of it. Hold the camera straight and scan again.",
    )
