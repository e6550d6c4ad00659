# SPDX-License-Identifier: Apache-2.0
"""What waits for whom, and how well deadlines are kept: to-dos for a visitor, figures for an area or the street."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from liren.plugins.context import Context
from liren.plugins.flows import Workflow
from liren.plugins.types import Figure, Health, Todo
from liren.workflow import scope
from liren.workflow.scope import Condition
from liren.workflow.service import CaseDesk
from liren.workflow.words import last_day_of

FRESH_S: Final = 60.0
"""A month's share may be as old as this: the public board asks for it on every visit."""
MOST_KEPT: Final = 200
LONG: Final = timedelta(days=7)
SHOWN: Final = 20


async def todos(desk: CaseDesk, ctx: Context) -> Sequence[Todo]:
    """One line for each step of each kind of case that waits for the visitor."""
    if ctx.visitor is None:
        return ()
    now_ms = _now_ms(ctx)
    flows = desk.flows(ctx)
    where = scope.waiting_for(flows, ctx.access, ctx.visitor.person, now_ms)
    if where == scope.NOTHING:
        return ()
    rows = await desk.records.read(
        "SELECT c.plugin, c.workflow, c.state, count(*), min(c.due_ms), min(c.id),"  # noqa: S608 - own conditions
        " sum(CASE WHEN c.due_ms < ? THEN 1 ELSE 0 END) FROM workflow_case c"
        f" WHERE {where.sql} GROUP BY c.plugin, c.workflow, c.state ORDER BY min(c.due_ms) IS NULL, min(c.due_ms)"
        " LIMIT ?",
        now_ms, *where.args, SHOWN,
    )  # fmt: skip
    named = {(plugin, flow.name): flow for plugin, flow in flows}
    return [await _todo(desk, ctx, named[row[0], row[1]], row) for row in rows]


async def _todo(
    desk: CaseDesk, ctx: Context, flow: Workflow, row: tuple[str, str, str, int, int | None, str, int]
) -> Todo:
    plugin, workflow, name, count, due_ms, case, late = row
    state = flow.state(name)
    title = f"{ctx.t(flow.title)} · {ctx.t(state.title)}"
    if late and state.kind == "open":
        title = ctx.t("{title}（超期 {n} 件）", title=title, n=int(late))
    url = ctx.url("cases", flow=f"{plugin}.{workflow}", at=name, show="mine")
    if count == 1:
        url = await _own_page(desk, ctx, flow, case)
    return Todo(title, url, int(count), last_day_of(due_ms, ctx.now().tzinfo) if due_ms is not None else None)


async def _own_page(desk: CaseDesk, ctx: Context, flow: Workflow, case: str) -> str:
    """Straight to where it is done, for one case."""
    found = await desk.records.case(case)
    if found is None or flow.page is None:
        return ctx.url("case", case=case)
    return flow.page(ctx.of(found.plugin), found)


async def figures(desk: CaseDesk, ctx: Context) -> Sequence[Figure]:
    """This month's share of steps taken in time; for staff, in their area, what has been open for more than a week."""
    flows = desk.flows(ctx)
    area = scope.of_any(flows)
    found = []
    staff = ctx.visitor is not None and scope.works_with(flows, ctx.access)
    if staff and ctx.visitor is not None:
        area = scope.seen_by(flows, ctx.access, ctx.visitor.person)
    first = ctx.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rate = await _in_time(desk, flows, area, int(first.timestamp() * 1000))
    if rate is not None:
        percent, n = rate
        found.append(Figure("workflow.in_time", ctx.t("本月按期办结率"), percent, "%", n=n, of=ctx.t("步")))
    if staff:
        since_ms = int((ctx.now() - LONG).timestamp() * 1000)
        old = scope.OPEN & Condition("c.opened_ms < ?", (since_ms,))
        at_work = scope.either(
            scope.flow(plugin, flow.name)
            & scope.is_one_of("state", [s.name for s in flow.states if s.kind in ("open", "waiting")])
            for plugin, flow in flows
        )
        count = await desk.records.count(old & area & at_work)
        url = ctx.url("cases", show="open")
        found.append(Figure("workflow.open_long", ctx.t("超过 7 天没办完"), count, ctx.t("件"), url=url))
    return found


async def _in_time(desk: CaseDesk, flows: scope.Flows, area: Condition, since_ms: int) -> tuple[int, int] | None:
    """(percent of steps out of open states made within their deadline, how many had one); a minute old at most."""
    opens = scope.either(
        Condition("c.plugin = ? AND c.workflow = ?", (plugin, flow.name))
        & Condition(f"s.source IN ({', '.join('?' * len(names))})", tuple(names))
        for plugin, flow in flows
        if (names := scope.opens(flow))
    )
    where = area & opens
    if where == scope.NOTHING:
        return None
    asked = (where, since_ms)
    known = desk.rates.get(asked)
    if known is not None and time.monotonic() - known[0] < FRESH_S:
        return known[1]
    rate = await _counted(desk, where, since_ms)
    if len(desk.rates) >= MOST_KEPT:
        desk.rates.clear()
    desk.rates[asked] = (time.monotonic(), rate)
    return rate


async def _counted(desk: CaseDesk, where: Condition, since_ms: int) -> tuple[int, int] | None:
    rows = await desk.records.read(
        "SELECT count(*), sum(CASE WHEN s.at_ms <= s.due_ms THEN 1 ELSE 0 END)"  # noqa: S608 - own conditions
        " FROM workflow_step s JOIN workflow_case c ON c.id = s.case_id"
        f" WHERE s.at_ms >= ? AND s.due_ms IS NOT NULL AND s.target <> s.source AND ({where.sql})",
        since_ms, *where.args,
    )  # fmt: skip
    n = int(rows[0][0])
    return (round(100 * int(rows[0][1]) / n), n) if n else None


async def none_is_lost(desk: CaseDesk, ctx: Context) -> Health:
    """Open cases of a plugin that is on, in a state it no longer declares: nobody can see or move them."""
    lost = scope.either(
        scope.flow(plugin, flow.name) & scope.is_none_of("state", [state.name for state in flow.states])
        for plugin, flow in desk.all_flows()
    )
    count = await desk.records.count(Condition("c.closed_ms IS NULL") & lost)
    if not count:
        return Health(True, ctx.t("每件事都在流程里"))
    return Health(False, ctx.t("有 {n} 件事停在模块已经取消的状态里。请装回模块原来的版本，或联系模块作者。", n=count))


def _now_ms(ctx: Context) -> int:
    return int(ctx.now().timestamp() * 1000)
