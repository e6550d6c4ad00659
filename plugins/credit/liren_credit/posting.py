# SPDX-License-Identifier: Apache-2.0
"""An approved list becomes records, in parts that each take only what still waits: a stopped run is simply started
again.
"""

from collections.abc import Callable

import msgspec

from liren.api import Award, Context, Progress, Subject, Tx
from liren_credit import budgets, errors, rows
from liren_credit.events import ListPosted
from liren_credit.list_flow import advance, case_of
from liren_credit.review import list_for_review
from liren_credit.rulemaking import catalogue
from liren_credit.tables import AwardList
from liren_credit.words import VERDICTS

POST_AT_ONCE = 4_600
"""Awards signed in one transaction; a month of a large street is one batch."""


class PostPart(msgspec.Struct, frozen=True):
    """Command: the next awards of a list, signed; named after the first of them."""

    list: str
    first: str


async def start_posting(ctx: Context, key: str, list_id: str) -> str:
    """Sign every award of an approved list, in the background.

    Interrupted, it may simply be started again: what was posted is not posted twice.

    :returns: id of the task whose progress the list's page shows
    """
    found = await list_for_review(ctx, list_id)
    if found.state not in ("publicity", "posting"):
        raise errors.moved_on()
    if found.posts_on is None or ctx.today() < found.posts_on:
        raise errors.too_early(str(found.posts_on))
    await budgets.need(ctx, await rows.good(list_id))
    await mark_posting(ctx, list_id)
    task = await ctx.start(key, found.title, lambda inner, progress: post(inner, list_id, progress))
    async with ctx.transaction():
        await AwardList.update({AwardList.task: task}).where(AwardList.id == list_id)
    return task


async def mark_posting(ctx: Context, list_id: str) -> None:
    """From here on the list is closed to decisions; it is posted, or its posting is started again."""
    async with ctx.transaction() as tx:
        await advance(ctx, tx, list_id, "post")
        await AwardList.update({AwardList.task: None}).where(AwardList.id == list_id)
        await tx.audit("posting-started", list_id)


async def end_publicity(ctx: Context, list_id: str) -> None:
    """The demo's month was published long ago."""
    async with ctx.transaction() as tx:
        await AwardList.update({AwardList.posts_on: ctx.today()}).where(AwardList.id == list_id)
        await tx.audit("publicity-ended", list_id)


async def post(ctx: Context, list_id: str, progress: Progress) -> str:
    """The work itself. Each part has its own request key and takes only rows that still wait."""
    waiting = await rows.good(list_id)
    total = len(waiting)
    progress(0, total)
    for before in range(0, total, POST_AT_ONCE):

        async def body(tx: Tx, before: int = before) -> int:
            return await _post_part(ctx, tx, list_id, lambda done: progress(before + done, total))

        first = waiting[before].id
        await ctx.once(f"post-{list_id}-{first}", PostPart(list_id, first), body, int)
    progress(total, total)
    async with ctx.transaction() as tx:
        # Started twice, the second finds everything posted.
        if (await case_of(ctx, list_id)).state == "posting":
            await AwardList.update({AwardList.posted_ms: _now_ms(ctx)}).where(AwardList.id == list_id)
            await advance(ctx, tx, list_id, "finish")
            await tx.emit(await _posted_event(ctx, list_id))
        await tx.audit("list-posted", list_id, rows=total)
    awards, points = await rows.total(list_id)
    return ctx.t("{rows} 行、{points} 分已入账。", rows=awards, points=points)


async def _leave_out(ctx: Context, tx: Tx, list_id: str) -> None:
    """Whoever took their consent back since the list was checked: asked in the transaction that would post."""
    declined = await ctx.people.declined("points")
    out = [row.id for row in await rows.good(list_id) if row.person in declined]
    if out:
        await rows.strike(out, ctx.t(VERDICTS["consent-taken-back"].title))
        await tx.audit("rows-left-out", list_id, rows=len(out))


async def _posted_event(ctx: Context, list_id: str) -> ListPosted:
    """Counted from the rows: of a list whose posting was interrupted, the last run saw only a part."""
    entered = await AwardList.objects().where(AwardList.id == list_id).first()
    awards, points = await rows.total(list_id)
    return ListPosted(list_id, entered.unit if entered else "", awards, points, ctx.today().isoformat())


def _now_ms(ctx: Context) -> int:
    return int(ctx.now().timestamp() * 1000)


async def _post_part(ctx: Context, tx: Tx, list_id: str, progress: Callable[[int], None]) -> int:
    entered = await AwardList.objects().where(AwardList.id == list_id).first()
    if entered is None or entered.reviewer is None:
        raise errors.moved_on()
    await _leave_out(ctx, tx, list_id)
    waiting = (await rows.good(list_id))[:POST_AT_ONCE]
    if not waiting:
        return 0
    rules = {rule.id: rule for rule in (await catalogue()).rules}
    drafts = []
    for row in waiting:
        rule = rules[row.rule]
        drafts.append(
            Award(
                subject=Subject(rule.subject, row.person),
                unit=row.unit,
                code=rule.ledger_code,
                amount=row.points,
                eff=row.day,
                asset="resident" if rule.subject == "h" else "partner",
                reviewer=entered.reviewer if rule.reviewers else None,
                reason={
                    "title": rule.title,
                    "version": rule.version,
                    "quantity": row.quantity,
                    "unit": rule.unit,
                    "evidence": row.evidence,
                    "claim": row.id,
                    "entered_by": entered.collector,
                    "reviewed_by": entered.reviewer,
                },
            )
        )
    posted = await tx.post_many(drafts, progress)
    await rows.credited((row.id, record.rid) for row, record in zip(waiting, posted, strict=True))
    return len(drafts)
