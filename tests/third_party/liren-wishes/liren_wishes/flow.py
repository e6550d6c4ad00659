# SPDX-License-Identifier: Apache-2.0
"""What happens to a wish."""

from datetime import timedelta

from liren.api import Context, Health, State, Transition, Workflow, _
from liren_wishes.tables import Wish

WISH = Workflow(
    "wish",
    _("微心愿"),
    initial="made",
    states=(State("made", _("等人实现"), due=timedelta(days=30)), State("granted", _("已实现"), "done")),
    transitions=(Transition("grant", _("实现了"), ("made",), "granted", ("wishes.grant",), note="required"),),
)


async def count(ctx: Context) -> None:
    await Wish.count()


async def check(ctx: Context) -> Health:
    return Health(True, ctx.t("都有人看着。"))


async def heard(ctx: Context, wish: str) -> None:
    """Doing it twice does what doing it once does."""
    async with ctx.transaction():
        await Wish.update({Wish.heard: 1}).where((Wish.id == wish) & (Wish.heard == 0))
