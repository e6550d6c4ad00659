# SPDX-License-Identifier: Apache-2.0
"""A served demo street and a real browser, with and without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.served import Served

from tests import chromium as real


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with real.chromium() as browser:
        yield browser


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "with JavaScript")


SignIn = Callable[[str], Page]


@pytest.fixture
def sign_in(chromium: Browser, street: Served, javascript: bool) -> Iterator[SignIn]:
    """``sign_in("审核员")``: a page of that person's own browser, signed in by the one-time link."""
    contexts: list[BrowserContext] = []

    def enter(title: str) -> Page:
        context = real.window(chromium, java_script_enabled=javascript, viewport={"width": 390, "height": 844})
        contexts.append(context)
        page = context.new_page()
        page.goto(street.logins[title])
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "/login" not in url)  # before that, another page would be asked for as nobody
        return page

    yield enter
    for context in contexts:
        context.close()
