# SPDX-License-Identifier: Apache-2.0
"""Duties towards a person: what is held about them, what is deleted, what a merge moves; and tidying by itself."""

from datetime import timedelta

from liren.api import Context, Erased, PersonalData, Retain, _
from liren_credit.tables import AwardList, AwardRow, HeardClaim, UploadedFile

KEEP_TYPED_DAYS = 30
"""Rows as typed (with phones and ID numbers) are kept this long after a list is settled, for mending them."""
KEEP_UNKNOWN_DAYS = 7
"""Of whom the register did not know: nobody could find these rows again to erase them, so they go sooner."""


async def export(ctx: Context, person: str) -> list[PersonalData]:
    found = await AwardRow.objects().where(AwardRow.person == person).order_by(AwardRow.id)
    rows = [
        {
            "claim": row.id,
            "rule": row.rule,
            "quantity": row.quantity,
            "day": row.day.isoformat() if row.day else None,
            "points": row.points,
            "evidence": row.evidence,
            "state": row.state,
            "verdict": row.verdict,
        }
        for row in found
    ]
    claims = await HeardClaim.select(HeardClaim.rule, HeardClaim.day, HeardClaim.quantity, HeardClaim.plugin).where(
        (HeardClaim.person == person) & HeardClaim.list.is_null()
    )
    waiting = [{**each, "day": each["day"].isoformat()} for each in claims]
    return [PersonalData(_("积分申报"), rows), PersonalData(_("等待登记"), waiting)]


async def erase(ctx: Context, person: str) -> Erased | Retain:
    """Nothing but the signed record is needed later: rows are deleted, also while they are on their way."""
    count = await AwardRow.count().where(AwardRow.person == person)
    await AwardRow.delete().where(AwardRow.person == person)
    count += await HeardClaim.count().where(HeardClaim.person == person)
    await HeardClaim.delete().where(HeardClaim.person == person)
    return Erased(count)


async def merged(kept: str, gone: str) -> None:
    """The rows move; where both were credited for one rule and day, the second stays with its own key."""
    await HeardClaim.update({HeardClaim.person: kept}).where(HeardClaim.person == gone)
    for row in await AwardRow.objects().where(AwardRow.person == gone):
        key = f"{kept}|{row.award_key.partition('|')[2]}" if row.award_key else None
        taken = key is not None and await AwardRow.exists().where((AwardRow.award_key == key) & (AwardRow.live == 1))
        await AwardRow.update({AwardRow.person: kept, AwardRow.award_key: row.award_key if taken else key}).where(
            AwardRow.id == row.id
        )


async def tidy(ctx: Context) -> None:
    """Forget what was typed in lists settled a month ago; of whom nobody knew, a week ago. Files whose columns nobody
    named go with a month, too."""
    until = ctx.now() - timedelta(days=KEEP_TYPED_DAYS)
    typed = (AwardRow.cells != "") | (AwardRow.name != "")
    settled = await _settled_before(ctx, KEEP_UNKNOWN_DAYS)
    long_settled = set(await _settled_before(ctx, KEEP_TYPED_DAYS))
    before_ms = int(until.timestamp() * 1000)
    left = AwardList.select(AwardList.id).where((AwardList.state == "columns") & (AwardList.entered_ms < before_ms))
    async with ctx.transaction() as tx:
        await UploadedFile.delete().where(UploadedFile.list.is_in(left))
        await HeardClaim.delete().where(HeardClaim.list.is_not_null() & (HeardClaim.day < until.date()))
        for each in settled:
            rows = (AwardRow.list == each) & typed
            if each not in long_settled:
                rows &= AwardRow.person.is_null()
            await AwardRow.update({AwardRow.cells: "", AwardRow.name: ""}).where(rows)
        if settled:
            await tx.audit("tidied", ctx.today().isoformat())


async def _settled_before(ctx: Context, days: int) -> list[str]:
    """Ids of lists that are over and were entered so many days ago."""
    before_ms = int((ctx.now() - timedelta(days=days)).timestamp() * 1000)
    over = AwardList.state.is_in(["posted", "dropped", "returned"]) & (AwardList.entered_ms < before_ms)
    return [each["id"] for each in await AwardList.select(AwardList.id).where(over)]
