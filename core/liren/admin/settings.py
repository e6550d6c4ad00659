# SPDX-License-Identifier: Apache-2.0
"""A plugin's settings as a form: its Struct says what there is, how it is called and what is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from litestar import Request, Response

from liren.app.street import Street
from liren.errors import NotFound
from liren.plugins.context import Context
from liren.web import Form, get, post, redirect
from liren.web.fields import Field, fields_of

Shape = Literal["checkbox", "number", "date", "select", "checkboxes", "text"]


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as the page draws it."""

    name: str
    shape: Shape
    hint: str
    choices: Sequence[tuple[str, str]]


def rows_of(struct: type[msgspec.Struct]) -> list[Row]:
    hints = {info.name: _hint(info.type) for info in msgspec.structs.fields(struct)}
    return [Row(field.name, _shape(field), hints[field.name], _choices(field)) for field in fields_of(struct)]


def _hint(declared: Any) -> str:
    """``msgspec.Meta(description=…)``."""
    if get_origin(declared) is not Annotated:
        return ""
    metas = [meta for meta in get_args(declared)[1:] if isinstance(meta, msgspec.Meta)]
    return next((meta.description for meta in metas if meta.description), "")


def _shape(field: Field) -> Shape:
    if field.options:
        return "checkboxes" if field.many else "select"
    shapes: dict[type, Shape] = {bool: "checkbox", int: "number", date: "date"}
    return shapes.get(field.kind, "text")


def _choices(field: Field) -> list[tuple[str, str]]:
    values = [str(getattr(option, "value", option)) for option in field.options]
    return [(value, field.choices.get(value, value)) for value in values]


def _settings(request: Request[Any, Any, Any], plugin: str) -> tuple[Street, dict[str, Any], type[msgspec.Struct]]:
    """
    :raises NotFound: the plugin is not there, or has no settings
    """
    street: Street = request.app.state.street
    its = street.kernel.plugins.get(plugin)
    if its is None or its.settings is None:
        raise NotFound("没有这个模块，或它没有可改的设置。", "There is no such plugin, or it has no settings.")
    view = {"plugin": plugin, "title": its.manifest.title, "built_in": its.built_in, "rows": rows_of(its.settings)}
    return street, view, its.settings


@get("/settings/{plugin:str}", allow="admin.plugins", name="settings")
async def show(ctx: Context, request: Request[Any, Any, Any], plugin: str) -> Response[Any]:
    street, view, struct = _settings(request, plugin)
    form: Form[Any] = Form(struct, street.kernel.settings(plugin))
    return await ctx.render("settings.html", form=form, **view)


@post("/settings/{plugin:str}", allow="admin.plugins", name="save_settings", step_up=True)
async def save(ctx: Context, request: Request[Any, Any, Any], plugin: str) -> Response[Any]:
    """From the next request on."""
    street, view, struct = _settings(request, plugin)
    form = await Form.read(request, struct)
    if form.command is None:
        return await ctx.render("settings.html", status=422, form=form, **view)
    await street.kernel.configure(street.store, ctx.actor, plugin, form.command)
    back = "settings" if view["built_in"] else "plugin"
    return redirect(ctx.url(back, plugin=plugin), notice=ctx.t("设置已保存，马上生效。"))
