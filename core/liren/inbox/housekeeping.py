# SPDX-License-Identifier: Apache-2.0
"""Notices are news: a year later nobody needs them, and each names a person and their business."""

from typing import Final

from liren.inbox.tables import Notice
from liren.plugins.context import Context

KEEP_MS: Final = 365 * 86_400_000


async def sweep(ctx: Context) -> None:
    """The daily job."""
    async with ctx.transaction():
        await Notice.delete().where(Notice.at_ms <= int(ctx.now().timestamp() * 1000) - KEEP_MS)
