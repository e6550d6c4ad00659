# SPDX-License-Identifier: Apache-2.0
"""The public board at ``/``, ``/home`` for residents, ``/desk`` for people at work, and what machines ask."""

from typing import Any, Final

from litestar import Request, Response

from liren.plugins.context import Context
from liren.plugins.kernel import Kernel
from liren.portal import greeting
from liren.web import ANYONE, SIGNED_IN, get, redirect

HITS: Final = 10
"""Of one plugin: who needs more uses its own list."""


@get("/", allow=ANYONE)
async def board(ctx: Context) -> Response[Any]:
    """The notice board: readable by anyone, without login."""
    return await ctx.render(
        "board.html",
        figures=await ctx.figures(),
        links=await ctx.menu("board"),
        top=await ctx.slot("board.figures"),
        body=await ctx.slot("board.main"),
    )


@get("/home", allow=SIGNED_IN)
async def home(ctx: Context) -> Response[Any]:
    """A resident's own page."""
    visitor = ctx.visitor
    assert visitor is not None
    now = ctx.now()
    where = await ctx.units.path(ctx.unit) if ctx.unit else ()
    return await ctx.render(
        "home.html",
        name=visitor.name,
        hello=greeting.of_the_hour(now),
        day=now.date(),
        where="".join(unit.name for unit in where if unit.level in ("community", "grid")),
        tiles=await ctx.menu("home"),
        todos=await ctx.todos(),
        balance=await ctx.slot("home.balance", visitor.person),
        body=await ctx.slot("home.main", visitor.person),
        side=await ctx.slot("home.side", visitor.person),
    )


@get("/desk", allow=SIGNED_IN)
async def desk(ctx: Context) -> Response[Any]:
    """Where people at work begin: what waits for them, and where their tools are."""
    assert ctx.visitor is not None
    links = await ctx.menu("desk")
    if not links:
        return redirect(ctx.url("home"))
    return await ctx.render(
        "desk.html",
        name=ctx.visitor.name,
        hello=greeting.of_the_hour(ctx.now()),
        links=links,
        todos=await ctx.todos(),
        figures=await ctx.slot("desk.figures"),
        body=await ctx.slot("desk.main"),
    )


@get("/search", allow=SIGNED_IN)
async def search(ctx: Context, q: str = "") -> Response[Any]:
    """What every plugin knows of a name, a number, a word: each shows what the visitor may see."""
    text = q.strip()[:60]
    answers = await ctx.each("search", text=text) if text else []
    hits = [hit for _, found in answers for hit in found[:HITS]]
    return await ctx.render("search.html", q=text, hits=hits)


@get("/start", allow=SIGNED_IN)
async def start(ctx: Context) -> Response[Any]:
    """After login: people with one tool go straight to it, people with several to the desk, others home."""
    links = await ctx.menu("desk")
    if len(links) == 1:
        return redirect(links[0].url)
    return redirect(ctx.url("desk" if links else "home"))


@get("/livez", allow=ANYONE)
async def livez() -> Response[str]:
    """The process answers."""
    return Response("ok\n", media_type="text/plain")


@get("/readyz", allow=ANYONE)
async def readyz(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    """The ledger can be read and plugins are up; a plugin left out is named, the street still serves."""
    size, _ = await ctx.ledger.head()
    kernel: Kernel = request.app.state.kernel
    lines = ["ok", f"ledger {size}", *(f"refused {refusal.plugin}" for refusal in kernel.refused)]
    return Response("\n".join(lines) + "\n", media_type="text/plain")
