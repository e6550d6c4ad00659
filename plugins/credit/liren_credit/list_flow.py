# SPDX-License-Identifier: Apache-2.0
"""An award list from upload to posting, as a table: whose turn it is, by when, and who may not decide on it.

Every step needs the list's own page (columns to name, drawn rows to look at, budgets to check), so its verbs make the
moves: each inside the transaction that changes the rows.
"""

from datetime import date, datetime, time, timedelta
from typing import Final

from liren.api import Case, Context, Outbox, Party, State, Transition, Tx, Workflow, _
from liren_credit import errors, words
from liren_credit.tables import AwardList

REVIEW: Final = ("credit.review",)
ENTERED: Final = (Party.WORKER, Party.CODE)
"""Its collector, or credit itself for lists that enter themselves."""
NOT_OWN: Final = ("opened", Party.WORKER)
"""Nobody decides on a list they handed in, or split off because of their own household."""


def _state(name: str, *, days: int = 0, private: bool = False, tell: bool = False) -> State:
    limit = timedelta(days=days) if days else None
    early = timedelta(days=1) if days else None
    return State(name, words.LIST_STATES[name].title, due=limit, remind=early, private=private, tell=tell)


async def follow(ctx: Context, tx: Tx, case: Case) -> None:
    """The list's own column, which pages and queries ask, changes with its case and nowhere else."""
    await AwardList.update({AwardList.state: case.state}).where(AwardList.id == case.subject)


LIST: Final = Workflow(
    "list",
    _("积分名单"),
    initial="columns",
    states=(
        _state("columns", private=True),
        _state("checked", private=True),
        _state("review", days=3),
        State("publicity", words.LIST_STATES["publicity"].title, "waiting"),
        State("posting", words.LIST_STATES["posting"].title),
        State("posted", words.LIST_STATES["posted"].title, "done"),
        _state("returned", tell=True),
        State("dropped", words.LIST_STATES["dropped"].title, "stopped", quiet=True),
    ),
    transitions=(
        Transition("check", _("核对"), ("columns",), "checked", ENTERED, on_page=True),
        Transition("submit", _("提交审核"), ("checked",), "review", ENTERED, on_page=True),
        Transition("approve", _("审核通过"), ("review",), "publicity", REVIEW, unlike=NOT_OWN, on_page=True),
        Transition(
            "send_back", _("退回"), ("review", "publicity"), "returned", REVIEW,
            note="required", unlike=NOT_OWN, on_page=True,
        ),
        Transition("post", _("入账"), ("publicity", "posting"), "posting", REVIEW, unlike=NOT_OWN, on_page=True),
        Transition("finish", _("全部入账"), ("posting",), "posted", (Party.CODE,)),
        Transition("resume", _("核实后补入账"), ("posted",), "publicity", (Party.CODE,), reopens=True),
        Transition(
            "drop", _("作废"), ("columns", "checked", "review", "returned"), "dropped", (Party.WORKER,), on_page=True
        ),
    ),
    entered=follow,
    page=lambda ctx, case: ctx.url("show_list", id=case.subject),
)  # fmt: skip


async def case_of(ctx: Context, list_id: str) -> Case:
    """:raises NotFound: no such list"""
    found = await ctx.cases.of(LIST.name, list_id)
    if found is None:
        raise errors.no_such_list()
    return found


async def begin(ctx: Context, tx: Outbox, entered: AwardList) -> None:
    """Inside the caller's transaction: the list's case, in the hands of whoever handed it in."""
    worker = None if entered.collector.startswith("job:") else entered.collector
    await ctx.cases.open(tx, LIST.name, subject=entered.id, unit=entered.unit, title=entered.title, worker=worker)


async def advance(
    ctx: Context, tx: Outbox, list_id: str, step: str, *, note: str = "", until: date | None = None
) -> None:
    """Inside the caller's transaction: the next step of a list.

    :param until: the first day on which it may go on
    """
    due = datetime.combine(until, time(0), ctx.now().tzinfo) if until is not None else None
    await ctx.cases.move(tx, await case_of(ctx, list_id), step, note=note, due=due)
