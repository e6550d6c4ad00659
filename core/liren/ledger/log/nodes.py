# SPDX-License-Identifier: Apache-2.0
"""Subtree roots from the database: stored every eight levels, the rest computed from at most 256 hashes each.

A proof in a log of 10^7 entries reads three or four short index ranges.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from liren.ledger.log import merkle
from liren.ledger.log.merkle import Edge, node_hash

Read = Callable[..., Awaitable[list[tuple[Any, ...]]]]
"""``read(sql, *args)``: :meth:`liren.store.Store.read`."""

NODE_LEVELS: Final = 8
"""Every eighth level is stored."""


class Tiles:
    """Hashes of one request, read in ranges of 256 and kept while it lasts."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._rows: dict[tuple[int, int], list[bytes]] = {}

    async def node(self, level: int, index: int) -> bytes:
        """The root of the complete subtree of 2^level leaves from index·2^level on."""
        stored = level // NODE_LEVELS * NODE_LEVELS
        count = 1 << level - stored
        first = index * count
        tile = await self._tile(stored, first >> NODE_LEVELS)
        start = first & (1 << NODE_LEVELS) - 1
        hashes = tile[start : start + count]
        if len(hashes) != count:
            raise LookupError(f"node {level}/{index} is not complete in the database")
        while len(hashes) > 1:
            hashes = [node_hash(*hashes[i : i + 2]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    async def root_of(self, start: int, end: int) -> bytes:
        """The root over leaves start … end − 1 of an RFC 6962 split."""
        parts = [await self.node(*part) for part in merkle.complete_subtrees(start, end)]
        return merkle.range_root(start, end, _given(start, end, parts))

    async def _tile(self, level: int, tile: int) -> list[bytes]:
        key = (level, tile)
        if key not in self._rows:
            first = tile << NODE_LEVELS
            last = first + (1 << NODE_LEVELS) - 1
            if level == 0:
                query = "SELECT pos, leaf FROM log_entry WHERE pos BETWEEN ? AND ? ORDER BY pos"
                rows = await self._read(query, first, last)
            else:
                query = "SELECT idx, hash FROM log_node WHERE level = ? AND idx BETWEEN ? AND ? ORDER BY idx"
                rows = await self._read(query, level, first, last)
            if [row[0] for row in rows] != list(range(first, first + len(rows))):
                raise LookupError(f"hashes of level {level} from {first} on have a gap")
            self._rows[key] = [bytes(row[1]) for row in rows]
        return self._rows[key]


async def inclusion(read: Read, index: int, size: int) -> list[bytes]:
    """The audit path of leaf ``index`` in the tree of ``size``, leaf to root (RFC 6962 §2.1.1)."""
    tiles = Tiles(read)
    return [await tiles.root_of(*span) for span in merkle.inclusion_ranges(index, size)]


async def consistency(read: Read, old: int, new: int) -> list[bytes]:
    """That the tree of ``old`` is a prefix of the tree of ``new`` (RFC 6962 §2.1.2)."""
    tiles = Tiles(read)
    return [await tiles.root_of(*span) for span in merkle.consistency_ranges(old, new)]


async def root_at(read: Read, size: int, whole: int, edge: Edge) -> bytes | None:
    """The root the log had at ``size`` entries; None where the stored hashes do not tell.

    :param whole: entries now; :param edge: their edge, which spares the reading when nothing was added since
    """
    if size == whole:
        return edge.root()
    try:
        return await Tiles(read).root_of(0, size) if size else merkle.EMPTY_ROOT
    except LookupError:
        return None


def _given(start: int, end: int, parts: list[bytes]) -> merkle.Nodes:
    known = dict(zip(merkle.complete_subtrees(start, end), parts, strict=True))
    return lambda level, index: known[level, index]
