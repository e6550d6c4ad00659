# SPDX-License-Identifier: Apache-2.0
"""Pages: read by everybody, written by whoever may."""

from typing import Any

from litestar import Request, Response

from liren.api import Context
from liren.web import ANYONE, Form, get, gettext, post, redirect
from liren_starter import verbs
from liren_starter.verbs import NewEntry


@get("/", allow=ANYONE)
async def entries(ctx: Context) -> Response[Any]:
    return await ctx.render("entries.html", entries=await verbs.latest(50))


@get("/{entry:str}", allow=ANYONE)
async def entry(ctx: Context, entry: str) -> Response[Any]:
    return await ctx.render("entry.html", entry=await verbs.one(entry))


@get("/new", allow="starter.write")
async def write(ctx: Context) -> Response[Any]:
    return await ctx.render("write.html", form=Form(NewEntry))


@post("/new", allow="starter.write")
async def add(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    form = await Form.read(request, NewEntry)
    if form.command is None:
        return await ctx.render("write.html", status=422, form=form)
    added = await verbs.add(ctx, form.key, form.command)
    return redirect(ctx.url("entry", entry=added), notice=gettext("已经发布了。"))
