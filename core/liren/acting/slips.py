# SPDX-License-Identifier: Apache-2.0
"""Taking an act back, and saying that it was not one's wish."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from liren.acting import errors, review, rules
from liren.acting.service import PluginActing
from liren.errors import LirenError
from liren.identity.register.names import normalise
from liren.identity.signin.throttle import Limit
from liren.plugins.acting import Deed, Slip
from liren.plugins.context import Context
from liren.plugins.services import Tx
from liren.store.audit import write as audit
from liren.web import gettext

NUMBERS: Final = Limit("acting-numbers", 20, 3600)


class Undo(msgspec.Struct, frozen=True):
    """Command: an act is taken back."""

    slip: str


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


def theirs(ctx: Context, slip: Slip) -> bool:
    """Who may see and undo it: the person, any worker of their area for them, who reviews there, and who acted (a slip
    of the hand)."""
    if ctx.actor in (slip.person, slip.actor):
        return True
    return ctx.can(rules.ACT, slip.unit) or ctx.can(rules.REVIEW, slip.unit)


async def numbered(ctx: Context, number: str) -> Slip | None:
    """By the digits that were read out over the phone, full-width ones too; a worker's look is on record.

    :raises TooMany: numbers are not to be guessed
    """
    acting = own(ctx)
    digits = "".join(c for c in normalise(number) if c.isdecimal())
    await acting.desk.throttle.count((NUMBERS, ctx.actor))
    found = await acting.desk.records.slip_numbered(digits) if len(digits) == rules.DIGITS else None
    if found is None or not theirs(ctx, found):
        return None
    await acting.desk.throttle.forgive((NUMBERS, ctx.actor))
    async with acting.ctx.transaction() as tx:
        await tx.audit("slip-seen", found.person, slip=found.id)
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One act in a list."""

    slip: Slip
    name: str
    actor: str
    deed: str
    may_undo: bool


async def lines(ctx: Context, found: Sequence[Slip]) -> list[Line]:
    acting = own(ctx)
    cards = await ctx.people.cards([person for slip in found for person in (slip.person, slip.actor)])
    gone = gettext("（已注销）")
    shown = []
    for slip in found:
        deed = acting.desk.deed(slip.deed)
        name, actor = (cards[who].name if who in cards else gone for who in (slip.person, slip.actor))
        title = ctx.of(slip.deed.partition(".")[0]).t(deed.title) if deed is not None else gettext("已停用的模块")
        shown.append(Line(slip, name, actor, title, why_not(acting, slip) is None))
    return shown


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
    if not theirs(ctx, slip):
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
