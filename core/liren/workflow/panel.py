# SPDX-License-Identifier: Apache-2.0
"""One case as a page shows it: filled in for the visitor who looks, drawn by the components of a case.

The same values stand on the core's page of a case and, as ``ctx.cases.panel``, on a module's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liren.plugins.context import Context
from liren.plugins.flows import OPENED, Case, Move, State, Step, Workflow
from liren.plugins.services import PersonCard
from liren.web import Action, CasePage, StateTag, TimelineEntry, current, gettext
from liren.web.formats import day, moment
from liren.workflow import rules, words

if TYPE_CHECKING:
    from liren.workflow.service import PluginCases

KILO = 1024


@dataclass(frozen=True, slots=True)
class Tried:
    """A move that was refused: its form opens again with what was typed."""

    name: str
    error: str
    note: str = ""


async def page_of(cases: "PluginCases", case: Case, *, acts: bool = True, tried: Tried | None = None) -> CasePage:
    """Everything the component draws. The visitor may see the case: the caller has asked."""
    ctx, flow = cases.ctx, cases.flow(case.workflow)
    state = flow.state(case.state)
    steps = await cases.steps(case)
    people = await ctx.people.cards([each for each in _people(case, steps) if each])
    moves = [each for each in await cases.moves(case) if not each.transition.on_page] if acts else []
    late, work = rules.overdue(state, case, cases.now_ms()), rules.is_work(state, case, cases.now_ms())
    text = gettext("%(state)s · 超期", state=gettext(state.title)) if late else gettext(state.title)
    return CasePage(
        title=case.title,
        state=StateTag(text, "bad" if late else rules.tone(state)),
        note=" · ".join([gettext(flow.title), gettext("%(when)s 提出", when=moment(case.opened_ms))]),
        facts=await _facts(cases, case, state, people),
        actions=[
            await _action(cases, case, flow, each, first=not n and work, tried=tried) for n, each in enumerate(moves)
        ],
        events=timeline(cases.ctx, case, flow, steps, people, next_=_next(cases, case, state)),
    )


def _people(case: Case, steps: Sequence[Step]) -> list[str | None]:
    return [case.holder, case.worker, *(step.actor for step in steps), *(step.worker for step in steps)]


async def _facts(
    cases: "PluginCases", case: Case, state: State, people: Mapping[str, PersonCard]
) -> list[tuple[str, object]]:
    path = await cases.ctx.units.path(case.unit)
    facts: list[tuple[str, object]] = [
        (gettext("在哪里"), " · ".join(unit.name for unit in path[-2:])),
    ]
    if case.holder and case.holder in people:
        facts.append((gettext("谁的事"), people[case.holder].name))
    if case.worker and case.worker in people:
        facts.append((gettext("经办人"), people[case.worker].name))
    if said := words.due_words(state, case, cases.ctx.now()):
        end = words.due_day(case, cases.desk.tz)
        facts.append((gettext("期限"), f"{day(end)} · {said}" if state.kind == "open" else said))
    return facts


async def _action(
    cases: "PluginCases", case: Case, flow: Workflow, move: Move, *, first: bool, tried: Tried | None
) -> Action:
    it, core = move.transition, cases.ctx.of("workflow")
    ends = flow.state(it.target).kind == "stopped"
    again = tried if tried is not None and tried.name == it.name else None
    shared = {"version": str(case.version), "back": _here()}
    return Action(
        title=gettext(it.title),
        url=core.url("move", case=case.id, move=it.name),
        kind="bad" if ends else "" if first else "quiet",
        fields=shared,
        note={"none": "none", "optional": "optional", "required": "needed"}[it.note],  # type: ignore[arg-type]
        files=it.files,
        confirm=gettext(it.confirm) if it.confirm else "",
        blocked=move.why_not,
        choose="worker" if it.assign else "",
        choose_label=gettext("由谁来办"),
        choices=await workers(cases, case, it.assign) if it.assign else (),
        error=again.error if again else "",
        typed=again.note if again else "",
    )


def _here() -> str:
    """Where the button stands: the visitor comes back there."""
    scene = current()
    return scene.here() if scene.method in ("GET", "HEAD") else ""


async def workers(cases: "PluginCases", case: Case, permission: str) -> list[tuple[str, str]]:
    """Who may be given the case: (person id, name) of those who hold the permission at its unit."""
    found = await cases.desk.sessions.holding(permission, case.unit)
    cards = await cases.ctx.people.cards(found)
    return [(each, cards[each].name) for each in found if each in cards]


# --- timeline


def timeline(
    ctx: Context,
    case: Case,
    flow: Workflow,
    steps: Sequence[Step],
    people: Mapping[str, PersonCard],
    *,
    next_: TimelineEntry | None,
) -> list[TimelineEntry]:
    """The latest first; what is due next leads."""
    events = [_event(ctx, case, flow, step, people) for step in reversed(steps)]
    return [next_, *events] if next_ is not None else events


def _next(cases: "PluginCases", case: Case, state: State) -> TimelineEntry | None:
    end = words.due_day(case, cases.desk.tz)
    if case.closed_ms is not None or end is None:
        return None
    late = rules.overdue(state, case, cases.now_ms())
    title = gettext("下一步") if state.kind == "open" else gettext("期满")
    return TimelineEntry(at=gettext("%(day)s前", day=day(end)), title=title, kind="bad" if late else "wait")


def _event(ctx: Context, case: Case, flow: Workflow, step: Step, people: Mapping[str, PersonCard]) -> TimelineEntry:
    states = {state.name: state for state in flow.states}
    target = states.get(step.target)
    title = _title(flow, step)
    if target is not None and step.target != step.source:
        title = f"{title} → {gettext(target.title)}" if step.source else gettext(target.title)
    late = step.due_ms is not None and step.due_ms < step.at_ms and states.get(step.source, _OPEN).kind == "open"
    said = [step.note] if step.note else []
    if late:
        said.append(gettext("这一步晚于期限。"))
    if step.worker and step.worker != step.actor and step.worker in people:
        said.append(gettext("交给%(name)s办。", name=people[step.worker].name))
    return TimelineEntry(
        at=step.at_ms,
        title=title,
        who=_who(step.actor, people),
        note="\n".join(said),
        kind=rules.tone(target) if target is not None and target.kind in ("done", "stopped") else "",
        files=[
            (file.name, ctx.of("workflow").url("file", case=case.id, file=file.id), _size(file.size))
            for file in step.files
        ],
    )


_OPEN = State("", "", "open")


def _title(flow: Workflow, step: Step) -> str:
    if step.transition == OPENED:
        return gettext("提出")
    found = next((each for each in flow.transitions if each.name == step.transition), None)
    return gettext(found.title) if found is not None else step.transition


def _who(actor: str, people: Mapping[str, PersonCard]) -> str:
    if actor.startswith("job:"):
        return gettext("系统")
    return people[actor].name if actor in people else ""


def _size(size: int) -> str:
    return f"{-(-size // KILO)} KB" if size < KILO * KILO else f"{size / KILO / KILO:.1f} MB"
