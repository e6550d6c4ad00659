# SPDX-License-Identifier: Apache-2.0
"""The page of one case, whatever module it belongs to: looked at, and moved on from there by one form."""

import hashlib
from dataclasses import replace
from typing import Annotated, Any

import msgspec
import structlog
from litestar import Request, Response
from markupsafe import Markup
from msgspec import Meta

from liren.errors import LirenError
from liren.plugins.context import Context
from liren.plugins.flows import Case, Transition, Workflow
from liren.plugins.services import Tx
from liren.web import N_, SIGNED_IN, Form, Upload, download, get, gettext, local, post, redirect
from liren.web.i18n import both
from liren.workflow import errors, scope
from liren.workflow.list_pages import desk_of
from liren.workflow.panel import Tried, page_of, workers
from liren.workflow.service import PluginCases

Req = Request[Any, Any, Any]
log = structlog.get_logger("liren.workflow")


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


ROUTES = [case, move, file]
