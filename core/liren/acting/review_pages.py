# SPDX-License-Identifier: Apache-2.0
"""Who calls up: what came of a call, and whose acts stand out."""

from typing import Any, Final

import msgspec
from litestar import Request, Response

from liren.acting import errors, review, rules, slips
from liren.acting.rules import REVIEW
from liren.acting.slip_pages import Doubted, seen, view_of
from liren.errors import LirenError
from liren.plugins.acting import Slip
from liren.plugins.context import Context
from liren.plugins.flows import Case
from liren.plugins.services import Tx
from liren.web import Form, get, gettext, post, redirect
from liren.web.i18n import both

Req = Request[Any, Any, Any]
DAYS: Final = 30


class NotTheirWish(msgspec.Struct, frozen=True):
    """Command: the person says on the phone that they wanted none of it."""

    slip: str
    note: str
    undo: bool


@get("/review", allow=REVIEW, name="review")
async def review_page(ctx: Context) -> Response[Any]:
    """The last thirty days in the visitor's area, by helper; what stands out comes first."""
    records = await review.by_actor(ctx, DAYS)
    cards = await ctx.people.cards([each.actor for each in records])
    names = {card.id: card.name for card in cards.values()}
    rows = [(names.get(each.actor, gettext("（已注销）")), each) for each in records]
    waiting = await ctx.cases.find(review.NAME, states=("due", "doubtful"), limit=1)
    return await ctx.render(
        "review.html",
        rows=rows,
        days=DAYS,
        waiting=waiting[1],
        acts=sum(each.acts for each in records),
        undone=sum(each.undone for each in records),
        unconfirmed=sum(each.unconfirmed for each in records),
        percent=slips.own(ctx).settings.sample_percent,
        may_set=ctx.can("admin.plugins"),
    )


@post("/slips/{slip:str}/doubt", allow=REVIEW, name="doubt")
async def doubt(ctx: Context, request: Req, slip: str) -> Response[Any]:
    """Not the person's wish: taken back where that is still possible, and reported in any case."""
    found = await seen(ctx, slip)
    ctx.require(REVIEW, found.unit)
    form = await Form.read(request, Doubted)
    case = await ctx.cases.of(review.NAME, found.id)
    if case is None:
        raise errors.nothing_here()
    why_not = await review.not_ones_own(ctx, case)
    if why_not is not None:
        form.refuse("note", why_not)
    if form.command is not None:
        try:
            undone = await _doubted(ctx, form.key, found, case, form.command.note)
        except LirenError as error:
            if error.status not in (409, 422):
                raise
            form.refuse_with(error, "note")
        else:
            said = (
                gettext("已经撤销，都退给本人了。")
                if undone
                else gettext("已经登记。东西已领走或过了时间，退不了的请另行处理。")
            )
            return redirect(ctx.url("slip", slip=slip), notice=said)
    return await ctx.render("slip.html", status=422, **await view_of(ctx, found, doubting=form))


async def _doubted(ctx: Context, key: str, slip: Slip, case: Case, note: str) -> bool:
    """:returns: whether it could be taken back"""
    deed = slips.own(ctx).desk.deed(slip.deed)
    if deed is not None and slip.undone_ms is None:
        command = NotTheirWish(slip.id, note, undo=True)

        async def body(tx: Tx) -> bool:
            await slips.take_back(ctx, tx, slip, deed)
            await _report(ctx, tx, slip, case, note)
            return True

        try:
            return await ctx.of(slip.deed.partition(".")[0]).once(f"doubt-{key}", command, body, bool)
        except LirenError as error:
            if error.status not in (409, 422) or isinstance(error, errors.UndoneAlready):
                raise
            note = f"{note}（{both(error.zh, error.en)}）"

    async def only_report(tx: Tx) -> bool:
        await _report(ctx, tx, slip, case, note)
        return slip.undone_ms is not None

    return await ctx.once(f"report-{key}", NotTheirWish(slip.id, note, undo=False), only_report, bool)


async def _report(ctx: Context, tx: Tx, slip: Slip, case: Case, note: str) -> None:
    await ctx.cases.move(tx, case, "doubt", note=note)
    text = ctx.t("代办单 {number} 本人不认，请看一看。", number=rules.in_groups(slip.number))
    for person in await slips.own(ctx).desk.sessions.holding(REVIEW, slip.unit):
        if person not in (slip.actor, slip.person, ctx.actor):
            await ctx.notify(person, text, ctx.url("slip", slip=slip.id))


ROUTES = (review_page, doubt)
