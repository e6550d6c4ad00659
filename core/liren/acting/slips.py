# SPDX-License-Identifier: Apache-2.0
"""Taking an act back, and saying that it was not one's wish."""

from typing import Final

import msgspec

from liren.acting import errors, review, rules
from liren.acting.service import PluginActing
from liren.errors import LirenError
from liren.plugins.acting import Deed, Slip
from liren.plugins.context import Context
from liren.plugins.services import Tx
from liren.store.audit import write as audit

LATE: Final = "late"


class Undo(msgspec.Struct, frozen=True):
    """Command: an act is taken back."""

    slip: str
    review: bool = False


class Undone(msgspec.Struct, frozen=True):
    slip: str
    amount: int


def own(ctx: Context) -> PluginActing:
    """The core's own service behind the protocol."""
    found = ctx.of("acting").acting
    assert isinstance(found, PluginActing)
    return found


def scope_of(slip: Slip) -> str:
    return slip.person if slip.kind == "staff" else slip.mandate


def may_see(ctx: Context, slip: Slip) -> bool:
    """The two of them, and who reviews there."""
    return ctx.actor in (slip.person, slip.actor) or ctx.can(rules.REVIEW, slip.unit)


def may_undo(ctx: Context, slip: Slip) -> bool:
    """The person themself, any worker of their area for them, and who acted: a slip of the hand."""
    if ctx.actor in (slip.person, slip.actor):
        return True
    return ctx.can(rules.ACT, slip.unit) or ctx.can(rules.REVIEW, slip.unit)


def why_not(acting: PluginActing, slip: Slip) -> LirenError | None:
    """What stands in the way of undoing it by itself, before the module is asked."""
    deed = acting.desk.deed(slip.deed)
    if slip.undone_ms is not None:
        return errors.undone_already()
    if deed is None:
        return errors.module_gone()
    if acting.now_ms() >= slip.undo_until_ms:
        return errors.too_late(deed.undo_hours)
    return None


async def undo(ctx: Context, key: str, slip: Slip) -> Undone:
    """Within its time, once, in the module's own transaction.

    :raises NotFound: not the visitor's to undo
    :raises TooLate: its time is over; :raises UndoneAlready: somebody was first
    :raises LirenError: the module says why it cannot be taken back (fetched meanwhile)
    """
    if not may_undo(ctx, slip):
        raise errors.nothing_here()
    acting = own(ctx)
    deed = acting.desk.deed(slip.deed)

    async def body(tx: Tx) -> Undone:
        refused = why_not(acting, slip)
        if refused is not None:
            raise refused
        assert deed is not None
        return await take_back(ctx, tx, slip, deed)

    return await ctx.of(slip.deed.partition(".")[0]).once(f"undo-{key}", Undo(slip.id), body, Undone)


async def take_back(ctx: Context, tx: Tx, slip: Slip, deed: Deed) -> Undone:
    """In the open transaction of the module: its rows, the slip, the cap, the notice."""
    acting = own(ctx)
    if not await acting.desk.records.undo(slip.id, ctx.actor):
        raise errors.undone_already()
    store_tx = acting.desk.records.tx()
    month = rules.month_of(slip.at_ms, ctx.now().tzinfo)
    await acting.desk.records.give_back(scope_of(slip), slip.deed, month, slip.amount)
    await deed.undo(ctx.of(slip.deed.partition(".")[0]), tx, slip)
    await audit(store_tx, "acting", "acting.undone", slip.person, unit=slip.unit, detail={"slip": slip.id})
    its = ctx.of("acting")
    text = its.t("代办单 {number} 已撤销：{text}。", number=rules.in_groups(slip.number), text=slip.text)
    for person in {slip.person, slip.actor} - {ctx.actor}:
        await ctx.notify(person, text, its.url("slip", slip=slip.id))
    return Undone(slip.id, slip.amount)


async def object_to(ctx: Context, slip: Slip, note: str = "") -> None:
    """The person says it was not their wish: somebody else looks into it, whatever time has passed.

    :raises NotFound: not done for the visitor
    """
    if ctx.actor != slip.person:
        raise errors.nothing_here()
    acting, its = own(ctx), ctx.of("acting")
    async with its.transaction() as tx:
        store_tx = acting.desk.records.tx()
        rows = await store_tx.sql(
            "UPDATE acting_slip SET objected_ms = ?, sampled = 1 WHERE id = ? AND objected_ms IS NULL RETURNING id",
            store_tx.now_ms, slip.id,
        )  # fmt: skip
        if not rows:
            return
        case = await its.cases.of(review.NAME, slip.id)
        if case is None or case.closed_ms is not None:
            await review.open_case(its, tx, slip, note)
        await audit(store_tx, "acting", "acting.objected", slip.person, unit=slip.unit, detail={"slip": slip.id})
