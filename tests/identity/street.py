# SPDX-License-Identifier: Apache-2.0
"""The real web application with the core's own pages of units and identity, and a browser without a screen."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
from litestar.datastructures import State

from liren.app.writing import StoreWriting
from liren.clock import now_ms
from liren.identity.service import Identity
from liren.identity.signin import accounts, links
from liren.identity.signin.totp import code_at, step_of
from liren.inbox.service import InboxService
from liren.jobs import BackgroundTasks
from liren.plugins.guard import routers
from liren.plugins.kernel import Kernel
from liren.plugins.loader import load
from liren.plugins.plugin import BuiltIn
from liren.plugins.services import Services
from liren.store import Vault, migrate
from liren.store.lists import Lists
from liren.web import Chrome, NavLink
from liren.web.app import PageApp
from liren.web.pages import SitePages
from liren.web.site import Site
from liren.web.templates import Package

ADDRESS = "http://127.0.0.1:8000"
CORE = (
    BuiltIn("jobs", "任务", "liren.jobs"),
    BuiltIn("units", "单位", "liren.units"),
    BuiltIn("inbox", "通知", "liren.inbox"),
    BuiltIn("identity", "人员", "liren.identity", mount="/"),
)


async def build(identity: Identity, vault: Vault, home: Path) -> PageApp:
    """The application; its floors above identity (ledger, inbox, jobs) are not part of it."""
    kernel = Kernel(load(home, CORE, found=[]), strict=True)
    await migrate(identity.store, kernel.migration_sources())
    for plugin in kernel.plugins.values():
        if plugin.tables is not None:
            identity.store.bind(*plugin.tables.table_classes)
    await kernel.refresh(identity.store)
    identity.know([role for plugin in kernel.plugins.values() for role in plugin.roles])
    site = Site(
        secret=vault.derived("web"),
        packages=[Package(plugin.id, plugin.folder) for plugin in kernel.plugins.values()],
        sessions=identity.sessions,
        public_url=ADDRESS,
        tz=ZoneInfo("Asia/Shanghai"),
        lists=Lists(identity.store, vault),
    )
    site.remember = identity.remember
    absent = cast(Any, None)
    kernel.wire(
        Services(
            people=identity.people, secrets=vault, units=identity.units, ledger=absent,
            writing=StoreWriting(identity.store, lambda plugin: kernel.plugins[plugin].events),
            inbox=InboxService(identity.store),
            sessions=identity.who, pages=SitePages(site), tasks=BackgroundTasks(identity.store), clock=identity.clock,
            cases=absent, acting=absent,
        )
    )  # fmt: skip
    site.chrome = _chrome
    return PageApp(routers(kernel.plugins.values()), site, state=State({"kernel": kernel, "identity": identity}))


async def _chrome(scene: Any) -> Chrome:
    nav = (NavLink("居民", "/people"), NavLink("单位", "/units")) if scene.session.who.role else ()
    return Chrome(nav=nav, account=(NavLink("我的账号", "/me"),), role=scene.session.who.role)


class Browser:
    """Keeps cookies, follows forms; one person at one device."""

    def __init__(self, app: PageApp) -> None:
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        self.http = httpx.AsyncClient(transport=transport, base_url=ADDRESS)

    @property
    def session_id(self) -> str | None:
        return self.http.cookies.get("liren")

    def take(self, session_id: str) -> None:
        """Somebody put this session id into the browser."""
        self.http.cookies.set("liren", session_id, domain="127.0.0.1", path="/")

    async def get(self, url: str, **options: Any) -> httpx.Response:
        return await self.http.get(url, **options)

    async def send(self, page: str, action: str, data: Mapping[str, str] | None = None) -> httpx.Response:
        """Open ``page``, fill in the form that goes to ``action`` and send it."""
        opened = await self.http.get(page)
        csrf = re.search(r'name="_csrf" value="([^"]+)"', opened.text)
        assert csrf is not None, f"no form on {page}: {opened.status_code}"
        return await self.http.post(action, data={"_csrf": csrf[1], **(data or {})})

    async def upload(self, page: str, action: str, name: str, content: bytes) -> httpx.Response:
        """Send a file from the form on ``page``."""
        csrf = re.search(r'name="_csrf" value="([^"]+)"', (await self.http.get(page)).text)
        assert csrf is not None
        return await self.http.post(action, data={"_csrf": csrf[1]}, files={"file": (name, content)})

    async def sign_in(self, name: str, password: str, *, to: str = "") -> httpx.Response:
        """With an authenticator on the phone: it is set up where the street asks for one."""
        answer = await self.send("/login", "/login", {"name": name, "password": password, "next": to})
        secret = re.search(r'class="code">([A-Z2-7 ]+)<', answer.text)
        if secret is None:
            return answer
        code = code_at(secret_of(secret[1]), step_of(now_ms()))
        shown = await self.step(answer, "/login/enrol", code=code)
        assert "备用码" in shown.text, shown.text
        onward = re.search(r'href="([^"]+)">抄好了', shown.text)
        assert onward is not None
        return httpx.Response(303, headers={"location": onward[1]})

    async def step(self, page: httpx.Response, action: str, **fields: str) -> httpx.Response:
        """Send the form of a page that came as an answer."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        return await self.http.post(action, data={**hidden, **fields})


def secret_of(shown: str) -> bytes:
    """The secret as the page shows it in text."""
    text = shown.replace(" ", "")
    return base64.b32decode(text + "=" * (-len(text) % 8))


async def link_for(identity_: Identity, person: str) -> str:
    async with identity_.store.transaction("job:test") as tx:
        return await links.make(tx, await accounts.open_account(tx, person))


async def resident(app: PageApp, identity_: Identity, person: str) -> Browser:
    browser, url = Browser(app), f"/login/once/{await link_for(identity_, person)}"
    answer = await browser.send(url, url)
    assert answer.status_code == 303
    return browser
