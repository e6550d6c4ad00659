# SPDX-License-Identifier: Apache-2.0
"""What each person finds first, before axe and the measures: large print, 320 px, text at twice its size."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.axe import violations
from tests.chromium import window
from tests.served import Served

pytestmark = pytest.mark.browser
MEASURES = (Path(__file__).parents[1] / "web/measures.js").read_text("utf-8")
NORMAL = {"text": 12, "target": 44, "leading": 0}
ELDER = {"text": 20, "target": 60, "leading": 1.5}
MODES = (("elder=0", 1280, NORMAL), ("elder=0", 320, NORMAL), ("elder=1", 390, ELDER))
TWICE = """const root = document.documentElement;
root.style.fontSize = parseFloat(getComputedStyle(root).fontSize) * 2 + "px";"""


def faults(page: Page, url: str) -> list[str]:
    """What is wrong with a page in every mode."""
    found = []
    for query, width, limits in MODES:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{url}?{query}")
        if width != 320:
            found += violations(page)
        found += [f"{url} {query} {width}: {fault}" for fault in page.evaluate(MEASURES, limits)]
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{url}?elder=0")
    page.evaluate(TWICE)
    return found + [f"{url} twice: {fault}" for fault in page.evaluate(MEASURES, NORMAL)]


def test_every_home_can_be_read_and_touched_by_everybody(street: Served, chromium: Browser) -> None:
    found, homes = [], set()
    for title, link in street.logins.items():
        context = window(chromium)
        page = context.new_page()
        page.goto(link)
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "/login" not in url)
        homes.add(page.url)
        found += [f"{title}: {fault}" for fault in faults(page, page.url.partition("?")[0])]
        context.close()
    visitor = chromium.new_page()
    for path in ("/", "/login"):
        found += [f"anyone: {fault}" for fault in faults(visitor, street.url + path)]
    assert found == []
    assert homes
