# SPDX-License-Identifier: Apache-2.0
"""Fills the demo street's canteens through the same verbs its pages use: every order is a real one, so the meals of
today are handed over today and those of tomorrow wait for the kitchen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

import msgspec

from liren.api import Context, Demo, PersonKeys, Tx, UnitCard
from liren_canteen import (
    bills,
    claims,
    counter,
    demo_past,
    diners,
    kitchen,
    menus,
    orders,
    queries,
    rulebook,
    sites,
    standing,
    subsidy,
)
from liren_canteen.errors import CanteenError, NothingToClaim
from liren_canteen.menus import LineForm
from liren_canteen.orders import PlaceOrder
from liren_canteen.rulebook import PublishForm, RuleForm, VersionForm
from liren_canteen.sites import HoursForm, KitchenForm, SiteForm
from liren_canteen.tables import DinerCard, Site

SITES = 6
"""As in 新城: 六家老年幸福食堂和老年助餐点."""
OLD, ADULT = 65, 18
CARDS_AT_ONCE = 500
DAYS_OF_MENU = 9
EVERY_DAY = list("0123456")
Dish = tuple[str, str, int, list[str], list[str]]
LUNCHES: tuple[Dish, ...] = (
    ("红烧鱼块套餐", "红烧鱼块、清炒时蔬、番茄蛋汤、米饭", 1500, ["fish", "egg", "soy"], []),
    ("软烂炖肉套餐", "南瓜炖肉、蒸蛋、软米饭，适合牙口不好的老人", 1400, ["egg", "soy"], ["soft"]),
    ("低糖杂粮套餐", "清蒸鸡腿、凉拌木耳、杂粮饭", 1400, ["soy"], ["low_sugar", "low_salt"]),
    ("素菜豆腐套餐", "白菜炖豆腐、炒豆芽、馒头", 1000, ["soy", "wheat"], ["vegetarian"]),
)
BREAKFASTS: tuple[Dish, ...] = (("小米粥套餐", "小米粥、煮鸡蛋、小菜、花卷", 500, ["egg", "wheat"], ["soft"]),)
SUPPERS: tuple[Dish, ...] = (("手擀面", "西红柿鸡蛋面、拌黄瓜", 900, ["egg", "wheat"], ["soft"]),)
RULES = (
    RuleForm("满 65 岁老人", "街道办事处", "off", 200, age_from=65),
    RuleForm("满 80 岁老人", "区民政局", "off", 500, age_from=80, monthly_cap_fen=11_000),
    RuleForm("低保、特困老人", "区民政局", "off", 800, age_from=60, category="support", monthly_cap_fen=20_000),
    RuleForm("失能、重度残疾老人送餐", "区残联", "off", 300, age_from=60, category="disabled", registration="local"),
    RuleForm("65 岁以上两元早餐", "爱心商户", "pays", 200, age_from=65, meal="breakfast"),
)
TIMES = {
    "breakfast": (time(7), time(8, 30), time(19), "1"),
    "lunch": (time(11), time(13), time(9, 30), "0"),
    "supper": (time(17), time(18, 30), time(15), "0"),
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is of everything."""

    elders: int
    """Who have a meal card and come now and then."""
    helpers: int
    """Who bring meals."""
    every: int
    """Days between two meals of one elder."""
    months: int
    """Whole months that lie behind."""
    today: int
    tomorrow: int
    weekly: int


SIZES = {"street": Sizes(120, 12, 6, 5, 60, 48, 12), "city": Sizes(10_000, 225, 7, 1, 300, 500, 100)}
"""City: 新城's 10 000 elders and 225 helpers."""
AT_ONCE = 5000
"""People whose ages are asked at once."""


async def fill(ctx: Context, demo: Demo) -> None:
    """Six canteens and meal points of two kitchens, a menu, rules, cards, the months behind with the last one sealed,
    meals of today and tomorrow.

    Needs communities, and people whose birthday is known; where either is missing it does what it can.
    """
    manager, sizes = await demo.acting("canteen.manager"), SIZES[demo.scale]
    communities = list(await ctx.units.all("community"))[:SITES]
    if not communities:
        return
    open_sites = await _build(ctx, communities)
    version = await _decide(manager)
    elders, helpers = await _elders(ctx, sizes)
    await _cards(manager, elders)
    await _past(ctx, manager, demo, open_sites, version, elders, helpers)
    several = elders[: sizes.today + sizes.tomorrow + sizes.weekly]
    for number, (person, _who) in enumerate(several):
        own = [site for site in open_sites if site.unit == person.community]
        await _one(ctx, sizes, number, person.id, (own or open_sites)[number % len(own or open_sites)])
        demo.progress("canteen", number + 1, len(several))
    await kitchen.count_due(ctx)


