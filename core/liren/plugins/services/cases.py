# SPDX-License-Identifier: Apache-2.0
"""The cases of declared workflows."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from markupsafe import Markup

from liren.plugins.flows import Case, Move, Step
from liren.plugins.services.writing import Outbox

if TYPE_CHECKING:
    from liren.plugins.context import Context


class NewFile(Protocol):
    """A file to keep with a case's step; :class:`liren.web.Upload` is one."""

    @property
    def name(self) -> str: ...

    @property
    def content(self) -> bytes: ...

    @property
    def kind(self) -> str | None: ...


class Cases(Protocol):
    """The cases of the own plugin's workflows: ``ctx.cases``.

    ``open`` and ``move`` join the transaction that is open (``once`` or ``transaction``): ``tx`` is what it gave.
    """

    async def open(
        self,
        tx: Outbox,
        workflow: str,
        *,
        subject: str,
        unit: str,
        title: str,
        holder: str | None = None,
        worker: str | None = None,
        note: str = "",
        due: datetime | None = None,
    ) -> Case:
        """A new case in the workflow's initial state. Whether the visitor may open one is the caller's question.

        :param subject: the module's own id; one open case of a workflow a subject
        :raises Conflict: this subject has an open case already
        :raises NotFound: no such unit
        """
        ...

    async def move(
        self,
        tx: Outbox,
        case: Case,
        transition: str,
        *,
        note: str = "",
        files: Sequence[NewFile] = (),
        worker: str | None = None,
        due: datetime | None = None,
    ) -> Case:
        """Make a move: checked, written into the timeline, its effect run, all in this transaction.

        :param case: as it was read: if somebody moved it since, nothing is done
        :param worker: whom it is given to from now on
        :param due: end of the deadline of the state it comes into, instead of the declared one
        :raises NotFound: the visitor may not even see it
        :raises Denied: not theirs to make, or they made a step this one must be unlike
        :raises Conflict: it is not in a state this leads out of, or was moved meanwhile
        :raises LirenError: a note is missing, the guard or the effect says no
        """
        ...

    async def amend(
        self, tx: Outbox, case: Case, *, title: str | None = None, unit: str | None = None, holder: str | None = None
    ) -> Case:
        """Call it something else, or say that it belongs elsewhere, without a step; what is left out stays.

        Whether the visitor may is the caller's question.

        :raises NotFound: no such case of this plugin, no such unit
        """
        ...

    async def get(self, case: str) -> Case:
        """:raises NotFound: none of this plugin's, or not for the visitor's eyes (for a job: any of this plugin's)"""
        ...

    async def of(self, workflow: str, subject: str) -> Case | None:
        """The open case of this subject, or its last one; whoever the visitor is."""
        ...

    async def find(
        self,
        workflow: str,
        *,
        states: Sequence[str] = (),
        unit: str | None = None,
        holder: str | None = None,
        overdue: bool = False,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[Sequence[Case], int]:
        """(some of them, how many there are) among what the visitor may see: overdue first, then by deadline.

        :param unit: in this unit's subtree
        :param overdue: only open ones past their deadline
        """
        ...

    async def steps(self, case: Case) -> Sequence[Step]:
        """The timeline, oldest first."""
        ...

    async def moves(self, case: Case) -> Sequence[Move]:
        """What the visitor may do with it now, and what stands in the way of the rest of it."""
        ...

    async def panel(self, case: Case, *, acts: bool = True) -> Markup:
        """State, deadline, actions and timeline for a page of the module's own.

        :param acts: without, the module's page draws its own buttons
        """
        ...


class CaseDesk(Protocol):
    """The workflow floor."""

    def of(self, ctx: "Context") -> Cases: ...
