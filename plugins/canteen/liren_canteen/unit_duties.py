# SPDX-License-Identifier: Apache-2.0
"""Duties towards a unit: its kitchens and sites are its heir's. Orders, sheets and sealed months name the site, not
the unit, so nothing that is over changes.
"""

from collections.abc import Sequence

from liren.api import Holding, UnitChange, _
from liren_canteen.tables import Kitchen, Site


async def holds(unit: str) -> Sequence[Holding]:
    """A unit with a canteen is not closed without an heir: nobody would look after it."""
    return [
        Holding(_("食堂和助餐点"), await Site.count().where(Site.unit == unit), _("家"), blocks=True),
        Holding(_("厨房"), await Kitchen.count().where(Kitchen.unit == unit), _("个"), blocks=True),
    ]


async def follow(change: UnitChange) -> None:
    """Inside the core's transaction."""
    if change.heir:
        await Site.update({Site.unit: change.heir}).where(Site.unit == change.gone)
        await Kitchen.update({Kitchen.unit: change.heir}).where(Kitchen.unit == change.gone)
