# SPDX-License-Identifier: Apache-2.0
"""The style guide and its specimen pages in a real Chromium: sizes, contrast, widths, night, paper, no script."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from tests.scanning import scanned

from liren.plugins.services import Who
from liren.web import Chrome, NavLink, Scene
from liren.web.app import PageApp
from liren.web.sessions import SessionRow, digest
from liren.web.site import Site
from liren.web.themes import choose
from tests import chromium as real

from .conftest import NOTICES, ROUTES, SECRET, WANG, WORK, Sessions
from .serving import serving

pytestmark = pytest.mark.browser

MEASURES = (Path(__file__).parent / "measures.js").read_text("utf-8")
PAGES = ["/styleguide", "/styleguide/resident", "/styleguide/review", "/styleguide/case", "/notices/new", "/nowhere"]
NORMAL = {"text": 12, "target": 44, "leading": 0}
ELDER = {"text": 20, "target": 60, "leading": 1.5}


async def _chrome(scene: Scene) -> Chrome:
    nav = (NavLink("批次", "/styleguide/review", 3), NavLink("居民", "/p"), NavLink("台账", "/l"))
    return Chrome(nav=nav, account=(NavLink("我的账号", "/me"),), role="审核员" if scene.visitor else "")


@pytest.fixture(scope="module")
def street() -> Iterator[str]:
    sessions = Sessions()
    sessions.rows[digest("li-min")] = SessionRow(Who(visitor=WANG))
    theme, fallback = choose("plain")
    site = Site(secret=SECRET, packages=[NOTICES], theme=theme, fallback=fallback, sessions=sessions)
    site.chrome = _chrome
    with serving(PageApp(ROUTES, site)) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with real.chromium() as browser:
        yield browser


class Visit:
    """One page in a browser window of its own; what its console said is kept."""

    def __init__(self, browser: Browser, street: str, **options: Any) -> None:
        self.context = real.window(browser, base_url=street, **options)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if "Failed to load resource" not in message.text:
            self.said.append(message.text)

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *args: object) -> None:
        self.context.close()


def size(width: int) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": 900}}


def faults(page: Page, limits: dict[str, float], *, widths: tuple[int, ...]) -> list[str]:
    """What is wrong with a page at these widths, by day and by night."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found += [f"{page.url} {width} {scheme}: {fault}" for fault in page.evaluate(MEASURES, limits)]
    return found


def test_every_page_is_readable_and_touchable_also_at_320_px_and_200_percent(street: str, chromium: Browser) -> None:
    # A window of 1280 px zoomed to 200 % shows what one of 640 px does.
    with Visit(chromium, street) as visit:
        for path in PAGES:
            visit.page.goto(path)
            assert faults(visit.page, NORMAL, widths=(320, 640, 1280)) == []
        assert visit.said == [], "the browser complained, e.g. about the content security policy"


def test_large_print_is_20_px_60_px_and_one_and_a_half_lines(street: str, chromium: Browser) -> None:
    with Visit(chromium, street) as visit:
        visit.page.goto("/notices?elder=1")
        for path in PAGES:
            visit.page.goto(path)
            assert faults(visit.page, ELDER, widths=(320, 390, 1280)) == []


def test_the_measures_find_what_is_wrong(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, bypass_csp=True) as visit:
        visit.page.goto("/notices")
        visit.page.evaluate(
            """() => document.querySelector("main").insertAdjacentHTML("beforeend", `
            <h4>too deep</h4><p style="color: #aaa; background: #fff; font-size: 9px">pale</p>
            <button style="height: 20px; min-height: 0">low</button><input id="x"><i id="x">twice</i>
            <a href="#none">a</a>
            <div style="width: 3000px">wide</div>`)"""
        )
        found = " ".join(faults(visit.page, NORMAL, widths=(390,)))
        for fault in ("contrast", "text of 9px", "target", "no label", "id twice", "to nothing", "skips", "wide on"):
            assert fault in found


def test_without_script_menu_and_form_work(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, java_script_enabled=False, **size(390)) as visit:
        page = visit.page
        page.goto("/styleguide")
        page.locator("summary", has_text="菜单").click()
        expect(page.locator(".menu__panel").get_by_text("台账")).to_be_visible()
        page.locator("#f-title").fill("帮厨")
        page.locator("#f-points").fill("５００")
        page.get_by_role("button", name="保存").click()
        faulty = [
            "每次几分不能大于 100",
            "请填写哪天开始",
            "请选择行为类别",
            "请填写社区",
        ]
        expect(page.get_by_role("alert").get_by_role("link")).to_have_text(faulty)
        assert page.locator("#f-points").input_value() == "５００"
        page.locator("#f-points").fill("2")
        page.locator("#f-starts").fill("2026-03-09")
        page.get_by_label("守信").check()
        page.locator("#f-community").select_option("laojie")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status").first).to_contain_text("收到了")


def test_without_script_an_action_of_a_case_asks_for_its_note(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, java_script_enabled=False, **size(390)) as visit:
        page = visit.page
        page.goto("/styleguide/case")
        note = page.get_by_label("哪里没修好")
        assert not note.is_visible()
        page.locator("summary", has_text="没修好，退回去").click()
        note.fill("还在滴")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
        page.get_by_role("button", name="确定：没修好，退回去").click()
        page.wait_for_load_state()
        assert any('name="note"' in body and "还在滴" in body and 'name="_key"' in body for body in sent)


