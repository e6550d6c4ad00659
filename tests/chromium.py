# SPDX-License-Identifier: Apache-2.0
"""A real Chromium that waits as long as a busy machine needs: Playwright's own five seconds are for fast ones."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from liren.testing.patience import PATIENCE_S

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser a file: while Playwright's synchronous half is open, no asynchronous test can run beside it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: .ci/run installs one")
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            timeout=PATIENCE_S * 1000,
        )
        yield browser
        browser.close()


def window(browser: Browser, **options: Any) -> BrowserContext:
    """A browser of somebody's own.

    :param options: of Playwright's ``new_context``
    """
    opened = browser.new_context(locale="zh-CN", **options)
    opened.set_default_timeout(PATIENCE_S * 1000)
    return opened
