# SPDX-License-Identifier: Apache-2.0
"""Hands notices on to whatever the street has to reach a phone; without one, the page of notices is where they are."""

from typing import Final

from liren.inbox.tables import Notice
from liren.plugins.context import Context

TRIED_MS: Final = 24 * 3600 * 1000
BATCH: Final = 200


async def forward(ctx: Context) -> None:
    """Forward what was not forwarded yet and not read meanwhile, for a day at most; oldest first."""
    ways = ctx.who_implements("notifier")
    if not ways:
        return
    since = int(ctx.now().timestamp() * 1000) - TRIED_MS
    waiting = Notice.forwarded_ms.is_null() & Notice.read_ms.is_null() & (Notice.at_ms > since)
    for notice in await Notice.objects().where(waiting).order_by(Notice.id).limit(BATCH):
        answers = await ctx.each("notifier", person=notice.person, text=notice.text, link=notice.link)
        # One that failed has not answered: asked again, unless another way worked.
        if any(sent.sent for _, sent in answers) or len(answers) == len(ways):
            async with ctx.transaction() as tx:
                await Notice.update({Notice.forwarded_ms: tx.now_ms}).where(Notice.id == notice.id)
