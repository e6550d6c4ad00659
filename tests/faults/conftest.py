# SPDX-License-Identifier: Apache-2.0
"""A founded street to copy: founding takes seconds, copying does not. And the demo street, served on both databases."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.town import PLUGINS, Town
from tests.prove import PROVING
from tests.served import LIREN, Served, environment, start

from liren.testing.databases import Postgres
from liren.testing.patience import PATIENCE_S
from liren.testing.pytest_plugin import KINDS

ON_PAGES = ["slotraises", "slowslot", "wrongtype"]


@pytest.fixture(autouse=True)
def as_served(machine_time: None) -> None:
    """What is made here is served, killed and opened again by processes of their own."""


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A street founded with the plugins that load, so that they are on; and its administrator's one-time link."""
    town = Town(tmp_path_factory.mktemp("founded"))
    for plugin in ("steady", *ON_PAGES):
        town.site.install(PLUGINS / plugin)
    link = town.found()
    return town.home, link


@pytest.fixture
def town(founded: tuple[Path, str], tmp_path: Path) -> Town:
    shutil.copytree(founded[0], tmp_path / "home")
    return Town(tmp_path)


@pytest.fixture(scope="session")
def demo_on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> tuple[Path, str]:
    """The demo street on PostgreSQL, built once: its home and its database, which nobody has open."""
    home, database = tmp_path_factory.mktemp("demo-postgres") / "home", asyncio.run(postgres_server.create())
    build = [LIREN, "demo", "--build-only"]
    subprocess.run(build, env=environment(home, LIREN_DATABASE=database), check=True, timeout=PATIENCE_S * 3)
    return home, database


@pytest.fixture(params=KINDS if PROVING else KINDS[:1])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """A demo street of one's own, served: on every database for ``make prove``, else on the first."""
    if request.param == "sqlite":
        yield request.getfixturevalue("street")
        return
    home, mould = request.getfixturevalue("demo_on_postgres")
    server: Postgres = request.getfixturevalue("postgres_server")
    shutil.copytree(home, tmp_path / "home")
    street = start(tmp_path / "home", asyncio.run(server.create(like=mould)))
    yield street
    if street.process.poll() is None:
        assert street.stop() == 0
    asyncio.run(server.drop(street.database))
