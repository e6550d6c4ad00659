# SPDX-License-Identifier: Apache-2.0
"""Zip files, strictly: section 12, "Zip". The long form (zip64) is not read here."""

import struct
import zlib

from tests.liren_verify.second.forms import Bad, ok

MOST = 2**26


def unzip(b: bytes) -> dict[str, bytes]:
    """Every member in memory: this reader judges small files."""
    end = len(b) - 22
    ok(end >= 0 and b[end : end + 4] == b"PK\5\6" and b[-2:] == b"\0\0", "unusable", "end")
    count, size, at = struct.unpack("<HII", b[end + 10 : end + 20])
    ok(at + size == end, "unusable", "something around it")
    out: dict[str, bytes] = {}
    starts = []
    for _ in range(count):
        ok(at + 46 <= end and b[at : at + 4] == b"PK\1\2", "unusable", "directory")
        version, _, flags, method, crc, packed, plain, n, more, note, start = struct.unpack(
            "<BBHH4xIIIHHH8xI", b[at + 6 : at + 46]
        )
        name, extra = b[at + 46 : at + 46 + n], b[at + 46 + n : at + 46 + n + more]
        at += 46 + n + more + note
        starts.append(start)
        ok(at <= end and version <= 63 and short(extra), "unusable", "directory")
        text = "".join(chr(c) if 32 <= c <= 126 else "?" for c in name)
        ok(text not in out, "member-extra", "twice", text)
        out[text] = member(b, name, (flags, method, crc, packed, plain, start))
    ok(at == end and min(starts, default=1) == 0, "unusable", "directory")
    return out


def short(extra: bytes) -> bool:
    """Whether extra fields are whole, and none is that of zip64."""
    at = 0
    while at + 4 <= len(extra):
        kind, n = struct.unpack("<HH", extra[at : at + 4])
        at += 4 + n
        if kind == 1 or at > len(extra):
            return False
    return True


def member(b: bytes, name: bytes, row: tuple[int, ...]) -> bytes:
    flags, method, crc, packed, plain, start = row
    place = name.decode("latin-1")
    ok(not flags & ~0x80E and method in (0, 8) and plain <= MOST, "member-broken", "flags or method", place)
    ok(b[start : start + 4] == b"PK\3\4" and start + 30 <= len(b), "member-broken", "header", place)
    n, more = struct.unpack("<HH", b[start + 26 : start + 30])
    body = start + 30 + n + more
    ok(b[start + 30 : start + 30 + n] == name and body + packed <= len(b), "member-broken", "header", place)
    data = b[body : body + packed]
    if method == 8:
        inflate = zlib.decompressobj(-15)
        try:
            data = inflate.decompress(data, plain + 1)
        except zlib.error as e:
            raise Bad("member-broken", str(e), place) from e
    ok(len(data) == plain and zlib.crc32(data) == crc, "member-broken", "size or check sum", place)
    return data
