# SPDX-License-Identifier: Apache-2.0
"""Duties towards a unit: the merchants that stand there are its heir's. Orders name the merchant, not the unit."""

from collections.abc import Sequence

from liren.api import Holding, UnitChange, _
from liren_market.tables import Merchant


async def holds(unit: str) -> Sequence[Holding]:
    """A unit with merchants is not closed without an heir, for somebody has to look after them."""
    count = await Merchant.count().where((Merchant.unit == unit) & (Merchant.state != "closed"))
    return [Holding(_("商户"), count, _("家"), blocks=True)]


async def follow(change: UnitChange) -> None:
    """Inside the core's transaction."""
    if change.heir:
        await Merchant.update({Merchant.unit: change.heir}).where(Merchant.unit == change.gone)
