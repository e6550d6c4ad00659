# SPDX-License-Identifier: Apache-2.0
"""One lunch in a browser, by everybody who has a part in it, with JavaScript and without: the elder orders in three
taps, a daughter far away and a grid worker order for others, the kitchen counts, the counter and a volunteer hand
over, the street seals the month. At a phone's width, the elder in large print.

``--pictures`` keeps those of the README. ``make prove`` runs it on PostgreSQL and at a desk's width as well.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from plugins.canteen.tests.live import Live, Visitors, live
from plugins.canteen.tests.table import OFF_65, OFF_80
from tests.axe import violations
from tests.chromium import CHROMIUM, chromium

from liren.testing.clock import Clock
from liren_canteen import kitchen
from liren_canteen.tables import MealOrder

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]
IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
WIDTH = int(os.environ.get("LIREN_WIDTH", "390"))
DISH, FOLD = "红烧鱼块套餐", 844


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """While it is open no asynchronous test can run beside it: this file has none."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def journey_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if os.environ.get("LIREN_JOURNEY_DATABASE") == "postgres":
        server = request.getfixturevalue("postgres_server")
        with ThreadPoolExecutor(1) as thread:  # this one has the browser's loop
            url: str = thread.submit(asyncio.run, server.create()).result()
        return url
    return str(tmp_path / "liren.sqlite")


@pytest.fixture
def street(tmp_path: Path, journey_database: str, clock: Clock) -> Iterator[Live]:
    clock.set(datetime(2031, 3, 3, 9, 0))
    with live(tmp_path / "home", journey_database, clock) as opened:
        yield opened


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def visitors(request: pytest.FixtureRequest, browser: Browser, street: Live) -> Iterator[Visitors]:
    everybody = Visitors(browser, street, javascript=request.param == "with JavaScript", width=WIDTH)
    yield everybody
    everybody.close()


def looked_at(page: Page, visitors: Visitors) -> None:
    """Nothing sticks out, and axe (where there is a script to run it) objects to nothing."""
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert size[0] <= size[1], f"{page.url} is {size[0]} wide"
    if visitors.javascript:
        assert violations(page) == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def says(page: Page, words: str) -> None:
    expect(page.locator("main")).to_contain_text(words)


def keep(page: Page, name: str, request: pytest.FixtureRequest, *, full: bool = False) -> None:
    if request.config.getoption("--pictures", default=False):
        page.screenshot(path=IMAGES / f"{name}.png", full_page=full)


def test_a_lunch_from_the_wish_to_the_sealed_month(
    street: Live, visitors: Visitors, request: pytest.FixtureRequest
) -> None:
    table = street.table
    prepare(street)
    the_elder_orders_in_three_taps(street, visitors, request)
    a_daughter_far_away_orders_for_her_mother(street, visitors)
    a_grid_worker_orders_at_the_door(street, visitors)

    table.clock.set(datetime(2031, 3, 4, 9, 30))
    street.do(table.jobs(kitchen.count_due))
    the_kitchen_counts_and_brings_out(street, visitors, request)
    table.clock.set(datetime(2031, 3, 4, 11, 20))
    the_counter_hands_over(street, visitors, request)
    a_volunteer_brings_the_rest(street, visitors)

    table.clock.set(datetime(2031, 4, 1, 9, 0))
    the_street_seals_the_month(street, visitors)


def prepare(street: Live) -> None:
    table = street.table

    async def work() -> None:
        await table.rules(OFF_80, OFF_65)
        await table.line(DISH, detail="鱼块、青菜、豆腐汤", points_most=2)
        await table.line("家常套餐", price=1600)
        await table.elder("王秀兰", points=9)
        mother = await table.elder("孙桂芳")
        await table.card(mother, deliver_to="3 号楼 2 单元 501")
        await table.elder("赵德厚")
        await table.street.person("王芳", phone="19900005555")
        await table.street.person("赵磊", "acting.helper", unit=table.unit)

    street.do(work())


