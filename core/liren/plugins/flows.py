# SPDX-License-Identifier: Apache-2.0
"""A workflow: which states a module's matter can be in, who may move it on, and by when. Data, not code.

The core stores cases, guards their moves, keeps the deadlines, shows the timeline and draws the diagram; a module
declares the table (``register_workflows``) and says what a move means to it (``effect``, ``entered``).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

from markupsafe import Markup

if TYPE_CHECKING:
    from liren.plugins.context import Context
    from liren.plugins.services import Tx

Kind = Literal["open", "waiting", "running", "done", "stopped"]
"""``open``: somebody has to act, the deadline runs. ``waiting``: for a day to come; work again once ``due`` is past.
``running``: in force (a shop that trades), nobody's work. ``done``, ``stopped``: over, as hoped or otherwise."""
OVER: Final = ("done", "stopped")

NoteRule = Literal["none", "optional", "required"]

OPENED: Final = "opened"
"""Name of the first step of every case: who opened it. ``unlike=("opened",)`` keeps that person from a move."""


class Party(Enum):
    """Who may make a move by what they are to the case, instead of by a permission."""

    HOLDER = "holder"
    """The person the case is about or who asked for it."""
    WORKER = "worker"
    """The person it was given to (``assign``, or ``move(…, worker=…)``)."""
    CODE = "code"
    """The module's own code, which decides for itself who may; never offered on a page."""


MoveAllow = str | Party
"""A permission, which must be held at the case's unit, or a party to the case."""


@dataclass(frozen=True, slots=True)
class Case:
    """One matter on its way."""

    id: str
    plugin: str
    workflow: str
    subject: str
    """The module's own id of what this is about."""
    unit: str
    """Code of the unit it belongs to: who may see and move it is asked there."""
    title: str
    holder: str | None
    """Person id."""
    worker: str | None
    state: str
    opened_ms: int
    since_ms: int
    """When it came into its state."""
    due_ms: int | None
    closed_ms: int | None
    version: int
    """Grows with every step: two people acting at once are told apart by it."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file kept with a step."""

    id: str
    name: str
    kind: str
    """By its content: jpg, png, pdf, xlsx …"""
    size: int


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a case's timeline."""

    number: int
    """From 1."""
    transition: str
    """:data:`OPENED` for the first."""
    source: str
    """State it was in; empty for the first step."""
    target: str
    actor: str
    """Person id, or ``job:<plugin>``."""
    at_ms: int
    note: str
    worker: str | None
    """Whom it was given to in this step."""
    due_ms: int | None
    """The deadline that held when this step was made."""
    files: tuple[CaseFile, ...] = ()


Guard = Callable[["Context", Case], Awaitable[str | None]]
"""Says in a sentence why a move cannot be made now, or None. Asked for the page too: read only, one query."""
Effect = Callable[["Context", "Tx", Case], Awaitable[None]]
"""What a move does to the module's own rows; raises a LirenError to refuse. Gets the case as it is after the move."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can be."""

    name: str
    """``[a-z_]{2,20}``."""
    title: str
    kind: Kind = "open"
    due: timedelta | None = None
    """How long it may stay, in calendar time from entering. Whole days end at midnight of the last one (street
    time); parts of a day run to the minute. ``move(…, due=…)`` sets another end for one case."""
    remind: timedelta | None = None
    """So long before the end those who may act are told, once."""
    escalate: str | None = None
    """Permission of those who are told, with those who may act, once the end is past."""
    quiet: bool = False
    """Of a ``stopped`` state: nothing went wrong (withdrawn, left), so no red."""
    private: bool = False
    """Only its holder and its worker see a case in this state: what is not handed in yet."""
    tell: bool = False
    """Whether the holder (or the worker, of a case without) gets a notice with the step's note when it comes here."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One way on. Several may lead from and to the same states."""

    name: str
    """``[a-z_]{2,20}``, unique in its workflow."""
    title: str
    """On the button: a verb."""
    source: tuple[str, ...]
    target: str
    """One of its sources: the case stays, and its deadline runs on."""
    allow: tuple[MoveAllow, ...]
    """Any of these may."""
    note: NoteRule = "none"
    files: bool = False
    """Whether files may be handed in with it."""
    unlike: tuple[str | Party, ...] = ()
    """Names of earlier transitions (or ``opened``): who made one of them may not make this (four eyes). A party: the
    holder, or the worker, may not."""
    assign: str = ""
    """A permission: the page asks which of its holders the case is given to."""
    guard: Guard | None = None
    effect: Effect | None = None
    """Runs in the same transaction: what it refuses undoes the move."""
    confirm: str = ""
    """A sentence to be read before the button, for what cannot be undone."""
    reopens: bool = False
    """Says on purpose that it leads out of a ``done`` or ``stopped`` state."""
    on_page: bool = False
    """Made on the module's own page (``Workflow.page``), which needs more than a note: the core links there."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A declared transition table; ``register_workflows`` returns these."""

    name: str
    """``[a-z_]{2,20}``, unique in its plugin."""
    title: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    initial: str
    see: tuple[str, ...] = ()
    """Permissions that let somebody look without acting. Who may act, its holder and its worker always see it."""
    entered: Effect | None = None
    """Runs in the same transaction when a case is opened and at each change of state; keeps a module's row in step."""
    view: "Callable[[Context, Case], Awaitable[Markup | None]] | None" = None
    """What the module shows on the case's page (of ``ctx.fragment``)."""
    page: "Callable[[Context, Case], str] | None" = None
    """Address of the module's own page of the subject."""

    def state(self, name: str) -> State:
        """:raises KeyError: no such state (an older version of the module had it)"""
        return next((state for state in self.states if state.name == name), None) or _missing(self, name)

    def transition(self, name: str) -> Transition:
        """:raises KeyError: no such transition"""
        found = next((each for each in self.transitions if each.name == name), None)
        if found is None:
            raise KeyError(f"workflow {self.name} has no transition {name!r}")
        return found

    def out_of(self, state: str) -> Sequence[Transition]:
        """What may come next, in declared order."""
        return [each for each in self.transitions if state in each.source]


def _missing(workflow: Workflow, name: str) -> State:
    raise KeyError(f"workflow {workflow.name} has no state {name!r}")


@dataclass(frozen=True, slots=True)
class Move:
    """A move the visitor may make, or nearly."""

    transition: Transition
    why_not: str = ""
    """What stands in its way (the guard's sentence, in the visitor's language); empty: nothing."""
