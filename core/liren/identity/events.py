# SPDX-License-Identifier: Apache-2.0
"""What the register tells everybody else after the commit: whoever keeps something of a person can close it."""

from typing import Final

from liren.plugins.events import Event
from liren.store import Tx
from liren.store.outbox import emit
from liren.web import N_


class Departed(Event, frozen=True):
    """Somebody moved away or died; within a day it may be taken back (:class:`DepartureUndone`)."""

    name = "identity.departed"
    title = N_("有人迁出或去世")
    person: str
    departure: str
    """Names this departure, for opening again exactly what was closed for it."""
    day: str
    died: bool


class DepartureUndone(Event, frozen=True):
    """It was the wrong person: they live here as before. May arrive before the departure itself."""

    name = "identity.departure_undone"
    title = N_("迁出或去世的登记撤回了")
    person: str
    departure: str


class Merged(Event, frozen=True):
    """Two entries were one person; what a module moves in ``person_merged`` has moved by now."""

    name = "identity.merged"
    title = N_("两份登记合成一份")
    person: str
    """Whose entry stays."""
    gone: str


EVENTS: Final = (Departed, DepartureUndone, Merged)


async def tell(tx: Tx, event: Departed | DepartureUndone | Merged) -> None:
    """In the transaction that does it."""
    await emit(tx, "identity", event.name, event.version, event)
