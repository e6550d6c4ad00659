# SPDX-License-Identifier: Apache-2.0
"""One plugin's page: what it is, what it brings, how it is doing; on for the street, on for one community, off.

Nothing is installed or removed here: the page says which command does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request, Response

from liren.app.street import Street
from liren.errors import NotFound
from liren.jobs.runner import JobRun
from liren.packaging.remains import Remains, left_behind, remains
from liren.plugins import gather
from liren.plugins.context import Context
from liren.plugins.plugin import Plugin
from liren.plugins.types import Gate, _
from liren.web import Form, get, post, redirect

STREET = "*"
"""The choice beside the communities; no unit code looks like this."""


class Scope(msgspec.Struct, frozen=True):
    """Where a plugin is on."""

    pilot: Annotated[str, msgspec.Meta(title=_("在哪里启用"), max_length=40)]
    """Code of one community, or :data:`STREET`."""


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind a plugin brings: (what, more about it)."""

    title: str
    lines: Sequence[tuple[str, str]]


def _street(request: Request[Any, Any, Any]) -> Street:
    street: Street = request.app.state.street
    return street


@get("/plugins/{plugin:str}", allow="admin.plugins", name="plugin")
async def page(ctx: Context, request: Request[Any, Any, Any], plugin: str) -> Response[Any]:
    """:raises NotFound: not installed, and nothing of it is left"""
    street = _street(request)
    its = _running(street, plugin)
    if its is None:
        return await _not_running(ctx, street, plugin)
    return await _page(ctx, street, its, Form(Scope, {"pilot": street.kernel.states.of(plugin).pilot or STREET}))


@post("/plugins/{plugin:str}/on", allow="admin.plugins", name="enable", step_up=True)
async def enable(ctx: Context, request: Request[Any, Any, Any], plugin: str) -> Response[Any]:
    """For the street or for one community; asked again, it is moved there."""
    street = _street(request)
    its = _running(street, plugin)
    if its is None:
        raise _no_plugin()
    form = await Form.read(request, Scope)
    if form.command is None:
        return await _page(ctx, street, its, form, status=422)
    pilot = "" if form.command.pilot == STREET else form.command.pilot
    await street.kernel.enable(street.store, ctx.actor, plugin, pilot=pilot)
    return redirect(ctx.url("plugin", plugin=plugin), notice=ctx.t("已经启用。"))


@post("/plugins/{plugin:str}/off", allow="admin.plugins", name="disable", step_up=True)
async def disable(ctx: Context, request: Request[Any, Any, Any], plugin: str) -> Response[Any]:
    """Its data stays as it is."""
    street = _street(request)
    await street.kernel.disable(street.store, ctx.actor, plugin)
    return redirect(ctx.url("plugin", plugin=plugin), notice=ctx.t("已经停用，数据都还在。"))


async def _page(ctx: Context, street: Street, its: Plugin, form: Form[Scope], status: int = 200) -> Response[Any]:
    kernel, own = street.kernel, ctx.of(its.id)
    state = kernel.states.of(its.id)
    communities = [unit for unit in await ctx.units.all("community") if unit.closed is None]
    return await ctx.render(
        "plugin.html",
        status=status,
        plugin=its,
        title=own.t(its.manifest.title),
        summary=own.t(its.manifest.summary),
        on=its.id in kernel.enabled,
        pilot=next((unit.name for unit in communities if unit.code == state.pilot), state.pilot),
        missing=[need for need in its.manifest.requires if need not in kernel.enabled],
        users=sorted(p for p in kernel.enabled if its.id in kernel.plugins[p].manifest.requires),
        form=form,
        places=[(STREET, ctx.t("全街道")), *((unit.code, unit.name) for unit in communities)],
        groups=[group for group in await _brings(ctx, street, its) if group.lines],
        unfit=kernel.unfit.get(its.id, {}),
        checks=await gather.health(kernel, ctx, its.id),
        # The latest of each hook: one that fails often must not hide the others.
        faults=list({fault.hook: fault for fault in kernel.caller.faults if fault.plugin == its.id}.values()),
        resting=[hook for plugin, hook in kernel.caller.resting() if plugin == its.id],
        dead=len([letter for letter in await street.events.dead() if letter.plugin == its.id]),
    )


async def _not_running(ctx: Context, street: Street, plugin: str) -> Response[Any]:
    """Refused, quarantined, or gone by hand with its data still here."""
    refusal = next((r for r in street.kernel.refused if r.plugin == plugin), None)
    left = None if refusal else next((one for one in await gone(street) if one.plugin == plugin), None)
    if refusal is None and left is None:
        raise _no_plugin()
    return await ctx.render(
        "not_running.html",
        plugin=plugin,
        refusal=refusal,
        left=left or await remains(street.store, plugin),
        english=ctx.visitor is not None and ctx.visitor.language == "en",
    )


def _running(street: Street, plugin: str) -> Plugin | None:
    its = street.kernel.plugins.get(plugin)
    return None if its is None or its.built_in else its


def _no_plugin() -> NotFound:
    return NotFound(
        "没有这个模块。请从模块页面重新进入。", "There is no such plugin. Start again from the page of plugins."
    )


async def gone(street: Street) -> Sequence[Remains]:
    """Whose program somebody took away by hand; not known in safe mode, where no plugin is looked at."""
    if street.settings.safe_mode:
        return []
    there = [*street.kernel.plugins, *(refusal.plugin for refusal in street.kernel.refused)]
    return await left_behind(street.store, there)


async def _brings(ctx: Context, street: Street, its: Plugin) -> list[Group]:
    """In the visitor's language; the plugin's own words by its own catalogue."""
    t = ctx.of(its.id).t
    rows = (await remains(street.store, its.id)).rows
    ran = {run.name: run for run in await street.jobs.runs() if run.plugin == its.id}
    return [
        Group(_("页面"), list(_pages(ctx, its))),
        Group(_("权限"), [(t(one.title), one.name) for one in its.permissions]),
        Group(_("角色"), [(t(role.title), ", ".join(role.permissions)) for role in its.roles]),
        Group(_("定时任务"), [(t(job.title), _run(ctx, ran.get(job.name))) for job in its.jobs]),
        Group(_("数据表"), [(part.table, ctx.t("{n} 行", n=count)) for part, count in rows.items()]),
        Group(_("流程"), [(t(one.title), one.name) for one in its.workflows]),
        Group(_("发出的事件"), [(t(one.title), f"{one.name} v{one.version}") for one in its.events]),
        Group(_("积分细则模板"), [(t(rule.title), f"{rule.points} / {t(rule.unit)}") for rule in its.point_rules]),
        Group(_("记账代码"), [(t(one.title), one.name) for one in its.codes]),
        Group(_("命令"), [(f"liren {its.id} {command.name}", "") for command in its.commands]),
    ]


def _run(ctx: Context, run: JobRun | None) -> str:
    """How a job's latest run went."""
    if run is None:
        return ctx.t("还没有运行过")
    said = {"done": ctx.t("正常"), "running": ctx.t("正在运行")}
    return said.get(run.state) or run.text or ctx.t("没有做完")


def _pages(ctx: Context, its: Plugin) -> Iterator[tuple[str, str]]:
    titles = {one.name: ctx.of(its.id).t(one.title) for one in its.permissions}
    gates = {Gate.ANYONE: ctx.t("谁都能看"), Gate.SIGNED_IN: ctx.t("登录后")}
    for route in its.routes:
        if "GET" in route.methods:
            allow = route.allow
            yield route.path, gates[allow] if isinstance(allow, Gate) else titles.get(allow, allow)
