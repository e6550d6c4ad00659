# SPDX-License-Identifier: Apache-2.0
"""``liren demo`` as a process of its own, as its users run it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

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

    clients: dict[str, "Client"] = field(default_factory=dict)

    def client(self, title: str) -> "Client":
        """Somebody's browser; their one-time link is used once."""
        if title not in self.clients:
            self.clients[title] = Client.signed_in(self, title)
        return self.clients[title]

    def stop(self) -> int:
        """SIGTERM, as a service manager does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)


def start(home: Path, **more: str) -> Served:
    port = free_port()
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
    return Served(url, home, process, logins)


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
