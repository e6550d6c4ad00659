# SPDX-License-Identifier: Apache-2.0
"""What the street holds of somebody besides points: a post with a photograph, a team, a home of their own, a consent
on paper, meals, and files of others that they stand in."""

import asyncio
import struct
import zlib
from datetime import time, timedelta
from fractions import Fraction

from liren.acting.tables import Limit, MandateRow, Use
from liren.identity.labels import guardians, kinds, labels
from liren.identity.register.ownership import own
from liren.plugins.context import Context
from liren.plugins.services import Progress
from liren.store.lists import Lists
from liren.testing.street import Running
from liren.units import appointments, teams
from liren.units.appointments import Term
from liren.web import Upload
from liren.web.sheets import Heading, Page, write_book
from liren_canteen import diners, menus, orders, sites, standing
from liren_canteen.orders import PlaceOrder

WORK_PHONE, PART, DELIVER_TO, PAPERS, TASK, RULING = (
    "0533-7654321",
    "沉香楼联络人冼阿婆",
    "沉香楼东门传达室",
    "残疾人证冼字七号",
    "给冼馥荔做的报表",
    "民特字第四十四号冼氏",
)


def png(secret: bytes) -> bytes:
    """A picture that is one, with something to look for among its pixels."""
    row = b"\0" + secret.ljust(len(secret) + -len(secret) % 3, b".")
    head = struct.pack(">IIBBBBB", (len(row) - 1) // 3, 1, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(row, 0)), (b"IEND", b"")]
    packed = [struct.pack(">I", len(b)) + a + b + struct.pack(">I", zlib.crc32(a + b)) for a, b in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


async def serves(running: Running, person: str, unit: str, photo: bytes) -> None:
    """Building lead with a portrait, member of a team."""
    units, today = running.street.identity.units, running.street.today()
    posts = (await units.posts()).by_key
    assert units.photos is not None
    async with running.street.store.transaction("job:test") as tx:
        lead = Term(posts["building_lead"], unit, person, today, None, WORK_PHONE)
        appointment = await appointments.appoint(tx, lead, today=today)
        held = appointments.Appointment(appointment, "building_lead", unit, person, today, None)
        kept = await units.photos.keep(tx, person, Upload("像.png", png(photo)))
        await appointments.set_contact(tx, held, phone=WORK_PHONE, photo=kept)
        team = await teams.found(tx, unit=unit, name="巡逻队", pattern="1+1+N", since=today)
        whole = teams.Team(team, unit, "巡逻队", "1+1+N", today)
        await teams.join(tx, whole, person=person, organisation=None, part=PART, since=today)


async def owns(running: Running, person: str, dwelling: str) -> None:
    async with running.street.store.transaction("job:test") as tx:
        await own(tx, dwelling=dwelling, share=Fraction(1, 2), since=running.street.today(), person=person)


async def lets_others_act(running: Running, person: str, unit: str, photo: bytes) -> None:
    """A consent on paper, and one to act for somebody else."""
    street = running.street
    papers = street.kernel.services.acting.papers
    async with street.store.transaction("job:test") as tx:
        for number, (whom, actor) in enumerate(((person, "helper"), ("neighbour", person))):
            paper = await papers.keep(tx, person, Upload("纸.png", png(photo)))
            row = MandateRow(id=f"mandate{number}", person=whom, actor=actor, kind="family", how="paper", unit=unit)
            row.asked_ms, row.given_ms, row.until_ms, row.recorded_by, row.paper = 1, 1, 4102444800000, person, paper
            await MandateRow.insert(row)
            await Limit.insert(Limit(mandate=row.id, deed="market.place", cap=20))
        await Use.insert(Use(scope=person, deed="market.place", month="2026-11", used=3))


async def is_cared_for(running: Running, person: str, unit: str) -> None:
    """A sensitive label, and a guardian with a ruling."""
    street, today = running.street, running.street.today()
    guardian = await running.person("眭长庚", unit=unit)
    words = {"code": "alone", "title": "独居老人", "seen_by": "", "text": "每周上门一次，社区看得到，随时可以撤回。"}
    async with street.store.transaction("job:test") as tx:
        made = await kinds.add(tx, sensitive=True, day=today, **words)
    kind = await kinds.find(street.store, made)
    async with street.store.transaction("job:test") as tx:
        await labels.give(tx, person, kind, day=today, how="paper", given_by=None, counts=None)
        await guardians.appoint(
            tx, street.vault, guardian=guardian, ward=person, kind="adult", evidence="court", basis=RULING,
            since=today, ages={},
        )  # fmt: skip


async def eats(running: Running, person: str, unit: str) -> None:
    """A card, a weekly wish, a meal ordered and cancelled: nothing of it is an account somebody has to keep."""
    ctx, diner = await running.acting("canteen"), await running.acting("canteen", person)
    manager = await running.acting("canteen", await running.person("麴掌柜", "canteen.manager"))
    kitchen = await sites.insert_kitchen(ctx, "kitchen", sites.KitchenForm("东厨", unit))
    form = sites.SiteForm("东食堂", "canteen", kitchen, unit, "东街 3 号", delivers=True, open=True)
    site = await sites.insert_site(ctx, "site", form)
    async with ctx.transaction():
        hours = sites.HoursForm("lunch", list("0123456"), time(11), time(13), time(23, 59), "1")  # type: ignore[arg-type]
        await sites.write_hours(site, hours)
    day = ctx.today() + timedelta(days=2)
    [line] = await menus.fill_menu(ctx, "menu", kitchen, [menus.LineForm(day, "lunch", "素面", 900, listed=True)])
    await diners.say(diner, person, diners.OwnForm(allergens=["peanut"], deliver_to=DELIVER_TO))
    await diners.check(manager, person, diners.CheckForm("local", ["disabled"], PAPERS, "0001"))
    meal = PlaceOrder(person, line, site, "deliver", 0, 900)
    placed = await orders.place(diner, "meal", meal)
    await orders.cancel(diner, "cancel-meal", person, placed.order)
    await standing.begin(diner, "weekly", person, standing.StandingForm(site, "lunch", ["0"]))


async def stands_in_files(running: Running, person: str, name: str, phone: str) -> None:
    """Work in the background they began, lists they brought, and an export of a colleague they are in."""
    street = running.street
    ctx = await running.acting("identity", person)
    lists = Lists(street.store, street.vault)

    async def work(_ctx: Context, progress: Progress) -> str:
        progress(1, 1)
        return f"{name}的报表好了"

    task = await ctx.start(f"report/{name}", TASK, work)
    while (view := await ctx.task(task)) is not None and view.state == "running":
        await asyncio.sleep(0.01)
    book = write_book([Page("名单", [Heading("姓名"), Heading("手机号")], [[name, phone]])])
    plain = {"content": book, "options": b"{}", "summary": b"{}"}
    await lists.keep(person, kind="units.dwellings", file_name=f"{name}.xlsx", **plain)  # type: ignore[arg-type]
    await lists.keep("colleague", kind="identity.people-out", file_name="桃园.xlsx", **plain)  # type: ignore[arg-type]
