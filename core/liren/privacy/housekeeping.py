# SPDX-License-Identifier: Apache-2.0
"""What the floors without jobs of their own keep, and until when: answers to requests, work in the background."""

from typing import Final

from liren.identity.register.directory import Directory
from liren.plugins.context import Context

DAY_MS: Final = 86_400_000
KEEP_REQUESTS_MS: Final = 400 * DAY_MS
"""A form sent again is known for longer than a year: no month is settled twice."""
KEEP_TASKS_MS: Final = 30 * DAY_MS


async def sweep(ctx: Context) -> None:
    """The daily job."""
    assert isinstance(ctx.people, Directory)
    async with ctx.people.store.transaction(ctx.actor) as tx:
        await tx.sql("DELETE FROM request WHERE at_ms <= ?", tx.now_ms - KEEP_REQUESTS_MS)
        await tx.sql("DELETE FROM task WHERE changed_ms <= ?", tx.now_ms - KEEP_TASKS_MS)
