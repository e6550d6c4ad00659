# SPDX-License-Identifier: Apache-2.0
"""More records than one transaction takes: in chunks, each under a request key of its own; a killed run resumes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from liren.plugins.points import PostDraft, Posted

if TYPE_CHECKING:
    from liren.plugins.context import Context
    from liren.plugins.services import Tx

CHUNK: Final = 256
"""Records a transaction: what group commit fills anyway, and short enough for others to get their turn."""

After = Callable[["Tx", int, Sequence[Posted]], Awaitable[None]]
"""``await after(tx, start, posted)``: the module's own rows for drafts ``start`` … in the same transaction."""


async def post_in_chunks(
    ctx: "Context",
    key: str,
    drafts: Sequence[PostDraft],
    *,
    after: After | None = None,
    progress: Callable[[int], None] | None = None,
) -> Sequence[str]:
    """Post any number of drafts; chunk ``n`` has the request key ``<key>/<n>``.

    Not all or nothing: what was posted stays when a later chunk is refused or the process dies. Called again with the
    same key and the same drafts it returns what was posted and goes on behind it.

    :returns: the rid of each draft, in order
    :raises Conflict: other drafts under the same key
    """
    rids: list[str] = []
    for n, start in enumerate(range(0, len(drafts), CHUNK)):
        part = drafts[start : start + CHUNK]

        async def body(tx: "Tx", start: int = start, part: Sequence[PostDraft] = part) -> list[str]:
            posted = await tx.post_many(part)
            if after is not None:
                await after(tx, start, posted)
            return [record.rid for record in posted]

        rids += await ctx.once(f"{key}/{n}", list(part), body, list[str])
        if progress is not None:
            progress(len(rids))
    return rids