def the_elder_orders_in_three_taps(street: Live, visitors: Visitors, request: pytest.FixtureRequest) -> None:
    """After login, in large print: the tile, the meal, the button; none of them has to be scrolled to."""
    page = visitors.enter("王秀兰")
    page.goto(f"{street.url}/home?elder=1")
    taps = 0
    for number, (role, name) in enumerate((("link", "订明天的午饭"), ("link", "订这份"), ("button", "确认订餐"))):
        target = page.get_by_role(role, name=name).first  # type: ignore[arg-type]  # one of its names
        box = target.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= FOLD, f"“{name}” lies below the fold at {box['y']:.0f}"
        assert box["height"] >= 44, f"“{name}” is too small for a thumb"
        looked_at(page, visitors)
        if visitors.javascript and WIDTH == 390:
            keep(page, f"canteen-elder-{number + 1}", request)
        target.click()
        taps += 1
    assert taps == 3
    says(page, "取餐时报这个码")
    assert re.search(r"\d{4}\s\d{4}", page.locator("main").inner_text())
    says(page, "订好了")
    if visitors.javascript and WIDTH == 390:
        keep(page, "canteen-elder-4", request, full=True)
    size = page.locator("main p").first.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert size >= 19
    looked_at(page, visitors)
    [row] = street.do(_orders_of("王秀兰", street))
    assert (row.title, row.due_fen, row.state) == (DISH, 800, "placed")


async def _orders_of(name: str, street: Live) -> list[MealOrder]:
    ctx = await street.table.ctx(street.table.manager)
    [card] = await ctx.people.lookup(name)
    return await MealOrder.objects().where(MealOrder.person == card.id)


def a_daughter_far_away_orders_for_her_mother(street: Live, visitors: Visitors) -> None:
    """The mother asks her once; she says yes, and orders from where she is. The mother finds it on her own page."""
    mother = visitors.enter("孙桂芳")
    mother.goto(f"{street.url}/acting/name")
    mother.get_by_label("帮忙的人的姓名").fill("王芳")
    mother.get_by_label("帮忙的人的手机号").fill("19900005555")
    press(mother, "请人帮忙")
    says(mother, "已经发出去了")

    daughter = visitors.enter("王芳")
    daughter.goto(f"{street.url}/acting/")
    press(daughter, "答应帮忙")
    daughter.get_by_role("link", name="替孙桂芳办").first.click()
    daughter.get_by_role("link", name="订餐").first.click()
    says(daughter, "您在替孙桂芳订餐")
    looked_at(daughter, visitors)
    daughter.get_by_role("link", name="订这份").first.click()
    says(daughter, "到食堂付 8 元")
    daughter.get_by_text("在食堂吃。要带走、送到家").click()
    daughter.get_by_label("送到家").check()
    looked_at(daughter, visitors)
    press(daughter, "确认订餐")
    says(daughter, "请把凭条给本人")

    mother.goto(f"{street.url}/canteen/mine")
    says(mother, DISH)
    [row] = street.do(_orders_of("孙桂芳", street))
    assert (row.way, row.points) == ("deliver", 0)


def a_grid_worker_orders_at_the_door(street: Live, visitors: Visitors) -> None:
    worker = visitors.enter("赵磊")
    worker.goto(f"{street.url}/acting/desk")
    worker.get_by_role("searchbox").first.fill("zdh")
    press(worker, "查找")
    worker.get_by_role("link", name=re.compile("替 TA 办")).first.click()
    worker.get_by_label("订餐").check()
    worker.get_by_label("本人在场，口头同意").check()
    worker.get_by_label("我把要办的事念给本人听了，本人同意").check()
    press(worker, "本人同意，开始办")
    worker.get_by_role("link", name="订餐").first.click()
    says(worker, "您在替赵德厚订餐")
    worker.get_by_role("link", name="订这份").first.click()
    press(worker, "确认订餐")
    says(worker, f"{DISH} 一份，到食堂付 8 元")
    looked_at(worker, visitors)


