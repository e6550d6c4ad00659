# SPDX-License-Identifier: Apache-2.0
"""Duties towards people who work here: what they proposed and signed for the street is theirs to read, and stays.

Who moved the street's points, and who let it, is the record of an office and not of a private person. It is kept like
the vouchers of an account, thirty years (《会计档案管理办法》 of 2015, article 14), because the office has to (Personal
Information Protection Law, article 13 (1) 3). After that the ids are taken out.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from liren.ledger.desk import closing
from liren.ledger.tables import ProposalRow
from liren.plugins.context import Context
from liren.plugins.types import Erased, PersonalData, Retain, _

YEARS: Final = 30
KEPT_BY: Final = _("《个人信息保护法》第十三条第一款第三项；《会计档案管理办法》第十四条：会计凭证保存三十年")
MOST: Final = 10_000
KINDS: Final = {"budget": _("预算"), "clear": _("结算"), "close": _("注销账户"), "reverse": _("更正")}


def kept_until(ms: int) -> date:
    """The last day a voucher of this moment is kept: thirty years after the end of its year."""
    return date(datetime.fromtimestamp(ms / 1000, UTC).year + YEARS, 12, 31)


async def export(ctx: Context, person: str) -> Sequence[PersonalData]:
    """What they proposed and what they decided, the latest first."""
    rows = (
        await ProposalRow.select()
        .where((ProposalRow.proposed_by == person) | (ProposalRow.decided_by == person))
        .order_by(ProposalRow.proposed_ms, ascending=False)
        .limit(MOST)
    )
    lines: list[dict[str, str | int | None]] = [
        {
            ctx.t(_("日期")): datetime.fromtimestamp(row["proposed_ms"] / 1000, UTC).date().isoformat(),
            ctx.t(_("事项")): ctx.t(KINDS[row["kind"]]),
            ctx.t(_("身份")): ctx.t(_("提出") if row["proposed_by"] == person else _("审核")),
            ctx.t(_("凭证编号")): row["rid"] or "",
        }
        for row in rows
    ]
    found = [PersonalData(ctx.t(_("经办的预算、结算、更正")), lines)] if lines else []
    mine: list[dict[str, str | int | None]] = [
        {ctx.t(_("为什么")): body.reason} for _id, body in await closing.about(person) if body.reason
    ]
    return [*found, PersonalData(ctx.t(_("提议注销您的积分账户")), mine)] if mine else found


async def erase(ctx: Context, person: str) -> Erased | Retain:
    """Their ids stay as long as the vouchers; what is older loses them. Whose account was to be closed is forgotten."""
    await closing.renamed(person, "")
    mine = (ProposalRow.proposed_by == person) | (ProposalRow.decided_by == person)
    rows = await ProposalRow.select(ProposalRow.id, ProposalRow.proposed_ms).where(mine)
    today = ctx.today()
    old = [row["id"] for row in rows if kept_until(row["proposed_ms"]) < today]
    if old:
        for column in (ProposalRow.proposed_by, ProposalRow.decided_by):
            await ProposalRow.update({column: ""}).where(ProposalRow.id.is_in(old) & (column == person))
    if len(old) < len(rows):
        until = max(kept_until(row["proposed_ms"]) for row in rows)
        return Retain(until, ctx.t(KEPT_BY), rows=len(rows) - len(old))
    return Erased(len(old))


async def merged(kept: str, gone: str) -> None:
    """Both entries were one person, who still cannot sign what they proposed."""
    await closing.renamed(gone, kept)
    for column in (ProposalRow.proposed_by, ProposalRow.decided_by):
        await ProposalRow.update({column: kept}).where(column == gone)
