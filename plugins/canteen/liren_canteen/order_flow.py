# SPDX-License-Identifier: Apache-2.0
"""A meal from its order to its settlement: 已订→备餐→待取/配送→已取→已结算, or 取消, or 爽约→已结算.

Nothing here is anybody's to-do: the kitchen works by its sheet, the counter by the code, and every move is made by the
canteen's own verbs, which know the time and the money.
"""

from typing import Final

from liren.api import Case, Context, Party, State, Transition, Tx, Workflow, _
from liren_canteen.tables import MealOrder

CODE: Final = (Party.CODE,)
OPEN: Final = ("placed", "cooking", "ready", "onway")
"""Still to be eaten."""

STATES: Final[dict[str, tuple[str, str]]] = {
    "placed": (_("已订"), "good"),
    "cooking": (_("备餐"), "wait"),
    "ready": (_("待取"), "wait"),
    "onway": (_("配送中"), "wait"),
    "taken": (_("已取"), "good"),
    "missed": (_("没有来"), "bad"),
    "cancelled": (_("已取消"), ""),
    "settled": (_("已结算"), ""),
}
"""(title, kind of tag)."""


async def follow(ctx: Context, tx: Tx, case: Case) -> None:
    """The counter asks the order's own row: it changes with the case and nowhere else."""
    await MealOrder.update({MealOrder.state: case.state}).where(MealOrder.id == case.subject)


def _state(name: str, kind: str = "running", *, quiet: bool = False) -> State:
    return State(name, STATES[name][0], kind, quiet=quiet)  # type: ignore[arg-type]  # one of Kind, below


ORDER: Final = Workflow(
    "order",
    _("订餐"),
    initial="placed",
    states=(
        _state("placed"),
        _state("cooking"),
        _state("ready"),
        _state("onway"),
        _state("taken"),
        _state("missed"),
        _state("cancelled", "stopped", quiet=True),
        _state("settled", "done"),
    ),
    transitions=(
        Transition("cook", _("开始备餐"), ("placed",), "cooking", CODE),
        Transition("serve", _("出餐"), ("cooking",), "ready", CODE),
        Transition("send", _("送出"), ("placed", "cooking", "ready"), "onway", CODE),
        Transition("take", _("取餐"), OPEN, "taken", CODE),
        Transition("cancel", _("取消"), ("placed",), "cancelled", CODE, note="optional"),
        Transition("void", _("作废，人已去世或迁出"), OPEN, "cancelled", CODE),
        Transition("miss", _("没有来"), OPEN, "missed", CODE),
        Transition("settle", _("结算"), ("taken", "missed"), "settled", CODE),
    ),
    see=("canteen.serve",),
    entered=follow,
    page=lambda ctx, case: ctx.url("order", order=case.subject),
)