async def _past(
    ctx: Context,
    manager: Context,
    demo: Demo,
    open_sites: Sequence[Site],
    version: str,
    elders: Sequence[tuple[PersonKeys, subsidy.Diner]],
    helpers: Sequence[str],
) -> None:
    """The months behind, and this one up to yesterday; the last whole month is sealed."""
    sizes, starts = SIZES[demo.scale], queries.months_back(ctx.today().replace(day=1), SIZES[demo.scale].months + 1)
    async with ctx.transaction():
        await demo_past.rules_from(version, starts[0])
    by_unit = {site.unit: site for site in open_sites}
    eaters = [
        demo_past.Eats(person.id, by_unit.get(person.community or "") or open_sites[n % len(open_sites)], who, n)
        for n, (person, who) in enumerate(elders)
    ]
    past = demo_past.Past(ctx, eaters, sizes.every, helpers)
    lunches = [form for form in _menu(ctx.today())[: len(LUNCHES)] if form.meal == "lunch"]
    for number, first in enumerate(starts):
        after = min((first + timedelta(days=31)).replace(day=1), ctx.today())
        days = list(demo_past.days_between(first, after))

        async def work(first: date = first, after: date = after, days: list[date] = days) -> None:
            await demo_past.menus_of(ctx, sorted({site.kitchen for site in open_sites}), lunches, days)
            await past.month(first, after)

        if days:
            await demo.step(f"past/{first}", work)
        demo.progress("canteen past", number + 1, len(starts))
    await demo.step("claim", lambda: _seal(manager))


async def _seal(manager: Context) -> None:
    month = claims.last_month(manager.today())
    try:
        await claims.seal(manager, "demo/claim", claims.ClaimForm(month))
    except NothingToClaim:  # nobody is old enough here
        return
    async with manager.transaction():
        await demo_past.settle(claims.first_of(month), claims.after(month))


async def _build(ctx: Context, communities: Sequence[UnitCard]) -> list[Site]:
    street = await ctx.units.street()
    kitchens = [
        await sites.insert_kitchen(ctx, f"demo/kitchen/{name}", KitchenForm(name, street.code, phone))
        for name, phone in (("老街中央厨房", "0534-7100001"), ("桃园中央厨房", "0534-7100002"))
    ]
    opened = []
    for number, unit in enumerate(communities):
        kind = "canteen" if number < 4 else "point"
        name = unit.name.removesuffix("社区") + ("幸福食堂" if kind == "canteen" else "助餐点")
        form = SiteForm(
            name,
            kind,  # type: ignore[arg-type]  # one of the two
            kitchens[number % 2],
            unit.code,
            f"{unit.name}党群服务中心一楼",
            f"0534-71001{number:02d}",
            (48, 60, 36, 40, 16, 12)[number % 6],
            delivers=number % 2 == 0,
            open=True,
        )
        made = await sites.insert_site(ctx, f"demo/site/{unit.code}", form)
        opened.append(made)
        async with ctx.transaction():
            for meal, (opens, closes, cutoff, days) in TIMES.items():
                served = EVERY_DAY if meal == "lunch" else EVERY_DAY[:5]
                await sites.write_hours(made, HoursForm(meal, served, opens, closes, cutoff, days))  # type: ignore[arg-type]
    for which in kitchens:
        await menus.fill_menu(ctx, f"demo/menu/{which}", which, _menu(ctx.today()))
    return [await sites.site_of(made) for made in opened]


def _menu(first: date) -> list[LineForm]:
    dishes = [("lunch", *one) for one in LUNCHES]
    dishes += [("breakfast", *one) for one in BREAKFASTS] + [("supper", *one) for one in SUPPERS]
    names = ("meal", "title", "detail", "price_fen", "allergens", "diets")
    return [
        msgspec.convert(
            {
                "day": first + timedelta(days=n),
                **dict(zip(names, dish, strict=True)),
                "portions": 200,
                "points_most": 2,
                "listed": True,
            },
            LineForm,
        )
        for n in range(DAYS_OF_MENU)
        for dish in dishes
    ]


