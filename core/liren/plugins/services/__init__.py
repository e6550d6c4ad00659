# SPDX-License-Identifier: Apache-2.0
"""What the kernel asks of the floors above it, as protocols, a module for each service; ``liren.app`` wires the real
ones in.

A module never sees these objects themselves, only through :class:`liren.plugins.context.Context`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liren.plugins.services.acting import Acting, ActingDesk
from liren.plugins.services.cases import CaseDesk, Cases, NewFile
from liren.plugins.services.pages import Pages
from liren.plugins.services.people import Guardian, OrganisationCard, People, PersonCard, PersonKeys
from liren.plugins.services.points import Balance, EntryView, LedgerReader, LedgerTx, Lot
from liren.plugins.services.tasks import Progress, Tasks, TaskView
from liren.plugins.services.units import UnitCard, Units
from liren.plugins.services.visitors import NOBODY, Access, Connection, NoAccess, Sessions, Visitor, Who
from liren.plugins.services.writing import Outbox, Tx, Writing

__all__ = [
    "NOBODY",
    "Access",
    "Acting",
    "ActingDesk",
    "Balance",
    "CaseDesk",
    "Cases",
    "Clock",
    "Connection",
    "EntryView",
    "Guardian",
    "Inbox",
    "LedgerReader",
    "LedgerTx",
    "Lot",
    "NewFile",
    "NoAccess",
    "OrganisationCard",
    "Outbox",
    "Pages",
    "People",
    "PersonCard",
    "PersonKeys",
    "Progress",
    "Secrets",
    "Services",
    "Sessions",
    "TaskView",
    "Tasks",
    "Tx",
    "UnitCard",
    "Units",
    "Visitor",
    "Who",
    "Writing",
]


class Secrets(Protocol):
    """The vault, as far as a module may use it."""

    def keyed_hash(self, kind: str, value: str) -> str: ...


class Inbox(Protocol):
    """Notices on a person's own page."""

    async def notify(self, person: str, text: str, link: str) -> None: ...


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, aware, in the street's time zone."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the floors above give the kernel; ``liren.app`` fills it in at start."""

    people: People
    secrets: Secrets
    units: Units
    ledger: LedgerReader
    writing: Writing
    inbox: Inbox
    sessions: Sessions
    pages: Pages
    tasks: Tasks
    cases: CaseDesk
    acting: ActingDesk
    clock: Clock
