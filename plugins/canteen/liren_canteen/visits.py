# SPDX-License-Identifier: Apache-2.0
"""A usual diner who stays away two days running: somebody goes and looks. Care, not control: whoever eats again, or
cancels in time, is left alone.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
from markupsafe import Markup

from liren.api import Case, Context, Party, Received, State, Transition, Tx, Workflow, _
from liren_canteen import words
from liren_canteen.diners import card_of
from liren_canteen.events import MealMissed, MealTaken
from liren_canteen.order_flow import STATES
from liren_canteen.tables import MealOrder

VISIT: Final = "canteen.visit"
LOOK_BACK: Final = timedelta(days=30)


async def absent(person: str, day: date, *, days: int, usual: int) -> bool:
    """Whether somebody who usually comes missed every meal they ordered on the last ``days`` days they had one."""
    rows = (
        await MealOrder.select(MealOrder.day, MealOrder.taken_ms)
        .where(
            (MealOrder.person == person)
            & (MealOrder.day > day - LOOK_BACK)
            & (MealOrder.day <= day)
            & MealOrder.state.is_in(["taken", "settled", "missed"])
        )
        .order_by(MealOrder.day, ascending=False)
        .limit(200)
    )
    eaten = sum(row["taken_ms"] is not None for row in rows)
    latest = sorted({row["day"] for row in rows}, reverse=True)[:days]
    came = {row["day"] for row in rows if row["taken_ms"] is not None}
    return eaten >= usual and len(latest) == days and not came & set(latest)


class Heard(msgspec.Struct, frozen=True):
    """What the canteen's own events say of a meal."""

    person: str
    day: str
    unit: str
    order: str


class Asked(msgspec.Struct, frozen=True):
    case: str


async def hear(ctx: Context, event: Received) -> None:
    """A missed meal may ask for a visit; an eaten one calls it off."""
    if event.name == MealMissed.name:
        await _ask(ctx, event.key, event.read(Heard))
    elif event.name == MealTaken.name:
        await _call_off(ctx, event.key, event.read(Heard))


async def _ask(ctx: Context, key: str, meal: Heard) -> None:
    settings, day = ctx.settings, date.fromisoformat(meal.day)
    if not await absent(meal.person, day, days=settings.missed_days, usual=settings.usual_meals):
        return
    card = (await ctx.people.cards([meal.person])).get(meal.person)
    if card is None or not card.active or await _open(ctx, meal.person):
        return
    title = ctx.t(_("常来的老人连续 {n} 天没来吃饭，请上门看看"), n=settings.missed_days)
    where = card.community or meal.unit

    async def body(tx: Tx) -> Asked:
        case = await ctx.cases.open(tx, WORKFLOW.name, subject=meal.order, unit=where, title=title, holder=meal.person)
        return Asked(case.id)

    await ctx.once(key, meal, body, Asked)


async def _open(ctx: Context, person: str) -> Sequence[Case]:
    """Visits somebody is still asked to make."""
    found, _total = await ctx.cases.find(WORKFLOW.name, states=("asked",), holder=person)
    return found


async def _call_off(ctx: Context, key: str, meal: Heard) -> None:
    for case in await _open(ctx, meal.person):

        async def body(tx: Tx, case: Case = case) -> Asked:
            return Asked((await ctx.cases.move(tx, case, "came")).id)

        await ctx.once(f"{key}/{case.id}", meal, body, Asked)


async def show(ctx: Context, case: Case) -> Markup | None:
    """On the case's page: who it is, and the last meals."""
    if case.holder is None:
        return None
    card = (await ctx.people.cards([case.holder])).get(case.holder)
    diner = await card_of(case.holder)
    rows = (
        await MealOrder.objects()
        .where(MealOrder.person == case.holder)
        .order_by(MealOrder.day, ascending=False)
        .limit(6)
    )
    return await ctx.fragment(
        "visit.html", who=card, deliver_to=diner.deliver_to, rows=rows, meals=words.MEALS, states=STATES
    )


WORKFLOW: Final = Workflow(
    "visit",
    _("没来吃饭，上门看看"),
    initial="asked",
    states=(
        State("asked", _("请上门看看"), due=timedelta(days=1), remind=timedelta(hours=6), escalate="canteen.manage"),
        State("seen", _("看过了"), "done"),
        State("back", _("又来吃饭了"), "stopped", quiet=True),
    ),
    transitions=(
        Transition("see", _("看过了"), ("asked",), "seen", (VISIT,), note="required", files=True),
        Transition("came", _("又来吃饭了"), ("asked",), "back", (Party.CODE,)),
    ),
    view=show,
)