async def _decide(manager: Context) -> str:
    """:returns: the version that holds"""
    version = await rulebook.draft(manager, "demo/rules", VersionForm("助餐补贴办法", "里仁街道助餐补贴办法（试行）"))
    for number, form in enumerate(RULES):
        await rulebook.add_rule(manager, f"demo/rule/{number}", version, form)
    await rulebook.publish(manager, "demo/publish", version, PublishForm(manager.today()))
    return version


async def _elders(ctx: Context, sizes: Sizes) -> tuple[list[tuple[PersonKeys, subsidy.Diner]], list[str]]:
    """(who is old enough, with what the rules ask of them; grown-ups who bring meals), spread over the street."""
    people = [one for one in await ctx.people.keys() if one.community is not None]
    spread = [*people[::3], *people[1::3], *people[2::3]]
    elders: list[tuple[PersonKeys, subsidy.Diner]] = []
    helpers: list[str] = []
    for start in range(0, len(spread), AT_ONCE):
        part = spread[start : start + AT_ONCE]
        ages = await ctx.people.ages([one.id for one in part], ctx.today())
        for one in part:
            age = ages.get(one.id, 0)
            if age >= OLD:
                number = len(elders)
                elders.append((one, subsidy.Diner(age, _category(number), "local" if number % 5 else "other")))
            elif age >= ADULT:
                helpers.append(one.id)
        if len(elders) >= sizes.elders and len(helpers) >= sizes.helpers:
            break
    return elders[: sizes.elders], helpers[: sizes.helpers]


def _category(number: int) -> tuple[str, ...]:
    return ("support",) if number % 10 == 0 else ("alone",) if number % 4 == 0 else ()


async def _cards(manager: Context, elders: Sequence[tuple[PersonKeys, subsidy.Diner]]) -> None:
    """As a list from Excel is taken: many at once."""
    for start in range(0, len(elders), CARDS_AT_ONCE):
        part = elders[start : start + CARDS_AT_ONCE]

        async def body(
            tx: Tx, part: Sequence[tuple[PersonKeys, subsidy.Diner]] = part, first: int = start
        ) -> demo_past.Written:
            rows = [
                DinerCard(
                    person=person.id,
                    registration=who.registration,
                    categories=",".join(who.categories),
                    evidence="低保证" if "support" in who.categories else "户口本",
                    card_hash=diners.hash_of_card(manager, f"{1000 + first + number}"),
                    checked_on=manager.today(),
                    checked_by=manager.actor,
                    deliver_to=f"{1 + number % 12} 号楼 {1 + number % 4} 单元 {101 + number % 5 * 100}",
                )
                for number, (person, who) in enumerate(part)
            ]
            await DinerCard.insert(*rows)
            await tx.audit("cards-listed", "demo", cards=len(rows))
            return demo_past.Written(len(rows))

        await manager.once(f"demo/cards/{start}", len(part), body, demo_past.Written)


async def _one(ctx: Context, sizes: Sizes, number: int, person: str, site: Site) -> None:
    """A meal of today handed over, one of tomorrow ordered, or a weekly wish."""
    if number >= sizes.today + sizes.tomorrow:
        wish = standing.StandingForm(site.id, "lunch", ["0", "2", "4"])
        await standing.begin(ctx, f"demo/standing/{number}", person, wish)
        return
    now = number < sizes.today
    day = ctx.today() if now else ctx.today() + timedelta(days=1)
    offered = await menus.offered(site.kitchen, day, "lunch")
    card = await diners.card_of(person)
    line = offered[number % len(offered)]
    [bill] = (await bills.bills_for(ctx, person, [line])).values()
    way = "deliver" if site.delivers and card.deliver_to and not now else "pick" if number % 4 == 1 else "dine"
    wish_now = PlaceOrder(person, line.id, site.id, way, 0, bill.own_fen, walk_in=now)
    try:
        placed = await orders.place(ctx, f"demo/order/{number}", wish_now)
    except CanteenError:  # an allergen, or too late in the evening: as on any street
        return
    if now:
        await counter.hand_over(ctx, f"demo/take/{number}", counter.Take(placed.order, site.id, placed.due_fen))