def staff(street: Live, visitors: Visitors, name: str, role: str) -> Page:
    """Somebody who begins to work here now: a one-time link of an earlier day would be over."""
    street.do(street.table.street.person(name, role, unit=None if "manager" in role else street.table.unit))
    return visitors.enter(name)


def the_kitchen_counts_and_brings_out(street: Live, visitors: Visitors, request: pytest.FixtureRequest) -> None:
    cook = staff(street, visitors, "厨师", "canteen.clerk")
    cook.goto(f"{street.url}/desk")
    cook.get_by_role("link", name=re.compile("备餐：老街幸福食堂午餐")).first.click()
    says(cook, "一共 3 份")
    looked_at(cook, visitors)
    cook.get_by_role("link", name="打印备餐单").click()
    says(cook, "厨师长")
    looked_at(cook, visitors)
    if visitors.javascript:
        keep(cook, "canteen-kitchen-sheet", request, full=True)
    cook.go_back()
    press(cook, "出餐了")
    says(cook, "2 份等着取")


def the_counter_hands_over(street: Live, visitors: Visitors, request: pytest.FixtureRequest) -> None:
    """By the code the elder shows, and by a name in pinyin; the elder sees it at once."""
    elder = visitors.enter_again("王秀兰")
    elder.goto(f"{street.url}/canteen/mine")
    elder.get_by_role("link", name="看码").first.click()
    code = elder.locator(".code").first.inner_text().strip()
    clerk = staff(street, visitors, "取餐员", "canteen.clerk")
    clerk.goto(f"{street.url}/canteen/counter")
    looked_at(clerk, visitors)
    if visitors.javascript:
        keep(clerk, "canteen-counter", request)
    clerk.get_by_label("取餐码、卡号或姓名").fill(code)
    press(clerk, "查")
    says(clerk, "王秀兰，83 岁")
    looked_at(clerk, visitors)
    press(clerk, "收 8 元，取餐")
    says(clerk, f"取走了：{DISH}")
    clerk.get_by_label("取餐码、卡号或姓名").fill(code)
    press(clerk, "查")
    says(clerk, "已经取过了")
    clerk.get_by_label("取餐码、卡号或姓名").fill("zdh")
    press(clerk, "查")
    clerk.get_by_role("link", name=f"赵德厚 · {DISH}").click()
    press(clerk, "收 8 元，取餐")
    says(clerk, f"取走了：{DISH}")
    elder.reload()
    says(elder, "已取")


def a_volunteer_brings_the_rest(street: Live, visitors: Visitors) -> None:
    volunteer = staff(street, visitors, "送餐员", "canteen.volunteer")
    volunteer.goto(f"{street.url}/canteen/deliver")
    looked_at(volunteer, visitors)
    press(volunteer, "我来送一趟")
    says(volunteer, "3 号楼 2 单元 501")
    looked_at(volunteer, visitors)
    press(volunteer, "送到了，收 8 元")
    press(volunteer, "这一趟送完了")
    says(volunteer, "送到了 1 户")
    mother = visitors.enter_again("孙桂芳")
    mother.goto(f"{street.url}/canteen/mine")
    says(mother, "已取")


def the_street_seals_the_month(street: Live, visitors: Visitors) -> None:
    """The diner reads what it came to on the public board."""
    manager = staff(street, visitors, "马秀英", "canteen.manager")
    manager.goto(f"{street.url}/desk")
    manager.get_by_role("link", name=re.compile("2031-03 的补贴还没有结算")).first.click()
    says(manager, "2031-03 区民政局：3 餐，15 元")
    looked_at(manager, visitors)
    press(manager, "结算这个月")
    says(manager, "2 家出资方各一份")
    with manager.expect_download() as download:
        manager.get_by_role("link", name="区民政局").first.click()
    assert download.value.suggested_filename == "2031-03-区民政局.xlsx"
    manager.goto(f"{street.url}/")
    says(manager, "幸福食堂")
