# SPDX-License-Identifier: Apache-2.0
"""Fills the demo street's market, through the same verbs its pages use."""

from liren.api import Context, Demo


async def fill(ctx: Context, demo: Demo) -> None:
    """Merchants, goods, and a month of redemptions."""
    raise NotImplementedError
