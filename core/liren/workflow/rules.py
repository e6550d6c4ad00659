# SPDX-License-Identifier: Apache-2.0
"""What a workflow's table says about a case, from values alone: no database, no request, no clock."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal

from liren.plugins.flows import OVER, Case, Party, State, Transition, Workflow

DAY: Final = timedelta(days=1)
Verdict = Literal["yes", "not-yours", "four-eyes"]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to see or move a case."""

    person: str | None
    """None: a job or command of the module."""
    can: Callable[[str, str], bool]
    """``can(permission, unit)``."""


# --- deadlines


def due_ms(state: State, entered_ms: int, tz: tzinfo) -> int | None:
    """End of the time a case may stay in ``state``, Unix ms.

    Whole days end at midnight of the last one, street time: who gets three days on Monday has Thursday whole.
    """
    if state.due is None:
        return None
    end = datetime.fromtimestamp(entered_ms / 1000, tz) + state.due
    if state.due % DAY == timedelta(0):
        end = end.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    return int(end.timestamp() * 1000)


def first_alarm_ms(state: State, due: int | None, now_ms: int) -> int | None:
    """When somebody has to be told first: the reminder, or the end where there is none (or no time for it)."""
    if due is None or state.kind in ("running", *OVER):
        return None
    if state.remind is not None:
        early = due - int(state.remind.total_seconds() * 1000)
        if early > now_ms:
            return early
    return due


def overdue(state: State, case: Case, now_ms: int) -> bool:
    """Somebody should have acted by now. A ``waiting`` case past its day is ripe, not late."""
    return state.kind == "open" and case.due_ms is not None and case.due_ms < now_ms


def is_work(state: State, case: Case, now_ms: int) -> bool:
    """Whether the case waits for a person."""
    ripe = case.due_ms is not None and case.due_ms <= now_ms
    return state.kind == "open" or (state.kind == "waiting" and ripe)


# --- who may


def sees(flow: Workflow) -> tuple[str, ...]:
    """Permissions that let somebody see its cases: those to look, and those to act."""
    acting = [one for each in flow.transitions for one in each.allow if not isinstance(one, Party)]
    return tuple(dict.fromkeys((*flow.see, *acting)))


def may_see(flow: Workflow, case: Case, asker: Asker) -> bool:
    if asker.person is None or asker.person in (case.holder, case.worker):
        return True
    if flow.state(case.state).private:
        return False
    return any(asker.can(permission, case.unit) for permission in sees(flow))


def _is_party(party: Party, case: Case, person: str | None) -> bool:
    if person is None or party is Party.CODE:
        return False
    return person == (case.holder if party is Party.HOLDER else case.worker)


def may_make(
    transition: Transition, case: Case, asker: Asker, made: Mapping[str, Collection[str]], *, by_code: bool
) -> Verdict:
    """
    :param made: transition → who made it so far in this case
    :param by_code: the module's own code asks, not the core's page
    """
    yours = (by_code and Party.CODE in transition.allow) or any(
        _is_party(one, case, asker.person)
        if isinstance(one, Party)
        else asker.person is not None and asker.can(one, case.unit)
        for one in transition.allow
    )
    if not yours:
        return "not-yours"
    if asker.person is not None and any(_did(one, case, asker.person, made) for one in transition.unlike):
        return "four-eyes"
    return "yes"


def _did(one: str | Party, case: Case, person: str, made: Mapping[str, Collection[str]]) -> bool:
    return _is_party(one, case, person) if isinstance(one, Party) else person in made.get(one, ())


def offered(flow: Workflow, case: Case) -> Sequence[Transition]:
    """What a page may offer to somebody: everything out of this state but the module's own moves."""
    return [each for each in flow.out_of(case.state) if each.allow != (Party.CODE,)]


def leads_on(flow: Workflow, transition: Transition, state: str) -> bool:
    """Whether this way out of ``state`` is work: staying and stopping are choices, not what waits for somebody."""
    return transition.target != state and flow.state(transition.target).kind != "stopped"


# --- words


Tone = Literal["", "good", "wait", "bad"]


def tone(state: State) -> Tone:
    """Colour of the state's tag; the words say the same."""
    if state.quiet:
        return ""
    return {"open": "wait", "waiting": "wait", "running": "good", "done": "good", "stopped": "bad"}[state.kind]  # type: ignore[return-value]
