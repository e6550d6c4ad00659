# SPDX-License-Identifier: Apache-2.0
"""What is refused before anything is installed, and what a trial says of a module."""

from datetime import date
from pathlib import Path

import pytest
from packaging.version import Version
from tests.packaging.wheel_maker import make_wheel

from liren.app.built_in import BUILT_IN
from liren.errors import LirenError
from liren.packaging import install, lock
from liren.packaging.brings import Brings, changes
from liren.packaging.errors import BadWheel, DoesNotFit
from liren.packaging.install import Offer
from liren.packaging.stage import Stage
from liren.packaging.wheels import wheel
from liren.plugins.manifest import PluginRefused

DAY = date(2026, 11, 2)
NOTICEBOARD = Path(__file__).parents[1] / "third_party" / "liren-noticeboard"


def offered(tmp_path: Path, what: Path) -> tuple[Offer, ...]:
    """What ``liren plugin check`` would show."""
    source = install.locate(tmp_path / "home", str(what), None, DAY, tmp_path)
    return install.prepare(source, Stage(tmp_path), BUILT_IN, tmp_path, vouched=False).offers


def test_a_trial_says_everything_a_module_brings(tmp_path: Path) -> None:
    [offer] = offered(tmp_path, NOTICEBOARD)
    its = offer.brings
    assert (its.plugin, its.title, offer.was) == ("noticeboard", "公告栏", "")
    [table] = its.tables
    assert table.startswith("noticeboard_notice  id, ")
    assert its.migrations == ("0001",)
    assert any(page.startswith("GET /noticeboard  ") for page in its.pages)
    assert any(line.startswith("noticeboard.editor  ") for line in its.roles)
    assert {change.sign for change in offer.changes} == {"+"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"__init__.py": "raise RuntimeError('the author forgot something')"}, "the author forgot something"),
        ({"__init__.py": "import os\nos._exit(7)"}, "exit code 7"),
        ({"__init__.py": "import time\nwhile True:\n    time.sleep(1)"}, "time limit"),
        ({"liren.toml": 'api = "1.99"\nid = "canteen"\ntitle = "食堂"'}, "written for contract 1.99"),
        ({"liren.toml": "id = "}, "cannot be read"),
        ({"liren.toml": 'api = "1.0"\nid = "canteen"\ntitle = "食堂"\nrequires = ["nobody"]'}, "requires nobody"),
        ({"liren.toml": 'api = "1.0"\nid = "admin"\ntitle = "食堂"'}, "none of the core's names"),
    ],
)
def test_a_broken_module_is_refused_before_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], said: str
) -> None:
    if said == "time limit":
        monkeypatch.setenv("LIREN_LOAD_LIMIT", "2")
    with pytest.raises(LirenError) as refused:
        offered(tmp_path, make_wheel(tmp_path / "wheels", "liren-canteen", files=files))
    assert said in refused.value.en


def test_a_migration_that_fails_is_found_before_the_street_meets_it(tmp_path: Path) -> None:
    halfway = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
ID = "0001"
async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="canteen", description="")
    async def run():
        await engine_finder().run_ddl("CREATE TABLE canteen_menu (id TEXT)")
        raise ValueError("the second half was never written")
    manager.add_raw(run)
    return manager
"""
    tables = """
from pathlib import Path
from piccolo.columns import Text
from piccolo.conf.apps import AppConfig
from piccolo.table import Table
from liren import hookimpl
class Menu(Table, tablename="canteen_menu"):
    day = Text()
@hookimpl
def register_tables():
    return AppConfig("canteen", str(Path(__file__).parent / "migrations"), table_classes=[Menu])
"""
    made = make_wheel(tmp_path / "w", "liren-canteen", files={"__init__.py": tables, "migrations/a.py": halfway})
    with pytest.raises(PluginRefused, match="the second half was never written"):
        offered(tmp_path, made)


def test_a_dependency_that_is_not_at_hand_is_named(tmp_path: Path) -> None:
    with pytest.raises(DoesNotFit, match=r"liren-canteen needs menus>=2, which is not at hand"):
        offered(tmp_path, make_wheel(tmp_path / "wheels", "liren-canteen", needs=("menus>=2",)))


def test_a_dependency_of_a_dependency_that_is_not_at_hand_is_pips_to_say(tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "menus", "2.0", plugin="", needs=("nowhere-at-all>=3",))
    with pytest.raises(DoesNotFit, match="nowhere-at-all"):
        offered(tmp_path, make_wheel(tmp_path / "wheels", "liren-canteen", needs=("menus>=2",)))


def test_no_module_changes_what_the_core_runs_on(tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "msgspec", "99.0", plugin="")
    with pytest.raises(DoesNotFit, match="Liren itself runs on msgspec"):
        offered(tmp_path, make_wheel(tmp_path / "wheels", "liren-canteen", needs=("msgspec>=99",)))
    here = lock.installed()
    assert {"liren", "msgspec", "litestar", "multidict"} <= set(lock.core_lock(here)), "also what others bring"
    assert "pytest" not in lock.core_lock(here)


def test_what_would_break_an_installed_distribution_is_found() -> None:
    here = lock.installed()
    assert lock.broken_by({"pluggy": Version("0.1")}, here) != []
    assert lock.broken_by({"somebody-new": Version("1.0")}, here) == []


def test_an_id_that_is_taken_is_named_with_its_owner(tmp_path: Path) -> None:
    with pytest.raises(DoesNotFit, match="credit already belongs to liren-credit"):
        offered(tmp_path, make_wheel(tmp_path / "wheels", "others-credit", plugin="credit"))


def test_a_wheel_without_a_module_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(BadWheel, match="no Liren module"):
        offered(tmp_path, make_wheel(tmp_path / "wheels", "menus", plugin=""))


def test_a_name_without_an_index_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadWheel, match="say where the index lies"):
        install.locate(tmp_path, "canteen", None, DAY, tmp_path)
    with pytest.raises(BadWheel, match="There is no file"):
        wheel(tmp_path / "liren_canteen-1.0-py3-none-any.whl")


def test_a_difference_says_what_comes_and_what_goes() -> None:
    def version(number: str, *pages: str) -> Brings:
        return Brings(
            plugin="canteen", title="", summary="", distribution="liren-canteen", version=number, api="1.0", pages=pages
        )

    old, new = (
        version("1", "GET /canteen/a  x", "GET /canteen/b  x"),
        version("2", "GET /canteen/b  x", "POST /canteen/c  y"),
    )
    assert [(c.sign, c.part, c.line) for c in changes(new, old)] == [
        ("-", "pages", "GET /canteen/a  x"),
        ("+", "pages", "POST /canteen/c  y"),
    ]
    assert changes(new, new) == []
    assert len(changes(new, None)) == 2
