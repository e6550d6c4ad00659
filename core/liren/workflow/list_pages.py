# SPDX-License-Identifier: Apache-2.0
"""Lists of cases: what waits for somebody, what is late, what they asked for, what a search finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import Response
from markupsafe import Markup

from liren.plugins.context import Context
from liren.plugins.flows import Case, Workflow
from liren.plugins.types import Hit
from liren.web import SIGNED_IN, ask, get, gettext
from liren.workflow import numbers, rules, scope, words
from liren.workflow.records import Order
from liren.workflow.rules import Tone
from liren.workflow.scope import Condition
from liren.workflow.service import CaseDesk, PluginCases

A_PAGE: Final = 20
ON_HOME: Final = 3
HITS: Final = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One case in a list."""

    url: str
    title: str
    flow: str
    where: str
    state: str
    tone: Tone
    due: str
    late: bool


def desk_of(ctx: Context) -> CaseDesk:
    """The core's own service behind the protocol."""
    cases = ctx.cases
    assert isinstance(cases, PluginCases)
    return cases.desk


def now_ms(ctx: Context) -> int:
    return int(ctx.now().timestamp() * 1000)


@get("/", allow=SIGNED_IN)
async def cases(
    ctx: Context, show: str = "", flow: str = "", at: str = "", unit: str = "", page: str = ""
) -> Response[Any]:
    """What waits for the visitor, what is late, or what is under way or over in their area; residents see their own."""
    assert ctx.visitor is not None
    desk, person = desk_of(ctx), ctx.visitor.person
    flows = desk.flows(ctx)
    works = scope.works_with(flows, ctx.access)
    titles = shows(works=works)
    show = show if show in titles else next(iter(titles))
    chosen = [(plugin, each) for plugin, each in flows if f"{plugin}.{each.name}" == flow]
    where = scope.seen_by(chosen or flows, ctx.access, person)
    if show == "mine":
        where = where & scope.waiting_for(chosen or flows, ctx.access, person, now_ms(ctx))
    elif show == "late":
        where = where & scope.overdue(chosen or flows, now_ms(ctx))
    else:
        where = (scope.CLOSED if show == "over" else scope.OPEN) & where
    known = [each for _, its in chosen for each in its.states]
    if any(each.name == at for each in known):
        where = where & scope.is_one_of("state", [at])
    card = await ctx.units.get(unit) if unit else None
    if card is not None:
        where = where & scope.within([card.path])
    asked = ask(page, size=A_PAGE)
    order: Order = "over" if show == "over" else "work"
    found, total = await desk.records.page(where, asked.size, asked.offset, order)
    return await ctx.render(
        "cases.html",
        works=works,
        heading=titles[show],
        shows=[(title, _here(ctx, name, flow), name == show) for name, title in titles.items()],
        flows=_flow_chips(ctx, [f for f in flows if _handles(ctx, f)] if works else flows, show, flow, works=works),
        states=[(gettext("不限"), _here(ctx, show, flow), not at)]
        + [(gettext(s.title), _here(ctx, show, flow, at=s.name), s.name == at) for s in known]
        if known
        else [],
        units=await _unit_chips(ctx, show, flow, unit) if works else [],
        unit_name=card.name if card else "",
        figures=await numbers.figures(desk, ctx) if works else [],
        page=asked.page(await lines(ctx, found), total),
    )


def _handles(ctx: Context, flow: tuple[str, Workflow]) -> bool:
    return scope.works_with([flow], ctx.access)


def _here(ctx: Context, show: str, flow: str, **more: str) -> str:
    return ctx.url("cases", show=show, flow=flow or None, **more)


def shows(*, works: bool) -> dict[str, str]:
    """What a list may hold, the first unless asked otherwise."""
    work = {"mine": gettext("等我办的"), "late": gettext("超期的")} if works else {}
    return {**work, "open": gettext("在办的"), "over": gettext("办结的")}


def _flow_chips(ctx: Context, flows: scope.Flows, show: str, flow: str, *, works: bool) -> list[tuple[str, str, bool]]:
    if not works or len(flows) < 2:
        return []
    named = [(f"{plugin}.{each.name}", each) for plugin, each in flows]
    return [
        (gettext("所有种类"), _here(ctx, show, ""), not flow),
        *((gettext(each.title), _here(ctx, show, name), name == flow) for name, each in named),
    ]


async def _unit_chips(ctx: Context, show: str, flow: str, unit: str) -> list[tuple[str, str, bool]]:
    """The communities the visitor looks after."""
    units = [card for card in await ctx.units.all("community") if _looks_after(ctx, card.path)]
    chips = [(card.name, _here(ctx, show, flow, unit=card.code), card.code == unit) for card in units[:40]]
    return [(gettext("全部单位"), _here(ctx, show, flow), not unit), *chips] if len(chips) > 1 else []


def _looks_after(ctx: Context, path: str) -> bool:
    names = {name for _, flow in desk_of(ctx).flows(ctx) for name in rules.sees(flow)}
    return any(path.startswith(prefix) for name in names for prefix in ctx.access.units_with(name))


async def lines(ctx: Context, found: Sequence[Case]) -> list[Line]:
    """For the list and for a resident's home."""
    desk, now = desk_of(ctx), ctx.now()
    shown = []
    for case in found:
        flow = desk.flow(case)
        if flow is None:
            continue
        state, card = flow.state(case.state), await ctx.units.get(case.unit)
        late = rules.overdue(state, case, now_ms(ctx))
        shown.append(
            Line(
                url=ctx.url("case", case=case.id),
                title=case.title,
                flow=gettext(flow.title),
                where=card.name if card else "",
                state=gettext(state.title),
                tone=rules.tone(state),
                due=words.due_words(state, case, now),
                late=late,
            )
        )
    return shown


async def hits(ctx: Context, text: str) -> list[Hit]:
    """Cases whose title holds the text, open ones first, among what the visitor may see."""
    if ctx.visitor is None:
        return []
    desk = desk_of(ctx)
    pattern = "".join(f"\\{char}" if char in "%_\\" else char for char in text)
    named = Condition("c.title LIKE ? ESCAPE '\\'", (f"%{pattern}%",))
    seen = scope.seen_by(desk.flows(ctx), ctx.access, ctx.visitor.person)
    found, _ = await desk.records.page(seen & named, HITS, 0)
    return [Hit(line.title, line.url, line.flow, f"{line.where} · {line.state}") for line in await lines(ctx, found)]


async def own_cases(ctx: Context) -> Markup | None:
    """On a resident's home: what they asked for and is not over."""
    assert ctx.visitor is not None
    desk = desk_of(ctx)
    mine = scope.OPEN & Condition("c.holder = ?", (ctx.visitor.person,))
    found, _ = await desk.records.page(mine & scope.of_any(desk.flows(ctx)), ON_HOME, 0, "work")
    return await ctx.fragment("home.html", lines=await lines(ctx, found)) if found else None
