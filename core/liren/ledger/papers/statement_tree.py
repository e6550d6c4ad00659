# SPDX-License-Identifier: Apache-2.0
"""The tree of a monthly statement: one leaf per holder the log ever named, in the order of their bytes.

Leaves are computed from the postings below the statement's size, 256 holders at a time, so that memory does not grow
with the street; only one hash per 256 leaves is kept (``docs/ledger-spec.md`` 12).
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from liren.ledger.log import canonical, merkle
from liren.ledger.log.merkle import Edge
from liren.ledger.log.nodes import Read
from liren.ledger.rules import addresses
from liren.ledger.rules.addresses import encode_id

TILE: Final = 256
"""Leaves under one stored hash."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a statement says of one holder."""

    holder: str
    balances: tuple[tuple[str, str, int], ...]
    """(asset, expiry as in an address, balance above 0), ascending."""
    entries: int
    """Posts below the statement's size that name the holder."""

    def json(self, size: int) -> bytes:
        """The canonical JSON its hash covers."""
        return canonical.encode([self.holder, [list(lot) for lot in self.balances], self.entries, size])

    def hash(self, secret: bytes, month: str, size: int) -> bytes:
        return merkle.leaf_hash(salt_of(secret, month, self.holder) + self.json(size))


@dataclass(frozen=True, slots=True)
class Tile:
    """A run of at most :data:`TILE` leaves."""

    first: str
    """The holder of its first leaf."""
    hash: bytes
    leaves: int


def salt_of(secret: bytes, month: str, holder: str) -> bytes:
    """HMAC-SHA-256(secret, month ‖ holder): whoever sees a neighbour's hash cannot guess what is in it."""
    return hmac.digest(secret, f"{month}{holder}".encode(), "sha256")


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, or over the hashes of tiles: both split alike, for a tile is a power of two."""
    edge = Edge()
    for leaf in hashes:
        edge.append(leaf)
    return edge.root()


def path_of(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """The inclusion path of one of these hashes in the tree over all of them."""
    return merkle.inclusion_proof(index, len(hashes), lambda level, i: root_of(hashes[i << level : (i + 1) << level]))


async def tiles(read: Read, size: int, secret: bytes, month: str) -> AsyncIterator[Tile]:
    """Every tile of the tree over the holders that the log named below ``size``, in order."""
    held: list[Leaf] = []
    after = ""
    while chunk := await _next(read, after):
        after = chunk[-1]
        held += await between(read, size, chunk[0], after)
        await asyncio.sleep(0)  # SQLite reads on the event loop: pages have their turn between two tiles
        while len(held) >= TILE:
            yield _tile(held[:TILE], size, secret, month)
            held = held[TILE:]
    if held:
        yield _tile(held, size, secret, month)


async def between(read: Read, size: int, first: str, last: str) -> list[Leaf]:
    """The leaves of the holders from ``first`` to ``last`` inclusive, ascending."""
    counted = await read(
        "SELECT a.holder, COUNT(DISTINCT p.pos) FROM account a JOIN posting p ON p.account = a.id"
        " WHERE a.holder BETWEEN ? AND ? AND p.pos < ? GROUP BY a.holder ORDER BY a.holder",
        first,
        last,
        size,
    )
    lots: dict[str, list[tuple[str, str, int]]] = {holder: [] for holder, _ in counted}
    rows = await read(
        "SELECT a.holder, a.asset, a.address, (SELECT p.balance FROM posting p WHERE p.account = a.id AND p.pos < ?"
        " ORDER BY p.pos DESC LIMIT 1) FROM account a WHERE a.holder BETWEEN ? AND ?",
        size,
        first,
        last,
    )
    for holder, asset, address, balance in rows:
        if balance:
            lots[holder].append((asset, address.rpartition("/")[2], int(balance)))
    return [Leaf(holder, tuple(sorted(lots[holder])), count) for holder, count in counted]


def expiry(text: str) -> date | None:
    """The last day an address's expiry stands for."""
    return None if text == addresses.NEVER else date.fromisoformat(text)


def statement_json(month: str, leaf: Leaf, size: int, proof: "LeafProof", attest_salt: bytes) -> bytes:
    """``statement.json`` of a ``.liren-statement``."""
    return canonical.encode(
        {
            "attest_salt": encode_id(attest_salt),
            "balances": [list(lot) for lot in leaf.balances],
            "entries": leaf.entries,
            "format": "liren/statement/v1",
            "holder": leaf.holder,
            "index": proof.index,
            "leaves": proof.leaves,
            "month": month,
            "path": [encode_id(node) for node in proof.path],
            "salt": encode_id(proof.salt),
            "size": size,
        }
    )


@dataclass(frozen=True, slots=True)
class LeafProof:
    """Where a leaf stands, and the way from it to the attested root."""

    index: int
    leaves: int
    path: tuple[bytes, ...]
    salt: bytes


async def _next(read: Read, after: str) -> list[str]:
    rows = await read(
        "SELECT DISTINCT holder FROM account WHERE holder > ? ORDER BY holder LIMIT ?",
        after,
        TILE,
    )
    return [holder for (holder,) in rows]


def _tile(leaves: Sequence[Leaf], size: int, secret: bytes, month: str) -> Tile:
    return Tile(leaves[0].holder, root_of([leaf.hash(secret, month, size) for leaf in leaves]), len(leaves))
