# SPDX-License-Identifier: Apache-2.0
"""An Ed25519 key with a part of order 8, and signatures on which verifiers with and without the cofactor disagree."""

import hashlib
from dataclasses import dataclass

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]
BASE: Point = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)
TWIST = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
"""y of a point of order 8."""


def add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    d = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + d, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - d, -1, P) % P


def times(n: int, point: Point) -> Point:
    found: Point = (0, 1)
    while n:
        if n & 1:
            found = add(found, point)
        point, n = add(point, point), n >> 1
    return found


def encoded(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def of_order_8() -> Point:
    y = int.from_bytes(TWIST, "little")
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    return (x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P), y


@dataclass
class MixedKey:
    """Stands in for a private key. While ``exact``, its signatures verify without the cofactor too."""

    secret: int
    exact: bool = True

    def public_key(self) -> "MixedKey":
        return self

    def public_bytes(self, *_: object) -> bytes:
        return encoded(add(times(self.secret, BASE), of_order_8()))

    def sign(self, text: bytes) -> bytes:
        public = self.public_bytes()
        for nonce in range(1, 1000):
            r = int.from_bytes(hashlib.sha512(b"%d" % nonce + text).digest(), "little") % L
            head = encoded(times(r, BASE))
            k = int.from_bytes(hashlib.sha512(head + public + text).digest(), "little") % L
            if (k % 8 == 0) == self.exact:
                return head + ((r + k * self.secret) % L).to_bytes(32, "little")
        raise AssertionError("no nonce fits")


def with_order_added(signature: bytes) -> bytes:
    """S + L instead of S: the same equation, another encoding."""
    return signature[:32] + (int.from_bytes(signature[32:], "little") + L).to_bytes(32, "little")
