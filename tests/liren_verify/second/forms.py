# SPDX-License-Identifier: Apache-2.0
"""Text forms, canonical JSON, signed notes, Ed25519 keys and the tree: sections 1 to 5."""

import base64
import calendar
import hashlib
import json
import re
import unicodedata
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOP = 2**53 - 1
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
RID, DIG = r"[A-Za-z0-9_-]{21}[AQgw]", r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
UNIT, PLUGIN, CODE = r"[A-Za-z0-9][A-Za-z0-9-]{0,31}", r"[a-z]{2,20}", r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
ASSET = PLUGIN
STREET = r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?"
DAY, DEC, NUM = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"(?:0|[1-9][0-9]{0,15})", r"[1-9][0-9]{0,8}"
Line = tuple[str, bytes, bytes]
"""Key name, key id, signature."""


class Bad(Exception):
    """The first fault: a code of the specification, and the place once it is known."""

    def __init__(self, code: str, why: str = "", place: str = "") -> None:
        super().__init__(code, why, place)
        self.code, self.why, self.place = code, why, place


def ok(cond: object, code: str, why: str = "", place: str = "") -> None:
    if not cond:
        raise Bad(code, why, place)


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def full(pattern: str, s: object) -> bool:
    return isinstance(s, str) and re.fullmatch(pattern, s, re.ASCII) is not None


def b64(s: str) -> bytes:
    raw = base64.b64decode(s, validate=True)
    if base64.b64encode(raw).decode() != s:
        raise ValueError("base64")
    return raw


def unb64u(s: str) -> bytes:
    return base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))


def b64u(b: bytes) -> str:
    return base64.urlsafe_b64encode(b).rstrip(b"=").decode()


def is_day(s: object) -> bool:
    if not full(DAY, s):
        return False
    try:
        d = date.fromisoformat(str(s))
    except ValueError:
        return False
    return 1970 <= d.year <= 9998


def month_end(y: int, m: int) -> str:
    y, m = y + (m - 1) // 12, (m - 1) % 12 + 1
    return f"{y:04d}-{m:02d}-{calendar.monthrange(y, m)[1]:02d}"


def canon(x: Any) -> bytes:
    return json.dumps(x, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def profile(x: Any, depth: int) -> None:
    if isinstance(x, dict | list):
        if depth == 0:
            raise ValueError("too deep")
        for k in x if isinstance(x, dict) else ():
            if not all(" " <= c <= "~" for c in k):
                raise ValueError("key")
        for v in x.values() if isinstance(x, dict) else x:
            profile(v, depth - 1)
    elif isinstance(x, str):
        if unicodedata.normalize("NFC", x) != x:
            raise ValueError("not NFC")
    elif isinstance(x, bool):
        pass
    elif not isinstance(x, int) or abs(x) > TOP:
        raise ValueError("number")


def load(b: bytes) -> Any:
    x = json.loads(b.decode())
    profile(x, 8)
    if canon(x) != b:
        raise ValueError("not canonical")
    return x


def load_obj(b: bytes, code: str, place: str = "") -> dict[str, Any]:
    try:
        x = load(b)
    except (ValueError, RecursionError) as e:
        raise Bad(code, str(e), place) from e
    ok(isinstance(x, dict), code, "no object", place)
    return x  # type: ignore[no-any-return]


def note(b: bytes, most: int) -> tuple[bytes, list[tuple[str, bytes, bytes]]]:
    s = b.decode()
    if any(c < " " and c != "\n" for c in s):
        raise ValueError("control")
    cut = s.rfind("\n\n")
    if cut < 0 or not s.endswith("\n"):
        raise ValueError("no blank line")
    out: list[tuple[str, bytes, bytes]] = []
    for line in s[cut + 2 :].split("\n")[:-1]:
        dash, name, sig = line.split(" ")
        raw = b64(sig)
        if dash != "\u2014" or not 1 <= len(name) <= 200 or "+" in name or re.search(r"\s", name) or len(raw) < 5:
            raise ValueError("signature line")
        out.append((name, raw[:4], raw[4:]))
    if not 1 <= len(out) <= most or len({x[:2] for x in out}) < len(out):
        raise ValueError("number of lines, or one twice")
    return s[: cut + 1].encode(), out


def good_point(pub: bytes) -> bool:
    y = int.from_bytes(pub, "little") & (2**255 - 1)
    if len(pub) != 32 or y >= P or y in (0, 1, P - 1):  # x = 0 has one encoding, and is of small order anyway
        return False
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    if pow(u * v % P, (P - 1) // 2, P) != 1:
        return False
    # Doubled three times: y of 2A is (y² + x²) / (2 − y² + x²), and x² = u / v.
    for _ in range(3):
        x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        y = (y * y + x2) * pow(2 - y * y + x2, -1, P) % P
    return y != 1


def verifies(pub: bytes, sig: bytes, msg: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(pub).verify(sig, msg)
    except (InvalidSignature, ValueError):
        return False
    return True


def vkey(s: str) -> tuple[str, bytes, bytes]:
    """Name, public key, key id."""
    try:
        name, kid, rest = s.split("+", 2)
        raw = b64(rest)
    except ValueError as e:
        raise Bad("key-bad", str(e)) from e
    ok(0 < len(name) <= 200 and len(raw) == 33 and raw[0] == 1 and good_point(raw[1:]), "key-bad", "vkey")
    ok(sha(name.encode(), b"\n", raw)[:4].hex() == kid, "key-bad", "key id")
    return name, raw[1:], bytes.fromhex(kid)


def leaf(b: bytes) -> bytes:
    return sha(b"\0", b)


def edge(hashes: list[bytes]) -> list[bytes]:
    """Right edge by a stack of perfect trees."""
    stack: list[tuple[int, bytes]] = []
    for h in hashes:
        n = 1
        while stack and stack[-1][0] == n:
            h = sha(b"\1", stack.pop()[1], h)
            n *= 2
        stack.append((n, h))
    return [h for _, h in stack]


def root_of(hashes: list[bytes]) -> bytes:
    e = edge(hashes)
    if not e:
        return sha(b"")
    h = e.pop()
    while e:
        h = sha(b"\1", e.pop(), h)
    return h


def climb(h: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """RFC 6962 2.1.1: the root that leaf and path give; None if the path has a wrong length."""
    if index >= size:
        return None
    path = list(path)

    def go(i: int, n: int) -> bytes:
        if n == 1:
            return h
        k = 1 << (n - 1).bit_length() - 1
        below = go(i, k) if i < k else go(i - k, n - k)
        other = path.pop(0)
        return sha(b"\1", below, other) if i < k else sha(b"\1", other, below)

    try:
        root = go(index, size)
    except IndexError:
        return None
    return None if path else root
