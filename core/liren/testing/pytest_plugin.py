# SPDX-License-Identifier: Apache-2.0
"""Fixtures every plugin author gets by installing Liren beside pytest and pytest-asyncio.

``street``    a founded street (:class:`liren.testing.street.Running`) with every installed plugin on, on SQLite
``client``    a browser of somebody who is not signed in
``resident``  a browser of 王芳, who lives in the first community
``staff``     ``await staff("canteen.clerk")``: a browser of somebody with these roles at the street

Imports stay inside: pytest loads this file in every project of an environment that has Liren.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

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


try:
    import pytest_asyncio
except ImportError:  # an environment that tests something else
    pass
else:

    @pytest_asyncio.fixture
    async def street(tmp_path: Path) -> "AsyncIterator[Running]":
        from liren.testing.street import small_street

        home = tmp_path / "home"
        async with small_street(home, str(home / "liren.sqlite"), LIREN_STRICT="1") as running:
            yield running

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
