# SPDX-License-Identifier: Apache-2.0
"""How the ledger's pages reach the ledger."""

from typing import cast

from liren.ledger.reading.reader import Reader
from liren.plugins.context import Context


def reader_of(ctx: Context) -> Reader:
    """The core's own reader behind the protocol."""
    return cast(Reader, ctx.ledger)


async def unit_names(ctx: Context) -> dict[str, str]:
    """Code → name of every unit."""
    return {unit.code: unit.name for unit in await ctx.units.all()}
