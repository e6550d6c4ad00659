# SPDX-License-Identifier: Apache-2.0
"""A small street served on a port of this machine, with its clock in the test's hand, and browsers that look at it."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page
from plugins.canteen.tests.table import Table, lay
from tests.chromium import window

from liren.testing.clock import Clock
from liren.testing.patience import PATIENCE_S
from liren.testing.points import Points
from liren.testing.street import small_street

T = TypeVar("T")


class Live:
    """A street in a thread of its own; what the test asks of it runs there."""

    def __init__(self, loop: asyncio.AbstractEventLoop, url: str, table: Table) -> None:
        self._loop, self.url, self.table = loop, url, table

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)


@contextmanager
def live(home: Path, database: str, clock: Clock) -> Iterator[Live]:
    """One kitchen, one site, served."""
    loop, listener = asyncio.new_event_loop(), socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    context = small_street(home, database, PORT=str(port))

    def do(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE_S)

    running = do(context.__aenter__())
    try:
        table = do(lay(running, Points(running.street), clock))
        server = uvicorn.Server(uvicorn.Config(running.app, log_level="warning", lifespan="off"))
        serving = asyncio.run_coroutine_threadsafe(server.serve(sockets=[listener]), loop)
        yield Live(loop, f"http://127.0.0.1:{port}", table)
        server.should_exit = True
        serving.result(PATIENCE_S)
    finally:
        do(context.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)


class Visitors:
    """Everybody's own browser, all with JavaScript or all without."""

    def __init__(self, browser: Browser, street: Live, *, javascript: bool, width: int = 390) -> None:
        self.browser, self.street, self.javascript, self.width = browser, street, javascript, width
        self._open: list[BrowserContext] = []

    def enter(self, name: str) -> Page:
        """Signed in by the one-time link; lands where people land after login."""
        context = window(
            self.browser, java_script_enabled=self.javascript, viewport={"width": self.width, "height": 844}
        )
        self._open.append(context)
        page = context.new_page()
        path = self.street.table.street.links[name].partition("/login/")[2]
        page.goto(f"{self.street.url}/login/{path}")
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def enter_again(self, name: str) -> Page:
        """Days later, by a new link: the old one and the session are over."""
        running = self.street.table.street

        async def link() -> None:
            [card] = await (await self.street.table.ctx(self.street.table.manager)).people.lookup(name)
            await running.new_link(name, card.id)

        self.street.do(link())
        return self.enter(name)

    def close(self) -> None:
        for context in self._open:
            context.close()
