# SPDX-License-Identifier: Apache-2.0
"""A person's own notices."""

from typing import Any

from litestar import Response

from liren import clock
from liren.inbox.tables import Notice
from liren.plugins.context import Context
from liren.web import SIGNED_IN, get, post, redirect

SHOWN = 50


@get("/", allow=SIGNED_IN)
async def inbox(ctx: Context) -> Response[Any]:
    """The latest notices, unread ones marked."""
    assert ctx.visitor is not None
    mine = Notice.person == ctx.visitor.person
    notices = await Notice.select().where(mine).order_by(Notice.id, ascending=False).limit(SHOWN)
    return await ctx.render("inbox.html", notices=notices)


@post("/read", allow=SIGNED_IN)
async def read(ctx: Context) -> Response[Any]:
    """Mark everything as read."""
    assert ctx.visitor is not None
    unread = (Notice.person == ctx.visitor.person) & Notice.read_ms.is_null()
    async with ctx.transaction():
        await Notice.update({Notice.read_ms: clock.now_ms()}).where(unread)
    return redirect(ctx.url("inbox"), notice=ctx.t("都标成看过了。"))
