# SPDX-License-Identifier: Apache-2.0
"""``/cases``: every module's matters in one list, each on one page, moved on from there."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import msgspec
import structlog
from litestar import Request, Response
from markupsafe import Markup
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.flows import Case, Transition, Workflow
from liren.plugins.services import Tx
from liren.plugins.types import Hit
from liren.web import N_, SIGNED_IN, Form, Upload, ask, download, get, gettext, local, post, redirect
from liren.web.i18n import both
from liren.workflow import errors, numbers, rules, scope, words
from liren.workflow.panel import Tried, page_of, workers
from liren.workflow.records import Order
from liren.workflow.rules import Tone
from liren.workflow.scope import Condition
from liren.workflow.service import CaseDesk, PluginCases

Req = Request[Any, Any, Any]
log = structlog.get_logger("liren.workflow")
A_PAGE: Final = 20
ON_HOME: Final = 3
HITS: Final = 10


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """A step as its form sends it."""

    version: Annotated[int, Meta(title=N_("版本"), ge=1)]
    note: Annotated[str, Meta(title=N_("说明"), max_length=2000)] = ""
    worker: Annotated[str, Meta(title=N_("由谁来办"), max_length=40)] = ""
    files: Annotated[list[Upload], Meta(title=N_("照片或文件"))] = []
    back: Annotated[str, Meta(title=N_("回到哪里"), max_length=500)] = ""


class Moved(msgspec.Struct, frozen=True):
    """Command: what tells an equal repetition from another request."""

    case: str
    move: str
    version: int
    note: str
    worker: str
    files: tuple[str, ...]


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


# --- the list


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


# --- one case


async def opened(ctx: Context, case: str) -> tuple[PluginCases, Case, Workflow]:
    """The case with its own plugin's Context.

    :raises NotFound: none, not for this visitor's eyes, or its plugin is off
    """
    desk = desk_of(ctx)
    row = await desk.records.case(case) if len(case) == 20 and case.isascii() else None
    if row is None or not any(plugin == row.plugin for plugin, _ in desk.flows(ctx)):
        raise errors.no_such_case()
    its = desk.of(ctx.of(row.plugin))
    found = await its.get(case)
    return its, found, its.flow(found.workflow)


@get("/{case:str}", allow=SIGNED_IN, name="case")
async def case(ctx: Context, case: str) -> Response[Any]:
    its, found, flow = await opened(ctx, case)
    return await _case(ctx, its, found, flow)


async def _case(
    ctx: Context,
    its: PluginCases,
    found: Case,
    flow: Workflow,
    *,
    tried: Tried | None = None,
    error: str = "",
    status: int = 200,
) -> Response[Any]:
    elsewhere = [m.transition for m in await its.moves(found) if m.transition.on_page and not m.why_not]
    return await ctx.render(
        "case.html",
        status=status,
        works=scope.works_with(its.desk.flows(ctx), ctx.access),
        case=await page_of(its, found, tried=tried),
        more=await _view(its, found, flow),
        page=flow.page(its.ctx, found) if flow.page is not None else "",
        elsewhere=[gettext(each.title) for each in elsewhere],
        error=error,
    )


async def _view(its: PluginCases, found: Case, flow: Workflow) -> Markup | None:
    """What the module shows of it; a fault there leaves the rest of the page as it is."""
    if flow.view is None:
        return None
    try:
        return await flow.view(its.ctx, found)
    except Exception as error:
        log.error("case_view_failed", plugin=found.plugin, workflow=flow.name, exc_info=error)
        return None


@post("/{case:str}/{move:str}", allow=SIGNED_IN, name="move")
async def move(ctx: Context, request: Req, case: str, move: str) -> Response[Any]:
    """Make a step: one form for every workflow."""
    its, found, flow = await opened(ctx, case)
    step = next((each for each in flow.transitions if each.name == move and not each.on_page), None)
    if step is None:
        raise errors.no_such_case()
    form = await Form.read(request, Act)
    try:
        if form.command is None:
            raise errors.NeedsMore(*_first(form))
        await _make(its, form.key, found, step, form.command)
    except LirenError as error:
        if error.status not in (409, 422):
            raise
        its, found, flow = await opened(ctx, case)
        said = both(error.zh, error.en)
        here = any(each.transition.name == move and not each.why_not for each in await its.moves(found))
        tried = Tried(move, said, form.value("note")) if here and error.status == 422 else None
        return await _case(ctx, its, found, flow, tried=tried, error="" if tried else said, status=error.status)
    back = local(form.command.back, ctx.url("case", case=case))
    return redirect(back, notice=gettext("办好了：%(what)s。", what=gettext(step.title)))


def _first(form: Form[Act]) -> tuple[str, str]:
    text = form.errors[0].text if form.errors else ""
    return text, text


async def _make(its: PluginCases, key: str, found: Case, step: Transition, sent: Act) -> None:
    if step.assign:
        await _may_be_given(its, found, step, sent.worker)
    files = sent.files if step.files else []
    seen = replace(found, version=sent.version)

    async def body(tx: Tx) -> int:
        moved = await its.move(
            tx, seen, step.name, note=sent.note if step.note != "none" else "", files=files,
            worker=sent.worker if step.assign else None, by_code=False,
        )  # fmt: skip
        return moved.version

    digests = tuple(hashlib.sha256(each.content).hexdigest() for each in files)
    command = Moved(found.id, step.name, sent.version, sent.note, sent.worker, digests)
    await its.ctx.once(key, command, body, int)


async def _may_be_given(its: PluginCases, found: Case, step: Transition, worker: str) -> None:
    """:raises NeedsMore: nobody was chosen, or somebody who was not offered"""
    if worker not in {person for person, _ in await workers(its, found, step.assign)}:
        raise errors.worker_missing()


@get("/{case:str}/files/{file:str}", allow=SIGNED_IN, name="file")
async def file(ctx: Context, case: str, file: str) -> Response[Any]:
    its, found, _ = await opened(ctx, case)
    for step in await its.steps(found):
        for each in step.files:
            if each.id == file:
                return download(await its.desk.files.content(found.id, each), each.name)
    raise errors.no_such_case()


ROUTES = [cases, case, move, file]
