# SPDX-License-Identifier: Apache-2.0
"""Tells people before a deadline and past it, each once for a stay in a state: the job ``workflow.deadlines``.

Each case is told in one transaction with the mark that it was: a run that dies half-way, a second process, or a
server that was off for a week tell nobody twice, and nobody of a reminder whose deadline has passed meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from liren.plugins.context import Context
from liren.plugins.flows import Case, Party, State, Workflow
from liren.workflow import scope
from liren.workflow.records import COLUMNS, Records
from liren.workflow.rules import leads_on
from liren.workflow.service import CaseDesk
from liren.workflow.words import due_day

AT_ONCE = 200
MOST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Alarm:
    """A case somebody has to be told of now."""

    case: Case
    at_ms: int


async def ring(desk: CaseDesk, ctx: Context) -> int:
    """Tell everybody who is to be told by now.

    :returns: how many cases were told of
    """
    now_ms = int(ctx.now().timestamp() * 1000)
    told = 0
    for alarm in await _due(desk, ctx, now_ms):
        flow = desk.flow(alarm.case)
        if flow is None:  # its state is gone from the module: nobody can act, and others wait behind it
            async with ctx.transaction():
                await _claim(desk.records, alarm, None)
        elif await _tell(desk, ctx, flow, alarm, now_ms):
            told += 1
    return told


async def _due(desk: CaseDesk, ctx: Context, now_ms: int) -> Sequence[Alarm]:
    """Of plugins that are on: those of others wait until they are on again."""
    on = [(plugin, flow) for plugin, flow in desk.all_flows() if plugin in desk.kernel.enabled]
    where = scope.Condition("c.alarm_ms <= ?", (now_ms,)) & scope.of_any(on)
    names = ", ".join(f"c.{name}" for name in COLUMNS.split(", "))
    rows = await desk.records.store.read(
        f"SELECT {names}, c.alarm_ms FROM workflow_case c WHERE {where.sql} ORDER BY c.alarm_ms, c.id LIMIT ?",  # noqa: S608 - own names
        *where.args,
        AT_ONCE,
    )
    return [Alarm(Case(*row[:-1]), int(row[-1])) for row in rows]


async def _tell(desk: CaseDesk, ctx: Context, flow: Workflow, alarm: Alarm, now_ms: int) -> bool:
    case = alarm.case
    state = flow.state(case.state)
    late = case.due_ms is not None and case.due_ms <= now_ms
    people = await _people(desk, flow, state, case, late=late)
    text = _text(ctx, flow, state, case, late=late)
    link = ctx.url("case", case=case.id)
    async with ctx.transaction():
        if not await _claim(desk.records, alarm, None if late else case.due_ms):
            return False
        for person in people:
            await ctx.notify(person, text, link)
    return True


async def _claim(records: Records, alarm: Alarm, next_ms: int | None) -> bool:
    """Mark it as told; False where the case moved on, or somebody else told it."""
    rows = await records.tx().sql(
        "UPDATE workflow_case SET alarm_ms = ? WHERE id = ? AND alarm_ms = ? AND version = ? RETURNING id",
        next_ms, alarm.case.id, alarm.at_ms, alarm.case.version,
    )  # fmt: skip
    return bool(rows)


async def _people(desk: CaseDesk, flow: Workflow, state: State, case: Case, *, late: bool) -> list[str]:
    """Those who may act (once it was given to somebody, that one); past the deadline, those it is escalated to."""
    ways = [each for each in flow.out_of(case.state) if leads_on(flow, each, case.state)]
    asked = [one for each in ways for one in each.allow]
    told: list[str] = [case.holder] if Party.HOLDER in asked and case.holder else []
    permissions = [one for one in asked if isinstance(one, str)]
    if Party.WORKER in asked and case.worker:
        told.append(case.worker)
        permissions = []
    if late and state.escalate and state.kind == "open":
        permissions.append(state.escalate)
    for permission in dict.fromkeys(permissions):
        told += await desk.sessions.holding(permission, case.unit, limit=MOST_TOLD)
    return list(dict.fromkeys(told))


def _text(ctx: Context, flow: Workflow, state: State, case: Case, *, late: bool) -> str:
    known = {"title": case.title, "state": ctx.t(state.title), "day": _day(ctx, case)}
    if state.kind != "open":
        return ctx.t("日子到了，可以办了：{title}（{state}）", **known)
    if late:
        return ctx.t("超期了，请尽快办：{title}（{state}，应在{day}前）", **known)
    return ctx.t("快到期了：{title}（{state}，{day}前）", **known)


def _day(ctx: Context, case: Case) -> str:
    now: datetime = ctx.now()
    day = due_day(case, now.tzinfo)
    return "" if day is None else f"{day.month}月{day.day}日"
