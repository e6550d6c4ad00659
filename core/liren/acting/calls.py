# SPDX-License-Identifier: Apache-2.0
"""请网格员来帮我: a resident asks for a worker to come by. A small workflow of its own."""

from datetime import timedelta
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from msgspec import Meta

from liren.acting import slips
from liren.acting.rules import ACT
from liren.errors import Conflict
from liren.plugins.context import Context
from liren.plugins.flows import Case, Party, State, Transition, Workflow
from liren.plugins.services import Tx
from liren.web import N_, SIGNED_IN, Form, get, gettext, post, redirect

Req = Request[Any, Any, Any]
NAME: Final = "call"

FLOW: Final = Workflow(
    NAME,
    N_("请人上门帮忙"),
    initial="asked",
    states=(
        State("asked", N_("等工作人员联系"), due=timedelta(days=3), remind=timedelta(days=1), escalate=ACT),
        State("helped", N_("帮过了"), "done", tell=True),
        State("withdrawn", N_("不用了"), "stopped", quiet=True),
    ),
    transitions=(
        Transition("help", N_("帮过了"), ("asked",), "helped", (ACT,), note="optional"),
        Transition("withdraw", N_("不用了"), ("asked",), "withdrawn", (Party.HOLDER,)),
    ),
)


class What(msgspec.Struct, frozen=True):
    what: Annotated[str, Meta(title=N_("想请人帮什么"), max_length=200)] = ""


class Call(msgspec.Struct, frozen=True):
    """Command."""

    person: str
    what: str


def subject_of(ctx: Context) -> str:
    """One open call a person, whose row does not keep their id once they are forgotten."""
    return slips.own(ctx).ctx.keyed_hash("call", ctx.actor)


async def open_call(ctx: Context) -> Case | None:
    """The visitor's own that nobody answered yet."""
    found = await slips.own(ctx).ctx.cases.of(NAME, subject_of(ctx))
    return found if found is not None and found.closed_ms is None else None


@get("/call", allow=SIGNED_IN, name="call_form")
async def call_form(ctx: Context) -> Response[Any]:
    return await ctx.render("call.html", form=Form(What))


@post("/call", allow=SIGNED_IN, name="call")
async def call(ctx: Context, request: Req) -> Response[Any]:
    """Goes to the workers of where the visitor lives; one at a time."""
    form, acting = await Form.read(request, What), slips.own(ctx)
    if form.command is None:
        return await ctx.render("call.html", status=422, form=form)
    home = await acting.desk.directory.home_of(ctx.actor)
    unit = home.unit if home is not None and home.unit else (await ctx.units.street()).code
    what = form.command.what.strip()

    async def body(tx: Tx) -> str:
        # Without a name: reminders quote the title, and outlive the erasure of who asked.
        title = gettext("请人上门帮忙")
        case = await acting.ctx.cases.open(
            tx, NAME, subject=subject_of(ctx), unit=unit, title=title, holder=ctx.actor, note=what
        )
        return case.id

    try:
        await acting.ctx.once(form.key, Call(ctx.actor, what), body, str)
    except Conflict as error:
        form.refuse_with(error)
        return await ctx.render("call.html", status=409, form=form)
    return redirect(ctx.url("help"), notice=gettext("已经告诉社区，三天内会有人联系您。"))


ROUTES = (call_form, call)
