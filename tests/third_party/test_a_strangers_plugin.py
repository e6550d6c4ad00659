# SPDX-License-Identifier: Apache-2.0
"""A plugin built outside the workspace from the public contract alone: wheels, a fresh environment, a real server.

Third-party packages come from the running environment (no network); Liren and the plugin come from their wheels.
"""

import ast
import contextlib
import os
import re
import signal
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.served import free_port

from liren.testing.patience import PATIENCE_S
from liren.testing.served import until_ready

ROOT = Path(__file__).parents[2]
PLUGIN = Path(__file__).parent / "liren-noticeboard"
PUBLIC = {"liren", "liren.api", "liren.web", "liren.testing"}


def test_it_imports_the_public_contract_only() -> None:
    for path in PLUGIN.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                ours = ".".join(name.split(".")[:2])
                assert name.split(".")[0] != "liren" or ours in PUBLIC, f"{path.name} imports {name}"


class Environment:
    """A virtual environment with Liren and the plugin installed from wheels, and nothing else of ours."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "venv" / "bin"
        self.home = folder / "home"
        wheels = folder / "wheels"
        for source in (ROOT, PLUGIN):
            build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check"]
            _run([*build, "--outdir", str(wheels), str(source)])
        venv.create(folder / "venv", with_pip=False)
        site = Path(_run([str(self.bin / "python"), "-c", "import site; print(site.getsitepackages()[0])"]).strip())
        (site / "others.pth").write_text(f"{_without_ours(folder / 'others')}\n", "utf-8")
        pip = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install", "--quiet"]
        offline = ["--no-index", "--no-deps", "--disable-pip-version-check"]
        _run([*pip, *offline, *map(str, sorted(wheels.glob("*.whl")))])
        self.port = free_port()

    def liren(self, *arguments: str) -> str:
        return _run([str(self.bin / "liren"), *arguments], env=self.env)

    def python(self, *arguments: str) -> str:
        return _run([str(self.bin / "python"), *arguments], env=self.env)

    @property
    def env(self) -> dict[str, str]:
        outside = {key: value for key, value in os.environ.items() if not key.startswith(("LIREN", "PYTHON"))}
        # Its PostgreSQL server, run by another user, could not be reached below pytest's folder.
        own = {"LIREN_HOME": str(self.home), "PORT": str(self.port), "LIREN_TEST_DATABASES": "sqlite"}
        return {**outside, **own}

    @contextlib.contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        """The real server, stopped by SIGTERM."""
        server = subprocess.Popen([str(self.bin / "liren"), "serve"], env=self.env, cwd=self.home)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_S) as client:
                until_ready(str(client.base_url).rstrip("/"), server, page="/livez")
                yield client
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(PATIENCE_S) in (0, -signal.SIGTERM)


def _without_ours(folder: Path) -> Path:
    """The installed third-party packages, linked: everything but Liren itself and ``.pth`` files."""
    folder.mkdir()
    for installed in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if not installed.name.lower().startswith(("liren", "_liren", "__editable__")) and installed.suffix != ".pth":
            (folder / installed.name).symlink_to(installed)
    return folder


def _run(command: list[str], env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S * 2, check=False)
    assert done.returncode == 0, f"{command[:4]}: {done.stdout[-1500:]}{done.stderr[-1500:]}"
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("stranger"))


def test_its_own_tests_and_the_contract_checks_pass_where_it_is_installed(environment: Environment) -> None:
    settings = ["-q", "-p", "no:cacheprovider", "-c", str(PLUGIN / "pyproject.toml")]
    said = environment.python("-m", "pytest", *settings, str(PLUGIN / "tests"))
    assert re.search(r"^\d+ passed", said, re.M)


def test_a_new_plugin_is_written_from_the_installed_wheel_and_passes_its_tests(
    environment: Environment, tmp_path: Path
) -> None:
    environment.liren("plugin", "new", "bulletin", "--title", "布告", "--folder", str(tmp_path))
    folder = tmp_path / "liren-bulletin"
    said = environment.python("-m", "pytest", "-q", "-c", str(folder / "pyproject.toml"), str(folder))
    assert re.search(r"^\d+ passed", said, re.M)


GRANT = """
import asyncio, sys
from liren.app import open_street
from liren.identity.roles import grants
from liren.settings import Settings

async def main(name, role):
    async with open_street(Settings.from_env()) as street:
        [person] = await street.identity.people.lookup(name)
        unit = (await street.identity.units.street()).code
        async with street.store.transaction("job:test") as tx:
            await grants.grant(tx, person=person.id, role=role, unit=unit, roles={role}, since=street.today())

asyncio.run(main(*sys.argv[1:]))
"""


def signed_in(client: httpx.Client, link: str) -> None:
    path = link.partition(f"127.0.0.1:{client.base_url.port}")[2]
    assert client.post(path, data=hidden(client.get(path).text)).status_code == 303


def hidden(page: str) -> dict[str, str]:
    """The fields every form carries."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_it_is_installed_enabled_serves_a_page_and_fills_a_slot(environment: Environment) -> None:
    founded = environment.liren(
        *("init", "--name", "里仁街道", "--domain", "liren.example", "--communities", "兴仁社区,崇德社区"),
        *("--reviewer", "周敏", "--admin", "何勇"),
    )
    link = re.findall(r"周敏\s+(http\S+)", founded)[0]
    environment.liren("plugin", "enable", "noticeboard")
    assert "on   noticeboard  公告栏  (liren-noticeboard 0.3.0)" in environment.liren("plugin", "list")
    environment.python("-c", GRANT, "周敏", "noticeboard.editor")

    with environment.serving() as client:
        asked = client.get("/noticeboard/new")
        assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Fnoticeboard%2Fnew")
        signed_in(client, link)
        form = client.get("/noticeboard/new").text
        empty = client.post("/noticeboard/new", data=hidden(form) | {"title": "", "body": ""})
        assert empty.status_code == 422
        sent = hidden(form) | {"title": "周六上午社区大扫除", "body": "请带上手套。"}
        first, second = (client.post("/noticeboard/new", data=sent) for _ in range(2))
        assert first.status_code == 303, first.text
        assert first.headers["location"] == second.headers["location"], "sent twice, published once"

    with environment.serving() as client:
        assert client.get("/noticeboard").text.count("周六上午社区大扫除") == 1
        board = client.get("/").text
        assert "最新公告" in board
        notice = re.search(r'href="(/noticeboard/\w+)">周六', board)
        assert notice is not None
        assert "请带上手套。" in client.get(notice[1]).text

    assert "周六上午社区大扫除" in environment.liren("noticeboard", "list", "--last", "3")
    environment.liren("plugin", "disable", "noticeboard")
    with environment.serving() as client:
        assert client.get("/noticeboard").status_code == 404
        assert "最新公告" not in client.get("/").text
