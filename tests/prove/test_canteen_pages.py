# SPDX-License-Identifier: Apache-2.0
"""Every page of the canteen before axe: as everybody sees it, in large print, on the narrowest phone, on a desk's
screen, and without JavaScript; nothing sticks out of any. Print pages as a browser makes A4 of them.
"""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from plugins.canteen.tests.live import Live, Visitors, live
from plugins.canteen.tests.table import OFF_65, OFF_80

from liren.testing.clock import Clock
from liren.testing.foreign import routes_of
from liren_canteen import deliveries, kitchen, standing
from tests.axe import violations
from tests.chromium import CHROMIUM, chromium
from tests.prove import PROVING, figures

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
    pytest.mark.skipif(not PROVING, reason="a minute: make prove"),
]
FILES = {"photo", "report_file", "claim", "menu_file", "menus_list_template", "cards_list_template"}
LISTS = {"menus_list_verdicts", "menus_list_wrong", "cards_list_verdicts", "cards_list_wrong"}
"""Pages of an uploaded list: the core's own, looked at where it is tested."""
MODES = (("elder=0", 390), ("elder=1", 390), ("elder=0", 320), ("elder=0", 1280))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def street(tmp_path: Path, clock: Clock) -> Iterator[Live]:
    clock.set(datetime(2031, 3, 3, 9, 0))
    with live(tmp_path / "home", str(tmp_path / "liren.sqlite"), clock) as opened:
        yield opened


async def planted(street: Live) -> tuple[dict[str, str], dict[str, str]]:
    """Pages of a diner and of staff with something on each: route → address."""
    table = street.table
    version = await table.rules(OFF_80, OFF_65)
    person, neighbour = await table.elder("王秀兰", points=9), await table.elder("孙桂芳")
    today, tomorrow = await table.line(day=table.today), await table.line("家常套餐", points_most=2, allergens=["egg"])
    await table.card(neighbour, deliver_to="3 号楼 2 单元 501")
    order = await table.order(person, today)
    await table.order(neighbour, today, way="deliver")
    await standing.begin(
        await table.ctx(person), table.key(), person, standing.StandingForm(table.site, "supper", ["0"])
    )
    table.clock.set(datetime(2031, 3, 3, 9, 31))
    await table.jobs(kitchen.count_due)
    staff = await table.street.person("马秀英", "canteen.manager")
    route = await deliveries.begin(await table.ctx(staff), table.key(), deliveries.Begin(table.site))
    await table.street.new_link("王秀兰", person)
    diner = {
        "home": "/canteen/",
        "confirm": f"/canteen/order/{tomorrow}?site={table.site}",
        "mine": "/canteen/mine",
        "order": f"/canteen/mine/{order}",
        "standing": "/canteen/standing",
        "card": "/canteen/card",
        "public_rules": "/canteen/rules",
    }
    desk = {
        "desk": "/canteen/desk",
        "new_kitchen": "/canteen/desk/new-kitchen",
        "new_site": "/canteen/desk/new-site",
        "site": f"/canteen/desk/sites/{table.site}",
        "hours": f"/canteen/desk/sites/{table.site}/hours",
        "menu": f"/canteen/desk/kitchens/{table.kitchen}",
        "new_line": f"/canteen/desk/kitchens/{table.kitchen}/new-line",
        "line": f"/canteen/desk/lines/{tomorrow}",
        "rules": "/canteen/desk/rules",
        "version": f"/canteen/desk/rules/{version}",
        "new_rule": f"/canteen/desk/rules/{version}/new",
        "diners": "/canteen/desk/diners?q=w",
        "diner": f"/canteen/desk/diners/{person}",
        "kitchen": "/canteen/kitchen?meal=lunch",
        "kitchen_sheet": f"/canteen/kitchen/print?site={table.site}&meal=lunch",
        "counter": "/canteen/counter",
        "check": f"/canteen/counter/orders/{order}",
        "walk_in": f"/canteen/counter/walk-in/{person}?site={table.site}",
        "offline": "/canteen/counter/offline",
        "deliver": "/canteen/deliver",
        "route": f"/canteen/deliver/{route}",
        "route_sheet": f"/canteen/deliver/{route}/print",
        "report": "/canteen/desk/report",
        "menus_list": "/canteen/desk/lists/menus",
        "cards_list": "/canteen/desk/lists/cards",
    }
    return diner, desk


def faults(page: Page, path: str, *, script: bool) -> list[str]:
    found = []
    for query, width in MODES:
        page.set_viewport_size({"width": width, "height": 844})
        answer = page.goto(f"{path}{'&' if '?' in path else '?'}{query}")
        assert answer is not None
        if answer.status != 200:
            found.append(f"{path}: {answer.status}")
        size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if size[0] > size[1]:
            found.append(f"{path} at {width} is {size[0]} wide")
        if script:
            found += violations(page)
    return found


def test_axe_objects_to_no_page_of_the_canteen_in_any_of_its_shapes(street: Live, browser: Browser) -> None:
    diner, desk = street.do(planted(street))
    there = {
        route.name.partition(".")[2] for route in routes_of(street.table.street, ["canteen"]) if "GET" in route.methods
    }
    assert there - FILES - LISTS == set(diner) | set(desk), "every page is looked at"
    found: list[str] = []
    for script in (True, False):
        everybody = Visitors(browser, street, javascript=script)
        if not script:
            street.do(street.table.street.person("小马", "canteen.manager"))
        for name, pages in (("王秀兰", diner), ("马秀英" if script else "小马", desk)):
            page = everybody.enter(name) if script else everybody.enter_again(name)
            for route, path in pages.items():
                if script or route not in ("route", "route_sheet"):  # somebody else's way
                    found += faults(page, street.url + path, script=script)
        everybody.close()
    assert found == []
    figures(f"{len(diner) + len(desk)} pages in {len(MODES)} shapes, with and without JavaScript")


def test_what_is_printed_fits_its_sheet(street: Live, browser: Browser, tmp_path: Path) -> None:
    """Kitchen sheet, delivery list and paper card: one page of A4 each, in black and white."""
    _diner, desk = street.do(planted(street))
    everybody = Visitors(browser, street, javascript=True)
    page = everybody.enter("马秀英")
    for route in ("kitchen_sheet", "route_sheet"):
        page.goto(street.url + desk[route])
        assert pages_of(page.pdf(format="A4")) == 1, route
    page.goto(street.url + desk["diner"])
    page.get_by_role("button", name="印一张纸餐卡").click()
    assert "王秀兰" in page.locator("main").inner_text()
    assert pages_of(page.pdf(format="A4")) == 1
    everybody.close()


def pages_of(pdf: bytes) -> int:
    assert pdf.startswith(b"%PDF")
    return io.BytesIO(pdf).getvalue().count(b"/Type /Page\n")
