# SPDX-License-Identifier: Apache-2.0
"""The person concerned stops their own entry at once; a human other than the collector decides."""

import msgspec

from liren.api import Conflict, Context, NotFound, Tx
from liren_credit import errors
from liren_credit.judging import household_of
from liren_credit.list_flow import advance
from liren_credit.tables import AwardList, AwardRow


class Freeze(msgspec.Struct, frozen=True):
    row: str
    reason: str


class Decide(msgspec.Struct, frozen=True):
    row: str
    stands: bool


async def freeze(ctx: Context, key: str, row_id: str, reason: str) -> str:
    """Of one's own award, while it is not posted: from now on it does not go any further.

    :raises NotFound: somebody else's
    """

    async def body(tx: Tx) -> str:
        row = await AwardRow.objects().where(AwardRow.id == row_id).first()
        if row is None or row.person != ctx.actor or row.state == "checked":
            raise NotFound("没有找到这一笔。", "There is no such entry.")
        if row.state != "waiting":
            raise Conflict(
                "这一笔已经入账或已有决定，不能暂停。有疑问请找社区工作人员。",
                "This entry has been posted or decided on; it cannot be stopped. Please ask the community's staff.",
            )
        await AwardRow.update({AwardRow.state: "frozen", AwardRow.remark: reason}).where(AwardRow.id == row_id)
        await tx.audit("row-frozen", row_id)
        return row_id

    return await ctx.once(key, Freeze(row_id, reason), body, str)


async def decide(ctx: Context, key: str, row_id: str, *, stands: bool) -> str:
    """The reviewer's answer: the entry goes on, or is struck."""

    async def body(tx: Tx) -> str:
        row = await AwardRow.objects().where(AwardRow.id == row_id).first()
        found = await AwardList.objects().where(AwardList.id == row.list).first() if row else None
        if row is None or found is None or not ctx.can("credit.review", found.unit):
            raise errors.no_such_list()
        if found.collector == ctx.actor or row.person in await household_of(ctx):
            raise errors.own_work()
        if row.state != "frozen":
            raise errors.moved_on()
        if stands:
            await AwardRow.update({AwardRow.state: "waiting"}).where(AwardRow.id == row_id)
            if found.state == "posted":
                await advance(ctx, tx, found.id, "resume", until=found.posts_on)
        else:
            await AwardRow.update({AwardRow.state: "struck", AwardRow.live: 0}).where(AwardRow.id == row_id)
        await tx.audit("objection-decided", row_id, stands=int(stands))
        return str(row.person)

    person = await ctx.once(key, Decide(row_id, stands), body, str)
    text = ctx.t("您暂停的那一笔，核实后照常入账。") if stands else ctx.t("您暂停的那一笔，核实后已经剔除。")
    await ctx.notify(person, text, ctx.url("mine"))
    return row_id
