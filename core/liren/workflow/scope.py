# SPDX-License-Identifier: Apache-2.0
"""Which cases somebody may see, and which wait for them, as conditions of a query: lists never filter in memory."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from liren.plugins.flows import Party, Transition, Workflow
from liren.plugins.services import Access
from liren.workflow.rules import leads_on, sees

AFTER_PATH: Final = "\x7f"
"""Greater than whatever may follow in a path."""
Flows = Sequence[tuple[str, Workflow]]
"""(plugin, workflow) each."""


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over ``workflow_case c`` with ``?`` places, and what goes into them."""

    sql: str
    args: tuple[Any, ...] = ()

    def __and__(self, other: "Condition") -> "Condition":
        if "1 = 0" in (self.sql, other.sql):
            return Condition("1 = 0")
        return Condition(f"({self.sql}) AND ({other.sql})", (*self.args, *other.args))


NOTHING: Final = Condition("1 = 0")
EVERYTHING: Final = Condition("1 = 1")
OPEN: Final = Condition("c.closed_ms IS NULL")
CLOSED: Final = Condition("c.closed_ms IS NOT NULL")


def either(conditions: Iterable[Condition]) -> Condition:
    """Any of them; nothing where there are none."""
    found = [each for each in conditions if each != NOTHING]
    if not found:
        return NOTHING
    sql = " OR ".join(f"({each.sql})" for each in found)
    return Condition(sql, tuple(arg for each in found for arg in each.args))


def is_one_of(column: str, values: Collection[str]) -> Condition:
    if not values:
        return NOTHING
    return Condition(f"c.{column} IN ({', '.join('?' * len(values))})", tuple(values))


def is_none_of(column: str, values: Collection[str]) -> Condition:
    """:param values: at least one"""
    return Condition(f"c.{column} NOT IN ({', '.join('?' * len(values))})", tuple(values))


def flow(plugin: str, workflow: str) -> Condition:
    return Condition("c.plugin = ? AND c.workflow = ?", (plugin, workflow))


def of_any(flows: Flows) -> Condition:
    """Of these workflows, whoever asks."""
    return either(flow(plugin, each.name) for plugin, each in flows)


def within(prefixes: Iterable[str]) -> Condition:
    """In one of these subtrees (paths of units)."""
    return either(Condition("c.path >= ? AND c.path < ?", (path, path + AFTER_PATH)) for path in prefixes)


def seen_by(flows: Flows, access: Access, person: str) -> Condition:
    """What this person may see at all."""
    found = []
    for plugin, each in flows:
        prefixes = dict.fromkeys(path for name in sees(each) for path in access.units_with(name))
        if prefixes:
            found.append(flow(plugin, each.name) & within(prefixes) & _public(each))
    own = Condition("c.holder = ? OR c.worker = ?", (person, person))
    return either([*found, own & of_any(flows)])


def _public(its: Workflow) -> Condition:
    private = [state.name for state in its.states if state.private]
    return is_none_of("state", private) if private else EVERYTHING


def waiting_for(flows: Flows, access: Access, person: str, now_ms: int) -> Condition:
    """What waits for this person: in an open state (or a waiting one past its day) with a way on that is theirs."""
    return OPEN & either(
        flow(plugin, each.name)
        & either(_way(each, transition, access, person, now_ms) for transition in each.transitions)
        for plugin, each in flows
    )


def _way(its: Workflow, transition: Transition, access: Access, person: str, now_ms: int) -> Condition:
    theirs = either(_allowed(one, access, person) for one in transition.allow)
    kinds = {name: its.state(name).kind for name in transition.source if leads_on(its, transition, name)}
    ripe = Condition("c.due_ms <= ?", (now_ms,)) & is_one_of(
        "state", [n for n, kind in kinds.items() if kind == "waiting"]
    )
    work = either([is_one_of("state", [n for n, kind in kinds.items() if kind == "open"]), ripe])
    if NOTHING in (theirs, work):
        return NOTHING
    return work & theirs & _unlike(transition, person)


def _allowed(one: object, access: Access, person: str) -> Condition:
    if isinstance(one, Party):
        return NOTHING if one is Party.CODE else Condition(f"c.{one.value} = ?", (person,))
    return within(access.units_with(str(one)))


def _unlike(transition: Transition, person: str) -> Condition:
    allowed = EVERYTHING
    for party in (one for one in transition.unlike if isinstance(one, Party)):
        allowed = allowed & Condition(f"c.{party.value} IS NULL OR c.{party.value} <> ?", (person,))
    names = [one for one in transition.unlike if not isinstance(one, Party)]
    if not names:
        return allowed
    return allowed & Condition(
        "NOT EXISTS (SELECT 1 FROM workflow_step s WHERE s.case_id = c.id AND s.actor = ?"  # noqa: S608 - marks only
        f" AND s.transition IN ({', '.join('?' * len(names))}))",
        (person, *names),
    )


def overdue(flows: Flows, now_ms: int) -> Condition:
    """In an open state past its deadline."""
    late = Condition("c.due_ms < ?", (now_ms,))
    return OPEN & late & either(flow(plugin, each.name) & is_one_of("state", opens(each)) for plugin, each in flows)


def works_with(flows: Flows, access: Access) -> bool:
    """Whether somebody handles cases of any of these, beyond their own."""
    return any(access.can(name) for _, each in flows for name in sees(each))


def opens(its: Workflow) -> list[str]:
    """Names of the states in which somebody has to act."""
    return [state.name for state in its.states if state.kind == "open"]