def test_with_script_errors_take_the_focus_and_a_button_shows_it_is_busy(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, **size(1280)) as visit:
        page = visit.page
        page.goto("/notices/new")
        page.get_by_role("button", name="提交").click()
        expect(page.locator(".notice--bad")).to_be_focused()
        page.get_by_role("link", name="请填写标题").click()
        expect(page.locator("#f-title")).to_be_focused()
        page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_role("button", name="提交")).to_have_attribute("aria-busy", "true")
        assert visit.said == []


def test_the_keyboard_reaches_the_content_first(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, **size(1280)) as visit:
        visit.page.goto("/notices/new")
        visit.page.keyboard.press("Tab")
        expect(visit.page.get_by_role("link", name="跳到正文")).to_be_focused()
        visit.page.keyboard.press("Enter")
        expect(visit.page.locator("#main")).to_be_focused()


def test_the_menu_says_who_is_signed_in_and_closes_on_escape(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, **size(390)) as visit:
        visit.context.add_cookies([{"name": "liren", "value": "li-min", "url": street}])
        page = visit.page
        page.goto("/styleguide/review")
        page.locator("summary", has_text="菜单").click()
        expect(page.locator(".menu__who")).to_have_text("王秀兰 · 审核员")
        page.keyboard.press("Escape")
        expect(page.locator(".menu__panel")).to_be_hidden()


def test_a_table_becomes_labelled_cards_on_a_phone(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, **size(390)) as visit:
        visit.page.goto("/styleguide/review")
        cell = visit.page.locator("td[data-label=细则]").first
        label = cell.evaluate("e => getComputedStyle(e, '::before').content")
        assert label == '"细则"'
        assert visit.page.get_by_role("cell", name="FX-04 食堂帮厨").count() == 1, "still a table to a screen reader"


def test_a_qr_code_can_be_scanned_by_day_and_by_night(street: str, chromium: Browser) -> None:
    for scheme in ("light", "dark"):
        with Visit(chromium, street, color_scheme=scheme, **size(390)) as visit:
            visit.page.goto("/styleguide/slip")
            picture = Image.open(io.BytesIO(visit.page.locator("svg.qr").screenshot()))
            assert [code.text for code in scanned(picture)] == ["LIREN-3K7M-92QF"]


def test_paper_shows_the_content_and_nothing_to_press(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, color_scheme="dark", **size(1280)) as visit:
        visit.page.goto("/styleguide/review")
        visit.page.emulate_media(media="print")
        assert not visit.page.locator(".bar__nav, .menu, .row, .foot").filter(visible=True).count()
        assert visit.page.locator("table").is_visible()
        assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert visit.page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_charts_on_paper_are_black_and_grey_and_keep_their_numbers(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, **size(1280)) as visit:
        visit.page.goto("/styleguide")
        visit.page.emulate_media(media="print")
        fills = visit.page.evaluate(
            """() => [".plot__bar", ".plot__bar--now", ".bars--mark rect", ".plot__mark--2"].map(
                (one) => getComputedStyle(document.querySelector(one)).fill)"""
        )
        assert fills == ["rgb(187, 187, 187)", "rgb(0, 0, 0)", "rgb(0, 0, 0)", "rgb(0, 0, 0)"]
        strokes = visit.page.evaluate(
            """() => [1, 2, 3].map((n) => getComputedStyle(
                document.querySelector(`.chart--lines .plots .plot__line--${n}`)).strokeDasharray)"""
        )
        assert len(set(strokes)) == 3, "lines differ by their dashes where no colour tells them apart"
        numbers = visit.page.locator("#guide-charts .numbers:visible, #guide-charts .bars:visible")
        assert numbers.count() == 4, "every chart has its table on paper too"


@pytest.mark.parametrize("script", [True, False])
def test_progress_goes_on_to_its_end_with_and_without_script(street: str, chromium: Browser, script: bool) -> None:
    WORK[:] = [0]
    with Visit(chromium, street, java_script_enabled=script, **size(390)) as visit:
        visit.page.goto("/work")
        assert "1 000 / 3 000" in visit.page.locator(".progress").inner_text().replace("\xa0", " ")
        visit.page.get_by_text("贴好了。").wait_for()
        seen = len(WORK)
        visit.page.wait_for_timeout(2_500)
        assert len(WORK) == seen, "finished work is not asked for again"
        assert visit.said == []


def test_nothing_is_asked_of_any_other_host(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, **size(1280)) as visit:
        asked: list[str] = []
        visit.page.on("request", lambda request: asked.append(request.url))
        for path in PAGES:
            visit.page.goto(path)
        assert asked
        assert all(url.startswith((street, "data:")) for url in asked)


def test_stored_script_never_runs(street: str, chromium: Browser) -> None:
    with Visit(chromium, street, **size(1280)) as visit:
        ran: list[str] = []
        visit.page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        for text in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "<svg onload=alert(1)>"):
            visit.page.goto("/notices?said=" + text.replace("#", "%23"))
            assert visit.page.locator("p.said").inner_text() == text
        assert ran == []
