# SPDX-License-Identifier: Apache-2.0
"""The second person: looks at the drawn rows, strikes, approves or returns; then publicity, then posting."""

from collections.abc import Collection, Sequence
from datetime import timedelta

import msgspec

from liren.api import Context, Denied, Tx
from liren_credit import budgets, errors, rows
from liren_credit.judging import household_of
from liren_credit.list_flow import LIST, advance, begin
from liren_credit.rows import GoodRow
from liren_credit.settings import Settings
from liren_credit.tables import AwardList, AwardRow


class LookAt(msgspec.Struct, frozen=True):
    """Command: drawn rows looked at; some of them struck."""

    list: str
    fine: tuple[str, ...]
    struck: tuple[str, ...]
    remark: str


class Approve(msgspec.Struct, frozen=True):
    list: str


class Return(msgspec.Struct, frozen=True):
    list: str
    reason: str


async def list_for_review(ctx: Context, list_id: str) -> AwardList:
    """:raises NotFound: no such list, or outside the reviewer's units
    :raises Denied: the reviewer entered it
    """
    found = await AwardList.objects().where(AwardList.id == list_id).first()
    if found is None or not ctx.can("credit.review", found.unit):
        raise errors.no_such_list()
    if found.collector == ctx.actor:
        raise errors.own_work()
    return found


async def look_at(ctx: Context, key: str, list_id: str, fine: Sequence[str], struck: Sequence[str], remark: str) -> str:
    """:raises Denied: a row of the reviewer's own household; those go to another reviewer"""

    async def body(tx: Tx) -> str:
        found = await list_for_review(ctx, list_id)
        if found.state != "review":
            raise errors.moved_on()
        waiting = {row.id: row for row in await rows.good(list_id)}
        wanted = {*fine, *struck}
        if not wanted <= waiting.keys():
            raise errors.moved_on()
        mine = await household_of(ctx)
        if any(waiting[each].person in mine for each in wanted):
            raise Denied(
                "自己或同户的行不能自己审，请另一位审核员来看。",
                "Rows of yourself or your household have to be looked at by another reviewer.",
            )
        await rows.looked_at(fine)
        await rows.strike(struck, remark)
        await tx.audit("rows-looked-at", list_id, fine=len(fine), struck=len(struck))
        return list_id

    return await ctx.once(key, LookAt(list_id, tuple(fine), tuple(struck), remark), body, str)


async def approve(ctx: Context, key: str, list_id: str) -> str:
    """Into publicity. Rows of the reviewer's own household are split off to a list another reviewer decides on.

    :raises CreditError: drawn rows not looked at, or a community's budget does not suffice
    """
    found = await list_for_review(ctx, list_id)
    if found.state == "review":
        await budgets.need(ctx, await rows.good(list_id))

    async def body(tx: Tx) -> str:
        entered = await list_for_review(ctx, list_id)
        if entered.state != "review":
            raise errors.moved_on()
        mine = await household_of(ctx)
        waiting = await rows.good(list_id)
        unseen = sum(row.sampled == 1 and row.person not in mine for row in waiting)
        if unseen:
            raise errors.still_to_look_at(unseen)
        apart = [row for row in waiting if row.person in mine]
        if len(apart) == len(waiting):
            raise errors.own_work()
        if apart:
            await _split_off(ctx, tx, entered, apart)
        settings: Settings = ctx.settings
        today = ctx.today()
        posts_on = today + timedelta(days=settings.publicity_days)
        await AwardList.update(
            {
                AwardList.reviewer: ctx.actor,
                AwardList.reviewed_ms: tx.now_ms,
                AwardList.publicity_from: today,
                AwardList.posts_on: posts_on,
            }
        ).where(AwardList.id == list_id)
        await advance(ctx, tx, list_id, "approve", until=posts_on)
        await tx.audit("list-approved", list_id, rows=len(waiting) - len(apart))
        return list_id

    return await ctx.once(key, Approve(list_id), body, str)


async def _split_off(ctx: Context, tx: Tx, entered: AwardList, apart: Collection[GoodRow]) -> None:
    numbers = await AwardList.select(AwardList.number).order_by(AwardList.number, ascending=False).first()
    other = AwardList(
        id=f"{entered.id}-{len(apart)}",
        number=(numbers["number"] if numbers else 0) + 1,
        title=f"{entered.title}（另请人审）",
        state=LIST.initial,
        origin=entered.origin,
        unit=entered.unit,
        collector=entered.collector,
        file_name=entered.file_name,
        file_digest=f"{entered.file_digest}/other",
        sheet=entered.sheet,
        layout=entered.layout,
        entered_ms=entered.entered_ms,
        submitted_ms=tx.now_ms,
    )
    await AwardList.insert(other)
    await begin(ctx, tx, other)
    for step in ("check", "submit"):
        await advance(ctx, tx, str(other.id), step)
    await AwardRow.update({AwardRow.list: other.id, AwardRow.sampled: 1}).where(
        AwardRow.id.is_in([row.id for row in apart])
    )
    await tx.audit("rows-split-off", other.id, rows=len(apart))


async def send_back(ctx: Context, key: str, list_id: str, reason: str) -> str:
    """To the collector, who is told why; nothing of it is on its way any more."""

    async def body(tx: Tx) -> str:
        found = await list_for_review(ctx, list_id)
        if found.state not in ("review", "publicity"):
            raise errors.moved_on()
        await rows.release(list_id)
        await AwardList.update({AwardList.reviewer: ctx.actor, AwardList.reason: reason}).where(AwardList.id == list_id)
        await advance(ctx, tx, list_id, "send_back", note=reason)
        await tx.audit("list-returned", list_id)
        return list_id

    return await ctx.once(key, Return(list_id, reason), body, str)
