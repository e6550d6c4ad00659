# SPDX-License-Identifier: Apache-2.0
"""Fills the demo street's canteens through the same verbs its pages use: every order is a real one, so the meals of
today are handed over today and those of tomorrow wait for the kitchen.
"""

from collections.abc import Sequence
from datetime import date, time, timedelta

import msgspec

from liren.api import Context, Demo, PersonKeys, UnitCard
from liren_canteen import counter, diners, kitchen, menus, orders, rulebook, sites, standing
from liren_canteen.errors import CanteenError
from liren_canteen.menus import LineForm
from liren_canteen.orders import PlaceOrder
from liren_canteen.rulebook import PublishForm, RuleForm, VersionForm
from liren_canteen.sites import HoursForm, KitchenForm, SiteForm
from liren_canteen.tables import Site

SITES = 6
"""As in 新城: 六家老年幸福食堂和老年助餐点."""
OLD = 65
TODAY, TOMORROW, WEEKLY, CARDS = 60, 80, 12, 40
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


async def fill(ctx: Context, demo: Demo) -> None:
    """Six canteens and meal points of two kitchens, a menu for nine days, rules, cards, meals of today and tomorrow.

    Needs communities, and people whose birthday is known; where either is missing it does what it can.
    """
    manager = await demo.acting("canteen.manager")
    communities = list(await ctx.units.all("community"))[:SITES]
    if not communities:
        return
    open_sites = await _build(ctx, communities)
    await _decide(manager)
    elders = await _elders(ctx)
    await _cards(manager, elders)
    for number, person in enumerate(elders[: TODAY + TOMORROW + WEEKLY]):
        own = [site for site in open_sites if site.unit == person.community]
        await _one(ctx, number, person.id, (own or open_sites)[number % len(own or open_sites)])
        demo.progress("canteen", number + 1, TODAY + TOMORROW + WEEKLY)
    await kitchen.count_due(ctx)


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


async def _decide(manager: Context) -> None:
    version = await rulebook.draft(manager, "demo/rules", VersionForm("助餐补贴办法", "里仁街道助餐补贴办法（试行）"))
    for number, form in enumerate(RULES):
        await rulebook.add_rule(manager, f"demo/rule/{number}", version, form)
    await rulebook.publish(manager, "demo/publish", version, PublishForm(manager.today()))


async def _elders(ctx: Context) -> list[PersonKeys]:
    """Who is old enough, spread over the whole street."""
    people = list(await ctx.people.keys())
    ages = await ctx.people.ages([one.id for one in people], ctx.today())
    return [one for one in people if ages.get(one.id, 0) >= OLD][::3]


async def _cards(manager: Context, elders: Sequence[PersonKeys]) -> None:
    for number, person in enumerate(elders[:CARDS]):
        categories = [("alone",), ("support",), ("disabled",), ("honoured",), ()][number % 5]
        said = diners.OwnForm(
            allergens=["fish"] if number % 9 == 0 else [],
            diets=["soft"] if number % 4 == 0 else [],
            deliver_to=f"{number % 12 + 1} 号楼 {number % 3 + 1} 单元 {number % 6 + 1}01" if number % 3 == 0 else "",
        )
        await diners.say(manager, person.id, said)
        await diners.check(
            manager, person.id, diners.CheckForm("local", list(categories), "户口本和相关证件", f"88{number:06d}")
        )


async def _one(ctx: Context, number: int, person: str, site: Site) -> None:
    """A meal of today handed over, one of tomorrow ordered, or a weekly wish."""
    if number >= TODAY + TOMORROW:
        wish = standing.StandingForm(site.id, "lunch", ["0", "2", "4"])
        await standing.begin(ctx, f"demo/standing/{number}", person, wish)
        return
    now = number < TODAY
    day = ctx.today() if now else ctx.today() + timedelta(days=1)
    offered = await menus.offered(site.kitchen, day, "lunch")
    card = await diners.card_of(person)
    line = offered[number % len(offered)]
    [bill] = (await orders.bills_for(ctx, person, [line])).values()
    way = "deliver" if site.delivers and card.deliver_to and not now else "pick" if number % 4 == 1 else "dine"
    wish_now = PlaceOrder(person, line.id, site.id, way, 0, bill.own_fen, walk_in=now)
    try:
        placed = await orders.place(ctx, f"demo/order/{number}", wish_now)
    except CanteenError:  # an allergen, or too late in the evening: as on any street
        return
    if now:
        await counter.hand_over(ctx, f"demo/take/{number}", counter.Take(placed.order, site.id, placed.due_fen))
