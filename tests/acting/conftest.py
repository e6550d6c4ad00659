# SPDX-License-Identifier: Apache-2.0
"""A street where people make wishes for each other: an elder, grid workers, a reviewer, a daughter."""

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from liren.acting.service import PluginActing
from liren.app import create_app, open_street
from liren.identity import links
from liren.plugins.acting import How, Mandate, Slip
from liren.plugins.context import Context
from liren.testing.databases import Postgres
from liren.testing.site import Site
from liren.testing.street import Running, Visitor, in_own_task, settings_for, small_street

WISHES = Path(__file__).parents[1] / "third_party/liren-wishes"
TZ = ZoneInfo("Asia/Shanghai")
MAKE = "wishes.make"


class Clock:
    """The machine's clock; stands still between two settings."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ns = time.time_ns()
        monkeypatch.setattr(time, "time_ns", lambda: self._ns)

    def set(self, *when: int) -> None:
        """To year, month, day, hour … of street time."""
        self._ns = int(datetime(*when, tzinfo=TZ).timestamp() * 1e9)  # type: ignore[arg-type, misc]

    def later(self, **more: float) -> None:
        self._ns += int(timedelta(**more).total_seconds() * 1e9)


@dataclass
class Town:
    """The street, and who is who in it."""

    running: Running
    clock: Clock
    people: dict[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    browsers: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def person(self, name: str, *roles: str, unit: str | None = None, phone: str | None = None) -> str:
        self.people[name] = await self.running.person(name, *roles, unit=unit, phone=phone)
        return self.people[name]

    async def ctx(self, name: str | None, plugin: str = "wishes") -> Context:
        return await self.running.acting(plugin, self.people[name] if name else None)

    async def acting(self, name: str) -> PluginActing:
        found = (await self.ctx(name, "acting")).acting
        assert isinstance(found, PluginActing)
        return found

    async def begin(
        self, by: str = "周敏", person: str = "张秀英", how: How = "on-site", deeds: Sequence[str] = (MAKE,)
    ) -> Mandate:
        """A worker's consent taken on the spot."""
        ctx = await self.ctx(by)
        async with ctx.transaction() as tx:
            return await ctx.acting.begin(tx, self.people[person], how, deeds)

    async def wish(self, mandate: Mandate | str, text: str = "想有人陪着下盘棋", by: str = "周敏") -> Slip:
        from liren_wishes import api

        made: Slip = await api.make_for(await self.ctx(by), mandate if isinstance(mandate, str) else mandate.id, text)
        return made

    async def wishes(self) -> int:
        rows = await self.read("SELECT count(*) FROM wishes_wish")
        return int(rows[0][0])

    async def read(self, query: str, *args: Any) -> list[tuple[Any, ...]]:
        return await self.running.street.store.read(query, *args)

    async def sql(self, query: str, *args: Any) -> None:
        async with self.running.street.store.transaction("job:test") as tx:
            await tx.sql(query, *args)

    async def notices(self, name: str) -> list[str]:
        rows = await self.read("SELECT text FROM inbox_notice WHERE person = ? ORDER BY id", self.people[name])
        return [row[0] for row in rows]

    async def audited(self, what: str) -> list[tuple[Any, ...]]:
        return await self.read("SELECT actor, subject, unit, detail FROM audit WHERE what = ? ORDER BY id", what)

    async def browser(self, name: str) -> Visitor:
        """Signed in now, by a fresh link."""
        street = self.running.street
        [(account,)] = await self.read("SELECT id FROM login_account WHERE person = ?", self.people[name])
        async with street.store.transaction("job:test") as tx:
            token = await links.make(tx, account)
        self.running.links[name] = f"{street.settings.public_url}/login/once/{token}"
        return await self.browsers.enter_async_context(aclosing(await self.running.signed_in(name)))


@contextmanager
def installed(site: Path) -> Iterator[None]:
    """The module of wishes can be found, here and only here."""
    sys.path.insert(0, str(site))
    yield
    sys.path.remove(str(site))
    for name in [name for name in sys.modules if name.startswith("liren_wishes")]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def wishes_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = Site(tmp_path_factory.mktemp("wishes") / "site")
    site.install(WISHES)
    return site.path


@dataclass(frozen=True)
class Founded:
    """A street with its people, to be copied for each test."""

    home: Path
    database: str
    people: dict[str, str]
    codes: tuple[str, ...]


def found(home: Path, database: str, site: Path) -> Founded:
    async def work() -> Founded:
        async with small_street(home, database, LIREN_STRICT="1") as running:
            units = await running.street.identity.units.all("community")
            town = Town(running, clock, codes=tuple(unit.code for unit in units))
            here, there = town.codes
            await town.person("张秀英", unit=here, phone="13800000001")
            await town.person("王芳", unit=there, phone="13800000002")
            await town.person("周敏", "acting.helper", unit=here, phone="13800000003")
            await town.person("赵强", "acting.helper", unit=here)
            await town.person("邻区网格员", "acting.helper", unit=there)
            await town.person("回访员", "acting.reviewer", "acting.helper", unit=here)
            await town.person("路人", unit=there, phone="13800000004")
            return Founded(home, database, town.people, town.codes)

    with pytest.MonkeyPatch.context() as patch, installed(site):
        clock = Clock(patch)
        clock.set(2026, 11, 16, 8, 0)
        return asyncio.run(work())


@pytest.fixture(scope="session")
def sqlite_street(tmp_path_factory: pytest.TempPathFactory, wishes_site: Path) -> Founded:
    home = tmp_path_factory.mktemp("acting") / "home"
    return found(home, str(home / "liren.sqlite"), wishes_site)


@pytest.fixture(scope="session")
def postgres_street(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres, wishes_site: Path) -> Founded:
    database = asyncio.run(postgres_server.create())
    return found(tmp_path_factory.mktemp("acting") / "home", database, wishes_site)


@pytest.fixture(params=["sqlite", "postgres"])
def founded(request: pytest.FixtureRequest) -> Founded:
    """On both databases."""
    street: Founded = request.getfixturevalue(f"{request.param}_street")
    return street


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Monday morning, 16 November 2026."""
    made = Clock(monkeypatch)
    made.set(2026, 11, 16, 9, 0)
    return made


@pytest.fixture
async def town(
    founded: Founded, tmp_path: Path, clock: Clock, wishes_site: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Town]:
    """A street of its own for each test."""
    home, database = tmp_path / "home", str(tmp_path / "home/liren.sqlite")
    shutil.copytree(founded.home, home)
    server: Postgres | None = None
    if founded.database.startswith("postgresql://"):
        server = request.getfixturevalue("postgres_server")
        database = await server.create(like=founded.database)
    with installed(wishes_site):
        async with in_own_task(_opened(home, database)) as running:
            town = Town(running, clock, dict(founded.people), codes=founded.codes)
            async with town.browsers:
                yield town
    if server is not None:
        await server.drop(database)


@asynccontextmanager
async def _opened(home: Path, database: str) -> AsyncIterator[Running]:
    async with open_street(settings_for(home, database, LIREN_STRICT="1")) as street:
        app = create_app(street)
        async with app.lifespan():
            yield Running(street, app, {})
