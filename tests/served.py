# SPDX-License-Identifier: Apache-2.0
"""``liren demo`` as a process of its own, as its users run it."""

import asyncio
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from tests.prove import Kind

LIREN = Path(sys.prefix) / "bin" / "liren"
CSRF = re.compile(r'name="_csrf" value="([^"]+)"')
KEY = re.compile(r'name="_key" value="([^"]+)"')
LOGIN = re.compile(r"^\s+(\S+)\s+(\S+)\s+(http\S+/login/once/\S+)$", re.M)
START_S, STOP_S = 60, 10


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIREN_")}
    return kept | {"LIREN_HOME": str(home), "PYTHONUNBUFFERED": "1"} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
        return self.process.wait(STOP_S)


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
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + START_S
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.1)
    logins = {title: link for title, _, link in LOGIN.findall(log.read_text())}
    return Served(url, home, process, logins, database)


class Client(httpx.Client):
    """A browser without JavaScript, signed in by a one-time link."""

    @classmethod
    def signed_in(cls, served: Served, title: str) -> "Client":
        client = cls(base_url=served.url, timeout=60)
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
