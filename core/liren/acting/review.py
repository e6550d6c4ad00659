# SPDX-License-Identifier: Apache-2.0
"""抽查: some acts are checked by a call to the person they were done for. A workflow like any other.

Which ones, a keyed hash of the slip's random id decides: the same every time it is computed, and known to nobody
before the act. Undoing an act does not take it out of the sample.
"""

from datetime import timedelta
from typing import Final

from liren.acting.rules import REVIEW, in_groups
from liren.plugins.acting import Slip
from liren.plugins.context import Context
from liren.plugins.flows import Case, State, Transition, Workflow
from liren.plugins.services import Outbox
from liren.web import N_, gettext

NAME: Final = "review"


def _page(ctx: Context, case: Case) -> str:
    return ctx.url("slip", slip=case.subject)


async def not_ones_own(ctx: Context, case: Case) -> str | None:
    """Nobody confirms what they did themselves, or what was done for them."""
    slip = await ctx.acting.slip(case.subject)
    if slip is not None and ctx.actor in (slip.actor, slip.person):
        return gettext("这一件是您办的，或是替您办的，要另一个人来回访。")
    return None


FLOW: Final = Workflow(
    NAME,
    N_("代办回访"),
    initial="due",
    states=(
        State("due", N_("待回访"), due=timedelta(days=7), remind=timedelta(days=2), escalate=REVIEW),
        State("doubtful", N_("本人不认"), due=timedelta(days=3), escalate=REVIEW),
        State("confirmed", N_("本人确认"), "done"),
        State("handled", N_("已处理"), "done"),
    ),
    transitions=(
        Transition(
            "confirm", N_("本人确认"), ("due",), "confirmed", (REVIEW,), note="optional",
            unlike=("opened",), guard=not_ones_own,
        ),
        Transition(
            "doubt", N_("本人不认"), ("due",), "doubtful", (REVIEW,), note="optional",
            unlike=("opened",), guard=not_ones_own, on_page=True,
        ),
        Transition(
            "handle", N_("登记处理结果"), ("doubtful",), "handled", (REVIEW,), note="required",
            unlike=("opened",), guard=not_ones_own,
        ),
    ),
    page=_page,
)  # fmt: skip


async def open_case(ctx: Context, tx: Outbox, slip: Slip, note: str = "") -> Case:
    """:param ctx: acting's own; whoever it is of stands as the one whose act it is"""
    title = ctx.t("代办单 {number}", number=in_groups(slip.number))
    return await ctx.cases.open(tx, NAME, subject=slip.id, unit=slip.unit, title=title, note=note)
