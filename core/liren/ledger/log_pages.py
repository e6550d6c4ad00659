# SPDX-License-Identifier: Apache-2.0
"""The log for programs: any older checkpoint, and the proof that one is a beginning of another. Public: only hashes."""

from base64 import b64encode
from typing import Any, Final

from litestar import Response

from liren.errors import NotFound
from liren.ledger.at_hand import reader_of
from liren.ledger.errors import Refused
from liren.ledger.log import nodes
from liren.plugins.context import Context
from liren.web import ANYONE, get

TEXT: Final = "text/plain; charset=utf-8"
HEAD: Final = "liren/consistency/v1"


@get("/ledger/checkpoint/{size:int}", allow=ANYONE)
async def old_checkpoint(ctx: Context, size: int) -> Response[bytes]:
    """The checkpoint of exactly ``size`` entries, to the byte.

    :raises NotFound: none was signed at that size
    """
    rows = await reader_of(ctx).store.read("SELECT note FROM checkpoint WHERE size = ?", _bounded(size))
    if not rows:
        raise NotFound("没有这个大小的检查点。", "No checkpoint was signed at this size.")
    return Response(bytes(rows[0][0]), media_type=TEXT)


@get("/ledger/consistency", allow=ANYONE)
async def consistency(ctx: Context, old: int, new: int) -> Response[str]:
    """RFC 6962 §2.1.2: that the first ``old`` of ``new`` entries were never changed. One base64 hash a line.

    :raises Refused: not 1 ≤ old ≤ new ≤ the signed size
    """
    size, _ = await ctx.ledger.head()
    if not 1 <= old <= new <= size:
        raise Refused(
            f"请写 1 到 {size} 之间的两个大小，旧的不大于新的。",
            f"Name two sizes from 1 to {size}, the old one not above the new.",
            status=422,
        )
    path = await nodes.consistency(reader_of(ctx).store.read, old, new) if old < new else []
    lines = [HEAD, f"old {old}", f"new {new}", *(b64encode(node).decode() for node in path), ""]
    return Response("\n".join(lines), media_type=TEXT)


def _bounded(size: int) -> int:
    return size if 0 <= size < 2**62 else -1


ROUTES: Final[tuple[Any, ...]] = (old_checkpoint, consistency)
