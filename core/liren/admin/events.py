# SPDX-License-Identifier: Apache-2.0
"""Events a plugin could not take: seen, tried again or let go by street IT."""

from collections.abc import Sequence
from typing import Any, Literal

from litestar import Request, Response

from liren.app.street import Street
from liren.jobs import DeadLetter
from liren.plugins.context import Context
from liren.store.audit import write as audit
from liren.web import get, post, redirect


def _street(request: Request[Any, Any, Any]) -> Street:
    street: Street = request.app.state.street
    return street


@get("/events", allow="admin.health")
async def events(ctx: Context, request: Request[Any, Any, Any]) -> Response[Any]:
    """What waits for a decision, newest first."""
    street = _street(request)
    letters = await street.events.dead()
    return await ctx.render("events.html", letters=letters, titles=_titles(street, letters))


@post("/events/{plugin:str}/{event:int}/{wish:str}", allow="admin.plugins", name="decide_event")
async def decide(
    ctx: Context, request: Request[Any, Any, Any], plugin: str, event: int, wish: Literal["again", "let-go"]
) -> Response[Any]:
    street = _street(request)
    async with street.store.transaction(ctx.actor) as tx:
        if wish == "again":
            await street.events.revive(tx, event, plugin)
            said = ctx.t("马上再试一次。")
        else:
            await street.events.let_go(tx, event, plugin)
            said = ctx.t("不再处理这条事件。")
        await audit(tx, "admin", f"admin.event-{wish}", f"event/{event}", detail={"plugin": plugin})
    return redirect(ctx.url("events"), notice=said)


def _titles(street: Street, letters: Sequence[DeadLetter]) -> dict[str, str]:
    """Event → its title and its plugin's, where both are still here."""
    known = {kind.name: kind.title for plugin in street.kernel.plugins.values() for kind in plugin.events}
    return {letter.name: known.get(letter.name, letter.name) for letter in letters}
