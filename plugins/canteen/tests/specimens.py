# SPDX-License-Identifier: Apache-2.0
"""What the canteen holds in one community, for everybody of another to ask for (``liren.testing.foreign``)."""

from datetime import time, timedelta

from liren.testing.foreign import Specimens
from liren.testing.street import Running
from liren_canteen import codes, diners, menus, orders, rulebook, sites, standing
from liren_canteen.orders import PlaceOrder
from liren_canteen.tables import Claim, Route

STAFF = ("canteen.manager", "canteen.volunteer")
DINER, MANAGER, HOME, PAPER = "麴采薇", "麴掌柜", "槐荫里七十九弄三号楼", "残疾人证麴氏"


async def specimens(running: Running, community: str) -> Specimens:
    """A kitchen with a site, tomorrow's lunch, and a diner of the community with an order and a weekly wish."""
    person = await running.person(DINER, unit=community)
    manager = await running.acting("canteen", await running.person(MANAGER, *STAFF))
    own, ctx = await running.acting("canteen", person), await running.acting("canteen")
    kitchen = await sites.insert_kitchen(ctx, "specimen-kitchen", sites.KitchenForm("采薇厨房", community))
    form = sites.SiteForm("采薇食堂", "canteen", kitchen, community, "槐荫里 3 号", delivers=True, open=True)
    site = await sites.insert_site(ctx, "specimen-site", form)
    async with ctx.transaction():
        times = time(11), time(13), time(23, 59)
        await sites.write_hours(site, sites.HoursForm("lunch", list("0123456"), *times, "1"))  # type: ignore[arg-type]
    day = ctx.today() + timedelta(days=2)
    [line] = await menus.fill_menu(
        ctx, "specimen-menu", kitchen, [menus.LineForm(day, "lunch", "素面", 900, listed=True)]
    )
    await diners.say(own, person, diners.OwnForm(deliver_to=HOME))
    await diners.check(manager, person, diners.CheckForm("local", ["disabled"], PAPER, "0001"))
    order = (await orders.place(own, "specimen-order", PlaceOrder(person, line, site, "deliver", 0, 900))).order
    wish = await standing.begin(own, "specimen-wish", person, standing.StandingForm(site, "lunch", ["0"]))
    version = await rulebook.draft(manager, "specimen-version", rulebook.VersionForm("采薇补贴"))
    rule = await rulebook.add_rule(
        manager, "specimen-rule", version, rulebook.RuleForm("所有人", "采薇基金", "off", 100)
    )
    code = codes.code_of(ctx, order, 0)
    async with ctx.transaction():
        way = Route(site=site, day=day, meal="lunch", volunteer=manager.actor, meals=1, made_ms=1)
        await Route.insert(way)
        sheet = Claim(month="2020-02", funder="采薇基金", meals=1, people=1, fen=1, content=b"", digest="", record="")
        sheet.made_ms, sheet.made_by = 1, ""
        await Claim.insert(sheet)
    return Specimens(
        {
            "canteen.order": order,
            "canteen.line": line,
            "canteen.kitchen": kitchen,
            "canteen.site": site,
            "canteen.standing_id": wish,
            "canteen.version": version,
            "canteen.rule": rule,
            "canteen.person": person,
            "canteen.unit": community,
            "canteen.route": way.id,
            "canteen.claim": sheet.id,
        },
        [DINER, HOME, PAPER, code, codes.in_groups(code)],
        plain={
            "canteen.day": day.isoformat(),
            "canteen.week": day.isoformat(),
            "canteen.monday": day.isoformat(),
            "canteen.starts": "2099-01-01",
            "canteen.meal": "lunch",
            "canteen.way": "pick",
            "canteen.own_fen": "1",
            "canteen.photo": "x",
            "canteen.mandate": "",
            "canteen.month": "2020-01",
            "canteen.list": "0" * 24,
            "canteen.what": "12345678",
            "canteen.lines": "12345678 7:00",
            "canteen.paid_fen": "1",
            "canteen.kind": "canteen",
            "canteen.card": "0001",
            "canteen.deliver_to": "",
            "canteen.opens": "11:00",
            "canteen.closes": "13:00",
            "canteen.cutoff": "9:00",
            "canteen.funder": "区民政局",
            "canteen.registration": "local",
            "canteen.categories": "",
            "canteen.amount_fen": "1",
            "canteen.price_fen": "10",
            **dict.fromkeys(("canteen.allergens", "canteen.diets", "canteen.weekdays", "canteen.age_to"), ""),
        },
        # Everybody of the street may eat at every site.
        open_to_all=["canteen.confirm", "canteen.place"],
    )
