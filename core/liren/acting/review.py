# SPDX-License-Identifier: Apache-2.0
"""抽查: some acts are checked by a call to the person they were done for. A workflow like any other.

Which ones, a keyed hash of the slip's random id decides: the same every time it is computed, and known to nobody
before the act. Undoing an act does not take it out of the sample.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from liren.acting.rules import REVIEW, Record, in_groups, week_before
from liren.plugins.acting import Slip
from liren.plugins.context import Context
from liren.plugins.flows import Case, State, Transition, Workflow
from liren.plugins.services import Outbox
from liren.plugins.types import Health
from liren.web import N_, gettext

if TYPE_CHECKING:
    from liren.acting.service import PluginActing

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


async def one_a_week(ctx: Context) -> int:
    """The daily job: of every worker whose acts of last week all escaped the sample, the one with the smallest hash.

    :returns: how many were added
    """
    acting = cast("PluginActing", ctx.acting)
    of_actor: dict[str, list[str]] = {}
    for slip, actor in await _unchecked(ctx, ctx.today()):
        of_actor.setdefault(actor, []).append(slip)
    for found in of_actor.values():
        chosen = min(found, key=lambda slip: acting.desk.vault.keyed_hash("acting/sample", slip))
        its = await acting.desk.records.slip(chosen)
        assert its is not None
        async with ctx.transaction() as tx:
            if await acting.desk.records.sample(its.id):
                await open_case(ctx, tx, its)
    return len(of_actor)


async def _unchecked(ctx: Context, day: date) -> list[tuple[str, str]]:
    """(slip, actor) of workers none of whose acts in the last whole week before ``day`` is checked."""
    acting = cast("PluginActing", ctx.acting)
    since, until = (
        int(datetime.combine(each, time(), ctx.now().tzinfo).timestamp() * 1000) for each in week_before(day)
    )
    rows = await acting.desk.store.read(
        "SELECT id, actor FROM acting_slip WHERE at_ms >= ? AND at_ms < ? AND kind = 'staff' AND actor <> ''"
        " AND person <> '' AND actor NOT IN (SELECT actor FROM acting_slip WHERE at_ms >= ? AND at_ms < ?"
        " AND sampled = 1)",
        since, until, since, until,
    )  # fmt: skip
    return [(slip, actor) for slip, actor in rows]


async def by_actor(ctx: Context, days: int) -> list[Record]:
    """What staff did in the visitor's area, by helper; what stands out first, then who did most."""
    acting = cast("PluginActing", ctx.acting)
    prefixes = ctx.access.units_with(REVIEW)
    if not prefixes:
        return []
    since_ms = acting.now_ms() - days * 24 * 3_600_000
    scope = " OR ".join("(u.path >= ? AND u.path < ?)" for _ in prefixes)
    bounds = [bound for prefix in prefixes for bound in (prefix, prefix + "{")]
    rows = await acting.desk.store.read(
        "SELECT s.actor, count(*), sum(CASE WHEN s.undone_ms IS NOT NULL THEN 1 ELSE 0 END),"  # noqa: S608 - marks
        " sum(CASE WHEN s.objected_ms IS NOT NULL THEN 1 ELSE 0 END),"
        " sum(CASE WHEN c.state IN ('doubtful', 'handled') THEN 1 ELSE 0 END), s.person"
        " FROM acting_slip s JOIN unit u ON u.code = s.unit LEFT JOIN workflow_case c ON c.plugin = 'acting'"
        " AND c.workflow = 'review' AND c.subject = s.id"
        f" WHERE s.kind = 'staff' AND s.at_ms >= ? AND ({scope}) GROUP BY s.actor, s.person",
        since_ms, *bounds,
    )  # fmt: skip
    return sorted(_summed(rows), key=lambda each: (not each.stands_out, -each.acts, each.actor))


def _summed(rows: Sequence[tuple[Any, ...]]) -> list[Record]:
    """From (actor, acts, undone, objected, unconfirmed, person) each."""
    found: dict[str, Record] = {}
    for actor, acts, undone, objected, unconfirmed, _ in rows:
        so_far = found.get(actor, Record(actor, 0, 0, 0, 0, 0, 0))
        found[actor] = Record(
            actor, so_far.acts + int(acts), so_far.people + 1, so_far.undone + int(undone),
            so_far.objected + int(objected), so_far.unconfirmed + int(unconfirmed),
            max(so_far.most_for_one, int(acts)),
        )  # fmt: skip
    return list(found.values())


async def nobody_escaped(ctx: Context) -> Health:
    """Every worker's last whole week holds an act that is checked: else the job did not run. A day's grace."""
    missing = {actor for _, actor in await _unchecked(ctx, ctx.today() - timedelta(days=1))}
    if not missing:
        return Health(True, ctx.t("每个代办员上周都抽查到了。"))
    text = ctx.t("有 {n} 个代办员上周一件也没抽查到。请看“任务”里的“代办每周抽查”为什么没有运行。", n=len(missing))
    return Health(False, text)
