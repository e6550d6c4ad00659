# SPDX-License-Identifier: Apache-2.0
"""Three modules from outside the workspace, through a whole life, on both databases.

One uses every hook, one builds on its ``api``, one fails wherever it is called: built as wheels, installed from a
signed index into a fresh environment, piloted, disabled, removed with an export, installed again with their data.
"""

import ast
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx
import pytest
from tests.faults.town import FOUND, sign_in
from tests.packaging.fresh import fresh
from tests.prove import PROVING

from liren import hookspecs
from liren.packaging import index as indexes
from liren.packaging import keys
from liren.store import Store
from liren.testing.patience import wait_until

HERE = Path(__file__).parent
MODULES = ("liren-wishes", "liren-garden", "liren-clumsy")
pytestmark = pytest.mark.slow
PUBLIC = {"liren", "liren.api", "liren.web", "liren.testing"}


def test_they_import_the_public_contract_only_and_of_each_other_the_api() -> None:
    for module in MODULES:
        for path in (HERE / module).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    top = node.module.split(".")[0]
                    assert top != "liren" or node.module in PUBLIC, f"{path.name} imports {node.module}"
                    if top.startswith("liren_") and top != module.replace("-", "_"):
                        assert [alias.name for alias in node.names] == ["api"]


def test_one_of_them_uses_every_hook() -> None:
    text = (HERE / "liren-wishes" / "liren_wishes" / "__init__.py").read_text("utf-8")
    used = set(re.findall(r"@hookimpl\n(?:async )?def (\w+)", text))
    assert used == set(hookspecs.SPECS)


def test_one_of_them_asks_for_a_fresh_proof() -> None:
    assert "step_up=True" in (HERE / "liren-wishes" / "liren_wishes" / "pages.py").read_text("utf-8")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three wheels, in an index that is built and signed."""
    folder = tmp_path_factory.mktemp("published")
    for module in MODULES:
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check"]
        done = subprocess.run([*build, "--outdir", str(folder / "index"), str(HERE / module)], capture_output=True)
        assert done.returncode == 0, done.stderr[-1500:]
    indexes.build(folder / "index", date(2026, 11, 2))
    indexes.sign(folder / "index", keys.make("it.example/modules", folder / "key"))
    return folder


def until(client: httpx.Client, path: str, words: str) -> str:
    """The page, once it says so."""
    text = ""

    def says() -> bool:
        nonlocal text
        text = client.get(path).text
        return words in text

    wait_until(says, lambda: f"{words} on {path}: {re.sub('<[^>]+>', ' ', text)[-1500:]}")
    return text


async def column(database: str, query: str) -> list[str]:
    """The one column of some rows, with the server stopped."""
    store = await Store.open(database, read_only=True)
    try:
        return [str(value) for (value,) in await store.read(query)]
    finally:
        await store.close()


async def test_installed_piloted_disabled_removed_and_installed_again_with_its_data(
    tmp_path: Path, wheels: Path, database: str
) -> None:
    if "postgres" in database and not PROVING:
        pytest.skip("forty seconds: make prove; tests/packaging remove modules on PostgreSQL every day")
    place = fresh(tmp_path, database)
    link = re.findall(r"何勇\s+http://[^/]+(/\S+)", place.liren(*FOUND))[0]
    (place.home / "trusted-keys").write_text(f"{keys.read(wheels / 'key').verifier}\n", "utf-8")
    index = ("--index", str(wheels / "index"), "--yes")

    said = place.liren("plugin", "install", "garden", *index)
    assert "liren_wishes-1.2.0-py3-none-any.whl: 签名 signed by it.example/modules" in said
    for brought in ("wishes_wish", "garden_bed", "wishes.made", "wishes.granted", "流程 workflow  wish"):
        assert brought in said
    place.liren("migrate")
    [unit] = await column(database, "SELECT code FROM unit WHERE level = 'community'")
    place.liren("plugin", "enable", "wishes", "--pilot", unit)
    place.liren("plugin", "enable", "garden")
    place.liren("garden", "plant", "月季", unit)

    with place.serving() as client:
        assert client.get("/wishes").status_code == 404, "a pilot is for its community and the staff above it"
        assert client.get("/").status_code == 200
        sign_in(client, link)
        until(client, "/wishes", "月季（都听到了）")
        assert "月季 · 1" in until(client, "/garden", "月季")
        assert "月季" in client.get("/").text

    assert "required by garden" in place.liren("plugin", "remove", "wishes", "--yes", code=1)
    place.liren("plugin", "disable", "garden")
    for module in ("garden", "wishes"):
        away = ("--export", f"{module}.zip", "--drop-tables", "--yes")
        assert "Removed; restart the server" in place.liren("plugin", "remove", module, *away)
    assert not list(place.site.glob("liren_*"))
    assert await column(database, "SELECT plugin FROM workflow_case") == []
    assert await column(database, "SELECT id FROM plugin_state") == []
    with place.serving() as client:
        assert client.get("/").status_code == 200
        assert client.get("/wishes").status_code == 404

    place.liren("plugin", "install", "garden", *index)
    place.liren("migrate")
    for module in ("wishes", "garden"):
        assert "restored" in place.liren("plugin", "restore", f"{module}.zip")
    place.liren("plugin", "enable", "wishes", "garden")
    with place.serving() as client:
        assert "月季（都听到了）" in client.get("/wishes").text
        assert "月季 · 1" in client.get("/garden").text
    assert await column(database, "SELECT title FROM workflow_case WHERE plugin = 'wishes'") == ["月季"]


def test_one_that_fails_wherever_it_is_called_costs_its_own_pieces_only(tmp_path: Path, wheels: Path) -> None:
    place = fresh(tmp_path)
    link = re.findall(r"何勇\s+http://[^/]+(/\S+)", place.liren(*FOUND))[0]
    (place.home / "trusted-keys").write_text(f"{keys.read(wheels / 'key').verifier}\n", "utf-8")
    place.liren("plugin", "install", "clumsy", "--index", str(wheels / "index"), "--yes")
    place.liren("plugin", "enable", "clumsy")
    with place.serving() as client:
        assert client.get("/clumsy").status_code == 500
        assert client.get("/").status_code == 200
        assert "clumsy" not in client.get("/").text, "residents see nothing of it"
        sign_in(client, link)
        client.get("/")
        page = client.get("/admin/plugins/clumsy").text
        for words in ("clumsy in page_slot", "clumsy in its health check"):
            assert words in page
        until(client, "/admin/plugins/clumsy", "没有做完")  # its job
    place.liren("plugin", "remove", "clumsy", "--drop-tables", "--yes")
    assert not list(place.site.glob("liren_*"))
