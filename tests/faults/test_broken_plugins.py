# SPDX-License-Identifier: Apache-2.0
"""Broken plugins beside a steady one: real distributions, real starts in a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from liren.testing.patience import PATIENCE_S
from liren.testing.site import Site

PLUGINS = Path(__file__).parent / "plugins"
START = """
import json, sys
from pathlib import Path
import structlog
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
from liren.plugins import manifest
from liren.plugins.loader import load
site, home = map(Path, sys.argv[1:])
mine = [f for f in manifest.find() if f.folder is None or f.folder.is_relative_to(site)]
loaded = load(home, found=mine)
print(json.dumps({
    "up": [plugin.id for plugin in loaded.plugins],
    "refused": {r.plugin: [r.error.zh, r.error.en] for r in loaded.refused},
}))
"""


class Installed:
    """Some plugins, installed in a folder of their own beside a home."""

    def __init__(self, tmp_path: Path, *plugins: str) -> None:
        self.home = tmp_path / "home"
        self.site = Site(tmp_path / "site")
        for plugin in plugins:
            self.site.install(PLUGINS / plugin)

    def start(self) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PYTHONPATH": str(self.site.path), "LIREN_LOAD_LIMIT": "6"}
        command = [sys.executable, "-c", START, str(self.site.path), str(self.home)]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    def loaded(self) -> tuple[list[str], dict[str, list[str]]]:
        """Which plugins are up, and what is said about the others."""
        done = self.start()
        assert done.returncode == 0, done.stderr[-2000:]
        answer = json.loads(done.stdout)
        return answer["up"], answer["refused"]


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        ("raises", "RuntimeError: the author forgot something"),
        ("exits", "SystemExit: this plugin does not like it here"),
        ("unreadable", "liren.toml of plugin unreadable (liren-unreadable) cannot be read"),
        ("future", "written for contract 1.99; this is 1.0"),
        ("orphan", "requires nobody"),
        ("straytable", "table credit_stray does not start with straytable_"),
        ("twinroutes", "/twinroutes/here collides with /twinroutes/here"),
    ],
)
def test_a_broken_plugin_leaves_the_others_up_and_says_why(tmp_path: Path, plugin: str, said: str) -> None:
    up, refused = Installed(tmp_path, "steady", plugin).loaded()
    assert up == ["steady"]
    assert said in refused[plugin][1]
    assert plugin in refused[plugin][0]


def test_of_two_with_one_id_the_one_of_that_name_stays(tmp_path: Path) -> None:
    up, refused = Installed(tmp_path, "steady", "twin").loaded()
    assert up == ["steady"]
    assert "claims the plugin id steady: liren-steady, others-steady. Uninstall one" in refused["steady"][1]


def test_plugins_that_require_each_other_leave_the_others_up(tmp_path: Path) -> None:
    up, refused = Installed(tmp_path, "steady", "ringa", "ringb").loaded()
    assert up == ["steady"]
    assert "ringa → ringb → ringa" in refused["ringa"][1]


@pytest.mark.parametrize(("plugin", "code"), [("dies", 7), ("hangs", 1)])
def test_what_takes_the_process_down_is_quarantined_at_the_next_start(tmp_path: Path, plugin: str, code: int) -> None:
    street = Installed(tmp_path, "steady", plugin)
    first = street.start()
    assert first.returncode == code
    if plugin == "hangs":
        assert "liren_hangs" in first.stderr, "the trace names the line that hangs"
    for _ in range(2):
        up, refused = street.loaded()
        assert up == ["steady"]
        assert f"liren plugin retry {plugin}" in refused[plugin][1]
    # Somebody says retry without mending it: one more start is lost, not two.
    from liren.plugins.marker import Markers

    assert Markers(street.home, 1).retry(plugin)
    assert street.start().returncode == code
    assert street.loaded()[0] == ["steady"]


def test_another_version_is_another_chance(tmp_path: Path) -> None:
    street = Installed(tmp_path, "dies")
    assert street.start().returncode == 7
    assert "dies" in street.loaded()[1]
    package = street.site.path / "liren_dies"
    (package / "__init__.py").write_text("", "utf-8")
    assert "dies" in street.loaded()[1], "the same version stays where it is"
    info = street.site.path / "liren_dies-1.0.dist-info"
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: liren-dies\nVersion: 1.1\n", "utf-8")
    info.rename(street.site.path / "liren_dies-1.1.dist-info")
    assert street.loaded()[0] == ["dies"]


def test_a_start_beside_a_running_start_is_not_taken_for_a_crash(tmp_path: Path) -> None:
    street = Installed(tmp_path, "steady")
    slow = street.site.path / "liren_steady" / "__init__.py"
    slow.write_text("import time\ntime.sleep(0.5)\n" + slow.read_text("utf-8"), "utf-8")
    env = {**os.environ, "PYTHONPATH": str(street.site.path)}
    command = [sys.executable, "-c", START, str(street.site.path), str(street.home)]
    both = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        output, _ = process.communicate(timeout=PATIENCE_S)
        assert json.loads(output)["up"] == ["steady"]
    assert not list(street.home.iterdir()), "no marker is left"
