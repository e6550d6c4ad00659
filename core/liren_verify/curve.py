# SPDX-License-Identifier: Apache-2.0
"""Refuses weak Ed25519 public keys: not on the curve, not canonical, or of small order (RFC 8032 §5.1.3).

A key of small order "verifies" signatures nobody made. Runs once per key, so plain integers are fast enough.
"""

P = 2**255 - 19
D = (-121665 * pow(121666, P - 2, P)) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]


def _add(a: Point, b: Point) -> Point:
    """Twisted Edwards addition, affine; complete for this curve."""
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, P - 2, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - product, P - 2, P) % P
    return x, y


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
    """True for a canonical point whose multiple by the cofactor 8 is not the neutral element."""
    point = decode_point(public_key) if len(public_key) == 32 else None
    if point is None:
        return False
    for _ in range(3):
        point = _add(point, point)
    return point != (0, 1)
