# SPDX-License-Identifier: Apache-2.0
"""Duties towards a unit: lists that are under way are its heir's to review.

A row keeps the community its person belonged to on the day of the deed, for that is what the record of it names; only a
deed of the day of the change or later is the heir's.
"""

from collections.abc import Sequence

from liren.api import Holding, UnitChange, _
from liren_credit.tables import AwardList, AwardRow

OVER = ("posted", "dropped")


async def holds(unit: str) -> Sequence[Holding]:
    under_way = (AwardList.unit == unit) & AwardList.state.not_in(list(OVER))
    return [Holding(_("还没有办结的积分名单"), await AwardList.count().where(under_way), _("份"))]


async def follow(change: UnitChange) -> None:
    """Inside the core's transaction."""
    if not change.heir:
        return
    under_way = (AwardList.unit == change.gone) & AwardList.state.not_in(list(OVER))
    await AwardList.update({AwardList.unit: change.heir}).where(under_way)
    waiting = (AwardRow.unit == change.gone) & (AwardRow.day >= change.day) & AwardRow.rid.is_null()
    await AwardRow.update({AwardRow.unit: change.heir}).where(waiting)
