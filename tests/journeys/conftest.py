# SPDX-License-Identifier: Apache-2.0
"""A served demo street and a real browser, with and without JavaScript."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

LIREN = Path(sys.prefix) / "bin" / "liren"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOGIN = re.compile(r"^\s+(\S+)\s+(\S+)\s+(http\S+/login/once/\S+)$", re.M)
START_S, STOP_S = 60, 10


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIREN_")}
    return kept | {"LIREN_HOME": str(home), "PYTHONUNBUFFERED": "1"} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Served:
    """A running ``liren demo``."""

    url: str
    home: Path
    process: subprocess.Popen[str]
    logins: dict[str, str]
    """Title of the part (居民, 采集员 …) → its one-time link."""

    def stop(self) -> int:
        """SIGTERM, as a service manager does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)


def start(home: Path, **more: str) -> Served:
    port = free_port()
    log = home.parent / f"{home.name}-{port}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [LIREN, "demo"], env=environment(home, PORT=str(port), **more), stdout=out, stderr=out, text=True
        )
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + START_S
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.1)
    logins = {title: link for title, _, link in LOGIN.findall(log.read_text())}
    return Served(url, home, process, logins)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo street, built once; copy it before writing to it."""
    home = tmp_path_factory.mktemp("demo") / "home"
    subprocess.run([LIREN, "demo", "--build-only"], env=environment(home), check=True, timeout=180)
    return home


@pytest.fixture
def street(demo_home: Path, tmp_path: Path) -> Iterator[Served]:
    """A street of one's own, served; stops on SIGTERM within ten seconds."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    served = start(home)
    yield served
    if served.process.poll() is None:
        assert served.stop() == 0


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
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
