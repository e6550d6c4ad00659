# SPDX-License-Identifier: Apache-2.0
"""A small real street for tests: founded, served in process, with people who sign in by their one-time links."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx

from liren.app import Plan, Street, create_app, found_street, open_street
from liren.errors import Conflict
from liren.identity.register import departures
from liren.identity.register.people import NewPerson, register
from liren.identity.roles import grants
from liren.identity.sealed import Private
from liren.identity.signin import accounts, links
from liren.plugins.context import Context
from liren.plugins.services import Who
from liren.settings import Settings
from liren.testing.browser import Browser
from liren.web.app import PageApp
from liren.web.sessions import digest

T = TypeVar("T")
PLAN = Plan("里仁街道", "liren.example", ("桃园社区", "荷畔社区"), reviewer="李敏", admin="吴志强")
CSRF = re.compile(r'name="_csrf" value="([^"]+)"')
CENTURY_MS = 100 * 365 * 24 * 3600 * 1000
KEY = re.compile(r'name="_key" value="([^"]+)"')


def settings_for(home: Path, database: str, **more: str) -> Settings:
    return Settings.from_env({"LIREN_HOME": str(home), "LIREN_DATABASE": database, **more})


class Visitor(httpx.AsyncClient):
    """A browser without JavaScript: keeps cookies, sends forms with the keys their page gave out."""

    async def send_form(self, page: str, action: str, **fields: str) -> httpx.Response:
        """Open ``page``, then post ``fields`` to ``action`` with its CSRF token and request key."""
        text = (await self.get(page)).text
        token, key = CSRF.search(text), KEY.search(text)
        assert token is not None, f"no form on {page}"
        assert key is not None
        return await self.post(action, data={"_csrf": token[1], "_key": key[1], **fields})

    async def open(self, path: str) -> Browser:
        """The page at ``path``, to be read and used as a person would."""
        return await Browser(self).open(path)


@asynccontextmanager
async def in_own_task(context: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Enter and leave ``context`` in one task: pytest runs a fixture's two halves in two, which anyio refuses."""
    ready: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def hold() -> None:
        try:
            async with context as value:
                ready.set_result(value)
                await over.wait()
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    task = asyncio.create_task(hold())
    try:
        yield await ready
    finally:
        over.set()
        await task


@asynccontextmanager
async def small_street(home: Path, database: str, *, plan: Plan = PLAN, **more: str) -> AsyncIterator["Running"]:
    """A street with two communities (or as planned), a reviewer and an administrator, every plugin on."""
    async with in_own_task(_small_street(home, database, plan, **more)) as running:
        yield running


@asynccontextmanager
async def _small_street(home: Path, database: str, plan: Plan, **more: str) -> AsyncIterator["Running"]:
    async with open_street(settings_for(home, database, **more), create=True) as street:
        founded = await found_street(street, plan)
        await street.look()
        app = create_app(street)
        async with app.lifespan():
            yield Running(street, app, dict(founded.links))


@asynccontextmanager
async def reopened(home: Path, database: str, **more: str) -> AsyncIterator["Running"]:
    """A street that was founded before, in the state it was left in; nobody has a one-time link."""
    async with in_own_task(_reopened(home, database, **more)) as running:
        yield running


@asynccontextmanager
async def _reopened(home: Path, database: str, **more: str) -> AsyncIterator["Running"]:
    async with open_street(settings_for(home, database, **more)) as street:
        app = create_app(street)
        async with app.lifespan():
            yield Running(street, app, {})


class Running:
    """A street that is open and answers."""

    def __init__(self, street: Street, app: PageApp, links: dict[str, str]) -> None:
        self.street = street
        self.app = app
        self.links = links
        """Name → one-time link."""

    async def person(
        self, name: str, *roles: str, unit: str | None = None, phone: str | None = None, born: date | None = None
    ) -> str:
        """Register somebody, give them roles (at the street, or at ``unit``) and a one-time link.

        :param born: their birthday, for what asks for an age

        :returns: their person id
        """
        identity, store = self.street.identity, self.street.store
        today, known = self.street.today(), set(identity.who.titles)
        where = unit or (await identity.units.street()).code
        async with store.transaction("job:test") as tx:
            home = unit if unit is not None else None
            [person] = await register(
                tx, self.street.vault, [NewPerson(name, Private(phone=phone, birthday=born), home)], today
            )
            for role in roles:
                await grants.grant(tx, person=person, role=role, unit=where, roles=known, since=today)
            token = await links.make(tx, await accounts.open_account(tx, person))
        self.links[name] = f"{self.street.settings.public_url}/login/once/{token}"
        return person

    async def new_link(self, name: str, person: str) -> None:
        """A fresh one-time link for somebody whose old one is over: the clock was moved."""
        async with self.street.store.transaction("job:test") as tx:
            token = await links.make(tx, await accounts.open_account(tx, person))
        self.links[name] = f"{self.street.settings.public_url}/login/once/{token}"

    async def departs(self, person: str, *, died: bool = False) -> None:
        """The register says that they moved away, or died, today: what a module keeps of them has to follow."""
        ctx = await self.acting("identity")
        async with self.street.store.transaction("job:test") as tx:
            await departures.leave(tx, ctx, person, self.street.today(), died=died)
        await self.street.look()

    async def run(self, plugin: str, job: str) -> None:
        """Run a job now. Where the clock was moved it may be at it already: then it is waited for, and run again."""
        while True:
            try:
                return await self.street.jobs.run_now(plugin, job)
            except Conflict:
                await self.street.jobs.idle()

    async def idle(self) -> None:
        """Wait until nothing is under way: tasks and jobs are over, every event was heard, the ledger's head is signed.

        For what looks at the whole street: rows that change, what is written meanwhile, the length of the log.
        """
        await self.street.tasks.idle()
        await self.street.jobs.idle()
        await self.street.events.look()
        await self.street.ledger.checkpoints.sign()

    async def acting(self, plugin: str, person: str | None = None) -> Context:
        """The plugin's Context for somebody, or for nobody: to call its verbs directly."""
        who = Who() if person is None else await self.street.identity.who.who_is(person)
        return self.street.kernel.context(plugin, who)

    def visitor(self) -> Visitor:
        """A browser of somebody who is not signed in."""
        transport = httpx.ASGITransport(app=cast(Any, self.app))
        return Visitor(transport=transport, base_url=self.street.settings.public_url)

    async def signed_in(self, name: str, *, fresh: bool = True) -> Visitor:
        """A browser of this person.

        :param fresh: they count as having just proved who they are, however far the clock moves; False: as in life,
            so that pages with ``step_up=True`` ask again after a while
        """
        visitor = self.visitor()
        path = httpx.URL(self.links[name]).path
        answer = await visitor.send_form(path, path)
        assert answer.status_code == 303, answer.text
        if fresh:
            key = digest(visitor.cookies["liren"])
            await self.street.identity.sessions.prove(key, at_ms=self.street.identity.now_ms() + CENTURY_MS)
        return visitor
