# SPDX-License-Identifier: Apache-2.0
"""``liren demo`` as a process of its own, as its users run it."""

import asyncio
import fcntl
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import asyncpg
import httpx

from liren.testing.patience import PATIENCE_S
from liren.testing.served import until_ready
from tests.prove import Kind

LIREN = Path(sys.prefix) / "bin" / "liren"
CSRF = re.compile(r'name="_csrf" value="([^"]+)"')
KEY = re.compile(r'name="_key" value="([^"]+)"')
LOGIN = re.compile(r"^\s+(\S+)\s+(\S+)\s+(http\S+/login/once/\S+)$", re.M)


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIREN_")}
    return kept | {"LIREN_HOME": str(home), "PYTHONUNBUFFERED": "1"} | more


_ours: list[IO[bytes]] = []
"""A lock for each port given out, until this process ends."""


def free_port() -> int:
    """A port nobody else gets while this process lives, so that a server may be started on it later, and again.

    A port the kernel picks is free only until the next who asks, and any connection to anywhere may be the next. These
    lie below those it picks from, and each is locked in a file all test processes of this machine know.
    """
    folder = Path(tempfile.gettempdir()) / f"liren-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        lock = (folder / str(port)).open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.create_server(("127.0.0.1", port)):
                _ours.append(lock)
                return port
        except OSError:
            lock.close()


@dataclass
class Served:
    """A running ``liren demo``."""

    url: str
    home: Path
    process: subprocess.Popen[str]
    logins: dict[str, str]
    """Title of the part (居民, 采集员 …) → its one-time link."""

    database: str = ""
    """A ``postgresql://`` address; empty: the SQLite file of its home."""

    clients: dict[str, "Client"] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        return "postgres" if self.database else "sqlite"

    @property
    def env(self) -> dict[str, str]:
        """For another ``liren`` beside it, or after it."""
        return environment(self.home, **({"LIREN_DATABASE": self.database} if self.database else {}))

    def client(self, title: str) -> "Client":
        """Somebody's browser; their one-time link is used once."""
        if title not in self.clients:
            self.clients[title] = Client.signed_in(self, title)
        return self.clients[title]

    def liren(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``liren …`` of the same street."""
        return subprocess.run([LIREN, *words], env=self.env, capture_output=True, text=True)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """One statement, beside the server, as somebody with the database in hand."""
        if self.database:
            return asyncio.run(_on_postgres(self.database, query))
        with closing(sqlite3.connect(self.home / "liren.sqlite", timeout=10, isolation_level=None)) as rows:
            return rows.execute(query).fetchall()

    def again(self) -> None:
        """Serve the same street anew, after its process ended; browsers keep their cookies."""
        fresh = start(self.home, self.database)
        self.url, self.process, self.logins = fresh.url, fresh.process, fresh.logins
        for client in self.clients.values():
            client.base_url = httpx.URL(fresh.url)

    def stop(self) -> int:
        """SIGTERM, as a service manager does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


async def _on_postgres(database: str, query: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(database)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def start(home: Path, database: str = "", **more: str) -> Served:
    port = free_port()
    if database:
        more["LIREN_DATABASE"] = database
    log = home.parent / f"{home.name}-{port}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [LIREN, "demo"], env=environment(home, PORT=str(port), **more), stdout=out, stderr=out, text=True
        )
    url = f"http://127.0.0.1:{port}"
    until_ready(url, process, log)
    logins = {title: link for title, _, link in LOGIN.findall(log.read_text())}
    return Served(url, home, process, logins, database)


class Client(httpx.Client):
    """A browser without JavaScript, signed in by a one-time link."""

    @classmethod
    def signed_in(cls, served: Served, title: str) -> "Client":
        client = cls(base_url=served.url, timeout=PATIENCE_S)
        path = httpx.URL(served.logins[title]).path
        answer = client.send_form(path, path)
        assert answer.status_code == 303, answer.text
        return client

    def keys_on(self, page: str, nth: int = 0) -> dict[str, str]:
        """The CSRF token and request key of a form on ``page``."""
        text = self.get(page).text
        return {"_csrf": CSRF.findall(text)[nth], "_key": KEY.findall(text)[nth]}

    def send_form(self, page: str, action: str, files: Any = None, **fields: Any) -> httpx.Response:
        """Open ``page``, then post ``fields`` with its keys to ``action``."""
        return self.post(action, data={**self.keys_on(page), **fields}, files=files)
