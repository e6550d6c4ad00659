# SPDX-License-Identifier: Apache-2.0
"""报修 from asked to confirmed, as a table."""

from datetime import timedelta

from markupsafe import Markup

from liren.api import Case, Context, LirenError, Party, State, Transition, Tx, Workflow, _
from liren_repairs.tables import Repair

CHIEF = "repairs.supervise"


async def follow(ctx: Context, tx: Tx, case: Case) -> None:
    """The module's own row says what the case says."""
    await Repair.update({Repair.state: case.state}).where(Repair.id == case.subject)


async def parts_are_there(ctx: Context, case: Case) -> str | None:
    row = await Repair.objects().where(Repair.id == case.subject).first()
    return None if row is not None and row.parts else ctx.t("配件还没到。")


async def count_it(ctx: Context, tx: Tx, case: Case) -> None:
    await Repair.update({Repair.fixed: Repair.fixed + 1}).where(Repair.id == case.subject)
    row = await Repair.objects().where(Repair.id == case.subject).first()
    if row is not None and "拆墙" in row.text:
        raise LirenError("拆墙要先报批。", "Walls need a permit first.", status=422)


async def view(ctx: Context, case: Case) -> Markup | None:
    row = await Repair.objects().where(Repair.id == case.subject).first()
    if row is not None and row.text == "broken":
        raise RuntimeError("the author forgot something")
    return await ctx.fragment("view.html", repair=row)


REPAIR = Workflow(
    "repair",
    _("报修单"),
    initial="asked",
    states=(
        State("asked", _("待派单"), due=timedelta(days=2), remind=timedelta(hours=12), escalate=CHIEF),
        State("given", _("处理中"), due=timedelta(hours=6), escalate=CHIEF),
        State("held", _("等配件"), "waiting", due=timedelta(days=3)),
        State("fixed", _("等您确认"), due=timedelta(days=7), tell=True),
        State("confirmed", _("已办结"), "done"),
        State("refused", _("不受理"), "stopped", tell=True),
        State("withdrawn", _("已撤回"), "stopped"),
    ),
    transitions=(
        Transition("dispatch", _("派单"), ("asked",), "given", ("repairs.dispatch",), assign="repairs.fix"),
        Transition("refuse", _("不受理"), ("asked",), "refused", ("repairs.dispatch",), note="required"),
        Transition(
            "withdraw", _("撤回"), ("asked",), "withdrawn", (Party.HOLDER,), confirm=_("撤回以后，要修就得重新报。")
        ),
        Transition("remark", _("补充情况"), ("given", "held"), "given", ("repairs.dispatch",), note="required"),
        Transition("hold", _("等配件"), ("given",), "held", (Party.WORKER,), note="required"),
        Transition(
            "fix",
            _("修好了"),
            ("given", "held"),
            "fixed",
            (Party.WORKER,),
            note="optional",
            files=True,
            guard=parts_are_there,
            effect=count_it,
        ),
        Transition("confirm", _("确认修好"), ("fixed",), "confirmed", (Party.HOLDER, CHIEF), unlike=("fix",)),
        Transition("redo", _("没修好"), ("fixed",), "given", (Party.HOLDER,), note="required"),
        Transition("lapse", _("过期自动办结"), ("fixed",), "confirmed", (Party.CODE,)),
        Transition("reopen", _("重新处理"), ("confirmed",), "given", (CHIEF,), reopens=True, unlike=("confirm",)),
    ),
    entered=follow,
    view=view,
)
