# SPDX-License-Identifier: Apache-2.0
"""What has had its time is deleted: uploaded lists after a week, phone and photograph of who serves no longer."""

from typing import Any, Final

from liren.plugins.context import Context
from liren.store import lists
from liren.units.duties import transaction_of
from liren.units.scope import service
from liren.units.tables import Appointment

KEEP_LISTS_MS: Final = 7 * 86_400_000


async def sweep_old(ctx: Context) -> None:
    """The job, four times a day."""
    async with ctx.transaction():
        await lists.sweep(transaction_of(ctx), int(ctx.now().timestamp() * 1000) - KEEP_LISTS_MS)
        nothing: dict[Any, Any] = {Appointment.phone: "", Appointment.photo: None}
        has_some = (Appointment.phone != "") | Appointment.photo.is_not_null()
        await Appointment.update(nothing).where((Appointment.until <= ctx.today()) & has_some)
    photos = service(ctx).photos
    if photos is not None:
        await photos.sweep()
