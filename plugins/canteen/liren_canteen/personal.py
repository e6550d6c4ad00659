# SPDX-License-Identifier: Apache-2.0
"""Duties towards a person: hand out, forget, merge. What a funder paid for stays as long as accounts are kept."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from liren.api import Context, Erased, PersonalData, Retain, _
from liren_canteen import words
from liren_canteen.order_flow import OPEN, STATES
from liren_canteen.standing import told
from liren_canteen.tables import Claim, DinerCard, MealOrder, Route, Site, Standing, SubsidyShare

KEPT_BY = _("《会计档案管理办法》第十四条：领过补贴的订单是会计凭证")
WAITING = _("《个人信息保护法》第十三条第一款第二项：订好的餐还没有吃")
MOST = 20_000


async def export(ctx: Context, person: str) -> Sequence[PersonalData]:
    """The meal card, the orders with who paid what, the weekly wishes."""
    names = {site.id: site.name for site in await Site.objects().limit(1000)}
    tables = [
        (_("餐卡"), await _card(ctx, person)),
        (_("订餐"), await _orders(ctx, person, names)),
        (_("补贴明细"), await _shares(ctx, person)),
        (_("每周自动订"), await _standing(ctx, person, names)),
        (_("送餐"), await _routes(ctx, person, names)),
        (_("做过的结算"), await _claims(ctx, person)),
    ]
    return [PersonalData(ctx.t(title), rows) for title, rows in tables if rows]


async def _card(ctx: Context, person: str) -> list[dict[str, str | int | None]]:
    row = await DinerCard.objects().where(DinerCard.person == person).first()
    if row is None:
        return []
    return [
        {
            ctx.t(_("户籍")): ctx.t(words.REGISTRATIONS[row.registration]) if row.registration else "",
            ctx.t(_("属于哪类")): _titles(ctx, row.categories, words.CATEGORIES),
            ctx.t(_("不能吃")): _titles(ctx, row.allergens, words.ALLERGENS),
            ctx.t(_("要吃")): _titles(ctx, row.diets, words.DIETS),
            ctx.t(_("送到哪里")): row.deliver_to,
            ctx.t(_("看了什么证件")): row.evidence,
            ctx.t(_("证件查看日期")): row.checked_on.isoformat() if row.checked_on else "",
            ctx.t(_("餐卡")): ctx.t(_("有")) if row.card_hash else ctx.t(_("没有")),
        }
    ]


def _titles(ctx: Context, codes: str, known: dict[str, str]) -> str:
    return "、".join(ctx.t(known[code]) for code in words.split(codes) if code in known)


async def _orders(ctx: Context, person: str, names: dict[str, str]) -> list[dict[str, str | int | None]]:
    found = await MealOrder.objects().where(MealOrder.person == person).order_by(MealOrder.day).limit(MOST)
    return [
        {
            ctx.t(_("日期")): row.day.isoformat(),
            ctx.t(_("哪一餐")): ctx.t(words.MEALS[row.meal]),
            ctx.t(_("吃什么")): row.title,
            ctx.t(_("哪家食堂")): names.get(row.site, ""),
            ctx.t(_("怎么取")): ctx.t(words.WAYS[row.way]),
            ctx.t(_("价格（分）")): row.price_fen,
            ctx.t(_("补贴（分）")): row.subsidy_fen,
            ctx.t(_("积分")): row.points,
            ctx.t(_("到食堂付（分）")): row.due_fen,
            ctx.t(_("情况")): ctx.t(STATES[row.state][0]),
        }
        for row in found
    ]


async def _shares(ctx: Context, person: str) -> list[dict[str, str | int | None]]:
    found = await SubsidyShare.objects().where(SubsidyShare.person == person).order_by(SubsidyShare.month).limit(MOST)
    return [
        {
            ctx.t(_("月份")): row.month,
            ctx.t(_("谁出钱")): row.funder,
            ctx.t(_("补给谁")): row.title,
            ctx.t(_("金额（分）")): row.fen,
        }
        for row in found
    ]


async def _standing(ctx: Context, person: str, names: dict[str, str]) -> list[dict[str, str | int | None]]:
    found = await Standing.objects().where(Standing.person == person).order_by(Standing.since).limit(MOST)
    return [
        {
            ctx.t(_("哪一餐")): ctx.t(words.MEALS[row.meal]),
            ctx.t(_("星期几")): told(row),
            ctx.t(_("哪家食堂")): names.get(row.site, ""),
            ctx.t(_("从哪天")): row.since.isoformat(),
            ctx.t(_("到哪天")): row.until.isoformat() if row.until else "",
        }
        for row in found
    ]


async def _routes(ctx: Context, person: str, names: dict[str, str]) -> list[dict[str, str | int | None]]:
    found = await Route.objects().where(Route.volunteer == person).order_by(Route.day).limit(MOST)
    return [
        {
            ctx.t(_("日期")): row.day.isoformat(),
            ctx.t(_("哪家食堂")): names.get(row.site, ""),
            ctx.t(_("送到几户")): row.homes,
        }
        for row in found
    ]


async def _claims(ctx: Context, person: str) -> list[dict[str, str | int | None]]:
    found = await Claim.select(Claim.month, Claim.funder).where(Claim.made_by == person).limit(MOST)
    return [{ctx.t(_("月份")): row["month"], ctx.t(_("谁出钱")): row["funder"]} for row in found]


async def erase(ctx: Context, person: str) -> Erased | Retain:
    """The card and the wishes go at once. An order somebody paid a subsidy for keeps its person as long as the law
    keeps accounts; a meal still to be eaten, until it is.
    """
    gone = len(await DinerCard.delete().where(DinerCard.person == person).returning(DinerCard.person))
    gone += len(await Standing.delete().where(Standing.person == person).returning(Standing.id))
    gone += len(await Route.update({Route.volunteer: ""}).where(Route.volunteer == person).returning(Route.id))
    gone += len(await Claim.update({Claim.made_by: ""}).where(Claim.made_by == person).returning(Claim.id))
    mine = MealOrder.person == person
    for column in (MealOrder.placed_by, MealOrder.taken_by):
        await MealOrder.update({column: ""}).where((column == person) & (MealOrder.person != person))
    kept = await _kept(person, ctx.settings.keep_years)
    if kept is None:
        await SubsidyShare.update({SubsidyShare.person: ""}).where(SubsidyShare.person == person)
        rows = (
            await MealOrder.update({MealOrder.person: "", MealOrder.placed_by: ""}).where(mine).returning(MealOrder.id)
        )
        return Erased(gone + len(rows))
    waiting = await MealOrder.exists().where(mine & MealOrder.state.is_in(list(OPEN)))
    law = ctx.t(WAITING) if waiting else ctx.t(KEPT_BY)
    return Retain(kept, law, rows=await MealOrder.count().where(mine))


async def _kept(person: str, years: int) -> date | None:
    """Until when the last thing that must be kept is; None: nothing must."""
    mine = MealOrder.person == person
    still = MealOrder.state.is_in([*OPEN, "taken", "settled"])
    last = (
        await MealOrder.select(MealOrder.day)
        .where(mine & still & ((MealOrder.subsidy_fen > 0) | MealOrder.state.is_in(list(OPEN))))
        .order_by(MealOrder.day, ascending=False)
        .first()
    )
    # Kept from the end of the accounting year on (《会计档案管理办法》第十四条).
    return date(last["day"].year + years + 1, 1, 1) - timedelta(days=1) if last else None


async def tidy(ctx: Context) -> None:
    """Orders the law keeps no longer name nobody any more; what was paid stays, as figures."""
    last = date(ctx.today().year - ctx.settings.keep_years - 1, 12, 31)
    nobody: dict[Any, Any] = {MealOrder.person: "", MealOrder.placed_by: "", MealOrder.taken_by: ""}
    old = (MealOrder.day <= last) & (MealOrder.person != "")
    async with ctx.transaction() as tx:
        rows = await MealOrder.update(nobody).where(old).returning(MealOrder.id)
        shares = (SubsidyShare.month <= f"{last:%Y-%m}") & (SubsidyShare.person != "")
        await SubsidyShare.update({SubsidyShare.person: ""}).where(shares)
        if rows:
            await tx.audit("orders-tidied", last.isoformat(), rows=len(rows))


async def merged(kept: str, gone: str) -> None:
    """Orders of ``gone`` are the same person's. Where both ordered one meal, ``doubles.py`` makes the second void."""
    await MealOrder.update({MealOrder.person: kept}).where(MealOrder.person == gone)
    await SubsidyShare.update({SubsidyShare.person: kept}).where(SubsidyShare.person == gone)
    await Standing.update({Standing.person: kept}).where(Standing.person == gone)
    await Route.update({Route.volunteer: kept}).where(Route.volunteer == gone)
    if await DinerCard.exists().where(DinerCard.person == kept):
        await DinerCard.delete().where(DinerCard.person == gone)
    else:
        await DinerCard.update({DinerCard.person: kept}).where(DinerCard.person == gone)
