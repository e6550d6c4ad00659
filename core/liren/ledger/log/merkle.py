# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree over all entries (RFC 6962 §2.1): roots, the growing right edge, and proofs.

Nothing here reads a database. :class:`Edge` needs only the roots of the complete subtrees on the right
border of the tree (at most 54 hashes), so appending costs two hashes an entry however large the log is.
The proof functions ask a ``Nodes`` source for the roots of complete, aligned subtrees.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final

HASH: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

Nodes = Callable[[int, int], bytes]
"""``nodes(level, index)``: the root of the complete subtree of 2^level leaves from index·2^level on."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


class Edge:
    """The right border of a tree: the roots of its complete subtrees, largest first.

    :param size: entries in the tree
    :param hashes: ``size.bit_count()`` of them, one per set bit of ``size``
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count() or any(len(h) != HASH for h in self.hashes):
            raise ValueError("the edge does not fit the size of the tree")

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Adds one leaf hash; returns (level, index, hash) of the subtrees it completes, level 1 upwards."""
        done: list[tuple[int, int, bytes]] = []
        size, level, node = self.size, 0, leaf
        while size >> level & 1:
            node = node_hash(self.hashes.pop(), node)
            level += 1
            done.append((level, size >> level, node))
        self.hashes.append(node)
        self.size = size + 1
        return done

    def root(self) -> bytes:
        """The root of the whole tree: the edge folded from the right."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = node_hash(left, node)
        return node

    def copy(self) -> "Edge":
        return Edge(self.size, self.hashes)

    def dump(self) -> bytes:
        return b"".join(self.hashes)

    @classmethod
    def load(cls, size: int, data: bytes) -> "Edge":
        """:raises ValueError: ``data`` is not an edge of a tree of ``size``"""
        if len(data) % HASH:
            raise ValueError("the edge is not a whole number of hashes")
        return cls(size, (data[i : i + HASH] for i in range(0, len(data), HASH)))


def complete_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """The complete aligned subtrees (level, index) that make up leaves ``start … end − 1``, left to right.

    ``start`` is a multiple of the largest power of two below ``end − start``, as every split of RFC 6962 is.
    """
    parts: list[tuple[int, int]] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The leaf ranges whose roots prove that leaf ``index`` is in the tree of ``size``, leaf to root."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start = split
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The leaf ranges whose roots prove that the tree of ``old`` is a prefix of the tree of ``new``."""
    if not 0 < old <= new:
        raise ValueError("the older tree must be the smaller one and not empty")
    ranges: list[tuple[int, int]] = []
    start, end, known = 0, new, True
    while old != end:
        split = start + _split(end - start)
        if old <= split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start, known = split, False
    if not known:
        ranges.append((start, end))
    return ranges[::-1]


def range_root(start: int, end: int, nodes: Nodes) -> bytes:
    """The root over leaves ``start … end − 1`` of an RFC 6962 split."""
    hashes = [nodes(level, index) for level, index in complete_subtrees(start, end)]
    node = hashes[-1]
    for left in reversed(hashes[:-1]):
        node = node_hash(left, node)
    return node


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """RFC 6962 §2.1.1: the audit path of leaf ``index`` in the tree of ``size``, leaf to root."""
    return [range_root(start, end, nodes) for start, end in inclusion_ranges(index, size)]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """RFC 6962 §2.1.2: that the tree of ``old`` entries is a prefix of the tree of ``new``."""
    return [range_root(start, end, nodes) for start, end in consistency_ranges(old, new)]


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that ``path`` leads to from ``leaf``; None where the path has the wrong length."""
    ranges = inclusion_ranges(index, size)
    if len(ranges) != len(path):
        return None
    node = leaf
    for (start, _), sibling in zip(ranges, path, strict=True):
        node = node_hash(node, sibling) if start > index else node_hash(sibling, node)
    return node


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the tree of ``new`` entries continues the tree of ``old``."""
    ranges = consistency_ranges(old, new)
    if len(ranges) != len(proof):
        return False
    parts = dict(zip(ranges, proof, strict=True))

    def root(start: int, end: int, limit: int) -> bytes | None:
        # Rebuilds the root over start … end from the proof's parts; `limit` is the older tree's end.
        if (start, end) in parts:
            return parts[start, end]
        if end == limit and start == 0:
            return old_root
        if end - start == 1:
            return None
        split = start + _split(end - start)
        left, right = root(start, split, limit), root(split, end, limit)
        return node_hash(left, right) if left is not None and right is not None else None

    def old_tree(start: int, end: int) -> bytes | None:
        if (start, end) in parts:
            return parts[start, end]
        if end - start == 1:
            return None
        split = start + _split(end - start)
        left, right = old_tree(start, split), old_tree(split, end)
        return node_hash(left, right) if left is not None and right is not None else None

    if old == new:
        return old_root == new_root
    whole_known = old & (old - 1) == 0
    return root(0, new, old) == new_root and (whole_known or old_tree(0, old) == old_root)


def _split(count: int) -> int:
    """The largest power of two below ``count`` (RFC 6962 §2.1)."""
    return 1 << ((count - 1).bit_length() - 1)
