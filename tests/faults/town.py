# SPDX-License-Identifier: Apache-2.0
"""A street in a home of its own with a folder of plugins, run and served by the real command."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
from tests.served import free_port

from liren.testing.patience import PATIENCE_S
from liren.testing.served import until_ready
from liren.testing.site import Site

PLUGINS = Path(__file__).parent / "plugins"
NOTICEBOARD = Path(__file__).parents[1] / "third_party" / "liren-noticeboard"
LIREN = Path(sys.executable).parent / "liren"
FOUND = ["init", "--name", "里仁街道", "--domain", "liren.example", "--communities", "兴仁社区"]
FOUND += ["--reviewer", "周敏", "--admin", "何勇"]


class Town:
    """A founded street in a home of its own, and a folder of plugins."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.site = Site(folder / "site")
        self.more: dict[str, str] = {}
        self.port = free_port()

    @property
    def env(self) -> dict[str, str]:
        outside = {key: value for key, value in os.environ.items() if not key.startswith("LIREN")}
        mine = {"LIREN_HOME": str(self.home), "PORT": str(self.port), "PYTHONPATH": str(self.site.path)}
        return outside | mine | {"LIREN_LOAD_LIMIT": "8"} | self.more

    def run(self, *arguments: str, code: int = 0) -> str:
        """``liren …``; :returns: what it said, on both streams."""
        command = [str(LIREN), *arguments]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        assert done.returncode == code, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout + done.stderr

    def found(self) -> str:
        """:returns: the administrator's one-time link"""
        return re.findall(r"何勇\s+http://[^/]+(/\S+)", self.run(*FOUND))[0]

    def start(self) -> subprocess.Popen[bytes]:
        log = (self.home / "server.log").open("ab")
        return subprocess.Popen([str(LIREN), "serve"], env=self.env, stdout=log, stderr=log)

    @contextlib.contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        server = self.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_S) as client:
                until_ready(str(client.base_url).rstrip("/"), server, self.home / "server.log", "/livez")
                yield client
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE_S)


def sign_in(client: httpx.Client, link: str) -> None:
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', client.get(link).text))
    assert client.post(link, data=fields).status_code == 303
