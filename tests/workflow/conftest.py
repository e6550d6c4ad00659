# SPDX-License-Identifier: Apache-2.0
"""A street with a module of repairs, a clock that can be set, and the people a repair passes through."""

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from liren.app import create_app, open_street
from liren.identity import links
from liren.plugins.context import Context
from liren.plugins.flows import Case
from liren.testing.databases import Postgres
from liren.testing.site import Site
from liren.testing.street import Running, Visitor, in_own_task, settings_for, small_street

HERE = Path(__file__).parent
TZ = ZoneInfo("Asia/Shanghai")


class Clock:
    """The machine's clock; stands still between two settings, so that a day has no length in a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ns = time.time_ns()
        monkeypatch.setattr(time, "time_ns", lambda: self._ns)

    def set(self, *when: int) -> None:
        """To year, month, day, hour … of street time."""
        self._ns = int(datetime(*when, tzinfo=TZ).timestamp() * 1e9)  # type: ignore[arg-type, misc]

    def later(self, **more: int) -> None:
        self._ns += int(timedelta(**more).total_seconds() * 1e9)


@dataclass
class Town:
    """The street, and who is who in it."""

    running: Running
    clock: Clock
    people: dict[str, str] = field(default_factory=dict)
    browsers: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def community(self) -> str:
        return self.codes[0]

    @property
    def other(self) -> str:
        return self.codes[1]

    codes: tuple[str, ...] = ()

    async def person(self, name: str, *roles: str, unit: str | None = None) -> str:
        self.people[name] = await self.running.person(name, *roles, unit=unit)
        return self.people[name]

    async def acting(self, name: str | None, plugin: str = "repairs") -> Context:
        return await self.running.acting(plugin, self.people[name] if name else None)

    async def browser(self, name: str) -> Visitor:
        """Signed in now, by a fresh link."""
        street = self.running.street
        [(account,)] = await street.store.read("SELECT id FROM login_account WHERE person = ?", self.people[name])
        async with street.store.transaction("job:test") as tx:
            token = await links.make(tx, account)
        self.running.links[name] = f"{street.settings.public_url}/login/once/{token}"
        return await self.browsers.enter_async_context(aclosing(await self.running.signed_in(name)))

    async def ask(
        self, subject: str = "r1", *, text: str = "水管漏水", unit: str | None = None, by: str = "王芳"
    ) -> Case:
        """A resident asks for a repair."""
        from liren_repairs.tables import Repair

        ctx = await self.acting(by)

        async def body(tx: Any) -> str:
            await Repair(id=subject, text=text, state="", parts=1, fixed=0).save()
            case = await ctx.cases.open(
                tx, "repair", subject=subject, unit=unit or self.community, title=text, holder=self.people[by]
            )
            return case.id

        return await ctx.cases.get(await ctx.once(f"ask-{subject}", (subject, text), body, str))

    async def move(self, name: str | None, case: Case, transition: str, **more: Any) -> Case:
        """Somebody makes a move, as a module's verb would."""
        ctx = await self.acting(name)
        async with ctx.transaction() as tx:
            return await ctx.cases.move(tx, case, transition, **more)

    async def given(self, subject: str = "r1", **more: Any) -> Case:
        """A repair in the hands of 赵师傅."""
        case = await self.ask(subject, **more)
        return await self.move("派单员", case, "dispatch", worker=self.people["赵师傅"])

    async def row(self, subject: str = "r1") -> Any:
        from liren_repairs.tables import Repair

        return await Repair.objects().where(Repair.id == subject).first()

    async def notices(self, name: str) -> list[str]:
        rows = await self.running.street.store.read(
            "SELECT text FROM inbox_notice WHERE person = ? ORDER BY id", self.people[name]
        )
        return [row[0] for row in rows]

    async def ring(self) -> None:
        await self.running.street.jobs.run_now("workflow", "deadlines")


@contextmanager
def installed(site: Path) -> Iterator[None]:
    """The module of repairs can be found, here and only here."""
    sys.path.insert(0, str(site))
    yield
    sys.path.remove(str(site))
    for name in [name for name in sys.modules if name.startswith("liren_repairs")]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def repairs_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = Site(tmp_path_factory.mktemp("repairs") / "site")
    site.install(HERE / "liren-repairs")
    return site.path


@dataclass(frozen=True)
class Founded:
    """A street with its people, to be copied for each test."""

    home: Path
    database: str
    people: dict[str, str]
    codes: tuple[str, ...]


def found(home: Path, database: str, site: Path) -> Founded:
    """A street of two communities on the day the tests begin."""

    async def work() -> Founded:
        async with small_street(home, database, LIREN_STRICT="1") as running:
            units = await running.street.identity.units.all("community")
            town = Town(running, clock, codes=tuple(unit.code for unit in units))
            await town.person("王芳", unit=town.community)
            await town.person("派单员", "repairs.dispatcher", unit=town.community)
            await town.person("赵师傅", "repairs.fixer", unit=town.community)
            await town.person("督办员", "repairs.chief")
            await town.person("邻区派单员", "repairs.dispatcher", unit=town.other)
            await town.person("多面手", "repairs.dispatcher", "repairs.fixer", "repairs.chief", unit=town.community)
            return Founded(home, database, town.people, town.codes)

    with pytest.MonkeyPatch.context() as patch, installed(site):
        clock = Clock(patch)
        clock.set(2026, 11, 23, 8, 0)
        return asyncio.run(work())


@pytest.fixture(scope="session")
def sqlite_street(tmp_path_factory: pytest.TempPathFactory, repairs_site: Path) -> Founded:
    home = tmp_path_factory.mktemp("cases") / "home"
    return found(home, str(home / "liren.sqlite"), repairs_site)


@pytest.fixture(scope="session")
def postgres_street(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres, repairs_site: Path) -> Founded:
    database = asyncio.run(postgres_server.create())
    return found(tmp_path_factory.mktemp("cases") / "home", database, repairs_site)


@pytest.fixture(params=["sqlite", "postgres"])
def founded(request: pytest.FixtureRequest) -> Founded:
    """On both databases."""
    street: Founded = request.getfixturevalue(f"{request.param}_street")
    return street


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Monday morning, 23 November 2026."""
    made = Clock(monkeypatch)
    made.set(2026, 11, 23, 9, 0)
    return made


@pytest.fixture
async def town(
    founded: Founded, tmp_path: Path, clock: Clock, repairs_site: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Town]:
    """A street of its own for each test."""
    home, database = tmp_path / "home", str(tmp_path / "home/liren.sqlite")
    shutil.copytree(founded.home, home)
    server: Postgres | None = None
    if founded.database.startswith("postgresql://"):
        server = request.getfixturevalue("postgres_server")
        database = await server.create(like=founded.database)
    with installed(repairs_site):
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
