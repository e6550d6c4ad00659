# SPDX-License-Identifier: Apache-2.0
"""The whole street, really started, with broken plugins installed: its pages answer and say what is missing."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from liren.testing.site import Site

PLUGINS = Path(__file__).parent / "plugins"
LIREN = Path(sys.executable).parent / "liren"
AT_START = ["raises", "exits", "unreadable", "future", "orphan", "ringa", "ringb", "straytable", "twinroutes"]
ON_PAGES = ["slotraises", "slowslot", "wrongtype"]
FOUND = ["init", "--name", "里仁街道", "--domain", "liren.example", "--communities", "兴仁社区"]


class Town:
    """A founded street in a home of its own, and a folder of plugins."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.site = Site(folder / "site")
        self.more: dict[str, str] = {}
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]

    @property
    def env(self) -> dict[str, str]:
        outside = {key: value for key, value in os.environ.items() if not key.startswith("LIREN")}
        mine = {"LIREN_HOME": str(self.home), "PORT": str(self.port), "PYTHONPATH": str(self.site.path)}
        return outside | mine | {"LIREN_LOAD_LIMIT": "8"} | self.more

    def run(self, *command: str) -> str:
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start(self) -> subprocess.Popen[bytes]:
        log = (self.home / "server.log").open("ab")
        return subprocess.Popen([str(LIREN), "serve"], env=self.env, stdout=log, stderr=log)

    @contextlib.contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        server = self.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20) as client:
                for _ in range(150):
                    assert server.poll() is None, (self.home / "server.log").read_text("utf-8")[-2000:]
                    with contextlib.suppress(httpx.TransportError):
                        client.get("/livez")
                        break
                    time.sleep(0.1)
                yield client
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=15)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A street founded with the plugins that load, so that they are on; and its administrator's one-time link."""
    town = Town(tmp_path_factory.mktemp("founded"))
    for plugin in ("steady", *ON_PAGES):
        town.site.install(PLUGINS / plugin)
    said = town.run(str(LIREN), *FOUND, "--reviewer", "周敏", "--admin", "何勇")
    return town.home, re.findall(r"何勇\s+http://[^/]+(/\S+)", said)[0]


@pytest.fixture
def town(founded: tuple[Path, str], tmp_path: Path) -> Town:
    shutil.copytree(founded[0], tmp_path / "home")
    return Town(tmp_path)


def sign_in(client: httpx.Client, link: str) -> None:
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', client.get(link).text))
    assert client.post(link, data=fields).status_code == 303


def test_a_dozen_broken_plugins_cost_their_own_pieces_only(town: Town, founded: tuple[Path, str]) -> None:
    for plugin in ("steady", *AT_START, *ON_PAGES):
        town.site.install(PLUGINS / plugin)
    with town.serving() as client:
        assert client.get("/steady").text == "steady as ever"
        board = client.get("/")
        assert board.status_code == 200
        assert "steady in the slot" in board.text
        for leak in ("not today", "alert(1)", "RuntimeError", "slotraises", "wrongtype"):
            assert leak not in board.text, "residents see nothing of it"
        ready = client.get("/readyz").text
        for plugin in AT_START:
            assert plugin in ready
        for plugin in ON_PAGES:
            assert f"refused {plugin}" not in ready
        sign_in(client, founded[1])
        board = client.get("/")
        assert "steady in the slot" in board.text
        for plugin in ON_PAGES:
            assert plugin in board.text, "whoever looks after plugins sees whose piece is missing"
        console = client.get("/admin/plugins").text
        for plugin in (*AT_START, *ON_PAGES):
            assert plugin in console
        # By now the slow one is left alone: the page is as fast as ever.
        for _ in range(3):
            client.get("/")
        began = time.monotonic()
        assert "steady in the slot" in client.get("/").text
        assert time.monotonic() - began < 1, "less than the time limit of one slow slot"


def test_after_plugins_took_the_process_down_the_next_start_is_up_without_them(town: Town) -> None:
    for plugin in ("steady", "dies", "hangs"):
        town.site.install(PLUGINS / plugin)
    for _ in ("dies", "hangs"):
        assert town.start().wait(timeout=30) != 0
    with town.serving() as client:
        assert client.get("/").status_code == 200
        assert client.get("/steady").text == "steady as ever"
        ready = client.get("/readyz").text
        assert "refused dies" in ready
        assert "refused hangs" in ready
    said = town.run(str(LIREN), "plugin", "list")
    assert "liren plugin retry dies" in said
    assert "liren plugin retry hangs" in said


def test_safe_mode_starts_the_core_alone_whatever_is_installed(town: Town) -> None:
    for plugin in ("steady", "dies", "raises"):
        town.site.install(PLUGINS / plugin)
    town.more = {"LIREN_SAFE_MODE": "1"}
    with town.serving() as client:
        assert client.get("/").status_code == 200
        assert client.get("/steady").status_code == 404
        assert "refused" not in client.get("/readyz").text


def test_a_plugin_whose_tables_are_not_there_yet_is_left_out_until_liren_migrate(town: Town) -> None:
    town.site.install(PLUGINS.parents[1] / "third_party" / "liren-noticeboard")
    with town.serving() as client:
        assert client.get("/").status_code == 200
        assert client.get("/noticeboard").status_code == 404
        assert "noticeboard" in client.get("/readyz").text
    town.run(str(LIREN), "migrate")
    town.run(str(LIREN), "plugin", "enable", "noticeboard")
    with town.serving() as client:
        assert client.get("/noticeboard").status_code == 200
