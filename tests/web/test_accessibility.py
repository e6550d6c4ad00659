# SPDX-License-Identifier: Apache-2.0
"""Every component before axe: large print, the narrowest phone, text at twice its size, night, and both themes."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from tests.axe import violations

from liren.web.app import PageApp
from liren.web.site import Site
from liren.web.themes import choose
from tests import chromium as real

from .conftest import NOTICES, ROUTES, SECRET
from .serving import serving
from .test_browser import ELDER, MEASURES, NORMAL, faults

pytestmark = pytest.mark.browser
IMAGES = Path(__file__).parents[2] / "docs/images"
PAGES = ("/styleguide", "/styleguide/resident", "/styleguide/review", "/styleguide/case", "/styleguide/slip")
TWICE = """const root = document.documentElement;
root.style.fontSize = parseFloat(getComputedStyle(root).fontSize) * 2 + "px";"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with real.chromium() as browser:
        yield browser


@pytest.fixture(scope="module", params=["plain", "festive"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A page of a street in this theme."""
    theme, fallback = choose(request.param)
    assert theme is not None
    with serving(PageApp(ROUTES, Site(secret=SECRET, packages=[NOTICES], theme=theme, fallback=fallback))) as street:
        context = real.window(chromium, base_url=street)
        yield context.new_page()
        context.close()


def show(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)


@pytest.mark.parametrize("path", PAGES)
def test_axe_objects_to_nothing(page: Page, path: str) -> None:
    found = []
    for width, query in ((1280, "?elder=0"), (320, "?elder=0"), (390, "?elder=1")):
        show(page, path + query, width)
        found += violations(page)
    show(page, path + "?elder=0", 390)
    page.emulate_media(color_scheme="dark")
    found += violations(page)
    page.emulate_media(color_scheme="light")
    assert found == []


@pytest.mark.parametrize("path", PAGES)
def test_text_at_twice_its_size_loses_nothing(page: Page, path: str) -> None:
    for width in (390, 1280):
        show(page, path + "?elder=0", width)
        page.evaluate(TWICE)
        wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], f"{path} at {width} px is {wide[0]} wide"
        assert page.evaluate(MEASURES, NORMAL) == []


def test_the_festive_theme_is_as_readable_as_plain(page: Page) -> None:
    for path in ("/styleguide", "/styleguide/case"):
        for query, limits in (("?elder=0", NORMAL), ("?elder=1", ELDER)):
            show(page, path + query, 390)
            assert faults(page, limits, widths=(390,)) == []


def test_axe_finds_what_is_wrong(page: Page) -> None:
    show(page, "/styleguide/resident?elder=0", 390)
    page.evaluate(
        """document.querySelector("main").insertAdjacentHTML("beforeend", "<img src='/x'><button></button>")"""
    )
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "button-name" in found


PICTURES = (
    ("styleguide-390", "/styleguide?elder=0", 390),
    ("styleguide-1280", "/styleguide?elder=0", 1280),
    ("styleguide-elder-390", "/styleguide?elder=1", 390),
    ("styleguide-elder-1280", "/styleguide?elder=1", 1280),
    ("case-390", "/styleguide/case?elder=0", 390),
)


def test_pictures_of_the_style_guide_are_kept_when_asked_for(page: Page, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--pictures"):
        pytest.skip("writes docs/images with --pictures")
    page.emulate_media(color_scheme="light")
    show(page, "/styleguide?elder=0", 390)
    theme = "" if "plain.css" in page.content() else "-festive"
    for name, path, width in PICTURES if not theme else [("resident-festive-390", "/styleguide/resident?elder=0", 390)]:
        show(page, path, width)
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        # Flat colours: 96 of them look the same at a third of the size.
        picture.quantize(96, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)
