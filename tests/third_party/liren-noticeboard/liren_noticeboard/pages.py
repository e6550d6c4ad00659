# SPDX-License-Identifier: Apache-2.0
"""公告栏: read by anyone, written by whoever may."""

from typing import Any

from litestar import Request, Response

from liren.api import Context
from liren.web import ANYONE, Form, get, gettext, post, redirect
from liren_noticeboard import verbs
from liren_noticeboard.verbs import NewNotice


@get("/", allow=ANYONE)
async def notices(ctx: Context) -> Response[Any]:
    return await ctx.render("notices.html", notices=await verbs.latest(50))


@get("/{notice:str}", allow=ANYONE)
async def notice(ctx: Context, notice: str) -> Response[Any]:
    return await ctx.render("notice.html", notice=await verbs.one(notice))


@get("/new", allow="noticeboard.write")
async def write(ctx: Context) -> Response[Any]:
    return await ctx.render("write.html", form=Form(NewNotice))


@post("/new", allow="noticeboard.write")
async def publish(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    form = await Form.read(request, NewNotice)
    if form.command is None:
        return await ctx.render("write.html", status=422, form=form)
    published = await verbs.publish(ctx, form.key, form.command)
    return redirect(ctx.url("notice", notice=published), notice=gettext("公告已发布"))
