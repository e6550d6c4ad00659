# SPDX-License-Identifier: Apache-2.0
"""A street that was founded once and is copied for each test: founding takes a second, copying a blink."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from liren.app import create_app, found_street, open_street
from liren.plugins import manifest
from liren.testing.databases import Postgres
from liren.testing.street import PLAN, Running, in_own_task, settings_for

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mould:
    """A founded home nobody has open."""

    home: Path
    database: str
    links: dict[str, str]


class Moulds:
    """Of one test run: one for each kind of database and set of installed plugins."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[Key, Mould] = {}

    @asynccontextmanager
    async def street(self, home: Path, server: Postgres | None) -> AsyncIterator[Running]:
        """A street of one's own, every plugin on, strict: a fault of a plugin is raised.

        :param server: None for SQLite
        """
        key = ("sqlite" if server is None else "postgres", *(f"{f.target} {f.folder}" for f in manifest.find()))
        if key not in self._made:
            self._made[key] = await self._make(server)
        mould = self._made[key]
        shutil.copytree(mould.home, home)
        if server is None:
            database = str(home / "liren.sqlite")
        else:
            database = await server.create(like=mould.database)
        async with in_own_task(_opened(home, database, mould.links)) as running:
            yield running
        if server is not None:
            await server.drop(database)

    async def _make(self, server: Postgres | None) -> Mould:
        home = self._folder / f"mould-{len(self._made)}"
        database = str(home / "liren.sqlite") if server is None else await server.create()
        async with open_street(settings_for(home, database, LIREN_STRICT="1"), create=True) as street:
            founded = await found_street(street, PLAN)
        return Mould(home, database, dict(founded.links))


@asynccontextmanager
async def _opened(home: Path, database: str, links: dict[str, str]) -> AsyncIterator[Running]:
    async with open_street(settings_for(home, database, LIREN_STRICT="1")) as street:
        app = create_app(street)
        async with app.lifespan():
            yield Running(street, app, dict(links))
