# SPDX-License-Identifier: Apache-2.0
"""The second person: looks at the drawn rows, strikes, approves or returns; then publicity, then posting."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

import msgspec

from liren.api import Award, Context, Denied, Progress, Subject, Tx
from liren_credit import errors, rows
from liren_credit.events import ListPosted
from liren_credit.intake import household_of
from liren_credit.list_flow import LIST, advance, begin, case_of
from liren_credit.rows import GoodRow
from liren_credit.rulemaking import catalogue
from liren_credit.settings import Settings
from liren_credit.tables import AwardList, AwardRow
from liren_credit.words import VERDICTS

POST_AT_ONCE = 4_600
"""Awards signed in one transaction; a month of a large street is one batch."""


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


class PostPart(msgspec.Struct, frozen=True):
    """Command: the next awards of a list, signed; named after the first of them."""

    list: str
    first: str


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
        await _need_budgets(ctx, await rows.good(list_id))

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
    await _need_budgets(ctx, await rows.good(list_id))
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


async def budgets(ctx: Context, units: Collection[str]) -> dict[str, int]:
    """Community → what is left to give out."""
    return {unit: await ctx.ledger.balance_of(f"budget/{unit}") for unit in sorted(units)}


async def _need_budgets(ctx: Context, waiting: Sequence[GoodRow]) -> None:
    needed: dict[str, int] = {}
    for row in waiting:
        needed[row.unit] = needed.get(row.unit, 0) + row.points
    left = await budgets(ctx, needed.keys())
    short = []
    for unit, amount in needed.items():
        if left[unit] < amount:
            card = await ctx.units.get(unit)
            short.append((card.name if card else unit, amount, left[unit]))
    if short:
        raise errors.budget_short(short)
