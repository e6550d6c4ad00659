# SPDX-License-Identifier: Apache-2.0
"""What has had its time is deleted: uploaded lists after a week, photographs that no appointment names."""

from typing import Final

from liren.plugins.context import Context
from liren.store import lists
from liren.units.duties import transaction_of
from liren.units.scope import service

KEEP_LISTS_MS: Final = 7 * 86_400_000


async def sweep_old(ctx: Context) -> None:
    """The job, four times a day."""
    async with ctx.transaction():
        await lists.sweep(transaction_of(ctx), int(ctx.now().timestamp() * 1000) - KEEP_LISTS_MS)
    photos = service(ctx).photos
    if photos is not None:
        await photos.sweep()
