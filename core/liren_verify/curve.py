# SPDX-License-Identifier: Apache-2.0
"""Refuses weak Ed25519 public keys: not on the curve, not canonical, or of small order (RFC 8032 §5.1.3).

A key of small order "verifies" signatures nobody made. Runs once per key, so plain integers are fast enough.
"""

P = 2**255 - 19
D = (-121665 * pow(121666, P - 2, P)) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

_OF_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
SMALL_ORDER = frozenset({0, 1, P - 1, _OF_ORDER_8, P - _OF_ORDER_8})
"""y of the eight points whose multiple by the cofactor 8 is the neutral element: orders 4, 1, 2 and 8."""

Point = tuple[int, int]


def decode_point(encoded: bytes) -> Point | None:
    """The point of 32 bytes, or None where the encoding is not canonical or off the curve."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_ONE % P
        if v * x * x % P != u:
            return None
    if x == 0 and sign:
        return None
    return (P - x if x & 1 != sign else x), y


def is_strong(public_key: bytes) -> bool:
    """True for a canonical encoding of a point that is not of small order."""
    point = decode_point(public_key) if len(public_key) == 32 else None
    return point is not None and point[1] not in SMALL_ORDER
