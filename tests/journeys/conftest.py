# SPDX-License-Identifier: Apache-2.0
"""A served demo street and a real browser, with and without JavaScript."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.served import Served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a file: while Playwright's synchronous half is open, no asynchronous test can run beside it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: .ci/run installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "with JavaScript")


SignIn = Callable[[str], Page]


@pytest.fixture
def sign_in(chromium: Browser, street: Served, javascript: bool) -> Iterator[SignIn]:
    """``sign_in("审核员")``: a page of that person's own browser, signed in by the one-time link."""
    contexts: list[BrowserContext] = []

    def enter(title: str) -> Page:
        context = chromium.new_context(
            java_script_enabled=javascript, viewport={"width": 390, "height": 844}, locale="zh-CN"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(street.logins[title])
        page.locator("main button[type=submit]").click()
        return page

    yield enter
    for context in contexts:
        context.close()
