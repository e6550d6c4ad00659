# SPDX-License-Identifier: Apache-2.0
"""The nightly job that clears points past their last day: one record per account, each safe to repeat."""

import asyncio
from typing import Final

from liren.ledger.desk import departed
from liren.ledger.errors import Refused
from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context
from liren.plugins.points import Expire
from liren.plugins.services import Tx

CHUNK: Final = 256


async def expire_points(ctx: Context) -> None:
    """Every account past its ``expires_on`` gives its whole balance to ``expired``."""
    assert isinstance(ctx.ledger, Reader)
    today, last = ctx.ledger.today().isoformat(), 0
    while rows := await ctx.ledger.store.read(
        "SELECT id, asset, address FROM account WHERE expires_on < ? AND balance > 0 AND id > ? ORDER BY id LIMIT ?",
        today,
        last,
        CHUNK,
    ):
        last = rows[-1][0]
        # Many at once: they share a COMMIT. Killed in between, the next run finds what is left.
        await asyncio.gather(*(_expire(ctx, Expire(asset, address)) for _, asset, address in rows))
    await departed.tidy(ctx)


async def _expire(ctx: Context, draft: Expire) -> None:
    async def body(tx: Tx) -> str:
        return (await tx.post(draft)).rid

    try:
        # Nothing ever flows into an account past its last day, so that one key per account is enough.
        await ctx.once(f"expire/{draft.asset}/{draft.address}", draft, body, str)
    except Refused:
        return  # cleared in the meantime, by a closing
