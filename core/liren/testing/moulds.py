# SPDX-License-Identifier: Apache-2.0
"""A street that was founded once and is copied for each test: founding takes a second, copying a blink."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from liren.app import create_app, found_street, open_street
from liren.plugins import manifest
from liren.testing.databases import Postgres
from liren.testing.street import PLAN, Running, in_own_task, settings_for

T = TypeVar("T")
Settle = Callable[[Running], Awaitable[T]]
"""Brings people and things to a street that was just founded; what it returns is known of every copy."""


@dataclass(frozen=True, slots=True)
class Mould(Generic[T]):
    """A founded home nobody has open."""

    home: Path
    database: str
    links: dict[str, str]
    settled: T
    """What ``settle`` returned: shared by every copy, so ids and names, nothing that changes."""


async def nobody_else(street: Running) -> None:
    """A street as it was founded."""


class Moulds:
    """Of one test run: one for each kind of database, set of installed plugins and way of settling in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[object, Mould[object]] = {}

    @asynccontextmanager
    async def street(self, home: Path, server: Postgres | None) -> AsyncIterator[Running]:
        """A street of one's own, every plugin on, strict: a fault of a plugin is raised.

        :param server: None for SQLite
        """
        async with self.copy(await self.mould(nobody_else, server), home, server) as running:
            yield running

    async def mould(self, settle: Settle[T], server: Postgres | None) -> Mould[T]:
        """Founded and settled when it is first asked for.

        :param settle: a function of a module: the same one asks for the same mould
        """
        plugins = [f"{found.target} {found.folder}" for found in manifest.find()]
        key = (settle, server is None, *plugins)
        if key not in self._made:
            self._made[key] = await self._make(settle, server)
        return self._made[key]  # type: ignore[return-value]  # made by this very settle

    @asynccontextmanager
    async def copy(self, mould: Mould[T], home: Path, server: Postgres | None) -> AsyncIterator[Running]:
        """A street like ``mould``, open and answering."""
        shutil.copytree(mould.home, home)
        if server is None:
            database = str(home / "liren.sqlite")
        else:
            database = await server.create(like=mould.database)
        async with in_own_task(_opened(home, database, mould.links)) as running:
            yield running
        if server is not None:
            await server.drop(database)

    async def _make(self, settle: Settle[T], server: Postgres | None) -> Mould[T]:
        home = self._folder / f"mould-{len(self._made)}"
        database = str(home / "liren.sqlite") if server is None else await server.create()
        async with open_street(settings_for(home, database, LIREN_STRICT="1"), create=True) as street:
            founded = await found_street(street, PLAN)
            await street.look()
            running = Running(street, create_app(street), dict(founded.links))
            settled = await settle(running)
        return Mould(home, database, dict(running.links), settled)


@asynccontextmanager
async def _opened(home: Path, database: str, links: dict[str, str]) -> AsyncIterator[Running]:
    async with open_street(settings_for(home, database, LIREN_STRICT="1")) as street:
        app = create_app(street)
        async with app.lifespan():
            yield Running(street, app, dict(links))
