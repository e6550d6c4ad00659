# SPDX-License-Identifier: Apache-2.0
"""What the street's search finds here: canteens and dishes for everybody, diners for who looks after them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from liren.api import Context, Hit, _
from liren_canteen import diners, sites, words
from liren_canteen.diner_pages import looked_up
from liren_canteen.diners import CHECK
from liren_canteen.sites import MANAGE
from liren_canteen.tables import DinerCard, MenuLine, Site

EACH: Final = 4
"""Of one kind: a page of hits is for choosing, not for reading."""
WILD: Final = str.maketrans("", "", "%_\\")
"""Signs that mean "anything" in a LIKE; nobody looks for a dish by them."""


async def find(ctx: Context, text: str) -> Sequence[Hit]:
    """At most ten, the best first; residents get what is public, staff their own people as well."""
    kept = text.translate(WILD).strip()[:40]
    if not kept:
        return ()
    open_sites = await sites.all_sites(only_open=True)
    found = await _people(ctx, kept) + _places(ctx, open_sites, kept) + await _dishes(ctx, open_sites, kept)
    return found[:10]


async def _people(ctx: Context, text: str) -> list[Hit]:
    """Whose meal card the visitor may open."""
    cards = (await looked_up(ctx, text, CHECK))[:EACH]
    known = await diners.cards_of([card.id for card in cards])
    return [
        Hit(card.name, ctx.url("diner", person=card.id), ctx.t(_("餐卡")), _categories(ctx, known.get(card.id)))
        for card in cards
    ]


def _categories(ctx: Context, card: DinerCard | None) -> str:
    codes = words.split(card.categories) if card else ()
    return "、".join(ctx.t(words.CATEGORIES[code]) for code in codes if code in words.CATEGORIES)


def _places(ctx: Context, open_sites: Sequence[Site], text: str) -> list[Hit]:
    """By name or address; who looks after one comes to its own page."""
    found = [site for site in open_sites if text in site.name or text in site.address][:EACH]
    return [
        Hit(
            site.name,
            ctx.url("site", site=site.id) if ctx.can(MANAGE, site.unit) else ctx.url("home", site=site.id),
            ctx.t(words.SITE_KINDS[site.kind]),
            site.address,
        )
        for site in found
    ]


async def _dishes(ctx: Context, open_sites: Sequence[Site], text: str) -> list[Hit]:
    """What is on the menu of the days that can be ordered, where it is served; the next day of each dish."""
    first = {site.kitchen: site for site in reversed(open_sites)}
    if not first:
        return []
    lines = (
        await MenuLine.objects()
        .where(
            MenuLine.kitchen.is_in(list(first))
            & (MenuLine.day > ctx.today())
            & (MenuLine.day <= ctx.today() + timedelta(days=ctx.settings.order_days))
            & MenuLine.listed.eq(True)
            & MenuLine.title.like(f"%{text}%")
        )
        .order_by(MenuLine.day, MenuLine.meal, MenuLine.id)
        .limit(50)
    )
    next_of: dict[tuple[str, str], MenuLine] = {}
    for line in lines:
        next_of.setdefault((line.kitchen, line.title), line)
    return [_dish(ctx, line, first[line.kitchen]) for line in list(next_of.values())[:EACH]]


def _dish(ctx: Context, line: MenuLine, site: Site) -> Hit:
    when = ctx.t(
        _("{month}月{day}日{meal}，{site}"),
        month=line.day.month,
        day=line.day.day,
        meal=ctx.t(words.MEALS[line.meal]),
        site=site.name,
    )
    url = ctx.url("home", site=site.id, day=line.day.isoformat(), meal=line.meal)
    return Hit(line.title, url, ctx.t(_("菜单")), when)
